/// From recordings to the ranges over which an encoder of eight bits spreads its bytes, and to what eight bits cost.
internal import Conditioning
public import DataSets
private import Diagnosis
public import ECGEncoder
internal import ECGSignal
private import Findings
public import Pipeline
internal import Recordings

/// How far the statements of two models agree on the same windows.
public struct Agreement: Sendable, Equatable {
    /// Windows that both ranked.
    public let windows: Int
    /// The share of windows with the same first statement.
    public let first: Double
    /// The share of windows with the same five first statements, in whatever order.
    public let five: Double
    /// The share of one's five first statements that are among the other's, over all windows.
    public let common: Double
    /// The cosine between both embeddings: the least, and the median.
    public let cosineLeast: Double
    /// The cosine in the middle.
    public let cosineMedian: Double
}

/// Shows chosen recordings to encoders, a window of each.
///
/// Every fourth recording is shown with its limb leads alone, with lead II alone, with lead I alone, since an encoder must
/// serve patients with few leads as well.
public struct Quantiser: Sendable {
    /// The share of windows that a channel's range holds whole; what is rarer would be cut off.
    ///
    /// Cutting off costs more than coarser steps: over 96 windows of PTB-XL's fold 9, shares of 0.9, 0.97 and 1 gave 160 of
    /// fold 10 a least cosine of 0.850, 0.927 and 0.980 to the embeddings of floats, and the same five first
    /// statements in 85, 89 and 94 %.
    public static let share = 1.0

    private let chosen: [LabelledRecording]
    private let threads: Int

    /// Takes `windows` recordings of those folds, evenly spread over the set; nil takes all folds.
    /// - Throws: `DataSetError.empty` where no recording is in them.
    public init(_ set: DataSet, folds: [Int]?, windows: Int, threads: Int) throws(DataSetError) {
        precondition(windows > 0, "at least one window")
        let inFolds = set.recordings.filter { recording in
            folds.map { recording.fold.map($0.contains) ?? false } ?? true
        }
        guard !inFolds.isEmpty else {
            throw DataSetError(
                .empty,
                "--folds",
                "no recording is in those folds; leave --folds out for all of them"
            )
        }
        let count = min(windows, inFolds.count)
        chosen = (0..<count).map { inFolds[$0 * inFolds.count / count] }
        self.threads = threads
    }

    /// The ranges of an encoder of floats, and the number of windows that they rest on.
    /// - Throws: `DataSetError.empty` where no recording can be used.
    public func ranges(
        of encoder: Encoder,
        progress: @escaping @Sendable (EvaluationProgress) -> Void = { _ in }
    ) throws(DataSetError) -> (ranges: ActivationRanges, windows: Int) {
        let make: @Sendable () -> EncoderWorkspace = { encoder.makeWorkspace() }
        let shown = forEachWindow("measuring ranges", progress, state: make) { workspace, window in
            encoder.activationRanges(window: window.rows, using: workspace)
        }
        guard !shown.isEmpty else {
            throw DataSetError(.empty, "--records", "none of \(chosen.count) recordings can be encoded")
        }
        return (.covering(Self.share, of: shown), shown.count)
    }

    /// How far two models agree; nil where no recording can be used.
    public func agreement(
        of model: Model,
        with other: Model,
        progress: @escaping @Sendable (EvaluationProgress) -> Void = { _ in }
    ) -> Agreement? {
        let make: @Sendable () -> [EncoderWorkspace] = {
            [model.encoder.makeWorkspace(), other.encoder.makeWorkspace()]
        }
        let pairs = forEachWindow("comparing rankings", progress, state: make) { workspaces, window in
            let one = model.encoder.embed(window: window.rows, using: workspaces[0])
            let two = other.encoder.embed(window: window.rows, using: workspaces[1])
            let used = window.usedLeads
            return (
                first: model.ranker.rank(one, usedLeads: used).top.prefix(5).map(\.statement.id),
                second: other.ranker.rank(two, usedLeads: used).top.prefix(5).map(\.statement.id),
                cosine: zip(one.values, two.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            )
        }
        guard !pairs.isEmpty else { return nil }
        let count = Double(pairs.count)
        let cosines = pairs.map(\.cosine).sorted()
        let common = pairs.map { pair in pair.first.filter { pair.second.contains($0) }.count }
        let most = pairs.reduce(0) { $0 + $1.first.count }
        return Agreement(
            windows: pairs.count,
            first: Double(pairs.filter { $0.first.first == $0.second.first }.count) / count,
            five: Double(pairs.indices.filter { common[$0] == pairs[$0].first.count }.count) / count,
            common: most == 0 ? 1 : Double(common.reduce(0, +)) / Double(most),
            cosineLeast: cosines[0],
            cosineMedian: cosines[cosines.count / 2]
        )
    }

    /// What `body` makes of the first window of each recording that the daemon would not withhold.
    private func forEachWindow<State, Value: Sendable>(
        _ phase: String,
        _ progress: @escaping @Sendable (EvaluationProgress) -> Void,
        state: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (State, ConditionedWindow) -> Value
    ) -> [Value] {
        let counter = ProgressCounter(total: chosen.count, report: progress)
        counter.begin(phase)
        let make: @Sendable () -> (WindowCutter, State) = { (WindowCutter(), state()) }
        let values = parallelMap(chosen.count, threads: threads, state: make) { tools, index -> Value? in
            defer { counter.advance() }
            let recording = chosen[index]
            let leads = FittedLeads.allCases[index % FittedLeads.allCases.count]
            do throws(RecordingError) {
                let windows = try tools.0.windows(
                    of: try Recording.load(recording.path),
                    leads: leads == .twelve ? nil : leads.sent,
                    nameLeads: recording.nameLeads
                )
                guard let window = windows.first, !window.isWithheld else { return nil }
                return body(tools.1, window)
            } catch { return nil }
        }
        return values.compactMap(\.self)
    }
}
