internal import ECGSignal
internal import Findings

/// Where P, QRS and T of a median beat begin and end, in its samples of 4 ms, with fractions.
///
/// QRS is where the leads change: the root of the sum over them of the squares of slope and bend, above shares of its
/// greatest. T ends and P begins where the area between the signal and its newest value within a window is greatest
/// (Zhang et al., Computers in Biology and Medicine 36:1-15, 2006, doi:10.1016/j.compbiomed.2005.03.001, there for the
/// end of T); each lead has its own, and the middle one, weighted by these areas, is that of the beat. Both are known
/// only where the beats have the wave in common.
struct WaveLimits: Sendable {
    /// Where QRS begins and ends; nil where it has no clear limits.
    var qrs: (start: Double, end: Double)?
    /// Where T ends; nil where that is unclear.
    var tEnd: Double?
    /// Where P begins; nil where that is unclear.
    var pStart: Double?
}

/// Finds the limits of a median beat's waves; it keeps the memory that this needs.
struct WaveFinder: Sendable {
    /// QRS begins above this share of the greatest change, and ends below that.
    static let startShare = 0.13
    static let endShare = 0.05
    /// And above so many times what is between the waves.
    static let noiseTimes = 2.5
    /// Below them for so many samples in a row.
    static let startQuiet = 3
    static let endQuiet = 4
    /// What is longer is no QRS, but one and what stands before it, a pacing spike say: 220 ms.
    static let qrsMax = 55.0
    /// One lead alone shows less of QRS than many: by this over their number its limits are moved apart, samples.
    static let oneLead = 1.5
    /// The window of T's area, P's, and by how much that of T comes too early, samples.
    static let tWindow = 28
    static let pWindow = 16
    static let tLag = 2.0
    /// T ends within this share of the interval after the beat's place.
    static let tShare = 0.65
    /// P begins at most so many samples before QRS: 300 ms.
    static let pReach = 75
    /// Of two areas of opposite sign that differ less than this, the outer one is the wave's limit.
    static let areaRatio = 10.0
    /// What the beats must have in common for P and for T.
    static let pAlike = 0.5
    static let tAlike = 0.5
    /// What swings less in every lead is no wave but what filters leave of QRS, where there is next to no noise: 20
    /// microvolts from the lowest to the highest.
    static let swingMin = 20.0
    /// The intervals may differ from one to the next by this share of the middle one, in the middle, where P is looked for.
    static let irregularity = 0.2

    private var change = [Double](repeating: 0, count: LeadBeats.samples)
    private var quiet = [Double](repeating: 0, count: 45)
    private var limits = [Candidate](repeating: Candidate(place: 0, area: 0), count: Lead.channelCount)
    private var intervals: [Int] = []
    private var differences: [Int] = []

    private struct Candidate: Sendable {
        var place: Int
        var area: Double
    }

    init() {
        intervals.reserveCapacity(LeadBeats.beatsMax)
        differences.reserveCapacity(LeadBeats.beatsMax)
    }

    /// The limits of `beat`, which has used leads.
    mutating func find(in beat: borrowing MedianBeat) -> WaveLimits {
        var found = WaveLimits()
        measureChange(of: beat)
        guard let qrs = findQRS(leads: beat.used.rawValue.nonzeroBitCount) else { return found }
        found.qrs = qrs
        beat.copyIntervals(into: &intervals)
        differences.removeAll(keepingCapacity: true)
        for index in intervals.indices.dropFirst() {
            differences.append(abs(intervals[index] - intervals[index - 1]))
        }
        guard let interval = WaveFinder.middle(of: &intervals) else { return found }
        let t = findT(in: beat, qrs, interval: Double(interval) / 2)
        found.tEnd = t.isClear ? t.end : nil
        let before = t.end.map { $0 - WaveFinder.tLag - Double(interval) / 2 + 5 } ?? 0
        let difference = WaveFinder.middle(of: &differences) ?? 0
        if Double(difference) <= WaveFinder.irregularity * Double(interval) {
            found.pStart = findP(in: beat, qrs.start, from: before)
        }
        return found
    }

