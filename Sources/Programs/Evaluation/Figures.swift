/// What an evaluation found, as values; the writers beside this file put them on paper.
public import DataSets
public import Findings
public import Metrics

/// One figure by each bank; nil where there was nothing to compute it from.
public struct ByBank: Sendable, Equatable {
    /// By the English sentences.
    public var english: Double?
    /// By the Japanese sentences.
    public var japanese: Double?
    /// By the mean of both.
    public var both: Double?

    init(_ figure: (Bank) -> Double?) {
        english = figure(.english)
        japanese = figure(.japanese)
        both = figure(.both)
    }

    /// The figure of one bank.
    public subscript(bank: Bank) -> Double? {
        switch bank {
        case .english: english
        case .japanese: japanese
        case .both: both
        }
    }
}

/// The share of recordings in which one of the first statements is true.
public struct AnyOf: Sendable, Equatable {
    /// The share of recordings whose first statement is true.
    public let top1: Double
    /// One of the first five is.
    public let top5: Double
    /// Recordings with a true statement among the candidates.
    public let recordings: Int
}

/// The figures of one statement.
public struct LabelFigures: Sendable {
    /// The catalogue row.
    public let statement: Statement
    /// Whether the model ranks it.
    public let isRanked: Bool
    /// Recordings in which it is true.
    public let cases: Int
    /// Recordings in which it is not.
    public let negatives: Int
    /// Area under the ROC curve.
    public let area: ByBank
    /// Of the area by both banks, by resampled patients.
    public let interval: Interval?
    /// The average precision by both banks of sentences.
    public let averagePrecision: Double?
    /// Mean squared error of its probability.
    public let brier: Double?
    /// 1 less that over the base rate's.
    public let brierSkill: Double?
    /// Share of its cases in which it stands first among all ranked statements; nil where it is not ranked.
    public let top1: Double?
    /// Share of its cases in which it is among the first five.
    public let top5: Double?
    /// The best `top1` that rankings could give all true statements alike.
    public let ceiling1: Double?
    /// The best `top5` likewise.
    public let ceiling5: Double?
    /// Probability from which it counts as made.
    public let threshold: Double
    /// Share of its cases in which it is made.
    public let sensitivity: Double?
    /// Share of the recordings with it made in which it is true.
    public let precision: Double?

    /// Share of the judged recordings in which it is true.
    public var baseRate: Double { Double(cases) / Double(max(1, cases + negatives)) }
}

/// The 71 codes of PTB-XL as its benchmark groups them: macro AUROC, a code being true at any likelihood.
public struct BenchmarkFigures: Sendable {
    /// `own` where each code has a sentence of its own, `catalogue` where the catalogue's stand for it.
    public let sentences: String
    /// All codes that have a case and a recording without.
    public let all: ByBank
    /// The figures of the diagnostic statements.
    public let diagnostic: ByBank
    /// Those of the curve's form.
    public let form: ByBank
    /// The figures of the rhythms.
    public let rhythm: ByBank
    /// Codes counted in `all`.
    public let codes: Int
    /// Of `all` by both banks.
    public let interval: Interval?
    /// NORM, MI, STTC, CD and HYP: AUROC of the nearest of their codes.
    public let superclasses: [(name: String, area: ByBank, cases: Int)]
}

/// Macro AUROC of a part of the recordings.
public struct StratumFigures: Sendable {
    /// `male`, `< 50`, ...
    public let name: String
    /// How many recordings are in the group.
    public let recordings: Int
    /// Statements with enough cases in it.
    public let labels: Int
    /// The mean area over those statements.
    public let macroArea: ByBank
}

/// What one selection of leads gives.
public struct LeadSetFigures: Sendable {
    /// As in `LeadSelection`.
    public let name: String
    /// Recordings that have these leads.
    public let recordings: Int
    /// Macro AUROC over the statements that count with all leads.
    public let macroArea: ByBank
    /// The benchmark's groups; nil where no recording is of PTB-XL.
    public let benchmark: BenchmarkFigures?
    /// Without sinus_rhythm and normal.
    public let anyOf: AnyOf?
}

