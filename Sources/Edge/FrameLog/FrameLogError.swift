/// Why a frame log cannot be written or read.
public struct FrameLogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who can mend it.
    public enum Kind: Sendable {
        /// There is no such file or folder, or none that is a log.
        case notFound
        /// The system refused to read or write.
        case inputOutput
        /// The bytes are not those of a log, or not all of them.
        case damaged
        /// The choice is not clear, or not possible: another log, another model, another program.
        case choice
    }

    /// Who can mend it.
    public let kind: Kind
    /// The file or folder concerned.
    public let path: String
    /// What is wrong, where, and what to do.
    public let reason: String

    init(_ kind: Kind, _ path: String, _ reason: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
    }

    /// Where and what.
    public var description: String { "\(path): \(reason)" }
}
