/// How a similarity becomes a probability, and for which statements it may.
public import ECGSignal
private import Mathematics

/// What turns the similarities of a window into probabilities.
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
    }

    /// How many log odds one unit of similarity gives; above 0.
    public let scale: Double
    /// The log odds at similarity 0.
    public let bias: Double
    /// The ids of the statements that the model has been validated for.
    public let ranked: [String]
    /// The corrections of each fitted set of leads, by statement id.
    ///
    /// Empty where the model was never calibrated: every statement keeps its log odds then. Otherwise a statement
    /// without a correction for the leads that a window has gets no probability.
    public let calibrations: [FittedLeads: [String: Calibration]]
    /// The probability from which a statement counts as found, by id; `StatementsForPeople` knows what holds without
    /// one.
    public let thresholds: [String: Double]

    /// Makes a model of these values; `StatementRanker` checks them against a catalogue.
    public init(
        scale: Double,
        bias: Double,
        ranked: [String],
        calibrations: [FittedLeads: [String: Calibration]] = [:],
        thresholds: [String: Double] = [:]
    ) {
        self.scale = scale
        self.bias = bias
        self.ranked = ranked
        self.calibrations = calibrations
        self.thresholds = thresholds
    }

    /// The fitted leads by which a window with these leads is judged; nil where none fits, or nothing was ever fitted.
    public func fittedLeads(for used: LeadSet) -> FittedLeads? {
        FittedLeads.largest(of: calibrations.keys, within: used)
    }

    /// The probability of a statement at that similarity; nil where the model was not calibrated for these leads.
    public func probability(of id: String, at similarity: Double, fitted: FittedLeads?) -> Double? {
        let logOdds = scale * similarity + bias
        if calibrations.isEmpty { return ElementaryFunctions.sigmoid(logOdds) }
        guard let correction = fitted.flatMap({ calibrations[$0]?[id] }) else { return nil }
        return ElementaryFunctions.sigmoid(correction.scale * logOdds + correction.offset)
    }
}