/// What something without knowledge of ECGs, or without sentences, gives on the same recordings.
public struct FloorFigures: Sendable {
    /// `base_rates`, `always_sinus`, `random_encoder`, `class_ids`.
    public let name: String
    /// What it is, in a sentence.
    public let explanation: String
    /// Over the same statements.
    public let macroArea: Double?
    /// Without sinus_rhythm and normal, as the model's own.
    public let anyOf: AnyOf?
    /// With all ranked statements.
    public let anyOfAll: AnyOf?
}

/// How alike the two languages rank.
public struct LanguageFigures: Sendable {
    /// Without sinus_rhythm and normal, by the English sentences.
    public let english: AnyOf?
    /// The same by the Japanese ones.
    public let japanese: AnyOf?
    /// Share of recordings in which both put the same statement first.
    public let sameFirst: Double?
    /// Mean share of the first five that both have.
    public let sharedOfFive: Double?
}

/// How the first ranked statement's family goes with the families that are true.
public struct FamilyConfusion: Sendable {
    /// In catalogue order.
    public let families: [String]
    /// `[true family][first statement's family]`: recordings; one with several true families counts in each of their rows.
    public let counts: [[Int]]
}

/// A recording's nearest statements, as the paper's figure shows them.
public struct RankedExample: Sendable {
    /// The record's name.
    public let record: String
    /// What is true of it, the most special ones, in catalogue order.
    public let truths: [Statement]
    /// The nearest, with similarities in both languages and whether they are true.
    public let nearest: [(statement: Statement, english: Double, japanese: Double, isTrue: Bool)]
}

/// Everything that an evaluation found.
public struct EvaluationFigures: Sendable {
    /// Name and revision.
    public let model: String
    /// What made the figures comparable.
    public let revisions: Revisions
    /// Recordings judged.
    public let recordings: Int
    /// The folds that were asked for; nil for all recordings.
    public let folds: [Int]?
    /// Sources with their recordings.
    public let sources: [(name: String, recordings: Int)]
    /// Left out, with the reason.
    public let unreadable: [UnreadableRecording]
    /// The fewest cases with which a statement counts in a macro figure.
    public let casesMin: Int
    /// Resamples behind every interval.
    public let resamples: Int
    /// Statements counted in `macroArea`.
    public let labelsCounted: Int
    /// Mean AUROC over those.
    public let macroArea: ByBank
    /// By bank, by resampled patients.
    public let macroIntervals: [Bank: Interval]
    /// Nil where no recording is of PTB-XL.
    public let benchmark: BenchmarkFigures?
    /// The same by the catalogue's sentences.
    public let benchmarkByCatalogue: BenchmarkFigures?
    /// Without sinus_rhythm and normal, by both banks.
    public let anyOf: AnyOf?
    /// With all ranked statements.
    public let anyOfAll: AnyOf?
    /// All ranked statements, the parent left out beside its child, the most special truths only.
    public let anyOfAsPeopleSee: AnyOf?
    /// Label ranking average precision over all ranked statements, by both banks.
    public let labelRankingPrecision: Double?
    /// Statements with a case and a recording without, in catalogue order.
    public let labels: [LabelFigures]
    /// Ten bins of all pairs of a recording and a ranked statement.
    public let reliability: [ProbabilityFigures.Bin?]
    /// The calibration error of those bins.
    public let calibrationError: Double?
    /// By sex, then by age.
    public let strata: [StratumFigures]
    /// From all leads down.
    public let leadSets: [LeadSetFigures]
    /// What is reached without knowledge of ECGs; they are always told.
    public let floors: [FloorFigures]
    /// Beside the reference; nil where none was given.
    public let comparison: ComparisonFigures?
    /// English beside Japanese.
    public let languages: LanguageFigures
    /// How often each family is taken for another.
    public let confusion: FamilyConfusion
    /// Some recordings with their nearest statements.
    public let examples: [RankedExample]
}
