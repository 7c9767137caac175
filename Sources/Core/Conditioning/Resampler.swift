public import ECGSignal

/// Resamples one lead to 500 Hz, chunk by chunk; where the input is cut never changes a bit.
///
/// A *run* is a contiguous stretch of native samples. Its grid samples are every k with n0 / r <= k / 500 < N / r,
/// where n0 is its first sample and N one past its last; both ends are extended by the edge sample. A grid sample
/// comes as soon as the `PolyphaseTable.halfTaps` native samples after it are there (130 ms at 100 Hz, 26 ms from
/// 500 Hz up). Each is one dot product in Double, in a fixed order, rounded once. 500 Hz passes bit for bit and
/// without delay.
///
/// Positions are integers and carries, hence exact at any index. Invariant, while running with a table:
/// grid sample `nextGridIndex` stands at native position `whole + phase / phaseCount`, and
/// `history[0..<historyCount]` are the samples from `historyStart` on, which is at most `whole - (halfTaps - 1)`
/// unless `historyCount` is 0.
public struct Resampler: Sendable {
    private var table: PolyphaseTable?
    private let rate: SampleRate

    /// Between `start` and `finish`.
    public private(set) var isRunning = false
    /// The grid index of the next sample to come out; those of a run are contiguous.
    public private(set) var nextGridIndex: GridIndex = 0

    private var whole: SampleIndex = 0
    private var phase = 0
    private var historyStart: SampleIndex = 0
    private var historyCount = 0
    /// Room for what one dot product reads and a block more, so that it is moved down once a block.
    private var history: [Double]
    private var hasSample = false
    private var lastSample: Float = 0

    private static let block = 64

    /// A resampler of `rate` that is not running; `table` is that rate's, nil for 500 Hz alone.
    public init(rate: SampleRate, table: PolyphaseTable?) {
        precondition(table?.rate ?? .grid == rate, "the table of another rate")
        self.rate = rate
        self.table = rate == .grid ? nil : table
        history = Array(repeating: 0, count: self.table.map { 2 * $0.halfTaps + Resampler.block } ?? 0)
    }

    /// Begins a run at native sample `first`; what was kept of an earlier run is dropped.
    public mutating func start(at first: SampleIndex) {
        isRunning = true
        hasSample = false
        historyCount = 0
        historyStart = first
        nextGridIndex = rate.gridIndex(notBefore: first)
        guard let table else { return }
        let position = Int128(nextGridIndex) * Int128(table.step)
        whole = SampleIndex(position / Int128(table.phaseCount))
        phase = Int(position % Int128(table.phaseCount))
    }

    /// Takes the run's next samples and appends every grid sample whose look-ahead is there.
    ///
    /// Needs a running run. Allocates nothing beyond `output`'s own growth.
    /// - Parameters:
    ///   - samples: `[time]`, millivolts at the native rate, of any length.
    ///   - output: `[time]`, millivolts at 500 Hz; the first one appended is `nextGridIndex`.
    public mutating func push(_ samples: Span<Float>, into output: inout [Float]) {
        precondition(isRunning, "samples outside a run")
        guard samples.count > 0 else { return }
        guard let table else {
            for index in samples.indices { output.append(samples[index]) }
            nextGridIndex += GridIndex(samples.count)
            return
        }
        if !hasSample {
            hasSample = true
            extend(by: samples[0], count: table.halfTaps - 1)
            historyStart -= SampleIndex(table.halfTaps - 1)
        }
        lastSample = samples[samples.count - 1]
        var taken = 0
        while taken < samples.count {
            if historyCount == history.count { forget(table) }
            let count = min(samples.count - taken, history.count - historyCount)
            for index in 0..<count { history[historyCount + index] = Double(samples[taken + index]) }
            historyCount += count
            taken += count
            emit(table, into: &output)
        }
    }

    /// Ends the run: extends it by its last sample and appends its remaining grid samples.
    ///
    /// Does nothing where none is running; a run without a sample has no grid sample.
    public mutating func finish(into output: inout [Float]) {
        defer { isRunning = false }
        guard isRunning, hasSample, let table else { return }
        // With halfTaps more samples the last one that has its look-ahead is the last that stands before N / r.
        if history.count - historyCount < table.halfTaps { forget(table) }
        extend(by: lastSample, count: table.halfTaps)
        emit(table, into: &output)
    }

