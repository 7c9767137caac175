import ECGSignal
import Findings
import TestSupport

@testable import Conditioning

/// The slow, obvious twin of the conditioning: whole leads at once, sample by sample, from the definitions.
///
/// It shares the resampler, the band and the derivation's weights with the code under test, which have laws of their
/// own; what is told apart here is all that lies between: gaps, bridges, runs, masks, places on the grid.
struct OfflineTwin {
    private struct LeadSignal {
        let lead: Lead
        let rate: SampleRate
        let first: SampleIndex
        /// NaN where nothing was received.
        var values: [Float]
        /// The first sample that was received, missing or not.
        var firstTaken: SampleIndex
        /// One past the last one.
        var newest: SampleIndex

        func isPresent(_ index: SampleIndex) -> Bool {
            index >= first && index < first + Int64(values.count) && !values[Int(index - first)].isNaN
        }
    }

    private var signals: [LeadSignal] = []
    private var sentFrom: [Lead: GridIndex] = [:]
    /// The band-limited samples of each lead where it is present.
    private var lines: [Lead: [GridIndex: Float]] = [:]
    /// Where they are above 8 mV.
    private var beyond: [Lead: Set<GridIndex>] = [:]
    /// First grid sample of any lead.
    let start: GridIndex
    /// One past the last.
    let end: GridIndex

    /// The stream of which just `chunks` arrived.
    init(_ chunks: [LeadChunk], of stream: SentStream) {
        for track in stream.tracks {
            for lead in track.leads {
                signals.append(
                    LeadSignal(
                        lead: lead,
                        rate: track.rate,
                        first: track.first,
                        values: Array(repeating: .nan, count: Int(track.end - track.first)),
                        firstTaken: .max,
                        newest: .min
                    )
                )
            }
        }
        for chunk in chunks {
            for samples in chunk.leads {
                guard let index = signals.firstIndex(where: { $0.lead == samples.lead }) else { continue }
                for (offset, value) in samples.millivolts.enumerated() {
                    signals[index].values[Int(chunk.firstSample - signals[index].first) + offset] = value
                }
                signals[index].firstTaken = min(signals[index].firstTaken, chunk.firstSample)
                signals[index].newest = max(signals[index].newest, chunk.endSample)
            }
        }
        signals.removeAll { $0.firstTaken == .max }
        for signal in signals { sentFrom[signal.lead] = signal.rate.gridIndex(notBefore: signal.firstTaken) }
        start = signals.map { $0.rate.gridIndex(notBefore: $0.firstTaken) }.min() ?? 0
        end = signals.map { $0.rate.gridIndex(notBefore: $0.newest) }.max() ?? 0
        for signal in signals where signal.lead.channel != nil || [.patch, .chestStrap].contains(signal.lead)
        {
            let line = line(of: signal)
            lines[signal.lead] = line
            beyond[signal.lead] = Set(line.filter { abs($0.value) > 8 }.keys)
        }
    }

    /// Grid sample k is present when native sample floor(k r / 500) is.
    func isPresent(_ lead: Lead, at k: GridIndex) -> Bool {
        guard let signal = signals.first(where: { $0.lead == lead }) else { return false }
        let index = Int128(k) * Int128(signal.rate.numerator) / Int128(500 * signal.rate.denominator)
        return signal.isPresent(SampleIndex(index))
    }

    private func isSent(_ lead: Lead, at k: GridIndex) -> Bool {
        sentFrom[lead].map { $0 <= k } ?? false
    }

    /// The two limb leads that stand in for `lead` at grid sample `k`; nil where none do.
    private func pair(for lead: Lead, at k: GridIndex) -> (Lead, Lead)? {
        guard Lead.limb.contains(lead), !isSent(lead, at: k) else { return nil }
        let sent = Lead.limb.filter { isSent($0, at: k) }
        return sent.count >= 2 ? (sent[0], sent[1]) : nil
    }