    // MARK: QRS

    private mutating func measureChange(of beat: borrowing MedianBeat) {
        for index in change.indices { change[index] = 0 }
        for channel in 0..<Lead.channelCount where beat.used.contains(channel: channel) {
            var (before, now) = (beat.leads[channel][0], beat.leads[channel][1])
            for index in 1..<LeadBeats.samples - 1 {
                let after = beat.leads[channel][index + 1]
                let slope = after - before
                let bend = after - 2 * now + before
                change[index] += slope * slope + 0.5 * bend * bend
                (before, now) = (now, after)
            }
        }
        for index in change.indices { change[index] = change[index].squareRoot() }
    }

    private mutating func findQRS(leads count: Int) -> (start: Double, end: Double)? {
        let middle = LeadBeats.before
        var peak = middle - 15
        for index in middle - 15..<middle + 20 where change[index] > change[peak] { peak = index }
        let start = max(
            WaveFinder.startShare * change[peak],
            WaveFinder.noiseTimes * level(in: middle - 60..<middle - 15)
        )
        let end = max(
            WaveFinder.endShare * change[peak],
            WaveFinder.noiseTimes * level(in: middle + 25..<middle + 70)
        )
        guard
            let first = walk(from: peak, by: -1, to: middle - 45, WaveFinder.startQuiet, above: start),
            let last = walk(from: peak, by: 1, to: middle + 55, WaveFinder.endQuiet, above: end)
        else { return nil }
        let apart = WaveFinder.oneLead / Double(count)
        guard last - first + 2 * apart <= WaveFinder.qrsMax else { return nil }
        return (first - apart, last + apart)
    }

    /// What a quarter of the samples in `range`, which are 45, do not exceed.
    private mutating func level(in range: Range<Int>) -> Double {
        for (place, index) in range.enumerated() { quiet[place] = change[index] }
        for index in 1..<range.count {
            var place = index
            while place > 0, quiet[place] < quiet[place - 1] {
                quiet.swapAt(place, place - 1)
                place -= 1
            }
        }
        return quiet[10]
    }

    /// Where the change crosses `threshold` last before it stays below for `patience` samples; nil where it never does.
    private func walk(
        from peak: Int,
        by step: Int,
        to limit: Int,
        _ patience: Int,
        above threshold: Double
    ) -> Double? {
        guard change[peak] > threshold else { return nil }
        var edge = peak
        var below = 0
        var place = peak
        while place != limit, below < patience {
            if change[place] >= threshold {
                edge = place
                below = 0
            } else {
                below += 1
            }
            place += step
        }
        guard below == patience else { return nil }
        let (inner, outer) = (change[edge], change[edge + step])
        let part = inner > outer ? min(1, (inner - threshold) / (inner - outer)) : 0
        return Double(edge) + Double(step) * part
    }

    // MARK: T and P

    private mutating func findT(
        in beat: borrowing MedianBeat,
        _ qrs: (start: Double, end: Double),
        interval: Double
    ) -> (end: Double?, isClear: Bool) {
        let window = WaveFinder.tWindow
        let first = Int(qrs.end) + window + 8
        let last = min(
            LeadBeats.samples - 4,
            LeadBeats.before + Int(WaveFinder.tShare * interval)
        )
        guard last - first >= 6 else { return (nil, false) }
        var count = 0
        for channel in 0..<Lead.channelCount where beat.used.contains(channel: channel) {
            let limit = greatestArea(beat.leads[channel], first..<last, window: 1 - window..<1, isLast: true)
            if let limit {
                limits[count] = limit
                count += 1
            }
        }
        guard let place = middle(of: count) else { return (nil, false) }
        let wave = Int(qrs.end) + 10..<place + 5
        let isClear =
            place < last - 1 && hasWave(beat, in: wave)
            && beat.likeness(in: wave, leads: beat.used) >= WaveFinder.tAlike
        return (Double(place) + WaveFinder.tLag, isClear)
    }

