import ECGSignal
import Mathematics

/// The assembler by its definition, sample by sample: every sample that ever came is kept, with its bits.
struct LedgerTwin {
    private struct Line {
        let lead: Lead
        let rate: SampleRate
        var taken: [SampleIndex: UInt32] = [:]
        var frontier: SampleIndex = 0
        var newest: SampleIndex { (taken.keys.max() ?? -1) + 1 }
    }

    /// Counts that stay, by lead; what is analysed and held is counted anew at each question.
    private var counts: [Lead: Ledger] = [:]
    private var lines: [Line] = []
    private var isReleasing = false
    private var isClosed = false
    private var areValuesKept = true
    private var analysedBefore: [Lead: Int] = [:]

    private let horizon: Int128 = 2

    /// Exact position of a sample, in units of 1 / (product of all rates' numerators) seconds.
    private let unitsPerSecond: Int128
    init(rates: [SampleRate]) {
        unitsPerSecond = Set(rates.map(\.numerator)).reduce(Int128(1)) { $0 * Int128($1) }
    }

    private func position(_ index: SampleIndex, _ rate: SampleRate) -> Int128 {
        Int128(index) * Int128(rate.denominator) * (unitsPerSecond / Int128(rate.numerator))
    }

    /// The first sample at or after a position.
    private func first(notBefore position: Int128, _ rate: SampleRate) -> SampleIndex {
        let step = self.position(1, rate)
        var index = SampleIndex(position / step)
        while self.position(index, rate) < position { index += 1 }
        while index > 0, self.position(index - 1, rate) >= position { index -= 1 }
        return index
    }

    private var newest: Int128 { lines.map { position($0.newest, $0.rate) }.max() ?? 0 }
    private var firstTaken: Int128? {
        lines.compactMap { line in line.taken.keys.min().map { position($0, line.rate) } }.min()
    }

    private func isAwaited(_ line: Line) -> Bool {
        position(line.newest, line.rate) >= newest - horizon * unitsPerSecond
    }

    private var earliest: Int128? { lines.filter(isAwaited).map { position($0.frontier, $0.rate) }.min() }

    mutating func take(_ chunk: LeadChunk) {
        for samples in chunk.leads { place(samples, chunk) }
        if !isClosed { advance() }
    }

    private mutating func place(_ samples: LeadSamples, _ chunk: LeadChunk) {
        var index = lines.firstIndex { $0.lead == samples.lead }
        if index == nil {
            var line = Line(lead: samples.lead, rate: chunk.rate)
            if isReleasing, let earliest { line.frontier = first(notBefore: earliest, chunk.rate) }
            // A lead is there from the first sample it has; before, it is not waited for.
            if !isClosed, chunk.endSample > line.frontier {
                lines.append(line)
                index = lines.count - 1
            }
        }
        for (offset, value) in samples.millivolts.enumerated() {
            counts[samples.lead, default: Ledger()].received += 1
            let sample = chunk.firstSample + Int64(offset)
            guard let index else {
                counts[samples.lead, default: Ledger()].late += 1
                continue
            }
            judge(sample, value.bitPattern, samples.lead, index)
        }
    }

    private mutating func judge(_ sample: SampleIndex, _ bits: UInt32, _ lead: Lead, _ index: Int) {
        let line = lines[index]
        let isBehind = isReleasing && sample < line.frontier
        let isKept =
            !isReleasing
            || position(sample, line.rate) >= position(line.frontier, line.rate) - horizon * unitsPerSecond
        if let mine = line.taken[sample], isKept {
            if mine == bits || !areValuesKept {
                counts[lead, default: Ledger()].duplicate += 1
            } else {
                counts[lead, default: Ledger()].conflict += 1
            }
        } else if isBehind || isClosed {
            counts[lead, default: Ledger()].late += 1
        } else {
            lines[index].taken[sample] = bits
        }
    }

    private mutating func advance() {
        guard let first = firstTaken else { return }
        if !isReleasing {
            guard newest - first >= horizon * unitsPerSecond else { return }
            release(first)
        }
        for index in lines.indices where isAwaited(lines[index]) {
            raise(index, to: newest - horizon * unitsPerSecond)
            while lines[index].taken[lines[index].frontier] != nil { lines[index].frontier += 1 }
        }
        guard let earliest else { return }
        for index in lines.indices where !isAwaited(lines[index]) { raise(index, to: earliest) }
    }

    private mutating func release(_ position: Int128) {
        isReleasing = true
        for index in lines.indices { raise(index, to: position) }
    }

    private mutating func raise(_ index: Int, to position: Int128) {
        guard position > 0 else { return }
        lines[index].frontier = max(lines[index].frontier, first(notBefore: position, lines[index].rate))
    }

    mutating func tick() {
        guard !isClosed, let first = firstTaken else { return }
        if !isReleasing { release(first) }
        for index in lines.indices { raise(index, to: newest) }
    }

    mutating func close(freeing: Bool) {
        tick()
        isClosed = true
        if freeing { areValuesKept = false }
    }

    mutating func reopen() {
        for line in lines { analysedBefore[line.lead, default: 0] += line.taken.count }
        lines = []
        (isReleasing, isClosed, areValuesKept) = (false, false, true)
    }

    mutating func refuse(_ count: Int, of leads: [Lead]) {
        for lead in leads {
            counts[lead, default: Ledger()].received += count
            counts[lead, default: Ledger()].refused += count
        }
    }

    func ledger(of lead: Lead) -> Ledger {
        var ledger = counts[lead] ?? Ledger()
        ledger.analysed = analysedBefore[lead] ?? 0
        if let line = lines.first(where: { $0.lead == lead }) {
            ledger.held = line.taken.keys.count { !isReleasing || $0 >= line.frontier }
            ledger.analysed += line.taken.count - ledger.held
        }
        return ledger
    }

    /// The leads that were ever named, in lead order.
    var leads: [Lead] { counts.keys.sorted() }
}
