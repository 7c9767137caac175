/// How much a figure would move with other recordings: the same ones drawn anew, with replacement.

/// A repeatable generator (SplitMix64; Steele, Lea, Flood 2014), so that a seed gives the same figures again.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The generator of that seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The range in which a figure lies in most resamples.
public struct Interval: Sendable, Equatable {
    /// The lower end of the interval.
    public let lower: Double
    /// The upper end of the interval.
    public let upper: Double

    /// The middle 95 % of the values, by linear interpolation between neighbours; nil where there are none.
    ///
    /// The percentile interval of Efron (1979).
    public init?(middle95 values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        lower = Interval.quantile(0.025, of: sorted)
        upper = Interval.quantile(0.975, of: sorted)
    }

    /// The quantile of ascending values: place q (n - 1), between neighbours by a straight line.
    static func quantile(_ q: Double, of sorted: [Double]) -> Double {
        let place = q * Double(sorted.count - 1)
        let below = Int(place)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (place - Double(below))
    }
}

/// How often each recording counts in each resample; patients with several recordings are drawn as one.
public struct Resamples: Sendable {
    /// How often each resample draws each recording, `[resamples][recordings]`.
    public let counts: [[Int]]

    /// Draws as many groups as there are, with replacement, `resamples` times.
    /// - Parameters:
    ///   - groups: `[recordings]`: equal numbers belong together; numbers from 0 without holes.
    ///   - resamples: How many.
    ///   - seed: The same seed gives the same draws.
    public init(groups: [Int], resamples: Int, seed: UInt64) {
        let groupCount = (groups.max() ?? -1) + 1
        var generator = SplitMix64(seed: seed)
        counts = (0..<(groupCount > 0 ? resamples : 0)).map { _ in
            var drawn = [Int](repeating: 0, count: groupCount)
            for _ in 0..<groupCount { drawn[Int.random(in: 0..<groupCount, using: &generator)] += 1 }
            return groups.map { drawn[$0] }
        }
    }

    /// The interval of the mean area under the curve over those statements; a resample without both kinds skips a statement.
    public func intervalOfMeanArea(_ statements: [ScoredCases]) -> Interval? {
        Interval(
            middle95: counts.compactMap { count in
                Self.mean(statements.compactMap { $0.areaUnderCurve(counts: count) })
            }
        )
    }

    /// The interval of the difference of two such means, `first` less `second`, each resample drawn for both alike.
    public func intervalOfDifference(_ first: [ScoredCases], _ second: [ScoredCases]) -> Interval? {
        Interval(
            middle95: counts.compactMap { count in
                let means = [first, second].map { statements in
                    Self.mean(statements.compactMap { $0.areaUnderCurve(counts: count) })
                }
                guard let one = means[0], let other = means[1] else { return nil }
                return one - other
            }
        )
    }

    /// The mean; nil of nothing.
    public static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
