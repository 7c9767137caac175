private import Foundation

/// Figures of a run as lines of JSON, one an event, keys in alphabetical order; lines are appended, never rewritten.
struct MetricsFile {
    let path: String

    /// Appends a line.
    func append(_ figures: [String: Double]) throws {
        let pairs = figures.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        let line = "{\(pairs.joined(separator: ","))}\n"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw TrainingError(.inputOutput, "\(path): cannot be written; give it room")
        }
        defer { try? file.close() }
        do {
            _ = try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
        } catch {
            throw TrainingError(.inputOutput, "\(path): cannot be written (\(error.localizedDescription))")
        }
    }
}
