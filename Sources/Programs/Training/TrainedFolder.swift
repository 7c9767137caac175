internal import Digest
internal import Findings
internal import Foundation
internal import Learning
internal import ModelFolder

/// A model folder that the daemon loads, written from the averaged weights.
struct TrainedFolder {
    let sentences: Sentences
    let catalogue: Catalogue
    let name: String
    /// Training windows in which a statement is true, by id.
    let positives: [String: Int]

    /// At least so many training positives make a statement one that may be ranked.
    static let rankedPositivesMin = 20

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

    /// Writes all files into `folder`, model.json last: until it stands the folder is no model.
    func write(_ model: ContrastiveModel<Float>, record: Record, to folder: String) throws {
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: folder + "/model.json")
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
        func number(_ name: String) -> Double {
            average.first { $0.name == name }.map { Double($0.values[0]) } ?? 0
        }
        let description = Description(
            name: name,
            similarityScale: exp(number("log_scale")),
            similarityBias: number("bias"),
            ranked: catalogue.statements.filter {
                $0.evidence != .rule && positives[$0.id, default: 0] >= TrainedFolder.rankedPositivesMin
            }.map(\.id),
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
