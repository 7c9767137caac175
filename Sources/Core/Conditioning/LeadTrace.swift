internal import ECGSignal
internal import Mathematics

/// What one lead's signal leaves behind so that a window can tell whether the lead carries an ECG there.
///
/// Three things are kept while samples come, and none of them depends on where the input was cut: the smallest and
/// the greatest value of each 32 grid samples in the encoder's band, the places where the signal is beyond what an
/// ECG reaches, and the stretches in which the device sent one value only.
///
/// *Masking.* A lead that was beyond reach in more than half of the ten seconds before a second of the grid is masked
/// in that second: the encoder sees 0 there. Whether a second is masked depends on nothing but the lead's own past,
/// so features can be shared by windows. A window that holds a masked second does not use the lead, so the mask
/// changes no window that keeps all its leads.
struct LeadTrace: Sendable, Codable {
    /// A lead with less than this from peak to peak in the encoder's band of a window carries no ECG, millivolts.
    ///
    /// Decided for this program; docs/DEAD_LEADS.md has the smallest real leads that were measured.
    static let flatMillivolts: Float = 0.05
    /// The greatest magnitude that an ECG reaches in the encoder's band, millivolts; decided for this program.
    static let reachMillivolts: Float = 8
    /// Of a window's ten seconds at most so many may be beyond reach.
    static let secondsBeyondMax = 5
    /// Grid samples that the past of a mask reaches back.
    static let memorySamples = Int64(Grid.windowSamples) + second

    /// The least and greatest value of 32 grid samples; windows begin at multiples of 32.
    private struct Block: Sendable, Codable {
        let number: Int64
        var least: Float
        var greatest: Float
    }

    /// Ascending; those without a sample are left out.
    private var blocks: [Block] = []
    /// Places beyond reach, widened to units of four grid samples, which divide seconds and the starts of windows.
    private var beyond = IntervalSet()
    /// Native samples in which the device sent one value only: the long stretches that are over, and the last one.
    private var still: [Range<SampleIndex>] = []
    private var stillFrom = SampleIndex.max
    private var stillEnd = SampleIndex.max
    private var stillValue = Float.nan
    /// A stretch shorter than the samples of a used lead in a window makes no window flat, native samples.
    private let stillSamplesMin: Int64

    private static let second = Grid.rate
    private static let unit: Int64 = 4
    private static let block = Int64(Grid.stride)
    private static let window = Int64(Grid.windowSamples)

    init(rate: SampleRate) {
        stillSamplesMin = rate.samples(inMilliseconds: 8_900)
        // Those of a window, of a hop and of a chunk of a second: an array that grows by itself would take half more.
        blocks.reserveCapacity((Grid.windowSamples + 2 * Int(Grid.rate)) / Grid.stride)
    }

    // MARK: samples as they come

    /// Takes samples that the device sent, none missing, from native sample `start` on; ascending.
    mutating func note(raw samples: ArraySlice<Float>, at start: SampleIndex) {
        var index = start
        for value in samples {
            if value != stillValue {
                if index - stillFrom >= stillSamplesMin { still.append(stillFrom..<index) }
                stillFrom = index
                stillValue = value
            }
            index += 1
        }
        stillEnd = index
    }

    /// Takes values in the encoder's band, none missing, from grid sample `start` on; ascending.
    mutating func note(filtered values: ArraySlice<Float>, at start: GridIndex) {
        var index = values.startIndex
        var place = start
        while index < values.endIndex {
            let number = place / LeadTrace.block
            let count = min(Int((number + 1) * LeadTrace.block - place), values.endIndex - index)
            if blocks.last?.number != number {
                blocks.append(Block(number: number, least: .infinity, greatest: -.infinity))
            }
            note(values[index..<index + count], at: place, in: blocks.count - 1)
            index += count
            place += Int64(count)
        }
    }

    private mutating func note(_ values: ArraySlice<Float>, at start: GridIndex, in block: Int) {
        var least = Float.infinity
        var greatest = -Float.infinity
        for value in values {
            least = min(least, value)
            greatest = max(greatest, value)
        }
        blocks[block].least = min(blocks[block].least, least)
        blocks[block].greatest = max(blocks[block].greatest, greatest)
        guard greatest > LeadTrace.reachMillivolts || least < -LeadTrace.reachMillivolts else { return }
        for (offset, value) in values.enumerated() where abs(value) > LeadTrace.reachMillivolts {
            let unit = (start + Int64(offset)) / LeadTrace.unit * LeadTrace.unit
            beyond.insert(unit..<unit + LeadTrace.unit)
        }
    }

