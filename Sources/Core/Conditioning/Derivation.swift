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
        guard let first = (0..<6).first(where: { sent.contains(channel: $0) }),
            let second = (first + 1..<6).first(where: { sent.contains(channel: $0) })
        else { return nil }
        return (first, second)
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
