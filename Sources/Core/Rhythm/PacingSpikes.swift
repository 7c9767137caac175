public import ECGSignal
internal import Mathematics

/// Takes pacing spikes out of the wide band before anybody looks for beats in it.
///
///     row -> no lead jumps: passed on as it is
///         -> a lead jumps: held back with the 42 ms after it, then    spike: bridged, its tail taken off
///                                                                     none: passed on
///
/// A spike is narrow: the leads rest for 10 ms before it, 8 ms after its top they are back, but for a tail of at most 35 % of
/// its height, and rest for 10 ms again; while a QRS lasts some lead always moves. Of several leads two show it. Where the device marks the jump as a spike nothing else is asked. By shape spikes are told in leads
/// that are sampled at 500 Hz or more. In leads that are sampled faster, whose spikes ring on the grid and leave more beside
/// them, a spike must be sharp too. What is bridged is less than 30 ms, so that the QRS that a spike makes stays. A tail
/// decays as an exponential of 4 to 100 ms; it is taken off until nothing is left, so that it makes no beat.
///
/// What comes out is a function of rows and marks, wherever rows are cut: a row is held back only for what it shows itself.
public struct PacingSpikes: Sendable, Codable {
    /// A jump between a row and the second before it that may be a spike's, millivolts.
    ///
    /// What is smaller makes no beat.
    static let jumpMin: Float = 0.15
    /// The same where a lead was sampled faster than 500 Hz: a spike rings on the grid for 13 ms on either side.
    static let jumpMinOfFast: Float = 0.05
    /// How high it must be in another lead that shows it.
    static let witnessMin: Float = 0.05
    /// Rows that are held back: the jump's and 21 after it.
    public static let heldRows = 22
    /// Rows of the past that are held, a power of two: at least those at rest.
    private static let pastRows = 8
    /// A mark lies from so many rows before its jump to so many after it.
    static let markBefore: GridIndex = 3
    static let markAfter: GridIndex = 5
    /// The least and the greatest tail, millivolts, and what is none any more.
    static let tailMin: Float = 0.04
    static let tailMax: Float = 2
    static let tailEnd: Float = 0.002
    /// So many spikes within 10 s are a pacemaker's.
    static let pacedSpikes = 4
    /// For so long after a spike the heart counts as paced: 60 s.
    static let pacedSamples: GridIndex = 30_000
    /// Marks that are remembered: more than those of two chambers in 10 s.
    private static let marksMax = 64