    /// Forgets what neither windows from `windowStart` on nor rows from `row` on need.
    mutating func forget(windowsBelow windowStart: GridIndex, rowsBelow row: GridIndex) {
        let first = windowStart / LeadTrace.block
        let passed = blocks.firstIndex { $0.number >= first } ?? blocks.count
        if passed > 0 { blocks.removeFirst(passed) }
        beyond.removeAll(below: min(windowStart, row) - LeadTrace.memorySamples)
    }

    /// Forgets the least and greatest values of what no window from `start` on holds.
    mutating func leaveOutBlocks(below start: GridIndex) {
        blocks.removeAll { $0.number < start / LeadTrace.block }
    }

    /// Has the least and greatest values of another trace of the same samples.
    mutating func takeBlocks(of other: LeadTrace) { blocks = other.blocks }

    /// Forgets the stretches of one value that end before native sample `index`.
    mutating func forgetStillness(below index: SampleIndex) {
        let passed = still.firstIndex { $0.upperBound > index } ?? still.count
        if passed > 0 { still.removeFirst(passed) }
    }

    // MARK: what the encoder may see

    /// The first part of `range` that is not masked; nil where all of it is.
    func firstBelieved(in range: Range<GridIndex>) -> Range<GridIndex>? {
        guard !beyond.isEmpty else { return range.isEmpty ? nil : range }
        var from = range.lowerBound
        while from < range.upperBound {
            let number = from / LeadTrace.second
            let end = min((number + 1) * LeadTrace.second, range.upperBound)
            if !isMasked(second: number) { return from..<end }
            from = end
        }
        return nil
    }

    private func isMasked(second number: Int64) -> Bool {
        secondsBeyond(from: number * LeadTrace.second - LeadTrace.window) > LeadTrace.secondsBeyondMax
    }

    /// How many of the ten seconds from `start` on, a multiple of 4, hold a value beyond reach.
    private func secondsBeyond(from start: GridIndex) -> Int {
        var count = 0
        for from in stride(from: start, to: start + LeadTrace.window, by: Int(LeadTrace.second)) {
            if let member = beyond.firstMember(from: from), member < from + LeadTrace.second { count += 1 }
        }
        return count
    }

    // MARK: what a window asks

    /// Whether the lead is beyond what an ECG reaches in the window: in more than half of its seconds, or masked.
    func isBeyondReach(windowAt start: GridIndex) -> Bool {
        guard !beyond.isEmpty else { return false }
        if secondsBeyond(from: start) > LeadTrace.secondsBeyondMax { return true }
        let last = (start + LeadTrace.window - 1) / LeadTrace.second
        return (start / LeadTrace.second...last).contains(where: isMasked)
    }

    /// Whether a value beyond reach stands in the window without being masked: the encoder has seen it.
    func isSeenBeyondReach(windowAt start: GridIndex) -> Bool {
        var from = start
        while let member = beyond.firstMember(from: from), member < start + LeadTrace.window {
            if !isMasked(second: member / LeadTrace.second) { return true }
            from = (member / LeadTrace.second + 1) * LeadTrace.second
        }
        return false
    }

    /// Whether the lead stands still in the window: the device sent one value, or the band holds less than 0.05 mV
    /// from peak to peak in the 4,992 samples that the encoder sees.
    ///
    /// `samples` are the first and the last native sample that the lead has there.
    func isFlat(windowAt start: GridIndex, samples: ClosedRange<SampleIndex>) -> Bool {
        if stillFrom <= samples.lowerBound, samples.upperBound < stillEnd { return true }
        if still.contains(where: { $0.contains(samples.lowerBound) && $0.contains(samples.upperBound) }) {
            return true
        }
        var least = Float.infinity
        var greatest = -Float.infinity
        let first = start / LeadTrace.block
        for block in blocks where (first..<first + LeadTrace.window / LeadTrace.block).contains(block.number)
        {
            least = min(least, block.least)
            greatest = max(greatest, block.greatest)
        }
        return greatest - least < LeadTrace.flatMillivolts
    }
}
