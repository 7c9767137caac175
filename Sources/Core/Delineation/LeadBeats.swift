internal import ECGSignal

/// One lead as waves are measured on it: the beats that were cut from its newest seconds, and their median.
///
/// Memory is taken once, when the lead is first heard.
struct LeadBeats: Sendable {
    /// Samples of 4 ms that a beat holds: 400 ms before its place, 624 ms from there on.
    static let samples = 256
    static let before = 100
    /// A beat may be laid up to so many samples earlier or later than where it was found: 24 ms.
    static let shiftMax = 6
    /// Grid samples after a beat's place with which it can be cut at every shift.
    static let reach = 2 * (samples - before + shiftMax) + LeadHistory.delay
    /// Grid samples after a beat's place up to which all of it is held.
    static let oldest = 2 * (LeadHistory.samples - before - shiftMax) - 16
    /// Beats that are kept.
    static let beatsMax = 8

    private static let lanes = 8
    private static let vectors = samples / lanes

    private var beats: [SIMD8<Int16>] = []
    /// How far each beat is from its own mean around QRS, as `power` says.
    private var powers = [Double](repeating: 0, count: beatsMax)
    private(set) var median: [Int16] = []
    /// The beat that is looked at, with room for every shift.
    private var cut: [Int16] = []

    /// A lead that was never heard.
    init() {}

    /// Whether the lead was ever heard.
    var isHeard: Bool { !median.isEmpty }

    /// Sample `index` of the median, microvolts.
    subscript(index: Int) -> Double { Double(median[index]) }

    /// The lead is heard for the first time.
    mutating func makeRoom() {
        beats = [SIMD8<Int16>](repeating: .zero, count: LeadBeats.beatsMax * LeadBeats.vectors)
        median = [Int16](repeating: 0, count: LeadBeats.samples)
        cut = [Int16](repeating: 0, count: LeadBeats.samples + 2 * LeadBeats.shiftMax)
    }

    /// Cuts the beat at grid index `place`, which is even; false where the lead lacks a sample of it.
    mutating func cut(from history: borrowing LeadHistory, _ lane: Int, at place: Int) -> Bool {
        guard isHeard else { return false }
        let first = place - 2 * (LeadBeats.before + LeadBeats.shiftMax) + LeadHistory.delay
        return history.copy(lane, from: first, into: &cut)
    }

    /// Puts the beat that stands at grid index `place` back into `slot`, where all its samples are held.
    mutating func putBack(in slot: Int, from history: borrowing LeadHistory, _ lane: Int, at place: Int) {
        guard isHeard else { return }
        let first = place - 2 * LeadBeats.before + LeadHistory.delay
        for index in 0..<LeadBeats.samples {
            cut[LeadBeats.shiftMax + index] = history.value(lane, at: first + 2 * index)
        }
        _ = keep(in: slot, shift: 0)
    }

    /// How far the cut beat, laid `shift` samples later, is from the median around QRS: the sum of the differences of
    /// the two less their means.
    func distance(shift: Int) -> Int {
        let range = LeadBeats.around
        let first = LeadBeats.shiftMax + shift + range.lowerBound
        let cut = self.cut.span.extracting(first..<first + range.count)
        let median = self.median.span.extracting(range)
        // Fifty values of at most 16 mV: all sums fit 32 bits.
        var both: Int32 = 0
        for index in 0..<range.count { both &+= Int32(cut[index]) &- Int32(median[index]) }
        let level = both / Int32(range.count)
        var sum: Int32 = 0
        for index in 0..<range.count { sum &+= abs(Int32(cut[index]) &- Int32(median[index]) &- level) }
        return Int(sum)
    }

    /// How far the median is from its own mean around QRS, as `distance` counts it.
    var size: Int {
        let median = self.median.span.extracting(LeadBeats.around)
        var both: Int32 = 0
        for index in median.indices { both &+= Int32(median[index]) }
        let level = both / Int32(median.count)
        var sum: Int32 = 0
        for index in median.indices { sum &+= abs(Int32(median[index]) &- level) }
        return Int(sum)
    }

    /// 80 ms before a beat's place to 120 ms after it.
    static let around = before - 20..<before + 30

    /// Keeps the cut beat, laid `shift` samples later, less its mean, in `slot`; false where it is too high.
    mutating func keep(in slot: Int, shift: Int) -> Bool {
        let first = LeadBeats.shiftMax + shift
        var sum: Int32 = 0
        var (least, most) = (Int16.max, Int16.min)
        for value in cut[first..<first + LeadBeats.samples] {
            sum &+= Int32(value)
            least = min(least, value)
            most = max(most, value)
        }
        let level = (sum + (sum < 0 ? -128 : 128)) / Int32(LeadBeats.samples)
        let reach = Int32(LeadHistory.most)
        guard Int32(most) - level <= reach, Int32(least) - level >= -reach else { return false }
        for vector in 0..<LeadBeats.vectors {
            var values = SIMD8<Int16>.zero
            for lane in 0..<LeadBeats.lanes { values[lane] = cut[first + vector * LeadBeats.lanes + lane] }
            beats[slot * LeadBeats.vectors + vector] = values &- Int16(truncatingIfNeeded: level)
        }
        powers[slot] = measurePower(of: slot, in: LeadBeats.around)
        return true
    }

