/// Why a model folder was refused: the file, the tensor or key in it, the value, what to do.
public struct ModelFolderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file at fault.
    public let file: String
    /// Tensor or JSON key; nil where the whole file is at fault.
    public let part: String?
    /// Which value, and what to do.
    public let reason: String

    /// The fault of a whole file.
    public init(_ file: String, _ reason: String) {
        self.file = file
        part = nil
        self.reason = reason
    }

    /// The fault of a tensor or key.
    public init(_ file: String, _ part: String, _ reason: String) {
        self.file = file
        self.part = part
        self.reason = reason
    }

    /// `file, part: reason`.
    public var description: String { "\(file)\(part.map { ", \($0)" } ?? ""): \(reason)" }
}
