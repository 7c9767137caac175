private import CMachine
private import Foundation

/// The files and sockets that this process has open, and how many it may.
public struct OpenFiles: Sendable, Equatable {
    /// Open now, the one that this look needs left out.
    public let count: Int
    /// Open at once at most.
    public let most: Int
    /// The most that the process may let itself have.
    public let mostEver: Int

    /// Makes the counts of open files.
    public init(count: Int, most: Int, mostEver: Int) {
        self.count = count
        self.most = most
        self.mostEver = mostEver
    }

    /// Counts them; nil where the system does not tell.
    public static var now: OpenFiles? {
        var now: UInt64 = 0
        var most: UInt64 = 0
        // Safe: the call writes into two local values.
        guard unsafe machine_open_files(&now, &most) == 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        else { return nil }
        return OpenFiles(
            count: max(0, names.count - 1),
            most: Int(clamping: now),
            mostEver: Int(clamping: most)
        )
    }

    /// The most that `raise` asks for: some programs look at each number that a file may have.
    public static let raisedMost = 65_536

    /// Lets this process have as many as the system allows it, 65,536 at most.
    ///
    /// Shells give 1,024 and allow many more, and each gateway and reader takes one.
    public static func raise() {
        guard let now else { return }
        let wanted = min(now.mostEver, raisedMost)
        guard wanted > now.most else { return }
        _ = machine_allow_open_files(UInt64(wanted))
    }
}
