/// Why a model folder was refused: the file, the tensor or key in it, the value, what to do.
public struct ModelFolderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file at fault.
    public let file: String
    /// The tensor or JSON key at fault; nil where it is the whole file.
    public let part: String?
    /// The value at fault, and what to do about it.
    public let reason: String

    /// Describes a fault of a whole file.
    public init(_ file: String, _ reason: String) {
        self.file = file
        part = nil
        self.reason = reason
    }

    /// Describes a fault of a tensor or key.
    public init(_ file: String, _ part: String, _ reason: String) {
        self.file = file
        self.part = part
        self.reason = reason
    }

    /// The message, `file, part: reason`.
    public var description: String { "\(file)\(part.map { ", \($0)" } ?? ""): \(reason)" }
}
