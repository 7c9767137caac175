internal import ECGSignal

/// One lead as waves are measured on it: its newest two seconds at 250 Hz, the beats that were cut from them, and their
/// median.
///
/// Whole microvolts, each the mean of 20 ms, so that nothing of 50 Hz and little of 60 Hz is left; a symmetric window
/// moves no limit. Memory is taken with the lead's first sample and none after.
struct LeadBeats: Sendable {
    /// Samples of 4 ms that a beat holds: 400 ms before its place, 624 ms from there on.
    static let samples = 256
    static let before = 100
    /// A beat may be laid up to so many samples earlier or later than where it was found: 24 ms.
    static let shiftMax = 6
    /// Grid samples after a beat's place with which it can be cut at every shift.
    static let reach = 2 * (samples - before + shiftMax) + delay
    /// Grid samples after a beat's place up to which all of it is held.
    static let oldest = 2 * (historySamples - before - shiftMax) - 16
    /// Beats that are kept.
    static let beatsMax = 8

    /// Pairs of samples of which one value is the mean, and by how many samples it is late: 4.5, rounded up.
    private static let pairCount = 5
    private static let delay = 5
    /// More is no ECG.
    private static let reachMillivolts: Float = 100
    private static let historySamples = 512
    private static let lanes = 16
    private static let vectors = samples / lanes
    /// Where the lead has no value.
    private static let missing = Int16.min
    /// A greater mean is left out, microvolts; half of what 16 bits hold, so that two may be added.
    private static let most: Int16 = 16_000

    /// The sum of the newest two samples, millivolts, and of the pairs before them.
    private var pairs: (Float, Float, Float, Float) = (0, 0, 0, 0)
    /// Pairs in a row that have values.
    private var run = 0
    private var history: [Int16] = []
    private var beats: [SIMD16<Int16>] = []
    private var sorted: [SIMD16<Int16>] = []
    private var median: [Int16] = []
    /// The beat that is looked at, with room for every shift.
    private var cut: [Int16] = []

    /// A lead that was never heard.
    init() {}

    /// Whether the lead was ever heard.
    var isHeard: Bool { !history.isEmpty }

    /// Sample `index` of the median, microvolts.
    subscript(index: Int) -> Double { Double(median[index]) }

    /// Sample `index` of the beat in a slot, microvolts.
    func beat(_ slot: Int, at index: Int) -> Double {
        Double(beats[slot * LeadBeats.vectors + index / LeadBeats.lanes][index % LeadBeats.lanes])
    }

    /// Takes the values at grid index `n`, which is odd, and before it, millivolts; NaN where there is none.
    mutating func take(_ first: Float, _ second: Float, at n: Int) {
        // No number is less than anything.
        guard abs(first) < LeadBeats.reachMillivolts, abs(second) < LeadBeats.reachMillivolts else {
            run = 0
            if isHeard { note(LeadBeats.missing, at: n) }
            return
        }
        if !isHeard { makeRoom() }
        let pair = first + second
        // Each sum is made anew, in one order, so that it does not depend on what was before.
        let microvolts = 100 * (pair + pairs.0 + pairs.1 + pairs.2 + pairs.3)
        pairs = (pair, pairs.0, pairs.1, pairs.2)
        run = min(run + 1, LeadBeats.pairCount)
        let isWhole = run == LeadBeats.pairCount && abs(microvolts) <= Float(LeadBeats.most)
        note(isWhole ? Int16(microvolts < 0 ? microvolts - 0.5 : microvolts + 0.5) : LeadBeats.missing, at: n)
    }

    /// Rows were left out: nothing of the past is known.
    mutating func forget() {
        run = 0
        for index in history.indices { history[index] = LeadBeats.missing }
    }

    private mutating func makeRoom() {
        history = [Int16](repeating: LeadBeats.missing, count: LeadBeats.historySamples)
        beats = [SIMD16<Int16>](repeating: .zero, count: LeadBeats.beatsMax * LeadBeats.vectors)
        sorted = [SIMD16<Int16>](repeating: .zero, count: LeadBeats.beatsMax)
        median = [Int16](repeating: 0, count: LeadBeats.samples)
        cut = [Int16](repeating: 0, count: LeadBeats.samples + 2 * LeadBeats.shiftMax)
    }

