import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Station

/// Those who look at waveforms change nothing of what a daemon says.
@Suite struct LookingLaws {
    private static let wishes: [TraceWishes] = [
        TraceWishes(), TraceWishes(monitor: [""]), TraceWishes(diagnostic: ["p1."]),
        TraceWishes(monitor: [""], diagnostic: ["p1."]), TraceWishes(monitor: ["q1."]),
    ]

    /// Seconds of a heart that stands still for a while, in chunks of random lengths, with an electrode that falls off.
    private func chunks(_ seed: UInt64, using generator: inout SeededGenerator) -> [LeadChunk] {
        var ecg = MadeECG(seconds: 40, seed: seed)
        ecg.addRhythm(from: 0, to: 12, rate: .random(in: 40...150, using: &generator))
        ecg.addRhythm(from: 20, to: 40, rate: .random(in: 40...150, using: &generator))
        let off = SampleIndex.random(in: 0..<19_000, using: &generator)
        var chunks: [LeadChunk] = []
        var from = 0
        while from < ecg.values.count {
            let count = min(Int.random(in: 1...400, using: &generator), ecg.values.count - from)
            let isOff = SampleIndex(from) >= off && SampleIndex(from) < off + 1_000
            let values = Array(ecg.values[from..<from + count])
            chunks.append(
                LeadChunk(
                    stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                    sequence: UInt64(chunks.count + 1),
                    firstSample: SampleIndex(from),
                    sampleCount: count,
                    rate: .grid,
                    leads: [
                        LeadSamples(lead: .ii, millivolts: values),
                        LeadSamples(
                            lead: .v1,
                            millivolts: isOff ? values.map { _ in .nan } : values,
                            facts: isOff ? LeadFacts(contact: .off) : LeadFacts()
                        ),
                    ],
                    isLast: from + count == ecg.values.count
                )
            )
            from += count
        }
        return chunks
    }

    @Test(arguments: seeds(12)) func `looking changes no byte of any event, alarms included`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let sent = chunks(seed, using: &generator)
        var alone = StationRun()
        var watched = StationRun()
        watched.isEager = Bool.random(using: &generator)
        var shown = 0
        for chunk in sent {
            let seconds = Double(chunk.sampleCount) / 500
            alone.send(chunk, after: seconds)
            if Int.random(in: 0..<20, using: &generator) == 0 {
                watched.look(at: Self.wishes.randomElement(using: &generator) ?? TraceWishes())
            }
            watched.send(chunk, after: seconds)
            shown += watched.takeTraces().count
        }
        watched.step()
        #expect(EventFormat.inCanonicalOrder(watched.events) == EventFormat.inCanonicalOrder(alone.events))
        #expect(shown > 0)
        #expect(
            alone.events.alarms.contains { $0.alarm.statement == "asystole" }
                && alone.events.alarms.contains { $0.alarm.statement == "electrode_off" }
        )
    }

    @Test func `who begins to look is shown whole blocks, and who leaves none`() {
        var generator = SeededGenerator(seed: 1)
        let sent = chunks(1, using: &generator)
        var run = StationRun()
        for chunk in sent.prefix(sent.count / 4) { run.send(chunk) }
        run.look(at: TraceWishes(monitor: [""], diagnostic: ["p1."]))
        #expect(run.takeTraces().isEmpty)
        for chunk in sent.dropFirst(sent.count / 4).prefix(20) { run.send(chunk) }
        let blocks = run.takeTraces()
        #expect(Set(blocks.map(\.band)) == [.monitor, .diagnostic])
        #expect(blocks.allSatisfy { $0.start % 100 == 0 })
        let second = blocks.filter { $0.band == .diagnostic && $0.leads.leads.contains(.ii) }
        #expect(second.allSatisfy { !$0.values.prefix(100).contains(TraceBlock.missing) })
        run.look(at: TraceWishes())
        for chunk in sent.suffix(10) { run.send(chunk) }
        #expect(run.takeTraces().isEmpty)
    }
}
