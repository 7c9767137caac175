/// One statement's scores over many recordings, ready for figures that depend on their order alone.

/// Scores of the recordings that can be judged, sorted once; resampling only changes how often each counts.
///
/// Invariant: `order` is ascending by score, `groupEnds` splits it into runs of equal scores.
public struct ScoredCases: Sendable {
    /// Index of each judged recording, ascending by score; ties in the order given.
    let order: [Int]
    /// One past the last place of each run of equal scores.
    let groupEnds: [Int]
    /// `[recordings]`: whether the statement is true; of use for judged ones only.
    let isPositive: [Bool]
    /// Judged recordings in which the statement is true.
    public let positiveCount: Int
    /// Judged recordings in which it is not.
    public let negativeCount: Int

    /// Takes the scores of all recordings.
    /// - Parameters:
    ///   - scores: `[recordings]`, finite.
    ///   - truths: `[recordings]`: true, false, or nil where the recording says nothing of the statement.
    public init(scores: [Double], truths: [Bool?]) {
        precondition(scores.count == truths.count, "a truth for each score")
        let judged = truths.indices.filter { truths[$0] != nil }
        let sorted = judged.sorted { scores[$0] < scores[$1] }
        var ends: [Int] = []
        for place in sorted.indices
        where place + 1 == sorted.count || scores[sorted[place]] != scores[sorted[place + 1]] {
            ends.append(place + 1)
        }
        order = sorted
        groupEnds = ends
        isPositive = truths.map { $0 ?? false }
        let positives = judged.count { truths[$0] == true }
        positiveCount = positives
        negativeCount = judged.count - positives
    }

    /// The chance that a positive scores above a negative, ties counted half; nil where one kind is missing.
    ///
    /// Mann and Whitney's U over the product of the counts (Hanley and McNeil, Radiology 143:29-36, 1982).
    public var areaUnderCurve: Double? { areaUnderCurve { _ in 1 } }

    /// The same where recording n counts `counts[n]` times.
    public func areaUnderCurve(counts: [Int]) -> Double? { areaUnderCurve { counts[$0] } }

    private func areaUnderCurve(_ count: (Int) -> Int) -> Double? {
        var (positives, negatives) = (0, 0)
        // Twice the pairs in the right order, so that a tie is the whole number 1.
        var twicePairs = 0
        var start = 0
        for end in groupEnds {
            var (groupPositives, groupNegatives) = (0, 0)
            for place in start..<end {
                let recording = order[place]
                if isPositive[recording] {
                    groupPositives += count(recording)
                } else {
                    groupNegatives += count(recording)
                }
            }
            twicePairs += groupPositives * (2 * negatives + groupNegatives)
            positives += groupPositives
            negatives += groupNegatives
            start = end
        }
        guard positives > 0, negatives > 0 else { return nil }
        return Double(twicePairs) / (2 * Double(positives) * Double(negatives))
    }

    /// The mean of the precision at each step of recall, from the highest score down; nil without a positive.
    ///
    /// Sum of (recall step) x precision, a run of equal scores being one step, without interpolation: the definition of
    /// scikit-learn's `average_precision_score`.
    public var averagePrecision: Double? {
        guard positiveCount > 0 else { return nil }
        var (hits, taken, sum) = (0, 0, 0.0)
        var end = order.count
        for start in (groupEnds.dropLast().reversed() + [0]) where end > start {
            let groupHits = order[start..<end].reduce(0) { $0 + (isPositive[$1] ? 1 : 0) }
            hits += groupHits
            taken += end - start
            sum += Double(groupHits) * Double(hits) / Double(taken)
            end = start
        }
        return sum / Double(positiveCount)
    }

    /// Sensitivity and precision of the rule "made from a score of `threshold` on"; nil where there is nothing to divide by.
    public func decision(
        scores: [Double],
        threshold: Double
    ) -> (sensitivity: Double?, precision: Double?) {
        var (made, hits) = (0, 0)
        for recording in order where scores[recording] >= threshold {
            made += 1
            if isPositive[recording] { hits += 1 }
        }
        return (
            positiveCount > 0 ? Double(hits) / Double(positiveCount) : nil,
            made > 0 ? Double(hits) / Double(made) : nil
        )
    }
}
