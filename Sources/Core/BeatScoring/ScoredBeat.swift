/// Beats as EC57 counts them, whoever found them.

/// The classes of beats that EC57 tells apart.
public enum ScoredClass: Int, Sendable, CaseIterable {
    /// Conducted beats of the usual rhythm and escapes from above the ventricles.
    case normal
    /// Supraventricular premature or ectopic beats.
    case supraventricular
    /// Ventricular premature beats and escapes.
    case ventricular
    /// Fusions of a ventricular and a normal beat.
    case fusion
    /// Paced beats, fusions with them, and beats that cannot be classified.
    case unclassified

    /// The class of a beat by the sign of its annotation; nil where the sign marks no beat.
    public init?(sign: Character) {
        switch sign {
        case "N", "L", "R", "e", "J", "j", "B", "n": self = .normal
        case "A", "a", "S": self = .supraventricular
        case "V", "E": self = .ventricular
        case "F": self = .fusion
        case "/", "f", "Q", "?": self = .unclassified
        default: return nil
        }
    }

    /// The letter of EC57's tables.
    public var letter: String { ["N", "S", "V", "F", "Q"][rawValue] }
}

/// A beat that an annotator or a detector saw.
public struct ScoredBeat: Sendable, Equatable {
    /// Where it stands, in samples of the record.
    public let sample: Int64
    /// The class that the beat was given.
    public let kind: ScoredClass

    /// A beat at `sample`.
    public init(sample: Int64, kind: ScoredClass) {
        self.sample = sample
        self.kind = kind
    }
}
