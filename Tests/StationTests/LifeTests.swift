import ECGSignal
import Findings
import Mathematics
import TestSupport
import Testing

@testable import Station

/// How streams end, fall silent and come back.
@Suite struct LifeTests {
    private let old = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
    private let new = StreamIdentity(patient: "p1", device: "d1", epoch: 2)

    private func second(_ second: Int, patient: String = "p1", epoch: UInt64 = 1) -> LeadChunk {
        chunk(patient, epoch: epoch, sequence: UInt64(second + 1), from: SampleIndex(250 * second))
    }

    @Test(arguments: ["p1", "p2"])
    func `a newer epoch ends the older when it is 2 s past its own first`(patient: String) {
        var run = StationRun()
        for index in 0..<3 { run.send(second(index), after: 1) }
        let newer = StreamIdentity(patient: patient, device: "d1", epoch: 2)
        run.send(second(0, patient: patient, epoch: 2), after: 1)
        run.send(second(3), after: 0.1)
        #expect(run.admission.openCount == 2)
        run.send(second(1, patient: patient, epoch: 2), after: 1)
        #expect(run.admission.openCount == 1)
        run.send(second(4), after: 0.1)
        let isMoved = patient != "p1"
        #expect(
            run.codes(of: old)
                == [.streamOpened, .streamSuperseded] + (isMoved ? [.deviceMoved] : []) + [.streamClosed]
        )
        #expect(
            run.events(of: old).facts(.streamClosed).map(\.detail) == [
                "reason: \(isMoved ? "moved" : "superseded")"
            ]
        )
        #expect(run.events(of: old).facts(.streamClosed).map(\.firstSample) == [2_000])
        #expect(run.events(of: newer).facts(.deviceMoved).count == (isMoved ? 1 : 0))
        let sender = Sender(of: old)
        #expect(run.events.facts(.epochOver).map(\.subject) == [.sender(sender, endpoint: "gateways")])
        #expect(run.statuses[0].leads[0].ledger.received == 1_000)
    }

    @Test func `a newer epoch ends the older at a tick too`() {
        var run = StationRun()
        for index in 0..<3 { run.send(second(index), after: 1) }
        run.send(second(0, epoch: 2), after: 0)
        run.pass(seconds: 1)
        #expect(run.admission.openCount == 2)
        run.pass(seconds: 1)
        #expect(run.admission.openCount == 1)
        #expect(run.codes(of: old).last == .streamClosed)
        #expect(!run.codes(of: new).contains(.streamClosed))
    }

    @Test func `idleness closes, and the same epoch goes on as a joiner with its ledger`() {
        var run = StationRun(idleSeconds: 20)
        for index in 0..<11 { run.send(second(index), after: 1) }
        run.pass(seconds: 25)
        #expect(run.admission.openCount == 0)
        #expect(run.codes(of: old) == [.streamOpened, .streamSilent, .streamClosed])
        #expect(run.events(of: old).facts(.streamClosed).map(\.detail) == ["reason: idle"])
        for index in 40..<52 { run.send(second(index), after: 1) }
        #expect(run.admission.openCount == 1)
        #expect(run.statuses[0].state == .live)
        let ledger = run.statuses[0].leads[0].ledger
        #expect(ledger.received == 23 * 250 && ledger.analysed == ledger.received)
        let windows = run.events.diagnoses
        #expect(windows.map(\.joinedAt) == [0, 20_000])
        #expect(windows.map(\.firstSample) == [0, 20_480])
        #expect(run.events(of: old).facts(.streamGap).isEmpty)
        run.shutDown()
        #expect(run.events(of: old).facts(.streamClosed).map(\.ordinal) == [1, 2])
        #expect(run.events(of: old).facts(.streamOpened).map(\.ordinal) == [1, 2])
    }

    @Test func `an idle epoch does not come back beside a newer one`() {
        var run = StationRun(idleSeconds: 20)
        run.send(second(0))
        run.pass(seconds: 21)
        for index in 0..<3 { run.send(second(index, epoch: 2), after: 1) }
        for index in 1..<5 { run.send(second(index), after: 1) }
        #expect(run.events.facts(.epochOver).map(\.count) == [1])
        #expect(run.admission.openCount == 1)
        #expect(!run.codes(of: new).contains(.streamClosed))
        #expect(run.codes(of: old).count { $0 == .streamClosed } == 1)
    }

    @Test func `silence begins and ends at ticks, once each, and only while nothing waits`() {
        var run = StationRun()
        for index in 0..<3 { run.send(second(index), after: 1) }
        run.pass(seconds: 5, isQuiet: false)
        #expect(run.codes(of: old) == [.streamOpened])
        run.pass(seconds: 5)
        #expect(run.codes(of: old) == [.streamOpened, .streamSilent])
        #expect(run.statuses[0].state == .silent)
        run.send(second(3))
        run.pass(seconds: 1)
        #expect(run.statuses[0].state == .starting)
        let told = run.events(of: old).facts(.streamSilent)
        #expect(told.map(\.phase) == [.start, .end])
        // A frame and a new silence between two late ticks.
        run.pass(seconds: 3)
        run.send(second(4), after: 0.5)
        run.send(second(6), after: 0.5)
        run.send(second(30, patient: "p2", epoch: 9), after: 7)
        run.pass(seconds: 1)
        #expect(
            run.events.facts(.streamSilent).filter { $0.subject == .stream(old) }.map(\.phase)
                == [.start, .end, .start, .end, .start]
        )
        #expect(run.statuses[0].leads[0].ledger.held == 0, "the hole at second 5 is not waited for")
    }

    @Test func `a daemon that was stopped for a minute closes nothing whose frames wait`() {
        var run = StationRun()
        for index in 0..<3 { run.send(second(index), after: 1) }
        run.pass(seconds: 100, isQuiet: false)
        run.send(second(3))
        #expect(run.codes(of: old) == [.streamOpened])
    }

    @Test func `shutdown closes every stream in the order of opening, once`() {
        var run = StationRun(shards: 3)
        for device in 0..<7 {
            for index in 0..<10 {
                run.send(
                    chunk(
                        "p\(device)",
                        "d\(device)",
                        sequence: UInt64(index + 1),
                        from: SampleIndex(index * 250)
                    )
                )
            }
        }
        run.shutDown()
        run.shutDown()
        let closed = run.events.facts(.streamClosed)
        #expect(closed.count == 7)
        #expect(closed.allSatisfy { $0.detail == "reason: shutdown" })
        #expect(run.events.diagnoses.count == 7)
        #expect(run.admission.openCount == 0)
    }
}
