/// Why labelled recordings were refused: what, where, which value, what to do.
public struct DataSetError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of fault, by which a program chooses its exit code.
    public enum Kind: Sendable {
        /// No such file or folder.
        case notFound
        /// The file is there but cannot be read or written.
        case unreadable
        /// A table breaks its rules.
        case malformed
        /// A label is unknown, or two labels contradict each other.
        case labels
        /// Nothing is left to work on.
        case empty
        /// What shall be apart is not: a record or a patient stands on both sides of a split.
        case leakage
    }

    /// The kind of fault.
    public let kind: Kind
    /// The file or folder at fault.
    public let place: String
    /// Line of the file, from 1; nil where no line is at fault.
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

    /// `place, line n: reason`.
    public var description: String { "\(place)\(line.map { ", line \($0)" } ?? ""): \(reason)" }
}
