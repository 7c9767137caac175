/// What a run is told; a run that is resumed must be told the same.
public struct TrainingOptions: Sendable, Equatable, Codable {
    /// The loss that is learned by.
    public enum Recipe: String, Sendable, CaseIterable, Codable {
        /// The paper's: one sentence an ECG, contrastive.
        case paper
        /// Every ECG against every sentence, sigmoid.
        case multilabel
    }

    /// Folders or lists with labelled recordings.
    public var data: [String] = []
    /// The loss that is learned by.
    public var recipe = Recipe.multilabel
    /// Passes over the training windows.
    public var epochs = 30
    /// How many of them, the last ones, see whole windows of ten seconds.
    public var wholeEpochs = 4
    /// Windows of a step.
    public var batch = 32
    /// The greatest learning rate.
    public var rate = 1e-3
    /// AdamW's weight decay.
    public var decay = 1e-3
    /// Seconds of a random crop; 10 trains on whole windows.
    public var cropSeconds = 5.0
    /// All that is drawn follows from it.
    public var seed: UInt64 = 1
    /// Folder that the run writes to.
    public var out = ""
    /// A model folder to start from; nil starts from random weights.
    public var initial: String?
    /// A model folder whose frozen text embeddings are used.
    public var sentences = "Models/default"
    /// Parts of a batch, each with a thread.
    public var threads = 2
    /// Folds of a published split to learn from.
    public var trainingFolds = [1, 2, 3, 4, 5, 6, 7]
    /// The fold to choose on.
    public var validationFold = 9
    /// The folder with the MIT-BIH Noise Stress Test records, of which the first half is used; nil adds no noise.
    public var noise: String?
    /// The file with the conditioned windows, made where it is missing; nil keeps it in `out`.
    public var cache: String?
    /// With what weight a window's embedding is drawn to that of the same window behind a recorder's filter; nil for none.
    public var agreement: Double?
    /// Minutes between checkpoints.
    public var checkpointMinutes = 3.0

    /// Channels of the network's four stages; the daemon runs these alone, tests learn with fewer.
    var channels = [64, 128, 256, 512]
    /// Training windows in which a statement must be true to be ranked; tests on a few recordings ask for fewer.
    var rankedPositivesMin = 20
    /// Validation windows in which a statement must be true to be scored; tests on a few recordings ask for fewer.
    var scoredPositivesMin = 5

    /// Bytes that the run may take; nil asks the machine.
    var memoryBytesMax: Int?

    /// The version of how samples are drawn and changed; nil in checkpoints of before it was counted.
    var drawing: Int? = 2

    /// What a checkpoint holds; an older one must stay readable, so nothing may be added that is not optional.
    private enum CodingKeys: String, CodingKey {
        case data, recipe, epochs, wholeEpochs, batch, rate, decay, cropSeconds, seed, out, initial, sentences
        case threads, trainingFolds, validationFold, noise, cache, checkpointMinutes, channels
        case agreement, drawing
    }

    /// The defaults.
    public init() {}

    /// Grid samples of a crop: a multiple of the encoder's stride, 5,000 for a whole window.
    var cropSamples: Int { cropSeconds >= 10 ? 5_000 : Int(cropSeconds * 500) / 32 * 32 }

    /// Which option differs from those of a checkpoint, in words; nil where none does.
    func difference(from other: TrainingOptions) -> String? {
        for (own, before) in zip(fixed, other.fixed) where own.value != before.value {
            return "\(own.name) is \(own.value) where the checkpoint has \(before.value)"
        }
        return nil
    }

    /// What a resumed run must be told alike: all but where it runs and how often it saves.
    private var fixed: [(name: String, value: String)] {
        [
            ("--data", data.joined(separator: " ")), ("--recipe", recipe.rawValue), ("--epochs", "\(epochs)"),
            ("--whole-epochs", "\(wholeEpochs)"), ("--batch", "\(batch)"), ("--lr", "\(rate)"),
            ("--weight-decay", "\(decay)"), ("--crop", "\(cropSeconds)"), ("--seed", "\(seed)"),
            ("--folds", "\(trainingFolds)"), ("--validation-fold", "\(validationFold)"),
            ("--noise", noise ?? "none"), ("--sentences", sentences),
            ("--agreement", agreement.map { "\($0)" } ?? "none"),
            // Without views that agree nothing is drawn otherwise.
            ("the version of how samples are drawn", agreement == nil ? "any" : "\(drawing ?? 1)"),
        ]
    }
}

/// Why a run ended before its time: what, where, what to do.
public struct TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Kind: Sendable, Equatable {
        /// Options that contradict each other or the checkpoint.
        case options
        /// Data that nothing can be learned from.
        case data
        /// A loss that is no number.
        case diverged
        /// A file that is not there.
        case notFound
        /// A file that cannot be read or written.
        case inputOutput
    }

    /// What kind of fault it is.
    public let kind: Kind
    /// What, where, what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
