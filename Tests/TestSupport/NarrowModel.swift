private import Diagnosis
public import ECGEncoder
private import ECGSignal
private import Findings
public import Pipeline

/// The shipped network's narrow twin with weights from a seed, over the shipped catalogue: same code, a 64th of the work.
public enum NarrowModel {
    /// 8 16 32 64 channels, 256 dimensions.
    public static let architecture = Architecture(channels: [8, 16, 32, 64], embedding: 256)

    /// The model of seed 1, made once.
    public static let shared: Model = {
        do { return try make(seed: 1) } catch { preconditionFailure("the narrow model: \(error)") }
    }()

    /// A model of that seed; every statement that no rule owns is ranked.
    public static func make(seed: UInt64) throws -> Model {
        let encoder = try Encoder(architecture) { name, shape throws(EncoderWeightsError) in
            weights(name, shape, seed: seed)
        }
        let catalogue = Catalogue.shipped
        var generator = SeededGenerator(seed: seed)
        let bank = try LabelBank(
            ids: catalogue.statements.map(\.id),
            english: directions(catalogue.statements.count, &generator),
            japanese: directions(catalogue.statements.count, &generator),
            catalogue: catalogue
        )
        let ranked = catalogue.statements.filter { $0.evidence != .rule }.map(\.id)
        let ranker = try StatementRanker(
            catalogue: catalogue,
            bank: bank,
            model: SimilarityModel(scale: 10, bias: -2, ranked: ranked)
        )
        return Model(
            encoder: encoder,
            ranker: ranker,
            revisions: Revisions(model: "narrow", bank: "narrow", catalogue: "shipped")
        )
    }

    /// Drawn by name, so that activations stay near 1 and every batch norm does something.
    private static func weights(_ name: String, _ shape: [Int], seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        let count = shape.reduce(1, *)
        let reach = (6 / Float(shape.dropFirst().reduce(1, *))).squareRoot()
        let range: ClosedRange<Float> =
            if name.hasSuffix("running_var") { 0.5...2 } else if shape.count == 1 {
                name.hasSuffix(".weight") ? 0.5...1.5 : -0.2...0.2
            } else { -reach...reach }
        return (0..<count).map { _ in Float.random(in: range, using: &generator) }
    }

    /// `[count, 256]`, rows of unit length.
    private static func directions(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).flatMap { _ in
            let row = noise(Embedding.dimensions, &generator)
            let norm = row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            return row.map { Float(Double($0) / norm) }
        }
    }
}
