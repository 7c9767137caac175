private import Foundation

/// Figures of a run as lines of JSON, one an event, keys in alphabetical order.
///
/// Lines are appended. A run that is resumed first takes away those of steps that it does again.
struct MetricsFile {
    let path: String

    /// What tells where in the run a line stands.
    private struct Place: Decodable {
        let step: Double
        let epoch: Double
        /// The mean loss, which an epoch's own line alone has.
        let epochLoss: Double?

        enum CodingKeys: String, CodingKey {
            case step, epoch
            case epochLoss = "epoch_loss"
        }
    }

    /// Keeps the lines of the first `steps` steps and of the first `epochs` validations.
    func keep(steps: Int, epochs: Int) throws {
        guard let bytes = FileManager.default.contents(atPath: path) else { return }
        let lines = bytes.split(separator: 10)
        let kept = lines.filter { line in
            // A line that a kill cut short is no JSON and goes too.
            guard let place = try? JSONDecoder().decode(Place.self, from: line) else { return false }
            return place.step <= Double(steps) && (place.epochLoss == nil || place.epoch < Double(epochs))
        }
        guard kept.count < lines.count else { return }
        try TensorFiles.write(kept.flatMap { $0 + [10] }, to: path)
    }

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