    /// Whether the lead, sent or derived, is present at grid sample `k`.
    func covers(_ lead: Lead, at k: GridIndex) -> Bool {
        if let (p, q) = pair(for: lead, at: k) { return isPresent(p, at: k) && isPresent(q, at: k) }
        return isPresent(lead, at: k)
    }

    /// Whether the twelve's `lead` counts grid sample `k` as present in a window that ends before `end`.
    func counts(_ lead: Lead, at k: GridIndex, windowEnd end: GridIndex) -> Bool {
        if lead == .i, let standIn, !isStandardSent(at: end - 1) { return isPresent(standIn, at: k) }
        return covers(lead, at: k)
    }

    /// The lead without a position that stands in channel I while no standard lead was sent.
    var standIn: Lead? {
        let candidates = [Lead.chestStrap, .patch].filter { sentFrom[$0] != nil }
        return candidates.min { sentFrom[$0] ?? 0 < sentFrom[$1] ?? 0 }
    }

    /// Whether a standard lead was sent before or at grid sample `k`.
    func isStandardSent(at k: GridIndex) -> Bool { Lead.standard.contains { isSent($0, at: k) } }

    /// How many of the ten seconds from `start` on hold a value of more than 8 mV.
    private func secondsBeyond(_ lead: Lead, from start: GridIndex) -> Int {
        let places = (beyond[lead] ?? []).filter { start..<start + 5_000 ~= $0 }
        return Set(places.map { ($0 - start) / 500 }).count
    }

    /// Whether the lead was beyond reach in more than half of the ten seconds before the second in which `k` stands.
    private func isMasked(_ lead: Lead, at k: GridIndex) -> Bool {
        secondsBeyond(lead, from: k / 500 * 500 - 5_000) > 5
    }

    /// Why a lead that was sent carries no ECG in the window from `start` on.
    func reason(_ lead: Lead, windowAt start: GridIndex) -> LeadCoverage.Reason? {
        guard let signal = signals.first(where: { $0.lead == lead }) else { return nil }
        let seconds = Set((start..<start + 5_000).map { $0 / 500 })
        if secondsBeyond(lead, from: start) > 5 { return .range }
        if seconds.contains(where: { isMasked(lead, at: $0 * 500) }) { return .range }
        let there = (start..<start + 5_000).filter { isPresent(lead, at: $0) }
        guard there.count >= 4_500, let first = there.first, let last = there.last else { return nil }
        let natives = [first, last].map { $0 * signal.rate.numerator / (500 * signal.rate.denominator) }
        let raw = (natives[0]...natives[1]).map { signal.values[Int($0 - signal.first)] }.filter { !$0.isNaN }
        if Set(raw).count == 1, natives[1] - natives[0] >= Int64(8.9 * signal.rate.hertz) { return .flat }
        let seen = there.filter { $0 < start + 4_992 }.compactMap { lines[lead]?[$0] }
        return (seen.max() ?? -.infinity) - (seen.min() ?? .infinity) < 0.05 ? .flat : nil
    }

    /// The same of any of the twelve in the window from `start` on, as it is sent, stands in or is computed.
    func leadReason(_ lead: Lead, windowAt start: GridIndex) -> LeadCoverage.Reason? {
        let last = start + 4_999
        if isSent(lead, at: last) {
            if let own = reason(lead, windowAt: start) { return own }
            // Computed from a pair before it was sent.
            let computed = (start..<start + 5_000).contains { k in
                pair(for: lead, at: k).map { isPresent($0, at: k) && isPresent($1, at: k) } ?? false
            }
            guard computed else { return nil }
            let sent = Lead.limb.filter { isSent($0, at: start) }
            guard sent.count >= 2 else { return nil }
            return reason(sent[0], windowAt: start) ?? reason(sent[1], windowAt: start)
        }
        if let (p, q) = pair(for: lead, at: last) {
            return reason(p, windowAt: start) ?? reason(q, windowAt: start)
        }
        guard lead == .i, !isStandardSent(at: last), let standIn else { return nil }
        return reason(standIn, windowAt: start)
    }

