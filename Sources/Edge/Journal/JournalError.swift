/// Why the journal of events cannot be written or read.
public struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who can mend it.
    public enum Kind: Sendable {
        /// The file is none of ours, or a newer program's; it is left as it is.
        case foreign
        /// The file's bytes are not what was written.
        case damaged
        /// The system refused to read or write: the disk is full, read-only or failing.
        case inputOutput
    }

    /// Who can mend it.
    public let kind: Kind
    /// The file or folder concerned.
    public let path: String
    /// What is wrong, and what to do.
    public let reason: String

    init(_ kind: Kind, _ path: String, _ reason: String) {
        self.kind = kind
        self.path = path
        self.reason = reason
    }

    /// Where the error is, and what it is.
    public var description: String { "\(path): \(reason)" }
}
