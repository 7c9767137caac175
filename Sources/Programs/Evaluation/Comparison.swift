/// A model beside another one on the same recordings.
public import Diagnosis
public import Metrics
public import Pipeline

/// The model that an evaluation is compared with.
public struct ReferenceModel: Sendable {
    let model: Model
    let benchmark: SentenceBank?
    let name: String

    /// The model, its sentences for PTB-XL's codes, and the name that reports call it.
    public init(model: Model, benchmark: SentenceBank?, name: String) {
        self.model = model
        self.benchmark = benchmark
        self.name = name
    }
}

/// What the difference between two models is, recording by recording.
public struct ComparisonFigures: Sendable {
    /// One figure of both.
    public struct Pair: Sendable {
        /// Of the model that is evaluated.
        public let own: Double?
        /// The figure of the reference; nil where it has none.
        public let reference: Double?
        /// Of own less reference, the same patients drawn for both.
        public let interval: Interval?
    }

    /// The reference's name.
    public let name: String
    /// Macro AUROC over the same statements, by both banks.
    public let macroArea: Pair
    /// The same over PTB-XL's codes, each model by the sentences that it has for them; nil without such recordings.
    public let benchmark: Pair?
    /// Over the rows that the reference ranks, without sinus_rhythm and normal: of the model that is evaluated.
    public let anyOf: AnyOf?
    /// The same of the reference.
    public let anyOfReference: AnyOf?
}

extension Evidence {
    /// This model beside the one of `other`, which was given the same recordings.
    func comparison(
        _ counted: [Int],
        with other: Evidence,
        named name: String,
        _ own: Benchmark,
        _ reference: Benchmark
    ) -> ComparisonFigures {
        func pair(_ first: [ScoredCases], _ second: [ScoredCases]) -> ComparisonFigures.Pair {
            ComparisonFigures.Pair(
                own: Resamples.mean(first.compactMap(\.areaUnderCurve)),
                reference: Resamples.mean(second.compactMap(\.areaUnderCurve)),
                interval: resamples.intervalOfDifference(first, second)
            )
        }
        func areas(_ evidence: Evidence) -> [ScoredCases] {
            counted.map { evidence.judged.cases(of: $0, evidence.table, by: .both) }
        }
        let rows = other.telling
        return ComparisonFigures(
            name: name,
            macroArea: pair(areas(self), areas(other)),
            benchmark: own.codes.isEmpty ? nil : pair(own.cases, reference.cases),
            anyOf: Evidence.anyOf(rankings(rows, by: .both)),
            anyOfReference: Evidence.anyOf(other.rankings(rows, by: .both))
        )
    }
}
