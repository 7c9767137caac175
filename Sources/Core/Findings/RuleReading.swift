/// What a rule says of a statement at one row, and how far it is from saying otherwise.
public struct RuleReading: Sendable, Equatable {
    /// On which side of its limit a figure lets a statement hold.
    public enum Side: String, Sendable {
        /// It holds from the limit on, or above it.
        case above
        /// It holds below the limit.
        case below
    }

    /// The statement's id in the catalogue.
    public let statement: String
    /// Whether it holds.
    public let holds: Bool
    /// Whether it does not hold, but is not far from it.
    public let isNear: Bool
    /// What decides it; nil where it cannot be measured now.
    public let figure: Double?
    /// Where it begins to hold.
    public let limit: Double?
    /// On which side of the limit that is.
    public let side: Side
    /// The unit of figure and limit, as `/min`; a word where they count something.
    public let unit: String
    /// What the figure is of, or what the rule waits for, in words; empty where there is nothing to add.
    public let note: String

    /// Makes a reading.
    public init(
        _ statement: String,
        holds: Bool,
        isNear: Bool = false,
        figure: Double? = nil,
        limit: Double? = nil,
        _ side: Side = .above,
        unit: String = "",
        note: String = ""
    ) {
        self.statement = statement
        self.holds = holds
        self.isNear = isNear && !holds
        self.figure = figure
        self.limit = limit
        self.side = side
        self.unit = unit
        self.note = note
    }
}
