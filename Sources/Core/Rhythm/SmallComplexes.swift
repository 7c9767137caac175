internal import ECGSignal

/// Whether small complexes over an asystole, behind a gap or beside silent leads are QRS complexes.
///
/// P waves of 0.1 to 0.3 mV may go on for minutes over a standstill and are as high as the QRS of some leads. Three measures part
/// them: how much a complex bends as beats before did, whatever its height; how far the squared slope spreads in time, because
/// QRS is narrow; and how far the signal swings where a T wave would be. docs/RHYTHM.md has them on marked P waves and on QRS.
struct SmallComplexes: Sendable, Equatable, Codable {
    /// So many that follow one another are judged over an asystole, and behind a gap.
    static let needed = 4
    static let neededBehindGap = 2
    /// Twice the deviation of the squared slope in time, in samples, up to which the middle one of these is a QRS; and the same
    /// where a T wave follows.
    static let spreadMax = 19.0
    static let spreadMaxWithT = 25.0
    /// The correlation with an earlier beat, whatever the heights, from which on a complex is another one of them, and from
    /// which on it may be.
    static let likenessMin = 0.93
    static let likenessOfOne = 0.96
    static let likenessWithSpread = 0.9
    /// What the signal swings after a complex beside the complex, from which on that is a T wave.
    static let swingMin = 0.2
    /// Samples after which a complex does not follow the one before: 3 s.
    private static let patience = 1_500
    /// Where a T wave is looked for, samples after the complex: 160 to 440 ms.
    private static let repolarisation = 80...220

    private var spreads = SIMD4<Double>.zero
    private var swings = SIMD4<Double>.zero
    private var likenesses = SIMD4<Double>.zero
    private var places = SIMD4<Int>.zero
    private var taken = 0
    private var newest = 0
    /// The row with which the newest one's T wave is over.
    private var due = Int.min

    /// Nothing was seen.
    init() {}

    /// Forgets what came before.
    mutating func restart() {
        taken = 0
        due = .min
    }

    /// Takes the complex at `place`, as it is seen in some leads.
    mutating func take(
        at place: Int,
        likeness: Double,
        in fours: [QRSFour],
        _ leads: LeadSet,
        at n: Int
    ) {
        if taken > 0, place - newest > SmallComplexes.patience { taken = 0 }
        let slot = taken % SmallComplexes.needed
        let isHeld = n - place < QRSFilter.smoothMemory - 80
        spreads[slot] = isHeld ? SmallComplexes.spread(at: place, in: fours, leads) : .infinity
        swings[slot] = 0
        likenesses[slot] = likeness
        places[slot] = place
        taken += 1
        newest = place
        due = place + SmallComplexes.repolarisation.upperBound + QRSFilter.smoothDelay + 1
    }

    /// Whether it is row `n` with which the newest one's T wave is over.
    func isDue(at n: Int) -> Bool { n == due }

    /// Looks for that T wave.
    mutating func look(at n: Int, _ fours: [QRSFour], _ leads: LeadSet) {
        due = .min
        var (most, all) = (0.0, 0.0)
        for channel in 0..<Lead.channelCount where leads.contains(channel: channel) {
            let (four, lane) = (channel >> 2, channel & 3)
            most += SmallComplexes.swing(newest - 45...newest + 50, fours[four].filter, lane, isTilted: false)
            let range =
                newest + SmallComplexes.repolarisation.lowerBound...newest
                + SmallComplexes.repolarisation.upperBound
            all += SmallComplexes.swing(range, fours[four].filter, lane, isTilted: true)
        }
        swings[(taken - 1) % SmallComplexes.needed] = most > 0 ? all / most : 0
    }

    /// Whether one was taken and left out since the newest beat.
    var hasAny: Bool { taken > 0 }

    /// Whether others were left out before the newest one.
    var hasLeftOut: Bool { taken > 1 }

    /// What has to be shown.
    enum Need {
        case gap, asystole, silentLead
    }

    /// Whether the newest ones are QRS complexes.
    func areBeats(_ need: Need, isSmall: Bool) -> Bool {
        let newestLikeness = likenesses[(taken - 1) % SmallComplexes.needed]
        if need != .asystole, newestLikeness >= SmallComplexes.likenessOfOne { return true }
        guard taken >= 2 else { return false }
        if middle(likenesses, of: 2) >= SmallComplexes.likenessMin { return true }
        let count = need == .gap ? SmallComplexes.neededBehindGap : SmallComplexes.needed
        guard taken >= count else { return false }
        if need == .silentLead, !isSmall { return isRegular }
        let spread = middle(spreads, of: count)
        let mayBeFamiliar =
            need == .gap || middle(likenesses, of: count) >= SmallComplexes.likenessWithSpread
        if mayBeFamiliar, spread <= SmallComplexes.spreadMax { return true }
        return spread <= SmallComplexes.spreadMaxWithT && middle(swings, of: count) >= SmallComplexes.swingMin
    }

    /// Whether the newest ones follow one another at intervals that differ by a twelfth at most, and are equally wide.
    private var isRegular: Bool {
        var (least, most) = (Int.max, 0)
        for back in 1..<SmallComplexes.needed {
            let later = places[(taken - back) % SmallComplexes.needed]
            let interval = later - places[(taken - back - 1) % SmallComplexes.needed]
            least = min(least, interval)
            most = max(most, interval)
        }
        return 12 * (most - least) <= most && spreads.max() <= 1.25 * spreads.min()
    }

    /// The mean of the newest `count` values but for the least and the greatest, or of both where there are two.
    private func middle(_ values: SIMD4<Double>, of count: Int) -> Double {
        var (sum, least, most) = (0.0, Double.infinity, 0.0)
        for back in 1...count {
            let value = values[(taken - back) % SmallComplexes.needed]
            sum += value
            least = min(least, value)
            most = max(most, value)
        }
        return count > 2 ? (sum - least - most) / Double(count - 2) : sum / Double(count)
    }

    /// Twice the deviation of the squared slope in time around a place, in samples, over all leads together.
    private static func spread(at place: Int, in fours: [QRSFour], _ leads: LeadSet) -> Double {
        var (sum, first, second) = (0.0, 0.0, 0.0)
        for channel in 0..<Lead.channelCount where leads.contains(channel: channel) {
            let (four, lane) = (channel >> 2, channel & 3)
            for offset in -60...75 {
                let at = place + QRSFilter.smoothDelay + offset
                let before = fours[four].filter.smooth(at: at - 4)[lane]
                let rise = Double(fours[four].filter.smooth(at: at + 4)[lane] &- before)
                sum += rise * rise
                first += rise * rise * Double(offset)
                second += rise * rise * Double(offset * offset)
            }
        }
        guard sum > 0 else { return .infinity }
        let mean = first / sum
        return 2 * max(0, second / sum - mean * mean).squareRoot()
    }

    /// From the least to the greatest value in `range`, less the line between its ends where `isTilted`.
    private static func swing(
        _ range: ClosedRange<Int>,
        _ filter: borrowing QRSFilter,
        _ lane: Int,
        isTilted: Bool
    ) -> Double {
        func value(_ n: Int) -> Double { Double(filter.smooth(at: n + QRSFilter.smoothDelay)[lane]) }
        let start = isTilted ? value(range.lowerBound) : 0
        let tilt = isTilted ? (value(range.upperBound) - start) / Double(range.count - 1) : 0
        var (least, most) = (Double.infinity, -Double.infinity)
        for n in range {
            let rest = value(n) - start - tilt * Double(n - range.lowerBound)
            least = min(least, rest)
            most = max(most, rest)
        }
        return most - least
    }
}
