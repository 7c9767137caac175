import ECGSignal
import Findings
import Testing

@testable import Station

/// Which streams go on after a restart, by how much of the log lies behind their checkpoints.
@Suite struct RecoveryPlanTests {
    private let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)

    /// How many streams go on whose checkpoint was written at `written` seconds in a run, of which others were written until
    /// `last` seconds.
    private func count(
        _ run: String,
        written: Int64,
        last: Int64,
        _ former: (run: String, since: Int64, end: Int64)
    ) -> Int {
        func opening(_ stream: StreamIdentity, _ written: Int64) -> RecoveryPlan.Checkpoint {
            RecoveryPlan.Checkpoint(
                stream: stream,
                place: LogPlace(run: run, entry: 1),
                ready: 0,
                bytes: [],
                written: written * 1_000_000_000
            )
        }
        let other = StreamIdentity(patient: "q", device: "d", epoch: 1)
        let plan = RecoveryPlan(
            [opening(stream, written), opening(other, last)],
            runs: ["one", "two"],
            former: RecoveryPlan.Former(
                run: former.run,
                begun: former.since * 1_000_000_000,
                since: former.since * 1_000_000_000,
                end: former.end * 1_000_000_000
            ),
            model: Revisions(model: "aa", bank: "bb", catalogue: "cc"),
            hop: .standard,
            streamsMax: 10
        )
        return plan.count
    }

    @Test func `a minute of the log may lie behind a checkpoint, and no more`() {
        #expect(count("one", written: 100, last: 155, ("one", since: 0, end: 160)) == 2)
        #expect(count("one", written: 100, last: 155, ("one", since: 0, end: 161)) == 1)
    }

    @Test func `the time between two runs is no part of the log`() {
        // The daemon was away from 160 to 4,000 s, and was killed again before the next checkpoint.
        #expect(count("one", written: 100, last: 155, ("two", since: 4_000, end: 4_005)) == 2)
        #expect(count("one", written: 100, last: 155, ("two", since: 4_000, end: 4_006)) == 1)
        #expect(count("one", written: 100, last: 100, ("two", since: 4_000, end: 4_061)) == 0)
        #expect(count("two", written: 4_004, last: 4_004, ("two", since: 4_000, end: 4_064)) == 2)
    }
}
