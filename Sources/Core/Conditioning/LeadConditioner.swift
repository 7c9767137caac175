internal import ECGSignal
internal import Findings
internal import Mathematics

/// One lead's way from raw samples in order to band-limited samples of the 500 Hz grid.
///
/// Samples come in runs. A gap of at most 50 ms is bridged by a straight line, so that the filter does not ring; a
/// longer one ends the run (extended by its edge sample) and the filter starts anew at the first sample after.
/// Bridged or not, what was not received is missing: `present` has it not, and nobody reads a value there.
struct LeadConditioner: Sendable, Codable {
    /// The longest gap that is bridged, milliseconds.
    static let bridgeMillisecondsMax: Int64 = 50

    let lead: Lead
    let rate: SampleRate
    /// Grid samples whose native sample is there.
    private(set) var present = IntervalSet()
    /// Grid samples below it are decided and their values final.
    private(set) var ready: GridIndex = 0
    /// What tells whether the lead carries an ECG.
    private(set) var trace: LeadTrace
    private var resampler: Resampler
    private var band = EncoderBand()
    private var values = BandValues()
    private var wideBand = WideBand()
    /// Nil where nobody reads the wide band.
    private var wideValues: BandValues?
    /// One past the last native sample fed to the run, bridged ones too; nil between runs.
    private var runEnd: SampleIndex?
    private var lastValue: Float = 0

    /// A lead that nothing has come of yet; the table belongs to its rate (nil at 500 Hz).
    ///
    /// `hasWideBand` keeps the values of the wide band too, until they are forgotten.
    init(lead: Lead, rate: SampleRate, table: PolyphaseTable?, hasWideBand: Bool = false) {
        self.lead = lead
        self.rate = rate
        wideValues = hasWideBand ? BandValues() : nil
        trace = LeadTrace(rate: rate)
        resampler = Resampler(rate: rate, table: table)
    }

    /// Takes the next stretch of received samples; NaN is missing.
    ///
    /// `scratch` is room for samples of the grid on their way, empty before and after.
    mutating func feed(_ samples: ArraySlice<Float>, at start: SampleIndex, _ scratch: inout [Float]) {
        var index = samples.startIndex
        while index < samples.endIndex {
            guard let from = samples[index...].firstIndex(where: { !$0.isNaN }) else { return }
            let to = samples[from...].firstIndex { $0.isNaN } ?? samples.endIndex
            feedPresent(samples[from..<to], at: start + Int64(from - samples.startIndex), &scratch)
            index = to
        }
    }

    private mutating func feedPresent(
        _ samples: ArraySlice<Float>,
        at start: SampleIndex,
        _ scratch: inout [Float]
    ) {
        guard let first = samples.first, let last = samples.last else { return }
        let end = start + Int64(samples.count)
        present.insert(rate.gridIndex(notBefore: start)..<rate.gridIndex(notBefore: end))
        // Only what may stand in a channel of the encoder is filtered.
        guard lead.channel != nil || lead.standsInForAnother else { return }
        trace.note(raw: samples, at: start)
        if let runEnd, start > runEnd {
            if isBridged(start - runEnd) {
                bridge(from: runEnd, to: start, value: first, &scratch)
            } else {
                finishRun(&scratch)
            }
        }
        if runEnd == nil {
            resampler.start(at: start)
            values.begin(at: rate.gridIndex(notBefore: start))
            wideValues?.begin(at: rate.gridIndex(notBefore: start))
        }
        push(samples, &scratch)
        runEnd = end
        lastValue = last
    }

    private mutating func bridge(
        from: SampleIndex,
        to: SampleIndex,
        value: Float,
        _ scratch: inout [Float]
    ) {
        let count = Int(to - from)
        let step = (Double(value) - Double(lastValue)) / Double(count + 1)
        let base = Double(lastValue)
        push((0..<count).map { Float(base + step * Double($0 + 1)) }[...], &scratch)
    }

    private func isBridged(_ gap: Int64) -> Bool {
        gap <= rate.samples(inMilliseconds: LeadConditioner.bridgeMillisecondsMax)
    }

    private mutating func push(_ samples: ArraySlice<Float>, _ scratch: inout [Float]) {
        resampler.push(samples.span, into: &scratch)
        filter(&scratch)
    }

    private mutating func finishRun(_ scratch: inout [Float]) {
        guard runEnd != nil else { return }
        resampler.finish(into: &scratch)
        filter(&scratch)
        runEnd = nil
    }

    private mutating func filter(_ scratch: inout [Float]) {
        let start = values.end
        values.append(scratch, through: &band)
        wideValues?.append(scratch, through: &wideBand)
        scratch.removeAll(keepingCapacity: true)
        var from = start
        while let part = present.firstPart(of: from..<max(from, values.end)) {
            trace.note(filtered: values.lastValues(of: part), at: part.lowerBound)
            from = part.upperBound
        }
    }

