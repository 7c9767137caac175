/// Figures of one recording's ranking of many statements.

/// A recording's scores of its candidates and which of them are true.
public struct RankedLabels: Sendable {
    /// Candidates from the highest score down; ties in the order given.
    public let order: [Int]
    /// `[candidates]`: whether it is true.
    public let isTrue: [Bool]
    private let scores: [Double]

    /// Ranks the candidates.
    public init(scores: [Double], isTrue: [Bool]) {
        precondition(scores.count == isTrue.count, "a truth for each score")
        self.scores = scores
        self.isTrue = isTrue
        order = scores.indices.sorted { scores[$0] > scores[$1] }
    }

    /// Whether one of the first `count` candidates is true.
    public func hasHit(in count: Int) -> Bool { order.prefix(count).contains { isTrue[$0] } }

    /// Whether that candidate is among the first `count`.
    public func contains(_ candidate: Int, in count: Int) -> Bool { order.prefix(count).contains(candidate) }

    /// The best chance that any ranking gives each true candidate to stand among the first `count`: count over true ones.
    ///
    /// A recording with five true statements cannot have all of them first; nil where none is true.
    public func ceiling(in count: Int) -> Double? {
        let trueCount = isTrue.reduce(0) { $0 + ($1 ? 1 : 0) }
        return trueCount > 0 ? min(1, Double(count) / Double(trueCount)) : nil
    }

    /// Label ranking average precision; nil where none is true.
    ///
    /// For each true candidate, the share of true ones among all that score at least as high; then the mean of these shares
    /// (Tsoumakas, Katakis and Vlahavas, 2010; scikit-learn's `label_ranking_average_precision_score`).
    public var averagePrecision: Double? {
        let positives = isTrue.indices.filter { isTrue[$0] }
        guard !positives.isEmpty else { return nil }
        let sum = positives.reduce(0.0) { sum, candidate in
            var (all, hits) = (0, 0)
            for other in scores.indices where scores[other] >= scores[candidate] {
                all += 1
                if isTrue[other] { hits += 1 }
            }
            return sum + Double(hits) / Double(all)
        }
        return sum / Double(positives.count)
    }
}
