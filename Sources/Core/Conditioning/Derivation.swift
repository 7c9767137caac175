internal import ECGSignal

/// The limb leads that two sent ones give: Einthoven's triangle and Goldberger's leads, solved for any pair.
///
/// III = II - I, aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2.
enum Derivation {
    /// A lead as `first * p + second * q` of the pair (p, q).
    struct Weights: Sendable, Equatable {
        let first: Double
        let second: Double
    }

    /// The pair that stands in for the others: the first two limb channels of `sent`; nil where there are fewer.
    static func pair(of sent: LeadSet) -> (Int, Int)? {
        var found: [Int] = []
        for channel in 0..<6 where sent.contains(channel: channel) { found.append(channel) }
        return found.count >= 2 ? (found[0], found[1]) : nil
    }

    /// How limb channel `target` follows from the pair (p, q), p < q.
    static func weights(of target: Int, from p: Int, _ q: Int) -> Weights {
        // Each lead in terms of I and II; the pair's two equations solved by Cramer's rule.
        let (a, b) = inStandardPair[p]
        let (c, d) = inStandardPair[q]
        let determinant = a * d - b * c
        let (t, u) = inStandardPair[target]
        return Weights(first: (t * d - u * c) / determinant, second: (u * a - t * b) / determinant)
    }

    /// I, II, III, aVR, aVL, aVF as multiples of (I, II).
    private static let inStandardPair: [(Double, Double)] = [
        (1, 0), (0, 1), (-1, 1), (-0.5, -0.5), (1, -0.5), (-0.5, 1),
    ]
}