    /// All native samples before `frontier` have been fed or will never come.
    mutating func advance(to frontier: SampleIndex, _ scratch: inout [Float]) {
        if let runEnd, frontier > runEnd, !isBridged(frontier - runEnd) { finishRun(&scratch) }
        ready = max(ready, runEnd == nil ? rate.gridIndex(notBefore: frontier) : resampler.nextGridIndex)
    }

    /// The stream ends at `frontier`: extends by the edge sample.
    mutating func close(at frontier: SampleIndex, _ scratch: inout [Float]) {
        finishRun(&scratch)
        ready = max(ready, rate.gridIndex(notBefore: frontier))
    }

    /// Writes the values that the encoder may see in `range` to `row + 12 (k - range.lowerBound)`, leaving the others.
    func copy(_ range: Range<GridIndex>, into rows: inout [Float], at first: Int, channel: Int) {
        values.forEachPart(of: range) { held, segment in
            var from = held.lowerBound
            while let part = firstSeen(in: from..<held.upperBound) {
                var position = first + Int(part.lowerBound - range.lowerBound) * Lead.channelCount + channel
                for k in part {
                    rows[position] = segment.values[Int(k - segment.start)]
                    position += Lead.channelCount
                }
                from = part.upperBound
            }
        }
    }

    /// Writes the wide band's values in `range` to `rows`, and which of them were received.
    func copyWide(_ range: Range<GridIndex>, into rows: inout WideRows, channel: Int) {
        copyTrace(range, isWide: true, into: &rows, channel: channel)
    }

    /// Writes the values of one band in `range` to `rows`, and which of them were received.
    func copyTrace(_ range: Range<GridIndex>, isWide: Bool, into rows: inout WideRows, channel: Int) {
        (isWide ? wideValues : values)?.forEachPart(of: range) { held, segment in
            for k in held { rows.set(segment.values[Int(k - segment.start)], at: k, channel: channel) }
            var from = held.lowerBound
            while let part = present.firstPart(of: from..<held.upperBound) {
                rows.notePresent(part, channel: channel)
                from = part.upperBound
            }
        }
    }

    /// The first part of `range` that the encoder may see: present and not masked; nil where there is none.
    func firstSeen(in range: Range<GridIndex>) -> Range<GridIndex>? {
        var from = range.lowerBound
        while let part = present.firstPart(of: from..<range.upperBound) {
            if let believed = trace.firstBelieved(in: part) { return believed }
            from = part.upperBound
        }
        return nil
    }

    /// The first part of `range` that is present, or of that what the encoder may see; nil where there is none.
    func firstPart(of range: Range<GridIndex>, onlySeen: Bool) -> Range<GridIndex>? {
        onlySeen ? firstSeen(in: range) : present.firstPart(of: range)
    }

    /// Why the lead carries no ECG in the window from `start` on, as far as its samples tell; nil where it may.
    func reason(inWindowAt start: GridIndex) -> LeadCoverage.Reason? {
        let window = start..<start + Int64(Grid.windowSamples)
        if trace.isBeyondReach(windowAt: start) { return .range }
        guard present.count(in: window) * 10 >= Grid.windowSamples * 9,
            let first = present.firstMember(from: start),
            let last = present.lastMember(before: window.upperBound)
        else { return nil }
        let samples = rate.sampleIndex(covering: first)...rate.sampleIndex(covering: last)
        return trace.isFlat(windowAt: start, samples: samples) ? .flat : nil
    }

    /// The first grid sample whose value is still held; nil where none is.
    var firstHeld: GridIndex? { values.firstHeld }

    /// The first grid sample whose value in the wide band is still held; nil where none is.
    var firstWideHeld: GridIndex? { wideValues?.firstHeld }

    /// Forgets values below `emitted`, those of the wide band below `wide`, and presence below `windowStart`.
    mutating func forget(
        valuesBelow emitted: GridIndex,
        wideBelow wide: GridIndex,
        presenceBelow windowStart: GridIndex
    ) {
        values.forget(below: emitted, isRunning: runEnd != nil)
        wideValues?.forget(below: wide, isRunning: runEnd != nil)
        present.removeAll(below: windowStart)
        trace.forget(windowsBelow: windowStart, rowsBelow: emitted)
        trace.forgetStillness(below: rate.sampleIndex(covering: windowStart))
    }
}

// MARK: checkpoints

extension LeadConditioner {
    /// Leaves out values of rows below `ready`; all that may be left out where `leavesOutAll` says so.
    mutating func leaveOutValues(below ready: GridIndex, leavesOutAll: Bool) {
        let bound = leavesOutAll ? .max : ready
        values.forget(below: bound, isRunning: runEnd != nil)
        wideValues?.forget(below: bound, isRunning: runEnd != nil)
        trace.leaveOutBlocks(below: bound)
    }

    /// Has the values of another conditioner that was given the same samples.
    mutating func takeValues(of other: LeadConditioner) {
        values = other.values
        wideValues = other.wideValues
        trace.takeBlocks(of: other.trace)
    }

    /// Gives a conditioner that was read the table of its rate, nil at 500 Hz; false where it is another's.
    mutating func attach(_ table: PolyphaseTable?) -> Bool { resampler.attach(table) }
}
