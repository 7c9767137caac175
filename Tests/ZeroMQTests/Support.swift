import Glibc
import Synchronization
import TestSupport
import Testing
import ZeroMQ

/// The limit of one call, lengthened by this machine's pace.
var limit: Duration { Patience.limit() }

/// A free port of this machine.
func anyPort() throws -> Endpoint { try Endpoint("tcp://127.0.0.1:*") }

extension Socket {
    /// The next message, waited for; `.nothing` once the limit is over.
    func next(maximumParts: Int = 5, within limit: Duration = limit) throws -> Received {
        let ready = try wait(for: .readable, timeout: limit)
        return ready.isEmpty ? .nothing : try receive(maximumParts: maximumParts)
    }
}

/// The publisher's next subscription notice; `bound`, which takes a new peer in only inside a call, is given them.
func notice(
    from publisher: borrowing Socket,
    at bound: borrowing Socket
) throws -> SubscriptionNotice? {
    var notice: SubscriptionNotice?
    _ = try eventually {
        _ = try bound.wait(for: .readable, timeout: .zero)
        if case .message(let parts) = try publisher.receive(maximumParts: 5) {
            notice = SubscriptionNotice(parts)
        }
        return notice != nil
    }
    return notice
}

/// A socket thread's result, to be read by the test's thread.
final class Outcome: Sendable {
    let refusals = Mutex(0)
    let failure = Mutex<String?>("not finished")

    func run(_ body: () throws -> Void) {
        do {
            try body()
            failure.withLock { $0 = nil }
        } catch {
            failure.withLock { $0 = "\(error)" }
        }
    }
}

/// What a monitor said, to be read by the test's thread.
final class Log: Sendable {
    private let events = Mutex<[MonitorEvent]>([])

    func add(_ event: MonitorEvent) { events.withLock { $0.append(event) } }

    func count(_ kind: MonitorEvent.Kind) -> Int {
        events.withLock { events in events.count { $0.kind == kind } }
    }
}

/// A TCP connection without libzmq: whatever a stranger may send.
final class RawPeer {
    let descriptor: Int32

    init(to endpoint: Endpoint) throws {
        guard case .tcp(_, let port?) = endpoint.transport else { throw RawPeerError() }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // Safe: the address lives through the call, and its size is its own.
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, size)
            }
        }
        if code != 0 { throw RawPeerError() }
    }

    deinit { _ = Glibc.close(descriptor) }

    func send(_ bytes: [UInt8]) -> Bool {
        unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Reads until the other side closes, or the limit is over.
    func isClosedByPeer() -> Bool {
        eventually { isClosed }
    }

    /// Whether the other side has closed by now; reads away what it has sent before.
    var isClosed: Bool {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        // Safe: at most `bytes.count` bytes are written into the array, which outlives the call.
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
    }

    /// ZMTP 3.0 with the NULL mechanism (RFC 23): the 64 bytes of greeting, then READY as a PUB.
    static let greeting: [UInt8] =
        [0xff] + zeros(8) + [0x7f, 3, 0] + Array("NULL".utf8) + zeros(16 + 1 + 31)
    static let ready: [UInt8] =
        [4, 25, 5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 3] + Array("PUB".utf8)

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

struct RawPeerError: Error {}
