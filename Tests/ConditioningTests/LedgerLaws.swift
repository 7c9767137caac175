import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Conditioning

@Suite struct LedgerLaws {
    /// Chunks at random places: late, twice, with other values, in leaps of any length, refused, with ticks, after the
    /// close, after a reopening.
    @Test func `P06 the ledger closes at every moment, and every count is the slow twin's`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed)
            let leads = Lead.allCases.shuffled(using: &generator).prefix(
                Int.random(in: 1...4, using: &generator)
            )
            let tracks = leads.enumerated().map { index, lead in
                (lead: lead, track: index / 2, rate: SentStream.rates[Int(seed) % 3 + index / 2])
            }
            var twin = LedgerTwin(rates: tracks.map(\.rate))
            var stream = TimedConditioner()
            // Near the origin, or so far that products need more than 64 bits.
            var centre = Bool.random(using: &generator) ? 0.0 : Double(1 << 36)
            for step in 0..<Int.random(in: 10...30, using: &generator) {
                centre += .random(in: -0.1...0.4, using: &generator)
                if Int.random(in: 0..<40, using: &generator) == 0 {
                    centre += .random(in: 5...1e9, using: &generator)
                }
                switch Int.random(in: 0..<100, using: &generator) {
                case 0..<6:
                    stream.tick()
                    twin.tick()
                case 6..<10:
                    stream.refuse(17, of: tracks.map(\.lead))
                    twin.refuse(17, of: tracks.map(\.lead))
                case 10..<13:
                    let frees = Bool.random(using: &generator)
                    stream.close()
                    twin.close(freeing: frees)
                    if frees { stream.freeSamples() }
                case 13..<15 where stream.isClosed:
                    stream.reopen()
                    twin.reopen()
                default:
                    let track = Int.random(in: 0...tracks[tracks.count - 1].track, using: &generator)
                    let own = tracks.filter { $0.track == track }.shuffled(using: &generator)
                    let start = max(0, centre + .random(in: -2.5...1, using: &generator))
                    let chunk = self.chunk(own.map(\.lead), track, own[0].rate, at: start, step, &generator)
                    _ = stream.take(chunk)
                    twin.take(chunk)
                }
                expectEqual(stream, twin, "step \(step), seed \(seed)")
            }
        }
    }

    /// Both sides of the boundary: a lead whose newest sample ends two seconds before the stream's is waited for.
    @Test(arguments: SentStream.rates)
    func `a lead exactly one horizon behind is awaited, one sample more and it is not`(
        rate: SampleRate
    ) throws {
        let horizon = 2 * rate.numerator
        for (lag, late) in [(horizon, 0), (horizon + 1, 50)] {
            var stream = TimedConditioner()
            var sequence: UInt64 = 0
            func send(_ lead: Lead, _ range: Range<SampleIndex>) -> StreamConditioner.Outcome {
                var outcome = StreamConditioner.Outcome()
                for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(rate.hertz)) {
                    let end = min(start + SampleIndex(rate.hertz), range.upperBound)
                    sequence += 1
                    let chunk = LeadChunk(
                        stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
                        sequence: sequence,
                        track: lead == .i ? 0 : 1,
                        firstSample: start,
                        sampleCount: Int(end - start),
                        rate: rate,
                        leads: [
                            LeadSamples(
                                lead: lead,
                                millivolts: Array(repeating: 0.5, count: Int(end - start))
                            )
                        ]
                    )
                    outcome.late += stream.take(chunk).late
                }
                return outcome
            }
            let behind = 3 * rate.numerator
            for second in 0..<SampleIndex(3) {
                let range = second * rate.numerator..<(second + 1) * rate.numerator
                #expect(send(.ii, range).late == 0)
                #expect(send(.i, range).late == 0)
            }
            #expect(send(.i, behind..<behind + lag).late == 0)
            // What the lead sends next is in time while it is awaited, and behind the frontier where it is not.
            #expect(send(.ii, behind..<behind + 50).late == late, "\(lag) samples behind")
        }
    }

    /// Few different values, so that what comes twice is equal at times and a conflict at others.
    private func chunk(
        _ leads: [Lead],
        _ track: Int,
        _ rate: SampleRate,
        at seconds: Double,
        _ step: Int,
        _ generator: inout SeededGenerator
    ) -> LeadChunk {
        let count = Int.random(in: 1...Int(rate.hertz / 2), using: &generator)
        let flips = Int.random(in: 0..<3, using: &generator) == 0
        return LeadChunk(
            stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
            sequence: UInt64(step + 1),
            track: track,
            firstSample: SampleIndex(seconds * rate.hertz),
            sampleCount: count,
            rate: rate,
            leads: leads.map { lead in
                LeadSamples(
                    lead: lead,
                    millivolts: (0..<count).map { flips && $0 % 5 == 0 ? .nan : Float($0 % 2) }
                )
            }
        )
    }

    private func expectEqual(_ stream: TimedConditioner, _ twin: LedgerTwin, _ place: String) {
        let ledgers = stream.ledgers
        #expect(ledgers.map(\.lead) == twin.leads, "\(place)")
        for (lead, _, ledger) in ledgers {
            #expect(ledger.isBalanced, "\(lead.name), \(place)")
            let expected = twin.ledger(of: lead)
            #expect(ledger == expected, "\(lead.name), \(place)")
            #expect(!stream.isClosed || ledger.held == 0, "\(lead.name), \(place)")
        }
    }
}
