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
            .limits(LimitOrder(try PatientLimits(extremeLow: 40, low: 50, high: 90, extremeHigh: 140))),
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

    private func ward(tachycardia rate: Double) throws -> PolicyTable {
        var settings = PolicySettings()
        var statement = PolicySettings.Statement("tachycardia")
        statement.threshold = .init(side: .above, onset: rate, end: rate - 5)
        settings.statements = [statement]
        return try PolicyTable.standard.applying(settings)
    }

    @Test func `the ward's rates hold from the row on at which they come into force, and people's go before`()
        throws
    {
        var run = StationRun()
        send(100, 0..<20, of: p1, &run)
        #expect(phases("tachycardia", in: run).isEmpty)
        run.adopt(try ward(tachycardia: 90))
        send(100, 20..<40, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start])
        run.command(.limits(LimitOrder(.adult)), of: .patient("p1"))
        send(100, 40..<70, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start, .end])
        // Another patient of the ward has them from the first row on.
        send(100, 0..<20, of: StreamIdentity(patient: "p2", device: "d2", epoch: 1), &run)
        #expect(phases("tachycardia", in: run) == [.start, .end, .start])
        // And whose own are withdrawn has them again.
        run.command(.limits(nil), of: .patient("p1"))
        send(100, 70..<90, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start, .end, .start, .start])
    }

    @Test func `a rate that rises past an adult's limit alarms where it passes that of the ward`() throws {
        var run = StationRun()
        run.adopt(try ward(tachycardia: 130))
        send(125, 0..<30, of: p1, &run)
        #expect(phases("tachycardia", in: run).isEmpty)
        send(136, 30..<60, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start])
        let alarm = try #require(run.events.alarms.first { $0.alarm.statement == "tachycardia" })
        #expect((130...137).contains(alarm.figure?.value ?? 0), "\(alarm)")
    }

    @Test func `an order of ST alone leaves the ward's rates in force, also those that come later`() throws {
        var run = StationRun()
        run.adopt(try ward(tachycardia: 90))
        send(100, 0..<20, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start])
        run.command(.limits(LimitOrder(st: try STLimits(change: 150))), of: .patient("p1"))
        send(100, 20..<50, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start])
        run.adopt(try ward(tachycardia: 125))
        send(100, 50..<80, of: p1, &run)
        #expect(phases("tachycardia", in: run) == [.start, .end])
    }

    @Test func `a discharge gives back the ward's rates and not an adult's`() throws {
        var run = StationRun()
        run.adopt(try ward(tachycardia: 90))
        let order = LimitOrder(try PatientLimits(extremeLow: 40, low: 50, high: 110, extremeHigh: 140))
        send(100, 0..<5, of: p1, &run)
        run.command(.limits(order), of: .patient("p1"))
        send(100, 5..<40, of: p1, &run)
        #expect(phases("tachycardia", in: run).last != .start)
        run.command(.discharge, of: .patient("p1"))
        let before = run.events.count
        send(100, 40..<60, of: p1, &run)
        let later = run.events[before...].compactMap(\.alarm).filter { $0.alarm.statement == "tachycardia" }
        #expect(later.map(\.phase) == [.start])
    }

    @Test func `a ward's bradycardia alarms below its rate and not at it, nor before it holds`() throws {
        var settings = PolicySettings()
        var statement = PolicySettings.Statement("bradycardia")
        statement.threshold = .init(side: .below, onset: 75, end: 80)
        settings.statements = [statement]
        let policy = try PolicyTable.standard.applying(settings)
        for (rate, isBelow) in [(75.0, false), (73.0, true)] {
            var run = StationRun()
            run.adopt(policy)
            send(rate, 0..<30, of: p1, &run)
            #expect(phases("bradycardia", in: run).contains(.start) == isBelow, "\(rate)/min")
        }
    }

    @Test func `limits outlive an epoch and end with the discharge`() throws {
        var run = StationRun()
        let limits = LimitOrder(try PatientLimits(extremeLow: 40, low: 50, high: 90, extremeHigh: 140))
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

    /// Sends a heart whose ST lies `level` millivolts high in II and III, in seconds from `start` on.
    private func sendST(_ level: Double, _ seconds: Int, after start: Int = 0, _ run: inout StationRun) {
        var ecg = MadeECG(seconds: Double(seconds), seed: 9)
        for time in ecg.addRhythm(from: 0, to: Double(seconds), rate: 70) {
            ecg.addBell(at: time + 0.115, height: level, deviation: 0.045)
        }
        var device = DeviceFacts()
        var acquisition = Acquisition()
        (acquisition.highPassHertz, acquisition.lowPassHertz) = (0.05, 150)
        device.acquisition = acquisition
        for second in 0..<seconds {
            let values = Array(ecg.values[500 * second..<500 * (second + 1)])
            run.send(
                LeadChunk(
                    stream: p1,
                    sequence: UInt64(start + second + 1),
                    firstSample: SampleIndex(500 * (start + second)),
                    sampleCount: 500,
                    rate: .grid,
                    leads: [.ii, .iii].map { LeadSamples(lead: $0, millivolts: values) },
                    device: device
                ),
                after: 1
            )
        }
    }

    private func limits(baseline: Int) throws -> LimitOrder {
        LimitOrder(st: try STLimits(baseline: [(.ii, baseline), (.iii, baseline)]))
    }

    @Test
    func `an ST that differs from the baseline that a user set alarms after a minute, as its wall alone`()
        throws
    {
        var run = StationRun()
        sendST(0.2, 5, &run)
        run.command(.limits(try limits(baseline: 0)), of: .patient("p1"))
        sendST(0.2, 90, after: 5, &run)
        let alarms = run.events.alarms.filter { $0.alarm.statement.hasPrefix("st_") }
        let alarm = try #require(alarms.first)
        #expect(alarms.count == 1 && alarm.alarm.statement == "st_elevation_inferior")
        #expect(alarm.phase == .start && alarm.priority == .medium && alarm.leads.contains(.ii))
        #expect((0.12...0.3).contains(alarm.figure?.value ?? 0) && alarm.figure?.unit == .millivolts)
        #expect((29_000...32_000).contains(alarm.at.sample - alarm.onset.sample), "\(alarm)")
        // The same heart beside its own level is quiet again, a minute later.
        run.command(.limits(try limits(baseline: 200)), of: .patient("p1"))
        sendST(0.2, 70, after: 95, &run)
        #expect(phases("st_elevation_inferior", in: run) == [.start, .end])
    }

    @Test
    func
        `an ST that is high from the beginning on is the patient's own, and none is told before five minutes`()
    {
        var run = StationRun()
        sendST(0.2, 200, &run)
        #expect(run.events.alarms.isEmpty)
    }

    @Test func `a patient of whom nothing is known has no limits to set`() {
        var run = StationRun()
        run.command(.limits(LimitOrder(.adult)), of: .patient("p9"))
        #expect(run.outcomes == [[]])
    }
}
