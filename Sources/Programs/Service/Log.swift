private import Foundation

/// The daemon's words on stderr, one line each; no patient ids and no samples.
public struct Log: Sendable {
    /// How much is said.
    public enum Level: String, Sendable, CaseIterable, Comparable {
        /// What ends the daemon.
        case error
        /// What an operator should look at.
        case warning
        /// What begins and ends.
        case info
        /// Each decision.
        case debug

        /// Fewer words first.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
        private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    }

    private let level: Level

    /// Says all up to `level`.
    public init(level: Level) { self.level = level }

    /// One line, if the level lets it pass.
    public func say(_ level: Level, _ line: String) {
        guard level <= self.level else { return }
        FileHandle.standardError.write(Data("shinden: \(line)\n".utf8))
    }
}
