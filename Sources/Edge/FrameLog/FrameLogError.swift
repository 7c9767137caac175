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

    /// What a disk refuses with that is full, read-only, limited, failing or gone.
    private static let ofDisk = [
        ENOSPC, EDQUOT, EFBIG, EROFS, EIO, EUCLEAN, ESTALE, ENODEV, ENXIO, ETIMEDOUT,
    ]

    /// The system refused with that number: the disk did, or what is refused is for this user or path.
    init(refusal number: Int32, _ path: String, _ what: String, _ remedy: String) {
        self.init(
            Self.ofDisk.contains(number) ? .disk : .inputOutput,
            path,
            "\(what) (errno \(number)); \(remedy)"
        )
    }

    /// Where the error is, and what it is.
    public var description: String { "\(path): \(reason)" }
}
