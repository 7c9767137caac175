internal import Digest
internal import Findings
internal import Foundation
internal import Learning
internal import ModelFolder

/// A model folder that the daemon loads, written from the averaged weights.
struct TrainedFolder {
    let sentences: Sentences
    let name: String
    /// Training windows in which a statement is true, by id.
    let positives: [String: Int]
    /// At least so many training positives make a statement one that may be ranked.
    let positivesMin: Int

    private var catalogue: Catalogue { sentences.catalogue }

    /// The statements that may be ranked, in catalogue order.
    var ranked: [String] {
        catalogue.statements.filter {
            $0.evidence != .rule && positives[$0.id, default: 0] >= positivesMin
        }.map(\.id)
    }

    private struct Description: Encodable {
        let format = 1
        let name: String
        let encoder = "ResNet1d18"
        let pooling = "mean+attention"
        let embedding = 256
        let windowSamples = 5_000
        let rateHz = 500
        let bandHz = [0.5, 40.0]
        let stride = 32
        let interiorMarginSamples = 217
        let similarityScale: Double
        let similarityBias: Double
        let ranked: [String]
        let catalogueSha256: String
        let files: [String: String]
        let trainingPositives: [String: Int]
        let training: Record
    }

    /// How the model was made.
    struct Record: Encodable {
        let recipe: String
        let epochs: Int
        let wholeEpochs: Int
        let batch: Int
        let rate: Double
        let weightDecay: Double
        let cropSeconds: Double
        let seed: UInt64
        let initial: String?
        let windows: Int
        let steps: Int
        let validation: [ValidationFigures]
    }

    /// Puts the model into the place of the one in `folder`, which stays whole until the new one is and can be loaded.
    ///
    ///     FOLDER.new   the new one while it is written
    ///     FOLDER.old   the old one for the moment in which the new one takes its name
    func write(_ model: ContrastiveModel<Float>, record: Record, to folder: String) throws {
        let manager = FileManager.default
        let (beside, old) = (folder + ".new", folder + ".old")
        try? manager.removeItem(atPath: beside)
        do {
            try fill(beside, model, record)
            _ = try ModelFolder.load(beside)
            if manager.fileExists(atPath: folder) {
                try? manager.removeItem(atPath: old)
                try manager.moveItem(atPath: folder, toPath: old)
            }
            try manager.moveItem(atPath: beside, toPath: folder)
        } catch {
            try? manager.removeItem(atPath: beside)
            // The old one has its name again where the new one could not take it.
            if !manager.fileExists(atPath: folder) { try? manager.moveItem(atPath: old, toPath: folder) }
            throw TrainingError(
                .inputOutput,
                "\(folder): cannot be written (\(error)); the model before it is intact"
            )
        }
        try? manager.removeItem(atPath: old)
    }

    /// Writes all files of the model into a new folder.
    private func fill(_ folder: String, _ model: ContrastiveModel<Float>, _ record: Record) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let average = model.tensors(.average)
        let weights = average.filter { !["log_scale", "bias"].contains($0.name) }.map {
            SafetensorsWriter.Tensor($0.name, $0.shape, $0.values)
        }
        let english = model.averagedBank(of: sentences.centred(isEnglish: true))
        let japanese = model.averagedBank(of: sentences.centred(isEnglish: false))
        let split = sentences.statements.ids.count * model.dimensions
        var hashes: [String: String] = [:]
        func put(_ name: String, _ bytes: [UInt8]) throws {
            try TensorFiles.write(bytes, to: "\(folder)/\(name)")
            hashes[name] = SHA256.hex(bytes)
        }
        try put("encoder.safetensors", SafetensorsWriter.bytes(weights))
        let means = [
            SafetensorsWriter.Tensor("mean.en", [Sentences.width], sentences.englishMean),
            SafetensorsWriter.Tensor("mean.ja", [Sentences.width], sentences.japaneseMean),
        ]
        try put(
            "label-bank.safetensors",
            bank(sentences.statements, Array(english[..<split]), Array(japanese[..<split]), means)
        )
        if !sentences.benchmark.ids.isEmpty {
            try put(
                "benchmark-bank.safetensors",
                bank(sentences.benchmark, Array(english[split...]), Array(japanese[split...]), [])
            )
        }
        if catalogue.bytes != Catalogue.shipped.bytes {
            try TensorFiles.write(catalogue.bytes, to: folder + "/labels.tsv")
        }
        func number(_ name: String) -> Double {
            average.first { $0.name == name }.map { Double($0.values[0]) } ?? 0
        }
        let description = Description(
            name: name,
            similarityScale: exp(number("log_scale")),
            similarityBias: number("bias"),
            ranked: ranked,
            catalogueSha256: SHA256.hex(catalogue.bytes),
            files: hashes,
            trainingPositives: positives,
            training: record
        )
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try TensorFiles.write([UInt8](try encoder.encode(description)) + [10], to: folder + "/model.json")
    }

    private func bank(
        _ group: Sentences.Group,
        _ english: [Float],
        _ japanese: [Float],
        _ more: [SafetensorsWriter.Tensor]
    ) -> [UInt8] {
        let rows = group.ids.count
        let width = english.count / max(1, rows)
        return SafetensorsWriter.bytes(
            [
                .init("text.en", [rows, Sentences.width], group.english),
                .init("text.ja", [rows, Sentences.width], group.japanese),
                .init("bank.en", [rows, width], english),
                .init("bank.ja", [rows, width], japanese),
            ] + more,
            metadata: ["ids": group.ids.joined(separator: "\n")]
        )
    }
}
