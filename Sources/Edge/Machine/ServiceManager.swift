private import CMachine
private import Glibc

/// The service manager that started this program, where one did: systemd, told by datagrams as `sd_notify` tells it.
///
/// The protocol is that of systemd's manual page sd_notify(3): one `NAME=value` a line, sent to the socket that the
/// variable `NOTIFY_SOCKET` names.
public struct ServiceManager: Sendable {
    private let socket: [UInt8]
    /// How long the manager waits for a sign of life before it starts the program anew; nil where it does not wait.
    public let watchdog: Duration?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` of this process's variables; nil where no manager listens.
    public init?(environment: [String: String]) {
        guard let name = environment["NOTIFY_SOCKET"], let first = name.utf8.first,
            first == UInt8(ascii: "/") || first == UInt8(ascii: "@")
        else { return nil }
        // An abstract name is written with an @ in place of its NUL.
        socket = (first == UInt8(ascii: "@") ? [0] : [first]) + Array(name.utf8.dropFirst())
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        watchdog = isOurs && microseconds > 0 ? .microseconds(microseconds) : nil
    }

    /// Tells the manager; a manager that does not take it is not waited for.
    /// - Returns: Whether it was taken.
    @discardableResult public func tell(_ words: String) -> Bool {
        let bytes = Array(words.utf8)
        // Safe: both arrays outlive the call, which reads as many bytes of each as it is told.
        return unsafe socket.withUnsafeBytes { name in
            unsafe bytes.withUnsafeBytes { words in
                unsafe machine_send_datagram(
                    name.baseAddress?.assumingMemoryBound(to: CChar.self),
                    name.count,
                    words.baseAddress,
                    words.count
                ) == 0
            }
        }
    }
}