    private mutating func findP(
        in beat: borrowing MedianBeat,
        _ start: Double,
        from least: Double
    ) -> Double? {
        let window = WaveFinder.pWindow
        let first = max(2, Int(start) - WaveFinder.pReach, Int(least))
        let last = Int(start) - window
        guard last - first >= 5 else { return nil }
        var count = 0
        for channel in 0..<Lead.channelCount where beat.used.contains(channel: channel) {
            let limit = greatestArea(beat.leads[channel], first..<last + 1, window: 0..<window, isLast: false)
            if let limit {
                limits[count] = limit
                count += 1
            }
        }
        guard let place = middle(of: count) else { return nil }
        let wave = max(0, place - 4)..<Int(start) - 4
        guard hasWave(beat, in: wave), beat.likeness(in: wave, leads: beat.used) >= WaveFinder.pAlike
        else { return nil }
        return Double(place)
    }

    /// Whether any used lead swings in `range` as far as the smallest wave does.
    private func hasWave(_ beat: borrowing MedianBeat, in range: Range<Int>) -> Bool {
        for channel in 0..<Lead.channelCount where beat.used.contains(channel: channel) {
            var least = Double.infinity
            var most = -Double.infinity
            for index in range {
                least = min(least, beat.leads[channel][index])
                most = max(most, beat.leads[channel][index])
            }
            if most - least >= WaveFinder.swingMin { return true }
        }
        return false
    }

    /// Where in `range` the area between a lead and its value there is greatest, within a window beside it.
    ///
    /// Of the greatest area above and the greatest below, where they are of one size, the later one (`isLast`) or the
    /// earlier one counts.
    private func greatestArea(
        _ lead: borrowing LeadBeats,
        _ range: Range<Int>,
        window: Range<Int>,
        isLast: Bool
    ) -> Candidate? {
        var sum = 0.0
        for offset in window { sum += lead[range.lowerBound + offset] }
        let first = range.lowerBound
        var near = lead[first - 2] + lead[first - 1] + lead[first] + lead[first + 1]
        var above = Candidate(place: range.lowerBound, area: -.infinity)
        var below = Candidate(place: range.lowerBound, area: -.infinity)
        for place in range {
            if place > range.lowerBound {
                sum += lead[place + window.upperBound - 1] - lead[place + window.lowerBound - 1]
            }
            // Whole numbers, so that what is added is taken off exactly.
            near += lead[place + 2]
            let area = sum - Double(window.count) * near / 5
            if area > above.area { above = Candidate(place: place, area: area) }
            if -area > below.area { below = Candidate(place: place, area: -area) }
            near -= lead[place - 2]
        }
        guard above.area > 0 || below.area > 0 else { return nil }
        let areAlike =
            above.area < WaveFinder.areaRatio * below.area && below.area < WaveFinder.areaRatio * above.area
        if areAlike { return (above.place > below.place) == isLast ? above : below }
        return above.area > below.area ? above : below
    }

    /// The middle one of the first `count` limits, weighted by their areas.
    private mutating func middle(of count: Int) -> Int? {
        guard count > 0 else { return nil }
        for index in stride(from: 1, to: count, by: 1) {
            var place = index
            while place > 0, limits[place].place < limits[place - 1].place {
                limits.swapAt(place, place - 1)
                place -= 1
            }
        }
        var all = 0.0
        for index in 0..<count { all += limits[index].area }
        var sum = 0.0
        for index in 0..<count {
            sum += limits[index].area
            if sum >= all / 2 { return limits[index].place }
        }
        return limits[count - 1].place
    }

    /// The middle one of some numbers, which it sorts; of an even number the lower of the two in the middle.
    private static func middle(of numbers: inout [Int]) -> Int? {
        guard !numbers.isEmpty else { return nil }
        for index in numbers.indices.dropFirst() {
            var place = index
            while place > 0, numbers[place] < numbers[place - 1] {
                numbers.swapAt(place, place - 1)
                place -= 1
            }
        }
        return numbers[(numbers.count - 1) / 2]
    }
}