    /// The median of the beats in the slots whose bits are set in `slots`, sample by sample; of an even number the mean
    /// of the two in the middle.
    mutating func findMedian(of slots: UInt8) {
        let count = slots.nonzeroBitCount
        guard count > 0 else { return }
        // Places without a beat hold what is lower or higher than all, so that the middle stays in the middle of eight.
        let lower = (LeadBeats.beatsMax - count) / 2
        var empty = 0
        var pads = SIMD8<Int16>.zero
        for slot in 0..<LeadBeats.beatsMax where slots & (1 << UInt8(slot)) == 0 {
            pads[slot] = empty < lower ? .min : .max
            empty += 1
        }
        for vector in 0..<LeadBeats.vectors {
            func row(_ slot: Int) -> SIMD8<Int16> {
                slots & (1 << UInt8(slot)) != 0
                    ? beats[slot * LeadBeats.vectors + vector] : SIMD8(repeating: pads[slot])
            }
            let (low, high) = LeadBeats.middle(row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7))
            let middle = count.isMultiple(of: 2) ? (low &+ high) &>> 1 : low
            for lane in 0..<LeadBeats.lanes { median[vector * LeadBeats.lanes + lane] = middle[lane] }
        }
    }

    /// Lane by lane the fourth and the fifth of eight numbers by size: Batcher's network of 19 exchanges, of whose other
    /// outputs nothing is computed.
    private static func middle(
        _ a: SIMD8<Int16>,
        _ b: SIMD8<Int16>,
        _ c: SIMD8<Int16>,
        _ d: SIMD8<Int16>,
        _ e: SIMD8<Int16>,
        _ f: SIMD8<Int16>,
        _ g: SIMD8<Int16>,
        _ h: SIMD8<Int16>
    ) -> (SIMD8<Int16>, SIMD8<Int16>) {
        var (a, b, c, d, e, f, g, h) = (a, b, c, d, e, f, g, h)
        @inline(__always) func order(_ low: inout SIMD8<Int16>, _ high: inout SIMD8<Int16>) {
            let swaps = high .< low
            (low, high) = (low.replacing(with: high, where: swaps), high.replacing(with: low, where: swaps))
        }
        order(&a, &b)
        order(&c, &d)
        order(&e, &f)
        order(&g, &h)
        order(&a, &c)
        order(&b, &d)
        order(&e, &g)
        order(&f, &h)
        order(&b, &c)
        order(&f, &g)
        order(&a, &e)
        order(&b, &f)
        order(&c, &g)
        order(&d, &h)
        order(&c, &e)
        order(&d, &f)
        order(&d, &e)
        return (d, e)
    }

    // MARK: how much the beats have in common

    /// The sum of the squares of the values of a beat in `range` less their mean.
    ///
    /// Sums of whole numbers, which are exact as those of `Double` would be.
    func power(of slot: Int, in range: Range<Int>) -> Double {
        range == LeadBeats.around ? powers[slot] : measurePower(of: slot, in: range)
    }

    private func measurePower(of slot: Int, in range: Range<Int>) -> Double {
        let first = slot * LeadBeats.vectors
        let vectors = range.lowerBound / LeadBeats.lanes...(range.upperBound - 1) / LeadBeats.lanes
        var sums = SIMD8<Int32>.zero
        // Squares are summed in two halves of 16 bits, so that those of all samples fit 32.
        var (low, high) = (SIMD8<Int32>.zero, SIMD8<Int32>.zero)
        for vector in vectors {
            var values = beats[first + vector]
            let start = vector * LeadBeats.lanes
            if start < range.lowerBound || start + LeadBeats.lanes > range.upperBound {
                for lane in 0..<LeadBeats.lanes where !range.contains(start + lane) { values[lane] = 0 }
            }
            let wide = SIMD8<Int32>(truncatingIfNeeded: values)
            sums &+= wide
            let squares = wide &* wide
            low &+= squares & 0xffff
            high &+= squares &>> 16
        }
        let squares = Int(high.wrappedSum()) << 16 + Int(low.wrappedSum())
        return LeadBeats.power(Int(sums.wrappedSum()), squares, range.count)
    }

    /// The same of the median.
    func power(in range: Range<Int>) -> Double {
        var (sum, squares) = (0, 0)
        for value in median[range] {
            sum &+= Int(value)
            squares &+= Int(value) &* Int(value)
        }
        return LeadBeats.power(sum, squares, range.count)
    }

    private static func power(_ sum: Int, _ squares: Int, _ count: Int) -> Double {
        let (one, other) = (Double(sum), Double(squares))
        return max(0, other - one * one / Double(count))
    }
}

/// Of a lead only whether it was ever heard is written: its beats are in the rows.
extension LeadBeats: Codable {
    init(from decoder: any Decoder) throws {
        self.init()
        if try decoder.singleValueContainer().decode(Bool.self) { makeRoom() }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(isHeard)
    }
}