    /// Whether the encoder sees a value beyond reach of a lead that is out for it, or a patch beside standard leads.
    func isDisturbed(windowAt start: GridIndex) -> Bool {
        let range = start..<start + 5_000
        let isPlaced = isStandardSent(at: start + 4_999)
        let leads = isPlaced ? Lead.standard : Array(Lead.allCases.suffix(2))
        if isPlaced, let standIn,
            range.contains(where: { !isStandardSent(at: $0) && seen(standIn, at: $0) != nil })
        {
            return true
        }
        return leads.contains { lead in
            reason(lead, windowAt: start) == .range
                && (beyond[lead] ?? []).contains { range ~= $0 && !isMasked(lead, at: $0) }
        }
    }

    private func seen(_ lead: Lead, at k: GridIndex) -> Float? {
        guard let value = lines[lead]?[k] else { return nil }
        return isMasked(lead, at: k) ? nil : value
    }

    /// The rows `[time][12]` of the whole stream, as bits.
    func rows() -> [UInt32] {
        var bits: [UInt32] = []
        var masks: [Lead: [GridIndex: Bool]] = [:]
        func seen(_ lead: Lead, at k: GridIndex) -> Float? {
            guard let value = lines[lead]?[k] else { return nil }
            let isMasked = masks[lead]?[k / 500] ?? self.isMasked(lead, at: k)
            masks[lead, default: [:]][k / 500] = isMasked
            return isMasked ? nil : value
        }
        for k in start..<end {
            for lead in Lead.standard {
                var value: Float = 0
                if let (p, q) = pair(for: lead, at: k) {
                    if let first = seen(p, at: k), let second = seen(q, at: k) {
                        let weights = Derivation.weights(
                            of: lead.channel ?? 0,
                            from: p.channel ?? 0,
                            q.channel ?? 0
                        )
                        value = Float(weights.first * Double(first) + weights.second * Double(second))
                    }
                } else if lead == .i, let standIn, !isStandardSent(at: k) {
                    value = seen(standIn, at: k) ?? 0
                } else {
                    value = seen(lead, at: k) ?? 0
                }
                bits.append(value.bitPattern)
            }
        }
        return bits
    }

    /// The band-limited samples of one lead where it is present.
    private func line(of signal: LeadSignal) -> [GridIndex: Float] {
        var line: [GridIndex: Float] = [:]
        for (start, run) in runs(of: signal) {
            var resampler = Resampler(rate: signal.rate, table: Tables.of(signal.rate))
            var output: [Float] = []
            resampler.start(at: start)
            resampler.push(run.span, into: &output)
            resampler.finish(into: &output)
            var band = EncoderBand()
            let origin = signal.rate.gridIndex(notBefore: start)
            for (offset, sample) in output.enumerated() {
                if offset == 0 { band.restart(at: sample) }
                let value = band.filter(sample)
                let k = origin + Int64(offset)
                if isPresent(signal.lead, at: k) { line[k] = value }
            }
        }
        return line
    }

    /// Stretches without a gap of more than 50 ms, shorter ones filled with a straight line.
    private func runs(of signal: LeadSignal) -> [(start: SampleIndex, samples: [Float])] {
        var runs: [(start: SampleIndex, samples: [Float])] = []
        for (offset, value) in signal.values.enumerated() where !value.isNaN {
            let index = signal.first + Int64(offset)
            if let run = runs.last, let before = run.samples.last {
                let missing = index - (run.start + Int64(run.samples.count))
                if Double(missing) <= 0.050 * signal.rate.hertz + 1e-9 {
                    for step in 0..<missing {
                        let rise = (Double(value) - Double(before)) / Double(missing + 1)
                        runs[runs.count - 1].samples.append(Float(Double(before) + rise * Double(step + 1)))
                    }
                    runs[runs.count - 1].samples.append(value)
                    continue
                }
            }
            runs.append((index, [value]))
        }
        return runs
    }
}
