/// How a similarity becomes a probability, and for which statements it may.
public struct SimilarityModel: Sendable, Equatable {
    /// A statement's correction of the log odds: sigmoid(scale * logit + offset).
    public struct Calibration: Sendable, Equatable {
        /// The factor of the log odds; above 0, so that a more similar window is always more probable.
        public let scale: Double
        /// Added to the scaled log odds.
        public let offset: Double

        /// Makes a correction of these two numbers.
        public init(scale: Double, offset: Double) {
            self.scale = scale
            self.offset = offset
        }

        /// The correction that changes nothing.
        public static let identity = Calibration(scale: 1, offset: 0)
    }

    /// How many log odds one unit of similarity gives; above 0.
    public let scale: Double
    /// The log odds at similarity 0.
    public let bias: Double
    /// The ids of the statements that the model has been validated for.
    public let ranked: [String]
    /// The correction of each statement, by id; a statement without one keeps its log odds.
    public let calibration: [String: Calibration]
    /// The probability from which a statement counts as found, by id; `StatementsForPeople` knows what holds without
    /// one.
    public let thresholds: [String: Double]

    /// Makes a model of these values; `StatementRanker` checks them against a catalogue.
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
