import ECGSignal
import Findings
import Policy
import TestSupport
import Testing

@testable import Station

/// Rates by which one patient alarms, set by people.
@Suite struct LimitLaws {
    private let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// Sends seconds `range` of a heart that beats `rate` times a minute, in chunks of a fifth of a second.
    private func send(
        _ rate: Double,
        _ range: Range<Int>,
        of stream: StreamIdentity,
        _ run: inout StationRun
    ) {
        var ecg = MadeECG(seconds: Double(range.upperBound), seed: 9)
        ecg.addRhythm(from: 0, to: Double(range.upperBound), rate: rate)
        for part in range.lowerBound * 5..<range.upperBound * 5 {
            let values = Array(ecg.values[100 * part..<100 * part + 100])
            run.send(
                LeadChunk(
                    stream: stream,
                    sequence: UInt64(part + 1),
                    firstSample: SampleIndex(100 * part),
                    sampleCount: 100,
                    rate: .grid,
                    leads: [LeadSamples(lead: .ii, millivolts: values)],
                    isLast: false
                ),
                after: 0.2
            )
        }
    }

    private func phases(_ statement: String, in run: StationRun) -> [AlarmEvent.Phase] {
        run.events.alarms.filter { $0.alarm.statement == statement }.map(\.phase)
    }

    @Test func `a limit that is set alarms, and one that is raised ends the alarm`() throws {
        var run = StationRun()
        send(100, 0..<20, of: p1, &run)
        #expect(phases("tachycardia", in: run).isEmpty)
        run.command(
            .limits(try PatientLimits(extremeLow: 40, low: 50, high: 90, extremeHigh: 140)),
            of: .patient("p1")
        )
        #expect(run.outcomes == [[.done]])
        send(100, 20..<50, of: p1, &run)
        #expect(phases("tachycardia", in: run).first == .start)
        #expect(!phases("tachycardia", in: run).contains(.end))
        run.command(.limits(nil), of: .patient("p1"))
        send(100, 50..<90, of: p1, &run)
        #expect(phases("tachycardia", in: run).last == .end)
    }

    @Test func `limits outlive an epoch and end with the discharge`() throws {
        var run = StationRun()
        let limits = try PatientLimits(extremeLow: 40, low: 50, high: 90, extremeHigh: 140)
        send(100, 0..<5, of: p1, &run)
        run.command(.limits(limits), of: .patient("p1"))
        let next = StreamIdentity(patient: "p1", device: "d1", epoch: 2)
        send(100, 0..<30, of: next, &run)
        #expect(phases("tachycardia", in: run).first == .start)
        #expect(run.shards[0].settings.map(\.limits) == [limits])
        run.command(.discharge, of: .patient("p1"))
        #expect(run.shards[0].settings.isEmpty)
        let before = run.events.count
        send(100, 30..<60, of: next, &run)
        let later = run.events[before...].compactMap(\.alarm).filter { $0.alarm.statement == "tachycardia" }
        #expect(!later.contains { $0.phase == .start })
    }

    @Test func `a patient of whom nothing is known has no limits to set`() {
        var run = StationRun()
        run.command(.limits(.adult), of: .patient("p9"))
        #expect(run.outcomes == [[]])
    }
}
