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

    /// What the best model is chosen by: the mean of both.
    var score: Double { benchmark.map { (macro + $0) / 2 } ?? macro }
}

/// Embeds the validation windows with the daemon's own encoder and scores them.
struct Validation {
    let set: TrainingSet
    let cache: WindowCache
    let sentences: Sentences
    let threads: Int
    /// The fewest positives that a statement is scored with.
    let positivesMin: Int

    /// Windows between two questions whether to stop: some seconds of work.
    private static let windowsAtOnce = 256

    /// Whether any sentence can be scored; where none can, one epoch looks like the next and nothing can be chosen.
    var canChoose: Bool {
        (0..<sentences.count).contains { sentence in
            var (positives, negatives) = (0, 0)
            for index in set.windows.indices where set.weight[index][sentence] > 0 {
                if set.truth[index][sentence] > 0 { positives += 1 } else { negatives += 1 }
            }
            return positives >= positivesMin && negatives > 0
        }
    }

    /// The figures of the averaged weights; nil where `isInterrupted` said so meanwhile.
    func figures(
        _ model: ContrastiveModel<Float>,
        epoch: Int,
        isInterrupted: () -> Bool
    ) throws -> ValidationFigures? {
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
        guard let embeddings = embeddings(by: encoder, isInterrupted) else { return nil }
        let windows = set.windows
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

    /// A point a window, `[windows][dimensions]`; nil where `isInterrupted` said so between two pieces of them.
    private func embeddings(by encoder: Encoder, _ isInterrupted: () -> Bool) -> [[Float]]? {
        let (windows, cache) = (set.windows, cache)
        let makeWorkspace: @Sendable () -> EncoderWorkspace = { encoder.makeWorkspace() }
        var points: [[Float]] = []
        for first in stride(from: 0, to: windows.count, by: Self.windowsAtOnce) {
            guard !isInterrupted() else { return nil }
            let count = min(Self.windowsAtOnce, windows.count - first)
            points += parallelMap(count, threads: threads, state: makeWorkspace) { workspace, place in
                let window = windows[first + place].started
                let rows = cache.rows(of: window, from: 0, count: Grid.windowSamples, scale: 1)
                return encoder.embed(window: rows.map { $0 / 1_000 }, using: workspace).values
            }
        }
        return points
    }
}
