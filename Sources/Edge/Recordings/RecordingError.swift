/// Why a recording was refused: what, where, which value, what to do.
public struct RecordingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault, by which a program chooses its exit code.
    public enum Kind: Sendable {
        /// No such file.
        case notFound
        /// The file is there but cannot be read.
        case unreadable
        /// The header breaks the format's rules.
        case malformed
        /// Valid WFDB of a kind that is not read here, or another format altogether.
        case unsupported
        /// Header and signal disagree.
        case mismatch
        /// Channels could not be taken as leads.
        case leads
    }

    /// The kind of fault.
    public let kind: Kind
    /// The file, or the option, at fault.
    public let place: String
    /// Line of the header, from 1; nil where no line is at fault.
    public let line: Int?
    /// Which value, and what to do.
    public let reason: String

    /// The fault at its place.
    public init(_ kind: Kind, _ place: String, line: Int? = nil, _ reason: String) {
        self.kind = kind
        self.place = place
        self.line = line
        self.reason = reason
    }

    /// The same fault with the recording's name before its place, where the place is a channel or an option and no file.
    public func named(_ recording: String) -> RecordingError {
        kind == .leads ? RecordingError(kind, "\(recording), \(place)", line: line, reason) : self
    }

    /// `place, line n: reason`.
    public var description: String {
        "\(place)\(line.map { ", line \($0)" } ?? ""): \(reason)"
    }
}