    private mutating func extend(by sample: Float, count: Int) {
        for index in historyCount..<historyCount + count { history[index] = Double(sample) }
        historyCount += count
    }

    /// Appends grid samples while their look-ahead is there.
    private mutating func emit(_ table: PolyphaseTable, into output: inout [Float]) {
        let taps = 2 * table.halfTaps
        let wholeStep = table.step / table.phaseCount
        let phaseStep = table.step % table.phaseCount
        // A local reference, since a span may not borrow from a class's property.
        let coefficients = table.coefficients
        var from = Int(whole - historyStart) - (table.halfTaps - 1)
        while from + taps <= historyCount {
            output.append(
                Float(dot(coefficients.span, from: phase * taps, history.span, from: from, count: taps))
            )
            nextGridIndex += 1
            from += wholeStep
            phase += phaseStep
            if phase >= table.phaseCount {
                phase -= table.phaseCount
                from += 1
            }
        }
        whole = historyStart + SampleIndex(from + table.halfTaps - 1)
    }

    /// Drops the samples that no later grid sample reads and moves the rest down; at most 2 halfTaps - 1 stay.
    private mutating func forget(_ table: PolyphaseTable) {
        let needed = whole - SampleIndex(table.halfTaps - 1)
        let dropped = Int(min(needed - historyStart, SampleIndex(historyCount)))
        for index in dropped..<historyCount { history[index - dropped] = history[index] }
        historyCount -= dropped
        historyStart += SampleIndex(dropped)
    }
}

/// The samples that outputs to come still need are written, as what they came as; the table is found anew by the rate.
extension Resampler: Codable {
    private enum CodingKeys: CodingKey {
        case rate, isRunning, nextGridIndex, whole, phase, historyStart, history, hasSample, lastSample
    }

    /// The resampler that was written, which works once it has its table.
    public init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        rate = try members.decode(SampleRate.self, forKey: .rate)
        isRunning = try members.decode(Bool.self, forKey: .isRunning)
        nextGridIndex = try members.decode(GridIndex.self, forKey: .nextGridIndex)
        whole = try members.decode(SampleIndex.self, forKey: .whole)
        phase = try members.decode(Int.self, forKey: .phase)
        historyStart = try members.decode(SampleIndex.self, forKey: .historyStart)
        history = try members.decode([Float].self, forKey: .history).map { Double($0) }
        historyCount = history.count
        hasSample = try members.decode(Bool.self, forKey: .hasSample)
        lastSample = try members.decode(Float.self, forKey: .lastSample)
    }

    /// Writes the resampler's state into a checkpoint.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        var passed = 0
        if let table {
            let needed = whole - SampleIndex(table.halfTaps - 1) - historyStart
            passed = Int(min(max(0, needed), SampleIndex(historyCount)))
        }
        try members.encode(rate, forKey: .rate)
        try members.encode(isRunning, forKey: .isRunning)
        try members.encode(nextGridIndex, forKey: .nextGridIndex)
        try members.encode(whole, forKey: .whole)
        try members.encode(phase, forKey: .phase)
        try members.encode(historyStart + SampleIndex(passed), forKey: .historyStart)
        try members.encode(history[passed..<historyCount].map { Float($0) }, forKey: .history)
        try members.encode(hasSample, forKey: .hasSample)
        try members.encode(lastSample, forKey: .lastSample)
    }

    /// Gives a resampler that was read the table of its rate, nil at 500 Hz; false where it is another's.
    mutating func attach(_ table: PolyphaseTable?) -> Bool {
        guard table?.rate ?? .grid == rate else { return false }
        self.table = rate == .grid ? nil : table
        let room = self.table.map { 2 * $0.halfTaps + Resampler.block } ?? 0
        guard historyCount <= room, self.table.map({ (0..<$0.phaseCount).contains(phase) }) ?? true else {
            return false
        }
        history += repeatElement(0, count: room - historyCount)
        return true
    }
}

/// The sum of `count` products, an even number: even and odd taps apart, each in order, then their sum.
private func dot(
    _ a: Span<Double>,
    from aFirst: Int,
    _ b: Span<Double>,
    from bFirst: Int,
    count: Int
) -> Double {
    var even = 0.0
    var odd = 0.0
    for index in stride(from: 0, to: count, by: 2) {
        even += a[aFirst + index] * b[bFirst + index]
        odd += a[aFirst + index + 1] * b[bFirst + index + 1]
    }
    return even + odd
}