    /// Where a pacemaker was first and last seen.
    private struct Paced: Sendable, Codable {
        let from: GridIndex
        let last: GridIndex
    }

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case shaped, sent, fast, marks, hasMarks, held, next, past, pastEnd, tail, decay, hasTail,
            unmarked, paced
    }

    /// The channels in which a spike is told by its shape, and all that were sent.
    private var shaped = LeadSet()
    private var sent = LeadSet()
    /// The channels that were sampled faster than the grid.
    private var fast = LeadSet()
    /// Where devices marked spikes, ascending.
    private var marks: [GridIndex] = []
    private var hasMarks = false
    private var held: [WideRows.Row] = []
    /// The grid index of the first row that is held, or of the next one.
    private var next: GridIndex?
    /// The rows before that, as they were passed on, a ring; the newest stands before `pastEnd`.
    private var past = [SIMD16<Float>](repeating: SIMD16(repeating: .nan), count: pastRows)
    private var pastEnd = 0
    /// What is taken off each channel in the next row, and what is left of it with every further row.
    private var tail = SIMD16<Float>.zero
    private var decay = SIMD16<Float>.zero
    private var hasTail = false
    /// The rows that are looked at, without tails.
    private var window = [SIMD16<Float>](repeating: .zero, count: heldRows)
    /// The newest spikes that no device marked, oldest first.
    private var unmarked: [GridIndex] = []
    /// Where a pacemaker was first and last seen by such spikes; a minute without one begins anew.
    private var paced: Paced?

    /// Nothing has been seen.
    public init() {
        marks.reserveCapacity(PacingSpikes.marksMax)
        unmarked.reserveCapacity(PacingSpikes.pacedSpikes)
    }

    /// Rows that are held back.
    public var heldCount: Int { held.count }

    /// Whether spikes were found by their shape in the minute before row `end`, four of them within 10 s.
    public func isPaced(before end: GridIndex) -> Bool {
        paced.map { $0.from < end && $0.last >= end - PacingSpikes.pacedSamples } ?? false
    }

    /// Notes what a chunk says, before the rows that it makes final are taken.
    public mutating func note(_ chunk: LeadChunk) {
        for lead in chunk.leads {
            let standIn = lead.lead.standsInForAnother ? 0 : nil
            guard let channel = lead.lead.channel ?? standIn else { continue }
            let one = LeadSet(rawValue: 1 << UInt16(channel))
            sent.formUnion(one)
            if chunk.rate.hertz >= Double(Grid.rate) { shaped.formUnion(one) }
            if chunk.rate.hertz > Double(Grid.rate) { fast.formUnion(one) }
            for spike in lead.facts.pacerSpikes {
                note(markAt: chunk.rate.gridIndex(notBefore: chunk.firstSample + SampleIndex(spike)))
            }
        }
    }

    private mutating func note(markAt place: GridIndex) {
        hasMarks = true
        guard !marks.contains(place) else { return }
        if marks.count == PacingSpikes.marksMax { marks.removeFirst() }
        marks.insert(place, at: marks.firstIndex { $0 > place } ?? marks.count)
    }

    /// Takes the next rows; `rows` becomes those that are passed on, which begin where the ones before ended.
    public mutating func clean(_ rows: inout WideRows) {
        var calm = 0
        if held.isEmpty {
            let start = rows.start
            // Rows without a value may have been left out.
            if next != start { for row in past.indices { past[row] = SIMD16(repeating: .nan) } }
            next = start
            calm = hasTail ? 0 : calmRows(rows)
            for row in max(0, calm - PacingSpikes.restRows)..<calm { note(rows[row].values) }
            next = start + GridIndex(calm)
            if calm == rows.count { return }
        }
        let isFirst = held.isEmpty
        for row in calm..<rows.count { held.append(rows[row]) }
        if isFirst { rows.cut(to: calm) } else { rows.removeAll(beginningAt: next ?? rows.start) }
        pass(into: &rows, isOver: false)
    }

    /// The stream is over: `rows` becomes what was held back.
    public mutating func close(into rows: inout WideRows) {
        rows.removeAll(beginningAt: next ?? rows.start)
        pass(into: &rows, isOver: true)
    }

    /// How many rows come before the first that jumps, where nothing is held and there is no tail.
    private func calmRows(_ rows: WideRows) -> Int {
        guard !shaped.isEmpty || hasMarks, rows.count > 0 else { return rows.count }
        if jumps(rows[0].values, lastButOne) { return 0 }
        if rows.count > 1, jumps(rows[1].values, last) { return 1 }
        let fours = rows.fours.span
        let apart = 2 * FourLeads.count
        let jumpMin = self.jumpMin
        for index in apart..<max(apart, fours.count) {
            // No number is greater than any.
            let rise = FourLeads.magnitude(fours[index] - fours[index - apart])
            if any(rise .>= jumpMin) { return index / FourLeads.count }
        }
        return rows.count
    }

    private var jumpMin: Float { fast.isEmpty ? PacingSpikes.jumpMin : PacingSpikes.jumpMinOfFast }

    private func jumps(_ values: SIMD16<Float>, _ before: SIMD16<Float>) -> Bool {
        // A channel without a value has no number, and jumps nowhere.
        let rise = values - before
        return any((rise .>= jumpMin) .| (rise .<= -jumpMin))
    }

    private var last: SIMD16<Float> { passed(1) }
    private var lastButOne: SIMD16<Float> { passed(2) }

    /// The row that was passed on so many rows ago.
    private func passed(_ back: Int) -> SIMD16<Float> {
        past[(pastEnd &- back) & (PacingSpikes.pastRows - 1)]
    }

    private mutating func note(_ values: SIMD16<Float>) {
        past[pastEnd] = values
        pastEnd = (pastEnd + 1) & (PacingSpikes.pastRows - 1)
    }

    // MARK: rows passed on

    /// Appends to `rows` those that are held and wait for nothing.
    private mutating func pass(into rows: inout WideRows, isOver: Bool) {
        let first = next ?? rows.start
        var index = 0
        while index < held.count {
            let values = held[index].values - tail
            guard jumps(values, lastButOne) else {
                pass(index, values, into: &rows)
                index += 1
                continue
            }
            guard held.count - index >= PacingSpikes.heldRows else {
                guard isOver else { break }
                pass(index, values, into: &rows)
                index += 1
                continue
            }
            guard mayBeSpike(at: index) else {
                pass(index, values, into: &rows)
                index += 1
                continue
            }
            look(at: index)
            if let end = spikeEnd(at: first + GridIndex(index)) {
                bridge(index, end, into: &rows)
                index += end
            } else {
                pass(index, values, into: &rows)
                index += 1
            }
        }
        held.removeFirst(index)
        next = first + GridIndex(index)
    }

    private mutating func pass(_ index: Int, _ values: SIMD16<Float>, into rows: inout WideRows) {
        var row = held[index]
        row.values = values
        rows.append(row)
        note(values)
        fade()
    }

    private mutating func fade() {
        guard hasTail else { return }
        tail *= decay
        let isLeft = (tail .>= PacingSpikes.tailEnd) .| (tail .<= -PacingSpikes.tailEnd)
        tail.replace(with: 0, where: .!isLeft)
        hasTail = any(isLeft)
    }

    // MARK: what a spike is

    /// Whether what `spikeEnd(in:)` asks of each channel may hold in one of them, asked of all at once: a QRS, of which most
    /// rows jump, is none in any.
    private func mayBeSpike(at index: Int) -> Bool {
        guard marks.isEmpty, fast.isEmpty, !hasTail else { return true }
        let base = (last + lastButOne) / 2
        var height = PacingSpikes.magnitude(held[index].values - base)
        var left = held[index + PacingSpikes.width].values - base
        for row in index + 1...index + PacingSpikes.topReach {
            let rise = PacingSpikes.magnitude(held[row].values - base)
            let isHigher = rise .> height
            height.replace(with: rise, where: isHigher)
            left.replace(with: held[row + PacingSpikes.width].values - base, where: isHigher)
        }
        let isBack = PacingSpikes.magnitude(left) .<= PacingSpikes.leftShare * height
        return any((height .>= PacingSpikes.witnessMin) .& isBack)
    }

    private static func magnitude(_ values: SIMD16<Float>) -> SIMD16<Float> {
        values.replacing(with: -values, where: values .< 0)
    }

    /// Puts the rows from a jump on into `window`, without tails.
    private mutating func look(at index: Int) {
        var left = tail
        for row in window.indices {
            window[row] = held[index + row].values - left
            left *= decay
        }
    }

    /// How many rows after the jump at grid index `place` a spike is over; nil where it is none.
    private mutating func spikeEnd(at place: GridIndex) -> Int? {
        while let first = marks.first, first < place - PacingSpikes.markBefore { marks.removeFirst() }
        if let mark = marks.first, mark <= place + PacingSpikes.markAfter {
            let width = shaped == sent && fast.isEmpty ? PacingSpikes.width : PacingSpikes.widthOfSlow
            return max(0, Int(mark - place)) + width
        }
        var end: Int?
        var (leads, witnesses) = (0, 0)
        for channel in 0..<Lead.channelCount
        where shaped.contains(channel: channel) && !window[0][channel].isNaN {
            leads += 1
            guard let own = spikeEnd(in: channel) else { continue }
            witnesses += 1
            if own.height >= PacingSpikes.jumpMin { end = max(end ?? own.end, own.end) }
        }
        guard let end, witnesses >= min(2, leads),
            (0..<Lead.channelCount).allSatisfy({ isAtRest($0, after: end) })
        else { return nil }
        note(unmarkedAt: place)
        return end
    }

    private mutating func note(unmarkedAt place: GridIndex) {
        if unmarked.count == PacingSpikes.pacedSpikes { unmarked.removeFirst() }
        unmarked.append(place)
        guard unmarked.count == PacingSpikes.pacedSpikes, place - unmarked[0] <= 10 * Grid.rate else {
            return
        }
        let goesOn = paced.map { place - $0.last <= PacingSpikes.pacedSamples } ?? false
        paced = Paced(from: goesOn ? paced?.from ?? place : place, last: place)
    }

    /// Where the signal of a channel is back after a spike's top, and how high that is; nil where it is not.
    private func spikeEnd(in channel: Int) -> (end: Int, height: Float)? {
        let base = (last[channel] + lastButOne[channel]) / 2
        let isFast = fast.contains(channel: channel)
        var top = 0
        let reach = isFast ? PacingSpikes.topReachOfFast : PacingSpikes.topReach
        for row in 1...reach
        where abs(window[row][channel] - base) > abs(window[top][channel] - base) { top = row }
        let height = abs(window[top][channel] - base)
        let end = top + (isFast ? PacingSpikes.widthOfFast : PacingSpikes.width)
        // No number is more than any, nor within any share.
        guard height >= PacingSpikes.witnessMin,
            abs(window[end][channel] - base) <= leftShare(channel) * height,
            !isFast || sharpness(of: channel, before: end) >= PacingSpikes.sharpMinOfFast * height
        else { return nil }
        return (end, height)
    }

    /// The greatest fourth difference of a channel from two rows before the jump up to row `end`, millivolts.
    private func sharpness(of channel: Int, before end: Int) -> Float {
        func value(_ row: Int) -> Float { row < 0 ? passed(-row)[channel] : window[row][channel] }
        var most: Float = 0
        for row in -2..<end {
            let beside = value(row - 1) + value(row + 1)
            let apart = value(row - 2) + value(row + 2)
            most = max(most, abs(6 * value(row) - 4 * beside + apart))
        }
        return most
    }

    private func leftShare(_ channel: Int) -> Float {
        fast.contains(channel: channel) ? PacingSpikes.leftShareOfFast : PacingSpikes.leftShare
    }

    /// Whether a channel moves neither before the jump nor from row `end` after it on, beside what it did between.
    private func isAtRest(_ channel: Int, after end: Int) -> Bool {
        let base = (last[channel] + lastButOne[channel]) / 2
        guard !base.isNaN else { return true }
        var height: Float = 0
        for row in 0..<end { height = max(height, abs(window[row][channel] - base)) }
        var (before, after) = (
            (low: base, high: base), (low: window[end][channel], high: window[end][channel])
        )
        for row in 0..<PacingSpikes.restRows {
            let (one, other) = (passed(row + 1)[channel], window[end + row][channel])
            before = (min(before.low, one), max(before.high, one))
            after = (min(after.low, other), max(after.high, other))
        }
        let share = fast.contains(channel: channel) ? PacingSpikes.restShareOfFast : PacingSpikes.leftShare
        let most = max(share * height, PacingSpikes.restMax)
        return before.high - before.low <= most && after.high - after.low <= most
    }

    // MARK: what is left of it

    /// Passes on a straight line in place of `count` rows from the one at `index` on, and begins to take off the tail.
    private mutating func bridge(_ index: Int, _ count: Int, into rows: inout WideRows) {
        let from = last
        for _ in 0..<count { tail *= decay }
        var to = window[count]
        for channel in 0..<Lead.channelCount {
            guard let begin = beginTail(channel, after: count) else { continue }
            to[channel] -= begin
        }
        for row in 0..<count {
            let share = Float(row + 1) / Float(count + 1)
            var line = from + (to - from) * share
            // A channel that has no value beside the spike stays as it is.
            line.replace(with: window[row], where: line .!= line)
            var whole = held[index + row]
            whole.values = line
            rows.append(whole)
            note(line)
        }
    }

    /// The tail of a spike that is over after `count` rows, in one channel, from the row after it on; nil where there is none.
    private mutating func beginTail(_ channel: Int, after count: Int) -> Float? {
        let base = (last[channel] + lastButOne[channel]) / 2
        var height: Float = 0
        for row in 0..<count { height = max(height, abs(window[row][channel] - base)) }
        let begin = (window[count][channel] + window[count + 1][channel]) / 2 - base
        let later = (window[count + 5][channel] + window[count + 6][channel]) / 2 - base
        guard abs(begin) >= PacingSpikes.tailMin,
            abs(begin) <= min(PacingSpikes.tailMax, leftShare(channel) * height)
        else { return nil }
        // Of 4 to 100 ms, over the 10 ms between the two.
        let share = min(max(Double(later / begin), 0.082), 0.905)
        let step = Float(ElementaryFunctions.exp(ElementaryFunctions.log(share) / 5))
        let whole = 2 * begin / (1 + step)
        if abs(whole) >= abs(tail[channel]) { decay[channel] = step }
        tail[channel] += whole
        hasTail = true
        return whole
    }
}
