/// How high the QRS of a lead is, as beats that resemble each other have shown it: the median of the newest sixteen.
///
/// A running mean follows an artefact of some millivolts within a few tops, and true beats then look silent beside it. The
/// median of beats that repeat a shape does not, however long noise lasts, since tops of noise repeat none.
struct KnownHeight: Sendable, Equatable, Codable {
    static let beatsMax = 16
    /// Beats from which on the height is known.
    static let beatsMin = 8

    /// In no order; the next goes to `place`.
    private var heights = [Double](repeating: 0, count: beatsMax)
    private var count = 0
    private var place = 0

    /// Whether enough beats were seen.
    var isKnown: Bool { count >= KnownHeight.beatsMin }

    /// The median, in units of activity; nil before enough beats were seen.
    ///
    /// It is asked for in a silence alone, so it is worked out then and not with each beat.
    var height: Double? {
        guard isKnown else { return nil }
        var sorted = SIMD16<Double>(repeating: 0)
        for index in 0..<count {
            var to = index
            while to > 0, sorted[to - 1] > heights[index] {
                sorted[to] = sorted[to - 1]
                to -= 1
            }
            sorted[to] = heights[index]
        }
        return sorted[count / 2]
    }

    /// Takes a beat's height.
    mutating func note(_ value: Double) {
        heights[place] = value
        place = (place + 1) % KnownHeight.beatsMax
        count = min(count + 1, KnownHeight.beatsMax)
    }
}
