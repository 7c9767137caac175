/// How a similarity becomes a probability, and for which statements it may.
public struct SimilarityModel: Sendable, Equatable {
    /// A statement's correction of the log odds: sigmoid(scale * logit + offset).
    public struct Calibration: Sendable, Equatable {
        /// Above 0, so that a statement's order over time stays.
        public let scale: Double
        /// Added to the scaled log odds.
        public let offset: Double

        /// The correction as given.
        public init(scale: Double, offset: Double) {
            self.scale = scale
            self.offset = offset
        }

        /// No correction.
        public static let identity = Calibration(scale: 1, offset: 0)
    }

    /// Log odds per unit of similarity; above 0.
    public let scale: Double
    /// Log odds at similarity 0.
    public let bias: Double
    /// Ids of the statements that the model has been validated for.
    public let ranked: [String]
    /// By statement id; absent means identity.
    public let calibration: [String: Calibration]
    /// Probability from which a statement counts as made, by id; absent means 0.5.
    public let thresholds: [String: Double]

    /// The model as given; `StatementRanker` checks it against a catalogue.
    public init(
        scale: Double,
        bias: Double,
        ranked: [String],
        calibration: [String: Calibration] = [:],
        thresholds: [String: Double] = [:]
    ) {
        self.scale = scale
        self.bias = bias
        self.ranked = ranked
        self.calibration = calibration
        self.thresholds = thresholds
    }
}
