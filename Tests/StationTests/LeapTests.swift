import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// An index that leaps far ahead is believed once three chunks agree.
@Suite struct LeapTests {
    private let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
    private let far: SampleIndex = 1 << 40

    private func second(
        _ number: Int,
        from origin: SampleIndex = 0,
        track: Int = 0,
        leads: [Lead] = [.ii]
    )
        -> LeadChunk
    {
        chunk(
            sequence: UInt64(number + 1),
            track: track,
            from: origin + SampleIndex(250 * number),
            leads: leads
        )
    }

    @Test(arguments: [3_602, 1 << 30, 1 << 40]) func `P02 a wild index costs its own chunk and nothing else`(
        seconds: Int64
    ) {
        var good = StationRun()
        var hurt = StationRun()
        for number in 0..<30 {
            good.send(second(number), after: 1)
            hurt.send(second(number), after: 1)
            if number.isMultiple(of: 2) {
                hurt.send(
                    chunk(sequence: UInt64(number + 1), from: 250 * seconds + SampleIndex(number * 250))
                )
            }
        }
        good.shutDown()
        hurt.shutDown()
        #expect(good.events(of: p1).diagnoses.count == 20)
        #expect(hurt.events(of: p1).diagnoses == good.events(of: p1).diagnoses)
        #expect(hurt.events(of: p1).facts(.jump).reduce(0) { $0 + $1.count } == 15)
        let ledger = hurt.statuses[0].leads[0].ledger
        #expect(ledger.isBalanced && ledger.late == 0 && ledger.refused == 15 * 250)
        #expect(hurt.events(of: p1).facts(.chunksMissing).isEmpty)
    }

    @Test func `a device that has gone on elsewhere is followed from its third chunk on, after a gap`() {
        var run = StationRun()
        for number in 0..<12 { run.send(second(number), after: 1) }
        for number in 12..<26 { run.send(second(number, from: far), after: 1) }
        run.shutDown()
        let facts = run.events(of: p1)
        #expect(facts.facts(.jump).reduce(0) { $0 + $1.count } == 2)
        #expect(facts.facts(.streamGap).map(\.firstSample) == [6_000])
        let ledger = run.statuses[0].leads[0].ledger
        #expect(ledger.isBalanced && ledger.refused == 500 && ledger.analysed == 24 * 250)
        let windows = facts.diagnoses.map(\.firstSample)
        #expect(windows.contains { $0 > 2 * (far - 5_000) }, "windows go on there: \(windows)")
    }

    @Test func `leads in chunks of their own agree with each other`() {
        var run = StationRun()
        for number in 0..<3 { run.send(second(number), after: 1) }
        for (place, lead) in [Lead.ii, .v1, .ii, .v1, .ii, .v1].enumerated() {
            let index = far + SampleIndex(place / 2 * 250)
            run.send(chunk(sequence: UInt64(4 + place), from: index, leads: [lead]), after: 0.5)
        }
        #expect(run.statuses[0].leads.map(\.ledger.refused) == [500, 500])
        #expect(run.statuses[0].leads.map(\.ledger.isBalanced) == [true, true])
    }

    @Test func `a leap that does not go on, or not within a second, is not believed`() {
        for step in [SampleIndex(-500), -250, 501, 1 << 20] {
            var run = StationRun()
            for number in 0..<3 { run.send(second(number), after: 1) }
            for number in 0..<9 {
                run.send(
                    chunk(sequence: UInt64(4 + number), from: far + SampleIndex(number) * (250 + step)),
                    after: 1
                )
            }
            #expect(run.statuses[0].leads[0].ledger.refused == 9 * 250, "step \(step)")
            #expect(run.statuses[0].leads[0].ledger.received == 12 * 250)
        }
    }

    @Test func `a chunk in its place ends a leap that was not believed yet`() {
        var run = StationRun()
        for number in 0..<3 { run.send(second(number), after: 1) }
        run.send(second(3, from: far), after: 1)
        run.send(second(4, from: far), after: 1)
        run.send(second(3), after: 1)
        run.send(second(5, from: far), after: 1)
        #expect(run.statuses[0].leads[0].ledger.refused == 3 * 250)
        #expect(run.statuses[0].leads[0].ledger.late == 0)
    }

    @Test func `a new track cannot leap either`() {
        var run = StationRun()
        for number in 0..<3 { run.send(second(number), after: 1) }
        run.send(second(3, from: far, track: 3, leads: [.v1]), after: 1)
        run.send(second(3), after: 1)
        let ledgers = run.statuses[0].leads
        #expect(ledgers.first { $0.lead == .ii }?.ledger.late == 0)
        #expect(run.events(of: p1).facts(.jump).count == 1)
    }

    @Test func `an hour is taken at once`() {
        var run = StationRun()
        for number in 0..<3 { run.send(second(number), after: 1) }
        run.send(chunk(sequence: 4, from: 750 + 3_600 * 250), after: 1)
        #expect(run.events(of: p1).facts(.jump).isEmpty)
        #expect(run.statuses[0].leads[0].ledger.refused == 0)
    }

    @Test func `a stream that is joined may begin anywhere`() {
        var run = StationRun()
        run.send(chunk(sequence: 9, from: far))
        #expect(run.codes(of: p1) == [.streamOpened])
        #expect(run.statuses[0].leads[0].ledger.refused == 0)
    }
}
