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
    /// The same in the middle of three and of four that are not small, beside silent leads.
    static let likenessOfThree = 0.8
    static let likenessOfFour = 0.75
    /// The same in the middle of four that come at even intervals, as P waves do too.
    static let likenessOfEven = 0.55
    /// The same of one that is no higher than a P wave, beside leads that are just silent.
    static let likenessOfAny = 0.5
    /// What the signal swings after a complex beside the complex, from which on that is a T wave.
    static let swingMin = 0.2
    /// Samples after which a complex does not follow the one before: 3 s.
    private static let patience = 1_500
    /// Where a T wave is looked for, samples after the complex: 160 to 440 ms.
    private static let repolarisation = 80...220
    /// So many of these samples must lie before the next complex, which begins so many before its place.
    private static let repolarisationMin = 60
    private static let onset = 50
    /// What stands for a value that nobody could measure; all others are 0 or more.
    private static let unmeasured = -1.0

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
        // What comes so soon that it is in the way of the T wave of the one before cuts that short.
        if taken > 0, place - newest < SmallComplexes.repolarisation.upperBound + SmallComplexes.onset {
            lookForSwing(until: place - newest - SmallComplexes.onset, in: fours, leads)
        }
        let slot = taken % SmallComplexes.needed
        let isHeld = n - place < QRSFilter.smoothMemory - 80
        spreads[slot] =
            isHeld ? SmallComplexes.spread(at: place, in: fours, leads) : SmallComplexes.unmeasured
        swings[slot] = SmallComplexes.unmeasured
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
        lookForSwing(until: SmallComplexes.repolarisation.upperBound, in: fours, leads)
    }

    /// Measures what the signal swings after the newest one, up to so many samples behind it.
    private mutating func lookForSwing(until end: Int, in fours: [QRSFour], _ leads: LeadSet) {
        let slot = (taken - 1) % SmallComplexes.needed
        swings[slot] = SmallComplexes.unmeasured
        guard end - SmallComplexes.repolarisation.lowerBound >= SmallComplexes.repolarisationMin else {
            return
        }
        var (most, all) = (0.0, 0.0)
        for channel in 0..<Lead.channelCount where leads.contains(channel: channel) {
            let (four, lane) = (channel >> 2, channel & 3)
            most += SmallComplexes.swing(newest - 45...newest + 50, fours[four].filter, lane, isTilted: false)
            let range = newest + SmallComplexes.repolarisation.lowerBound...newest + end
            all += SmallComplexes.swing(range, fours[four].filter, lane, isTilted: true)
        }
        if most > 0 { swings[slot] = all / most }
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
        if middle(likenesses, of: 2, least: 2) >= SmallComplexes.likenessMin { return true }
        if need == .silentLead, !isSmall { return areLarge }
        let count = need == .gap ? SmallComplexes.neededBehindGap : SmallComplexes.needed
        guard taken >= count else { return false }
        let spread = middle(spreads, of: count, least: max(2, count - 1))
        guard spread >= 0 else { return false }
        let mayBeFamiliar =
            need == .gap || middle(likenesses, of: count, least: count) >= SmallComplexes.likenessWithSpread
        if mayBeFamiliar, spread <= SmallComplexes.spreadMax { return true }
        // The newest one's T wave is not over yet.
        return spread <= SmallComplexes.spreadMaxWithT
            && middle(swings, of: count, least: count / 2) >= SmallComplexes.swingMin
    }

    /// Whether the newest ones, which are not small, are QRS complexes: enough like beats before, as of a heart that beats
    /// unevenly, or at even intervals.
    ///
    /// Of a moving electrode one may be as like a beat, but hardly the middle one of three.
    private var areLarge: Bool {
        guard taken >= 3 else { return false }
        if middle(likenesses, of: 3, least: 3) >= SmallComplexes.likenessOfThree { return true }
        guard taken >= SmallComplexes.needed else { return false }
        let likeness = middle(likenesses, of: 4, least: 4)
        return likeness >= SmallComplexes.likenessOfFour
            || likeness >= SmallComplexes.likenessOfEven && isRegular
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
        return 12 * (most - least) <= most && spreads.min() >= 0 && spreads.max() <= 1.25 * spreads.min()
    }

    /// The mean of those of the newest `count` values that were measured, where more than two were but for the least and the
    /// greatest; `unmeasured` where fewer than `enough` were.
    private func middle(_ values: SIMD4<Double>, of count: Int, least enough: Int) -> Double {
        var measured = SIMD4<Double>.zero
        var known = 0
        for back in 1...count {
            let value = values[(taken - back) % SmallComplexes.needed]
            guard value >= 0 else { continue }
            var to = known
            while to > 0, measured[to - 1] > value {
                measured[to] = measured[to - 1]
                to -= 1
            }
            measured[to] = value
            known += 1
        }
        guard known >= enough else { return SmallComplexes.unmeasured }
        let inner = known > 2 ? 1..<known - 1 : 0..<known
        var sum = 0.0
        for index in inner { sum += measured[index] }
        return sum / Double(inner.count)
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
        guard sum > 0 else { return unmeasured }
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
