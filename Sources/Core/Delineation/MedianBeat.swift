internal import ECGSignal

/// The newest usual beats of all leads, laid on each other, and their median.
struct MedianBeat: Sendable, Codable {
    /// Nothing is measured on fewer.
    static let beatsMin = 4
    /// Beats older than this do not count: 10 s, in grid samples.
    static let memory = 5_000
    /// A beat that is further from the median than this share of the median's own size is of another shape; tenths.
    private static let otherShape = 7
    /// After so many of another shape in a row, that shape is the usual one.
    private static let refusedMax = 3
    /// A lead counts where its beats have so much in common around QRS.
    private static let alikeMin = 0.7

    private(set) var leads = [LeadBeats](repeating: LeadBeats(), count: Lead.channelCount)
    /// The newest seconds of the leads, in fours.
    private var history = [LeadHistory](repeating: LeadHistory(), count: FourLeads.count)
    /// The values of the newest row whose grid index is even.
    private var even = [SIMD4<Float>](repeating: SIMD4(repeating: .nan), count: FourLeads.count)
    private var places = [Int](repeating: 0, count: LeadBeats.beatsMax)
    /// The interval before each beat, grid samples; 0 where it is not known.
    private var intervals = [Int](repeating: 0, count: LeadBeats.beatsMax)
    /// The leads that each beat was seen in.
    private var seen = [LeadSet](repeating: LeadSet(), count: LeadBeats.beatsMax)
    private var count = 0
    private var next = 0
    private var refused = 0
    /// Whether no row with a value has come since everything was forgotten.
    private var isForgotten = true
    /// The slots of the beats that count, one bit each.
    private(set) var slots: UInt8 = 0
    /// Grows with every change of the median.
    private(set) var version = 0
    /// The leads whose median rests on enough beats that are alike.
    private(set) var used = LeadSet()

    /// No beat has come.
    init() {}

    /// The beats that another median knew, by slot, and where each stands; nil where beats are taken as they are told of.
    ///
    /// They are put back as soon as their rows are there.
    private var missing: [(slot: Int, place: Int)]?

    private enum CodingKeys: CodingKey {
        case leads, history, even, places, intervals, seen, count, next, refused, isForgotten, slots, version
        case used
    }

    /// How many beats the median rests on.
    var beats: Int { slots.nonzeroBitCount }

    /// Takes the row at grid index `n`; `isSilent` where no lead has a sample.
    mutating func take(_ values: Span<SIMD4<Float>>, from first: Int, isSilent: Bool, at n: Int) {
        if n.isMultiple(of: 2) {
            for four in 0..<FourLeads.count { even[four] = values[first + four] }
        } else {
            for four in 0..<FourLeads.count where history[four].take(even[four], values[first + four], at: n)
            {
                for lane in 0..<4 where history[four].heard[lane] && !leads[4 * four + lane].isHeard {
                    leads[4 * four + lane].makeRoom()
                }
            }
        }
        isForgotten = isForgotten && isSilent
    }

    /// Rows were left out: nothing of the past is known.
    mutating func forget() {
        guard !isForgotten else { return }
        isForgotten = true
        for four in history.indices {
            history[four].forget()
            even[four] = SIMD4(repeating: .nan)
        }
        restart()
        version &+= 1
    }

    private mutating func restart() {
        count = 0
        next = 0
        refused = 0
        slots = 0
        used = LeadSet()
    }

