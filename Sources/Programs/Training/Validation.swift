internal import DataSets
internal import ECGEncoder
internal import ECGSignal
internal import Findings
internal import Learning
internal import Metrics

/// What a look at the validation fold gave.
struct ValidationFigures: Codable, Sendable, Equatable {
    let epoch: Int
    /// Mean area under the curve over statements with at least 5 positives, by the mean of both banks' similarities.
    let macro: Double
    /// How many statements that are.
    let statements: Int
    /// The same over the benchmark's own wordings; nil without them.
    let benchmark: Double?
}

/// Embeds the validation windows with the daemon's own encoder and scores them.
struct Validation {
    let set: TrainingSet
    let sentences: Sentences
    let threads: Int

    /// `positivesMin` is the fewest positives that a statement is scored with.
    func figures(
        _ model: ContrastiveModel<Float>,
        epoch: Int,
        positivesMin: Int = 5
    ) throws -> ValidationFigures {
        let tensors = Dictionary(
            model.tensors(.average).map { ($0.name, $0.values) },
            uniquingKeysWith: { first, _ in first }
        )
        let architecture = Architecture(
            channels: model.network.channels,
            embedding: model.dimensions
        )
        let encoder = try Encoder(architecture) { name, _ throws(EncoderWeightsError) in
            guard let values = tensors[name] else {
                throw EncoderWeightsError(tensor: name, reason: "the network has none")
            }
            return values
        }
        let windows = set.windows
        let makeWorkspace: @Sendable () -> EncoderWorkspace = { encoder.makeWorkspace() }
        let embeddings = parallelMap(windows.count, threads: threads, state: makeWorkspace) {
            workspace,
            index in
            let rows = windows[index].started.map { Float($0) / 1_000 }
            return encoder.embed(window: rows, using: workspace).values
        }
        let english = model.averagedBank(of: sentences.centred(isEnglish: true))
        let japanese = model.averagedBank(of: sentences.centred(isEnglish: false))
        let width = model.dimensions
        var areas: [Double?] = []
        for sentence in 0..<sentences.count {
            let direction = (0..<width).map {
                english[sentence * width + $0] + japanese[sentence * width + $0]
            }
            let scores = embeddings.map { row in
                zip(row, direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            }
            let truths = windows.indices.map { index -> Bool? in
                set.weight[index][sentence] > 0 ? set.truth[index][sentence] > 0 : nil
            }
            let cases = ScoredCases(scores: scores, truths: truths)
            areas.append(cases.positiveCount >= positivesMin ? cases.areaUnderCurve : nil)
        }
        let count = sentences.statements.ids.count
        let own = areas[..<count].compactMap(\.self)
        let others = areas[count...].compactMap(\.self)
        return ValidationFigures(
            epoch: epoch,
            macro: own.isEmpty ? 0.5 : own.reduce(0, +) / Double(own.count),
            statements: own.count,
            benchmark: others.isEmpty ? nil : others.reduce(0, +) / Double(others.count)
        )
    }
}
