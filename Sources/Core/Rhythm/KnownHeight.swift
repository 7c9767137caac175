/// How high the QRS of a lead is, as beats that resemble each other have shown it: the median of the newest sixteen.
///
/// A running mean follows an artefact of some millivolts within a few tops, and true beats then look silent beside it. The
/// median of beats that repeat a shape does not, however long noise lasts, since tops of noise repeat none.
struct KnownHeight: Sendable, Equatable, Codable {
    static let beatsMax = 16
    /// Beats from which on the height is known.
    static let beatsMin = 8

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case heights, count, place
    }

    /// In the order of the beats; the next goes to `place`.
    private var heights = [Double](repeating: 0, count: beatsMax)
    /// The same heights in ascending order.
    private var sorted = [Double](repeating: 0, count: beatsMax)
    private var count = 0
    private var place = 0

    /// Whether enough beats were seen.
    var isKnown: Bool { count >= KnownHeight.beatsMin }

    /// The median, in units of activity; nil before enough beats were seen.
    var height: Double? { isKnown ? sorted[count / 2] : nil }

    /// Takes a beat's height.
    mutating func note(_ value: Double) {
        var at = count
        if count == KnownHeight.beatsMax {
            at = 0
            while sorted[at] < heights[place] { at += 1 }
        } else {
            count += 1
        }
        // The place of the oldest, or the first free one, goes to where the new one belongs.
        while at > 0, sorted[at - 1] > value {
            sorted[at] = sorted[at - 1]
            at -= 1
        }
        while at + 1 < count, sorted[at + 1] < value {
            sorted[at] = sorted[at + 1]
            at += 1
        }
        sorted[at] = value
        heights[place] = value
        place = (place + 1) % KnownHeight.beatsMax
    }

    /// No beat was seen.
    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        heights = try values.decode([Double].self, forKey: .heights)
        count = try values.decode(Int.self, forKey: .count)
        place = try values.decode(Int.self, forKey: .place)
        guard heights.count == KnownHeight.beatsMax, 0...KnownHeight.beatsMax ~= count else { return }
        sorted.replaceSubrange(0..<count, with: heights[0..<count].sorted())
    }
}