    private mutating func note(_ value: Int16, at n: Int) {
        history[n / 2 & (LeadBeats.historySamples - 1)] = value
    }

    /// Cuts the beat at grid index `place`, which is even; false where the lead lacks a sample of it.
    mutating func cut(at place: Int) -> Bool {
        guard isHeard else { return false }
        let first = place - 2 * (LeadBeats.before + LeadBeats.shiftMax) + LeadBeats.delay
        for index in cut.indices {
            let value = history[(first + 2 * index) / 2 & (LeadBeats.historySamples - 1)]
            guard value != LeadBeats.missing else { return false }
            cut[index] = value
        }
        return true
    }

    /// How far the cut beat, laid `shift` samples later, is from the median around QRS: the sum of the differences of
    /// the two less their means.
    func distance(shift: Int) -> Int {
        let range = LeadBeats.around
        let first = LeadBeats.shiftMax + shift
        var both = (own: 0, other: 0)
        for index in range {
            both.own += Int(cut[first + index])
            both.other += Int(median[index])
        }
        let level = (both.own - both.other) / range.count
        var sum = 0
        for index in range {
            sum += abs(Int(cut[first + index]) - Int(median[index]) - level)
        }
        return sum
    }

    /// How far the median is from its own mean around QRS, as `distance` counts it.
    var size: Int {
        let range = LeadBeats.around
        var sum = 0
        for index in range { sum += Int(median[index]) }
        let level = sum / range.count
        return range.reduce(0) { $0 + abs(Int(median[$1]) - level) }
    }

    /// 80 ms before a beat's place to 120 ms after it.
    static let around = before - 20..<before + 30

    /// Keeps the cut beat, laid `shift` samples later, less its mean, in `slot`; false where it is too high.
    mutating func keep(in slot: Int, shift: Int) -> Bool {
        let first = LeadBeats.shiftMax + shift
        var sum = 0
        for index in 0..<LeadBeats.samples { sum += Int(cut[first + index]) }
        let level = (sum + (sum < 0 ? -128 : 128)) / LeadBeats.samples
        for index in 0..<LeadBeats.samples {
            let value = Int(cut[first + index]) - level
            guard abs(value) <= Int(LeadBeats.most) else { return false }
            beats[slot * LeadBeats.vectors + index / LeadBeats.lanes][index % LeadBeats.lanes] = Int16(value)
        }
        return true
    }

    /// The median of the beats in the slots whose bits are set in `slots`, sample by sample; of an even number the mean
    /// of the two in the middle.
    mutating func findMedian(of slots: UInt8) {
        let count = slots.nonzeroBitCount
        guard count > 0 else { return }
        for vector in 0..<LeadBeats.vectors {
            var place = 0
            for slot in 0..<LeadBeats.beatsMax where slots & (1 << UInt8(slot)) != 0 {
                sorted[place] = beats[slot * LeadBeats.vectors + vector]
                place += 1
            }
            // The greatest of what is left goes to the end; half of that is enough.
            for end in stride(from: count - 1, through: count / 2, by: -1) where end > 0 {
                for index in 0..<end {
                    let (low, high) = (sorted[index], sorted[index + 1])
                    sorted[index] = pointwiseMin(low, high)
                    sorted[index + 1] = pointwiseMax(low, high)
                }
            }
            var middle = sorted[count / 2]
            if count.isMultiple(of: 2) {
                // The lower of the two is the greatest of what is left.
                var low = sorted[0]
                for index in stride(from: 1, to: count / 2, by: 1) { low = pointwiseMax(low, sorted[index]) }
                middle = (low &+ middle) &>> 1
            }
            for lane in 0..<LeadBeats.lanes { median[vector * LeadBeats.lanes + lane] = middle[lane] }
        }
    }
}
