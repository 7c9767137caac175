/// The table of EC57: what annotated beats were called, with what follows from it.

/// Counts of beats by reference class and found class, with the sums that are reported.
public struct BeatTable: Sendable, Equatable {
    /// `[reference][found]`; the last place of each stands for "no beat".
    private var counts = [Int](repeating: 0, count: side * side)
    /// Sum of (found - reference) over pairs, milliseconds.
    private var differenceSum = 0.0
    private var differenceSquareSum = 0.0
    /// Seconds that were scored, and seconds that were left out as fibrillation or flutter.
    public var scoredSeconds = 0.0
    /// Seconds left out because of `[` to `]` and what is around.
    public var excludedSeconds = 0.0

    private static let side = ScoredClass.allCases.count + 1

    /// A table without a beat.
    public init() {}

    /// Counts a pair, a missed beat (`found` nil) or a false one (`reference` nil).
    public mutating func count(
        reference: ScoredClass?,
        found: ScoredClass?,
        differenceMilliseconds: Double? = nil
    ) {
        counts[place(reference, found)] += 1
        if let difference = differenceMilliseconds {
            differenceSum += difference
            differenceSquareSum += difference * difference
        }
    }

    /// Adds the counts of another record.
    public mutating func add(_ other: BeatTable) {
        for index in counts.indices { counts[index] += other.counts[index] }
        differenceSum += other.differenceSum
        differenceSquareSum += other.differenceSquareSum
        scoredSeconds += other.scoredSeconds
        excludedSeconds += other.excludedSeconds
    }

    /// Beats of one class that were called another; nil stands for "no beat".
    public func number(reference: ScoredClass?, found: ScoredClass?) -> Int {
        counts[place(reference, found)]
    }

    private func place(_ reference: ScoredClass?, _ found: ScoredClass?) -> Int {
        (reference?.rawValue ?? BeatTable.side - 1) * BeatTable.side + (found?.rawValue ?? BeatTable.side - 1)
    }

    private func sum(
        reference: [ScoredClass?],
        found: [ScoredClass?]
    ) -> Int {
        reference.reduce(0) { sum, row in found.reduce(sum) { $0 + number(reference: row, found: $1) } }
    }

    private static let all: [ScoredClass?] = ScoredClass.allCases.map { $0 }

    // MARK: beats

    /// Annotated beats that were found.
    public var hits: Int { sum(reference: BeatTable.all, found: BeatTable.all) }
    /// Annotated beats that were missed.
    public var missed: Int { sum(reference: BeatTable.all, found: [nil]) }
    /// Found beats that are none.
    public var falseBeats: Int { sum(reference: [nil], found: BeatTable.all) }
    /// Share of the annotated beats that were found; nil where there is none.
    public var sensitivity: Double? { BeatTable.share(hits, of: hits + missed) }
    /// Share of the found beats that are annotated; nil where there is none.
    public var positivePredictivity: Double? { BeatTable.share(hits, of: hits + falseBeats) }

    // MARK: ventricular beats

    /// Ventricular beats called ventricular.
    public var ventricularHits: Int { number(reference: .ventricular, found: .ventricular) }
    /// Ventricular beats called something else or missed.
    public var ventricularMissed: Int {
        sum(reference: [.ventricular], found: BeatTable.all + [nil]) - ventricularHits
    }
    /// Other beats, or none, called ventricular; a fusion or an unclassified beat called so is neither hit nor false.
    public var ventricularFalse: Int {
        sum(reference: [.normal, .supraventricular, nil], found: [.ventricular])
    }
    /// Share of the ventricular beats that were called so; nil where there is none.
    public var ventricularSensitivity: Double? {
        BeatTable.share(ventricularHits, of: ventricularHits + ventricularMissed)
    }
    /// Share of the beats called ventricular that are; nil where there is none.
    public var ventricularPositivePredictivity: Double? {
        BeatTable.share(ventricularHits, of: ventricularHits + ventricularFalse)
    }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole == 0 ? nil : Double(part) / Double(whole)
    }

    // MARK: jitter

    /// Mean of found less reference over the pairs, milliseconds; nil without a pair.
    public var jitterMeanMilliseconds: Double? { hits == 0 ? nil : differenceSum / Double(hits) }
    /// Root of the mean square of found less reference, less the square of the mean; nil without a pair.
    public var jitterDeviationMilliseconds: Double? {
        guard hits > 0 else { return nil }
        let mean = differenceSum / Double(hits)
        return max(0, differenceSquareSum / Double(hits) - mean * mean).squareRoot()
    }
}
