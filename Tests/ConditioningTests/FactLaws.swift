import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Conditioning

/// What a device says of its electrodes and its converter reaches the windows.
@Suite struct FactLaws {
    /// A stream whose leads are now and then off or at the rail, and per lead and grid sample what was said.
    private struct Told {
        var chunks: [LeadChunk] = []
        var off: [Lead: Set<GridIndex>] = [:]
        var saturated: [Lead: Set<GridIndex>] = [:]

        init(_ generator: inout SeededGenerator) {
            let sent = SentStream.random(
                seconds: .random(in: 2...4, using: &generator),
                using: &generator
            )
            for chunk in sent.chunks(longest: 0.5, using: &generator) {
                chunks.append(chunk.mapLeads { tell($0, of: chunk, &generator) })
            }
        }

        private mutating func tell(
            _ samples: LeadSamples,
            of chunk: LeadChunk,
            _ generator: inout SeededGenerator
        ) -> LeadSamples {
            var facts = LeadFacts()
            facts.contact = Contact.allCases.randomElement(using: &generator) ?? .unknown
            if Bool.random(using: &generator) {
                let from = Int.random(in: 0..<chunk.sampleCount, using: &generator)
                facts.saturated = [from..<Int.random(in: from + 1...chunk.sampleCount, using: &generator)]
            }
            var millivolts = samples.millivolts
            for offset in 0..<chunk.sampleCount {
                let isOff = facts.contact == .off
                let isSaturated = facts.saturated.contains { $0.contains(offset) }
                if isOff || isSaturated { millivolts[offset] = .nan }
                let index = chunk.firstSample + SampleIndex(offset)
                let grid = chunk.rate.gridIndex(notBefore: index)..<chunk.rate.gridIndex(notBefore: index + 1)
                for k in grid {
                    if isOff { off[samples.lead, default: []].insert(k) }
                    if isSaturated { saturated[samples.lead, default: []].insert(k) }
                }
            }
            return LeadSamples(lead: samples.lead, millivolts: millivolts, facts: facts)
        }
    }

    @Test func `a window tells how long each electrode was off or saturated, in any order of arrival`() {
        var count = 0
        for seed in seeds(500) {
            var generator = SeededGenerator(seed: seed &+ 5 << 32)
            let told = Told(&generator)
            var plain = StreamReading()
            for chunk in told.chunks { _ = plain.take(chunk) }
            plain.close()
            var mixed = StreamReading()
            for chunk in disordered(told.chunks, spread: 0.5, using: &generator) { _ = mixed.take(chunk) }
            mixed.close()
            for facts in plain.conditioner.facts(ofWindowAt: 0) {
                #expect(facts.contactOff == told.off[facts.lead]?.count ?? 0, "\(facts.lead), seed \(seed)")
                #expect(
                    facts.saturated == told.saturated[facts.lead]?.count ?? 0,
                    "\(facts.lead), seed \(seed)"
                )
                count += facts.contactOff + facts.saturated
            }
            #expect(
                mixed.conditioner.facts(ofWindowAt: 0) == plain.conditioner.facts(ofWindowAt: 0),
                "seed \(seed)"
            )
        }
        #expect(count > 100_000)
    }

    @Test func `the first to bring a sample says what is true of it`() {
        var stream = StreamReading()
        func chunk(_ contact: Contact, from first: SampleIndex) -> LeadChunk {
            LeadChunk(
                stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
                sequence: 1,
                firstSample: first,
                sampleCount: 250,
                rate: .grid,
                leads: [
                    LeadSamples(
                        lead: .ii,
                        millivolts: Array(repeating: contact == .off ? .nan : 0, count: 250),
                        facts: LeadFacts(contact: contact)
                    )
                ]
            )
        }
        _ = stream.take(chunk(.on, from: 0))
        _ = stream.take(chunk(.off, from: 125))
        #expect(stream.conditioner.facts(ofWindowAt: 0).map(\.contactOff) == [125])
        #expect(stream.conditioner.contact(of: .ii) == .off)
        _ = stream.take(chunk(.on, from: 0))
        #expect(stream.conditioner.contact(of: .ii) == .off, "a chunk sent again changes nothing")
        #expect(stream.conditioner.contact(of: .v1) == .unknown)
    }
}
