/// From labelled recordings and a model to figures: encode once a selection of leads, compute everything else from that.
public import DataSets
public import Diagnosis
private import ECGEncoder
private import ECGSignal
private import Metrics
public import Pipeline
internal import Recordings

/// How an evaluation is done.
public struct EvaluationOptions: Sendable {
    /// Only these folds; nil takes all recordings.
    public var folds: [Int]?
    /// The selections of leads beside all that a recording has.
    public var leadSets: [LeadSelection]
    /// The fewest cases with which a statement counts in a macro figure; 5, as the reference's.
    public var casesMin: Int
    /// Resamples behind each interval.
    public var resamples: Int
    /// Of resamples and of the random encoder.
    public var seed: UInt64
    /// Threads that encode.
    public var threads: Int
    /// Windows of a recording at most, from its start; 128 are 140 s.
    public var windowsMax: Int

    /// Makes the options; those that are not named are the usual ones.
    public init(
        folds: [Int]? = nil,
        leadSets: [LeadSelection] = LeadSelection.usual,
        casesMin: Int = 5,
        resamples: Int = 1_000,
        seed: UInt64 = 1,
        threads: Int = 2,
        windowsMax: Int = 128
    ) {
        self.folds = folds
        self.leadSets = leadSets
        self.casesMin = casesMin
        self.resamples = resamples
        self.seed = seed
        self.threads = threads
        self.windowsMax = windowsMax
    }
}

/// Where an evaluation stands, for a progress bar.
public struct EvaluationProgress: Sendable, Equatable {
    /// What is being done, as `encoding 12`.
    public let phase: String
    /// Recordings done in all phases.
    public let done: Int
    /// Recordings of all phases.
    public let total: Int
}

/// Evaluates a model on labelled recordings.
public struct Evaluator: Sendable {
    let model: Model
    let benchmark: SentenceBank?
    let reference: ReferenceModel?
    let name: String
    let options: EvaluationOptions

    /// Evaluates `model`, which reports call `name`; `benchmark` are the model's sentences for PTB-XL's own codes, and
    /// `reference` is a model that it is compared with.
    public init(
        model: Model,
        benchmark: SentenceBank? = nil,
        reference: ReferenceModel? = nil,
        name: String,
        options: EvaluationOptions = EvaluationOptions()
    ) {
        self.model = model
        self.benchmark = benchmark
        self.reference = reference
        self.name = name
        self.options = options
    }

    /// The figures of the chosen recordings of a data set.
    ///
    /// The vocabulary of a source is that of all its recordings, whatever folds are chosen. An ECG that is there in two forms, at
    /// 100 and at 500 Hz, is judged once, in the form that comes first. `progress` is called on any thread.
    /// - Throws: `DataSetError.empty` where no recording can be judged.
    public func evaluate(
        _ set: DataSet,
        progress: @escaping @Sendable (EvaluationProgress) -> Void = { _ in }
    ) throws(DataSetError) -> EvaluationFigures {
        let (run, chosen) = try run(
            on: set,
            selections: 2 + options.leadSets.count + (reference == nil ? 0 : 1),
            progress: progress
        )
        return try run.figures(of: chosen, modelName: name)
    }

    /// A run over the chosen recordings of a set, each of which is encoded for so many selections of leads.
    func run(
        on set: DataSet,
        selections: Int,
        progress: @escaping @Sendable (EvaluationProgress) -> Void
    ) throws(DataSetError) -> (run: EvaluationRun, chosen: [Int]) {
        let inFolds = set.recordings.indices.filter { index in
            options.folds.map { set.recordings[index].fold.map($0.contains) ?? false } ?? true
        }
        var seen: Set<String> = []
        let chosen = inFolds.filter { seen.insert(set.recordings[$0].ecg).inserted }
        guard !chosen.isEmpty else {
            throw DataSetError(
                .empty,
                "--folds",
                "no recording is in those folds; leave --folds out for all of them"
            )
        }
        let run = EvaluationRun(
            set: set,
            options: options,
            model: model,
            benchmark: benchmark,
            reference: reference,
            encoder: RecordingEncoder(threads: options.threads, windowsMax: options.windowsMax),
            counter: ProgressCounter(total: chosen.count * selections, report: progress)
        )
        return (run, chosen)
    }
}
