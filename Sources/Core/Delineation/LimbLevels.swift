internal import ECGSignal

/// The levels of the limb leads that follow from any two of them, as an electrocardiograph computes III and the augmented
/// leads from I and II.
enum LimbLevels {
    /// What each limb lead has of I and of II, in channel order: I, II, III, aVR, aVL, aVF.
    private static let shares: [(one: Double, two: Double)] = [
        (1, 0), (0, 1), (-1, 1), (-0.5, -0.5), (1, -0.5), (-0.5, 1),
    ]

    /// Adds the limb leads that are not `known` to `levels`, by channel; changes nothing where fewer than two are known.
    static func complete(_ levels: inout SIMD16<Float>, _ known: inout LeadSet) {
        var pair: (first: Int, second: Int)?
        for channel in 1..<shares.count where known.contains(channel: channel) && pair == nil {
            for other in 0..<channel where known.contains(channel: other) && pair == nil {
                pair = (other, channel)
            }
        }
        guard let pair else { return }
        let (a, b) = (shares[pair.first], shares[pair.second])
        let determinant = a.one * b.two - a.two * b.one
        let (first, second) = (Double(levels[pair.first]), Double(levels[pair.second]))
        let one = (first * b.two - a.two * second) / determinant
        let two = (a.one * second - first * b.one) / determinant
        for channel in shares.indices where !known.contains(channel: channel) {
            levels[channel] = Float(shares[channel].one * one + shares[channel].two * two)
            known.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
    }
}
