import ECGSignal
import Findings
import Journal
import Station
import TestSupport
import Testing
import ZeroMQ

@testable import Service

/// Which states go into the journal with what.
@Suite struct JournalKeeperTests {
    private let desk: JournalDesk
    private var keeper: JournalKeeper

    init() throws {
        desk = JournalDesk(wakeUp: try WakeUp())
        let replies = ControlReplies(
            run: "r",
            source: "/shinden/test",
            modelName: "narrow",
            model: NarrowModel.shared,
            limits: .init(),
            names: .plain,
            state: DaemonState(workers: 1),
            clocks: Clocks()
        )
        keeper = JournalKeeper(desk, replies)
    }

    private func state(_ patient: String, _ byte: UInt8) -> JournalState {
        JournalState(patient: patient, device: "d", bytes: [byte])
    }

    /// An alarm of a patient begins.
    private func alarm(_ patient: String) -> Outgoing {
        let stream = StreamIdentity(patient: patient, device: "d", epoch: 1)
        let at = StreamMoment(stream: stream, sample: 5_000, time: 0)
        let event = AlarmEvent(
            alarm: AlarmIdentity(stream: stream, statement: "asystole", onset: 5_000, ordinal: 1),
            kind: .physiological,
            phase: .start,
            ordinal: 1,
            state: .active,
            priority: .high,
            signal: .on,
            reason: .began,
            onset: at,
            at: at,
            evidence: .rule,
            figure: nil,
            leads: [],
            by: nil
        )
        let item = EventQueue.Item(event: Event(.alarm(event), time: 0), frame: nil)
        return Outgoing(.event(item), topic: "ev1._.alarm.\(patient).", number: 1)
    }

    /// What was handed over since the last call, by patient.
    private func kept() -> [String: [UInt8]] {
        let parcels = desk.parcels.pop(limit: 100, within: 0) ?? []
        return Dictionary(parcels.flatMap(\.states).map { ($0.patient, $0.bytes) }) { $1 }
    }

    @Test mutating func `states go with the next parcel`() {
        _ = keeper.hand([alarm("p1")], [state("p1", 1), state("p2", 2)])
        #expect(kept() == ["p1": [1], "p2": [2]])
        _ = keeper.hand([], [])
        #expect(kept().isEmpty)
    }

    /// While the former run's entries come again, a patient's alarms are for a while what they were before.
    @Test mutating func `P13 what is gone through again puts no older state in place of a newer one`() {
        keeper.isRecovering = true
        _ = keeper.hand([], [state("p1", 1), state("p2", 1), state("p3", 1)])
        _ = keeper.hand([], [state("p1", 2)])
        #expect(kept().isEmpty)
        // What the journal does not have of p1 is told now: all before it has passed.
        _ = keeper.hand([alarm("p1")], [state("p1", 3)])
        #expect(kept() == ["p1": [3]])
        _ = keeper.hand([], [state("p1", 4)])
        #expect(kept().isEmpty)
        keeper.isRecovering = false
        _ = keeper.hand([], [])
        #expect(kept() == ["p1": [4], "p2": [1], "p3": [1]])
    }
}
