import ECGSignal
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

    /// The rows `[time][12]` of the whole stream, as bits.
    func rows() -> [UInt32] {
        var lines: [Lead: [GridIndex: Float]] = [:]
        for signal in signals where signal.lead.channel != nil { lines[signal.lead] = line(of: signal) }
        var bits: [UInt32] = []
        for k in start..<end {
            for lead in Lead.standard {
                var value: Float = 0
                if let (p, q) = pair(for: lead, at: k) {
                    if let first = lines[p]?[k], let second = lines[q]?[k] {
                        let weights = Derivation.weights(
                            of: lead.channel ?? 0,
                            from: p.channel ?? 0,
                            q.channel ?? 0
                        )
                        value = Float(weights.first * Double(first) + weights.second * Double(second))
                    }
                } else {
                    value = lines[lead]?[k] ?? 0
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
