internal import Foundation
internal import ModelFolder

/// Files written whole or not at all, and tensors read from them.
enum TensorFiles {
    static func read(_ path: String) throws -> Safetensors {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw TrainingError(.inputOutput, "\(path): cannot be read; check the path")
        }
        return try Safetensors([UInt8](bytes), file: path)
    }

    /// Writes beside the file, brings it to the disk, then takes its name: a full disk or a kill leaves the old one.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let beside = path + ".new"
        do {
            guard FileManager.default.createFile(atPath: beside, contents: nil) else {
                throw CocoaError(.fileWriteUnknown)
            }
            let file = try FileHandle(forWritingTo: URL(fileURLWithPath: beside))
            try file.write(contentsOf: Data(bytes))
            try file.synchronize()
            try file.close()
            // Safe: both names live through the call.
            guard unsafe rename(beside, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            try? FileManager.default.removeItem(atPath: beside)
            throw TrainingError(
                .inputOutput,
                "\(path): cannot be written (\(error.localizedDescription)); what stood there is intact"
            )
        }
    }

    static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }
}
