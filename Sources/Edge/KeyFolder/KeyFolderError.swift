/// Why a file of keys was not read or written.
public struct KeyFolderError: Error, Equatable, CustomStringConvertible {
    /// What a caller decides by.
    public enum Kind: Equatable, Sendable {
        /// The file is not there.
        case notFound
        /// It is there and must not be used: others may read or change it, or it holds something else.
        case refused
        /// It stands in the way of one that is to be written.
        case exists
        /// The system did not read or write it.
        case inputOutput
    }

    /// What a caller decides by.
    public let kind: Kind
    /// Which file, what is wrong, what to do.
    public let description: String

    /// Makes an error.
    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