    /// Takes a usual beat, which was whole with row `n`; `interval` is the one before it, grid samples.
    mutating func take(beatAt place: Int, interval: Int?, at n: Int) {
        guard missing == nil else { return }
        let even = place & ~1
        var mask = LeadSet()
        for channel in leads.indices
        where leads[channel].cut(from: history[channel >> 2], channel & 3, at: even) {
            mask.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
        guard !mask.isEmpty else { return }
        forgetOld(before: n + 1)
        var shift = 0
        if count > 0 {
            let best = bestShift(in: mask)
            shift = best.shift
            if 10 * best.distance > MedianBeat.otherShape * best.size {
                refused += 1
                guard refused >= MedianBeat.refusedMax else { return }
                restart()
                shift = 0
            }
        }
        refused = 0
        for channel in leads.indices where mask.contains(channel: channel) {
            if !leads[channel].keep(in: next, shift: shift) {
                mask.subtract(LeadSet(rawValue: 1 << UInt16(channel)))
            }
        }
        places[next] = even + 2 * shift
        intervals[next] = interval ?? 0
        seen[next] = mask
        next = (next + 1) % LeadBeats.beatsMax
        count = min(count + 1, LeadBeats.beatsMax)
        findSlots(before: n + 1)
        findMedians()
    }

    /// Lets go of what is older than 10 s before grid index `end`.
    mutating func forgetOld(before end: Int) {
        let before = slots
        findSlots(before: end)
        if slots == 0 { restart() }
        if slots != before { findMedians() }
    }

    private mutating func findSlots(before end: Int) {
        slots = 0
        for back in 1...LeadBeats.beatsMax where back <= count {
            let slot = (next - back + LeadBeats.beatsMax) % LeadBeats.beatsMax
            if places[slot] >= end - MedianBeat.memory { slots |= 1 << UInt8(slot) }
        }
    }

    private func slots(of channel: Int) -> UInt8 {
        var own: UInt8 = 0
        for slot in 0..<LeadBeats.beatsMax
        where slots & (1 << UInt8(slot)) != 0 && seen[slot].contains(channel: channel) {
            own |= 1 << UInt8(slot)
        }
        return own
    }

    private mutating func findMedians() {
        version &+= 1
        used = LeadSet()
        for channel in leads.indices where leads[channel].isHeard {
            let own = slots(of: channel)
            leads[channel].findMedian(of: own)
            guard own.nonzeroBitCount >= MedianBeat.beatsMin else { continue }
            let lead = LeadSet(rawValue: 1 << UInt16(channel))
            if likeness(in: LeadBeats.around, leads: lead) >= MedianBeat.alikeMin { used.formUnion(lead) }
        }
    }

    /// The shift at which the beat that was cut lies best on the median, over the leads that both have.
    private func bestShift(in mask: LeadSet) -> (shift: Int, distance: Int, size: Int) {
        var both = LeadSet()
        var size = 0
        for channel in leads.indices where mask.contains(channel: channel) && slots(of: channel) != 0 {
            both.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
            size += leads[channel].size
        }
        // Most beats lie best where they were found, beside which the others soon are too far.
        var best = (shift: 0, distance: distance(shift: 0, over: both, atMost: .max), size: size)
        for shift in -LeadBeats.shiftMax...LeadBeats.shiftMax where shift != 0 {
            let sum = distance(shift: shift, over: both, atMost: best.distance)
            if sum < best.distance || sum == best.distance && shift < best.shift { best = (shift, sum, size) }
        }
        return best
    }

    /// The sum of the distances of `mask`'s leads; it ends where it is more than `most`.
    private func distance(shift: Int, over mask: LeadSet, atMost most: Int) -> Int {
        var sum = 0
        for channel in leads.indices where mask.contains(channel: channel) {
            sum += leads[channel].distance(shift: shift)
            if sum > most { break }
        }
        return sum
    }

    /// How much of what the beats show in `range` they have in common, in the leads `leads`: 1 where they are the same,
    /// about 0 where nothing but chance is in them.
    ///
    /// Each beat and the median are taken less their means. That a median of few beats resembles each of them by itself
    /// is taken off.
    func likeness(in range: Range<Int>, leads chosen: LeadSet) -> Double {
        var common = 0.0
        var all = 0.0
        let beats = Double(self.beats)
        for channel in leads.indices where chosen.contains(channel: channel) {
            let own = slots(of: channel)
            common += Double(own.nonzeroBitCount) * leads[channel].power(in: range)
            for slot in 0..<LeadBeats.beatsMax where own & (1 << UInt8(slot)) != 0 {
                all += leads[channel].power(of: slot, in: range)
            }
        }
        guard all > 0, beats > 1 else { return 0 }
        return (beats * (common / all) - 1) / (beats - 1)
    }

    /// The intervals before the beats that count, grid samples, in no order, into `list`; how many are known.
    func copyIntervals(into list: inout [Int]) {
        list.removeAll(keepingCapacity: true)
        for back in stride(from: LeadBeats.beatsMax, through: 1, by: -1) where back <= count {
            let slot = (next - back + LeadBeats.beatsMax) % LeadBeats.beatsMax
            if slots & (1 << UInt8(slot)) != 0, intervals[slot] > 0 { list.append(intervals[slot]) }
        }
    }
}

// MARK: checkpoints

extension MedianBeat {
    /// Rows that a beat reaches back from its place, and those in which means are made before the first is right.
    private static let reachBack = 2 * LeadBeats.before + 30
    /// Rows that a beat reaches on from its place.
    private static let reachOn = 2 * (LeadBeats.samples - LeadBeats.before) + LeadHistory.delay

    /// The first row that the beats are cut from; nil where there is none.
    var firstRow: Int? {
        var first: Int?
        for slot in places.indices where slots & (1 << UInt8(slot)) != 0 {
            first = min(first ?? .max, places[slot] - MedianBeat.reachBack)
        }
        return first
    }

    /// Takes no beats of its own, but those that `other` knows.
    mutating func putBack(beatsOf other: MedianBeat) {
        missing = other.places.indices.filter { other.slots & (1 << UInt8($0)) != 0 }
            .map { ($0, other.places[$0]) }
    }

    /// Puts back what is whole with row `n`.
    mutating func putBack(at n: Int) {
        guard let first = missing?.firstIndex(where: { n >= $0.place + MedianBeat.reachOn }),
            let beat = missing?.remove(at: first)
        else { return }
        for channel in leads.indices {
            leads[channel].putBack(in: beat.slot, from: history[channel >> 2], channel & 3, at: beat.place)
        }
    }

    /// Has the beats that another one has put back for it, and the newest seconds of their leads.
    mutating func takeBeats(of other: MedianBeat) {
        history = other.history
        leads = other.leads
        for channel in leads.indices where leads[channel].isHeard {
            leads[channel].findMedian(of: slots(of: channel))
        }
    }
}
