import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// What the journal keeps of a run.
@Suite struct DurableChoiceTests {
    @Test func `alarms and technical facts are kept, of diagnoses what changed, of vital signs one a minute`()
    {
        var ecg = MadeECG(seconds: 190, seed: 3)
        _ = ecg.addRhythm(from: 0, to: 130, rate: 72)
        var run = StationRun()
        var from = 0
        while from < ecg.values.count {
            let count = min(100, ecg.values.count - from)
            run.send(
                LeadChunk(
                    stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                    sequence: UInt64(from / 100 + 1),
                    firstSample: SampleIndex(from),
                    sampleCount: count,
                    rate: .grid,
                    leads: [LeadSamples(lead: .ii, millivolts: Array(ecg.values[from..<from + count]))],
                    isLast: from + count == ecg.values.count
                ),
                after: 0.2
            )
            from += count
        }
        var fixed = DurableChoice { _ in 0.5 }
        var kept: [Event] = []
        for event in run.events where fixed.keeps(event) {
            kept.append(event)
        }
        func counts(_ events: [Event]) -> (alarms: Int, technical: Int, windows: Int, vitals: Int) {
            events.reduce(into: (0, 0, 0, 0)) { counts, event in
                switch event.content {
                case .alarm: counts.0 += 1
                case .technical: counts.1 += 1
                case .diagnosis: counts.2 += 1
                case .vitals: counts.3 += 1
                }
            }
        }
        let (all, some) = (counts(run.events), counts(kept))
        #expect(some.alarms == all.alarms && all.alarms > 0)
        #expect(some.technical == all.technical && all.technical > 1)
        #expect(all.windows > 150 && some.windows >= 1 && some.windows < all.windows)
        #expect(all.vitals > 180 && (3...4).contains(some.vitals))
        // Any two neighbours that are kept differ, and whatever was left out is as the one before it.
        var before: [String]?
        for event in run.events {
            guard case .diagnosis(_, let window) = event.content else { continue }
            let now =
                window.top.filter { $0.probability ?? 0 >= 0.5 }.map(\.statement.id).sorted()
                + window.usedLeads.map(\.name) + [window.windowWithheld?.rawValue ?? ""]
            #expect(kept.contains { $0.key == event.key } == (now != before))
            before = now
        }
        // A stream that has closed is forgotten: the first window of another epoch is kept in any case.
        #expect(fixed.isEmpty)
    }
}
