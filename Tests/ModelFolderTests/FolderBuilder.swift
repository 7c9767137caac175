import Digest
import Foundation

private let models = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Models"

/// The model that is run where no other is named.
let defaultModel = models + "/default"

/// A model without probabilities, so that a test can give it some.
let plainModel = models + "/bootstrap"

/// A folder of links to the plain model's files, to be damaged; removed when it goes.
final class FolderCopy {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/model-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in ["model.json", "encoder.safetensors", "label-bank.safetensors"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(path)/\(name)",
                withDestinationPath: "\(plainModel)/\(name)"
            )
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        // The link goes first, so that the original stays as it is.
        try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    /// Writes a file and states its hash in model.json, as one who means well but made a wrong file.
    func replace(_ name: String, _ bytes: [UInt8]) throws {
        let old = SHA256.hex(try self.bytes(name))
        try write(name, bytes)
        try edit(old, SHA256.hex(bytes))
    }

    /// Replaces text in model.json.
    func edit(_ text: String, _ replacement: String) throws {
        let json = String(decoding: try bytes("model.json"), as: UTF8.self)
        try write("model.json", Array(json.replacingOccurrences(of: text, with: replacement).utf8))
    }
}

/// A safetensors file of a header's text and `payload`.
func safetensors(_ header: String, payload: [UInt8] = []) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + header.utf8 + payload
}

/// Eight bytes, low byte first.
func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
}

/// Four bytes a value, low byte first.
func bytes(of values: [Float]) -> [UInt8] {
    values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * $0)) } }
}
