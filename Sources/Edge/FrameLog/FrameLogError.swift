private import Glibc

/// Why a frame log cannot be written or read.
public struct FrameLogError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who can mend it.
    public enum Kind: Sendable {
        /// There is no such file or folder, or none that is a log.
        case notFound
        /// The system refused to read or write.
        case inputOutput
        /// The disk takes nothing: it is full, read-only or failing, which may pass.
        case disk
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

    /// The system refused with that number: the disk did, or what is refused is for this user or path.
    init(refusal number: Int32, _ path: String, _ what: String, _ remedy: String) {
        let isOfDisk = [ENOSPC, EDQUOT, EROFS, EIO].contains(number)
        self.init(isOfDisk ? .disk : .inputOutput, path, "\(what) (errno \(number)); \(remedy)")
    }

    /// Where and what.
    public var description: String { "\(path): \(reason)" }
}
