/// How far probabilities can be believed.

/// Probabilities beside what was true.
public enum ProbabilityFigures {
    /// The mean squared distance of probability and truth (Brier, Monthly Weather Review 78:1-3, 1950); nil without a pair.
    public static func brier(_ pairs: [(probability: Double, isTrue: Bool)]) -> Double? {
        guard !pairs.isEmpty else { return nil }
        let sum = pairs.reduce(0.0) { sum, pair in
            let distance = pair.probability - (pair.isTrue ? 1 : 0)
            return sum + distance * distance
        }
        return sum / Double(pairs.count)
    }

    /// 1 less the Brier score over that of the base rate: 1 is perfect, 0 no better than always saying the base rate.
    ///
    /// Nil where all truths are alike, as the base rate is perfect then.
    public static func brierSkill(_ pairs: [(probability: Double, isTrue: Bool)]) -> Double? {
        guard let score = brier(pairs) else { return nil }
        let rate = Double(pairs.reduce(0) { $0 + ($1.isTrue ? 1 : 0) }) / Double(pairs.count)
        guard rate > 0, rate < 1 else { return nil }
        return 1 - score / (rate * (1 - rate))
    }

    /// One bin of a reliability diagram.
    public struct Bin: Sendable, Equatable {
        /// How many pairs are in the bin.
        public let count: Int
        /// Mean of their probabilities.
        public let meanProbability: Double
        /// Share of them that is true.
        public let shareTrue: Double
    }

    /// The diagram's bins from 0 to 1, of equal width; the last one holds 1 itself; empty ones are nil.
    public static func reliability(
        _ pairs: [(probability: Double, isTrue: Bool)],
        bins: Int = 10
    ) -> [Bin?] {
        precondition(bins > 0, "a bin at least")
        var counts = [Int](repeating: 0, count: bins)
        var hits = counts
        var sums = [Double](repeating: 0, count: bins)
        for pair in pairs {
            let bin = max(0, min(bins - 1, Int(pair.probability * Double(bins))))
            counts[bin] += 1
            sums[bin] += pair.probability
            if pair.isTrue { hits[bin] += 1 }
        }
        return counts.indices.map { bin in
            guard counts[bin] > 0 else { return nil }
            return Bin(
                count: counts[bin],
                meanProbability: sums[bin] / Double(counts[bin]),
                shareTrue: Double(hits[bin]) / Double(counts[bin])
            )
        }
    }

    /// The mean distance of the diagram from its diagonal, bins weighted by their pairs; nil without a pair.
    ///
    /// Expected calibration error (Naeini, Cooper and Hauskrecht, AAAI 2015).
    public static func expectedCalibrationError(_ bins: [Bin?]) -> Double? {
        let filled = bins.compactMap(\.self)
        let total = filled.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        return filled.reduce(0.0) { sum, bin in
            sum + abs(bin.meanProbability - bin.shareTrue) * Double(bin.count) / Double(total)
        }
    }
}
