internal import Mathematics

/// Suspects atrial fibrillation from the intervals of half a minute.
///
/// The measure is the coefficient of sample entropy (Lake and Moorman, Am J Physiol Heart Circ Physiol 300:H319-H325,
/// 2011) with m = 1 and r = 30 ms, over at most 48 intervals: how rarely an interval that resembles another is followed
/// by one that resembles the other's follower, made comparable between rates. Bigeminy repeats itself and has a low one.
/// Beside it the median change between neighbours must be 9 % of the median interval. Both limits were chosen on
/// CinC 2017 and the rhythm marks of MIT-BIH. The intervals of a sinus rhythm change the less the faster it is, so above
/// 100/min 5 % are enough where the entropy is higher. Intervals that a ventricular beat has parted are no neighbours, and
/// where more than a quarter of the beats are ventricular nothing is said: extrasystoles alone make a rhythm irregular.
/// Where three quarters are, they are no extrasystoles but this heart's usual beats, as in a bundle branch block, and count.
struct AtrialIrregularity: Sendable, Equatable, Codable {
    static let intervalsMax = 48
    static let intervalsMin = 12
    /// Fewest pairs of neighbours.
    static let pairsMin = 5
    /// Intervals of so many samples are looked at, and must reach back nearly as far: 30 s and 27 s.
    static let reachSamples = 15_000
    static let spanSamples = 13_500
    static let tolerance = 15
    static let entropyMin = -1.55
    static let changeMin = 0.09
    /// Median intervals below so many samples, 0.6 s, are those of a fast heart.
    static let fastMedian = 300.0
    /// What is asked of a fast heart whose neighbours change by less than `changeMin`.
    static let fastEntropyMin = -1.2
    /// See `fastEntropyMin`.
    static let fastChangeMin = 0.05
    /// The greatest share of ventricular beats among the newest `beatsLooked` of 30 s.
    static let ventricularMax = 0.25
    /// The least share with which ventricular beats are the usual ones, and the fewest beats that show it.
    static let usualMin = 0.75
    /// See `usualMin`.
    static let usualBeatsMin = 16
    /// See `ventricularMax`.
    static let beatsLooked = 64
    /// Samples without irregularity after which it is over: 60 s.
    static let endSamples = 30_000

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case intervals, ends, follows, count, beats, beatCount, irregularAt, wasVentricular,
            wasTaken, newest
    }

    /// The newest intervals, oldest first, and where each ends.
    private var intervals = [Int](repeating: 0, count: intervalsMax)
    private var ends = [Int](repeating: 0, count: intervalsMax)
    /// Whether the interval before it in the list ended where this one begins.
    private var follows = [Bool](repeating: false, count: intervalsMax)
    private var count = 0
    /// The newest beats, ventricular ones negative, as a ring.
    private var beats = [Int](repeating: .min, count: beatsLooked)
    private var beatCount = 0
    private var sorted = [Int](repeating: 0, count: intervalsMax)
    private var irregularAt = 0
    private var wasVentricular = true
    private var wasTaken = false

    /// What was measured at the newest beat.
    struct Measure: Sendable, Equatable, Codable {
        /// The median change between neighbours over the median interval.
        var change: Double
        /// The coefficient of sample entropy; nil where the change is too small for it to matter.
        var entropy: Double?
    }

    /// The change that is asked for.
    private static func changeMin(isFast: Bool) -> Double { isFast ? fastChangeMin : changeMin }

    /// The entropy that is asked for where neighbours change so much; only a fast heart's may change by less than `changeMin`.
    static func entropyMin(at change: Double) -> Double { change >= changeMin ? entropyMin : fastEntropyMin }

    /// Nil where the newest beats are too few, or too many of them ventricular.
    private(set) var newest: Measure?

    /// Forgets all beats.
    mutating func restart() {
        count = 0
        beatCount = 0
        wasVentricular = true
        wasTaken = false
        newest = nil
    }

    /// Takes a beat whose class is final; intervals beside a ventricular beat are left out.
    ///
    /// Fibrillation begins to hold only where the beats can be trusted.
    mutating func take(
        _ beat: Beat,
        at n: Int,
        isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        let place = Int(beat.place)
        beats[beatCount % beats.count] = beat.kind == .ventricular ? -place - 1 : place
        beatCount += 1
        let share = ventricularShare(at: place)
        // Noise and ventricular fibrillation are made of wide beats too.
        let isUsual = isTrusted && !states.holds(.ventricularFibrillation) && share.isUsual
        let isVentricular = beat.kind == .ventricular && !isUsual
        // Beside a beat that may have been lost nobody knows whether one came early.
        defer { wasVentricular = isVentricular || beat.interval == nil && beatCount > 1 }
        guard !isVentricular, !wasVentricular, let interval = beat.interval else {
            wasTaken = false
            return
        }
        if count == intervals.count {
            for index in 1..<count {
                intervals[index - 1] = intervals[index]
                ends[index - 1] = ends[index]
                follows[index - 1] = follows[index]
            }
            count -= 1
        }
        intervals[count] = interval
        ends[count] = place
        follows[count] = wasTaken
        wasTaken = true
        count += 1
        var first = 0
        while place - ends[first] > AtrialIrregularity.reachSamples { first += 1 }
        let start = ends[first] - intervals[first]
        let number = count - first
        newest = nil
        let isLong = place - start >= AtrialIrregularity.spanSamples || number == intervals.count
        if isLong, number >= AtrialIrregularity.intervalsMin,
            isUsual || share.ofBeats <= AtrialIrregularity.ventricularMax,
            isIrregular(from: first, number)
        {
            irregularAt = place
            guard isTrusted || states.holds(.atrialFibrillation) else { return }
            states.set(.atrialFibrillation, true, at: n, since: start, &changes)
        } else if place - irregularAt >= AtrialIrregularity.endSamples {
            states.set(.atrialFibrillation, false, at: n, since: irregularAt, &changes)
        }
    }

    /// How many of the newest beats are ventricular.
    private struct VentricularShare {
        let ofBeats: Double
        let beats: Int

        /// Whether they are this heart's usual beats.
        var isUsual: Bool {
            ofBeats >= AtrialIrregularity.usualMin && beats >= AtrialIrregularity.usualBeatsMin
        }
    }

    /// The share of ventricular beats among the newest ones of 30 s.
    private func ventricularShare(at place: Int) -> VentricularShare {
        var number = 0
        var ventricular = 0
        for index in 0..<min(beatCount, beats.count) {
            let beat = beats[index]
            let at = beat < 0 ? -beat - 1 : beat
            guard place - at <= AtrialIrregularity.reachSamples else { continue }
            number += 1
            if beat < 0 { ventricular += 1 }
        }
        return VentricularShare(ofBeats: Double(ventricular) / Double(max(number, 1)), beats: number)
    }

    private mutating func isIrregular(from first: Int, _ number: Int) -> Bool {
        for index in 0..<number { sorted[index] = intervals[first + index] }
        let median = Double(middle(of: number))
        var pairs = 0
        for index in first + 1..<first + number where follows[index] {
            sorted[pairs] = abs(intervals[index] - intervals[index - 1])
            pairs += 1
        }
        guard pairs >= AtrialIrregularity.pairsMin else { return false }
        let change = Double(middle(of: pairs))
        newest = Measure(change: change / median, entropy: nil)
        let isFast = median < AtrialIrregularity.fastMedian
        guard change >= AtrialIrregularity.changeMin(isFast: isFast) * median else { return false }
        var alike = 0
        var followed = 0
        for one in first..<first + number - 1 where follows[one + 1] {
            for other in one + 1..<first + number - 1
            where follows[other + 1] && abs(intervals[one] - intervals[other]) <= AtrialIrregularity.tolerance
            {
                alike += 1
                if abs(intervals[one + 1] - intervals[other + 1]) <= AtrialIrregularity.tolerance {
                    followed += 1
                }
            }
        }
        let share = max(Double(followed), 0.5) / max(Double(alike), 1)
        let entropy =
            -ElementaryFunctions.log(share)
            + ElementaryFunctions.log(2 * Double(AtrialIrregularity.tolerance) / median)
        newest?.entropy = entropy
        return entropy >= AtrialIrregularity.entropyMin(at: change / median)
    }

    /// The median of the first `number` values of `sorted`, which are put in order.
    private mutating func middle(of number: Int) -> Int {
        for index in 1..<number {
            let value = sorted[index]
            var place = index
            while place > 0, sorted[place - 1] > value {
                sorted[place] = sorted[place - 1]
                place -= 1
            }
            sorted[place] = value
        }
        return sorted[number / 2]
    }
}
