import FoundationEssentials
import Testing

@testable import Wire

/// The files of Protocols/examples.
enum Examples {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Protocols/examples")

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: name)))
    }

    static func json(_ name: String) throws -> JSONValue { try JSONValue(parsing: try bytes(name)) }

    /// The names of the example messages.
    static let messages = ["delta", "float32", "int16", "int32-crc", "later-version"]

    /// The frames of an example message: one a line, as hex.
    static func frames(_ name: String) throws -> [[UInt8]] {
        try bytes("\(name).hex").split(separator: UInt8(ascii: "\n")).map { line in
            let digits = try line.map { try #require(Character(Unicode.Scalar($0)).hexDigitValue) }
            return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        }
    }
}
