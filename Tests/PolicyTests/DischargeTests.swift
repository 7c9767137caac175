import ECGSignal
import Findings
import Policy
import Testing

/// What a discharge leaves, by whether the device goes on sending.
@Suite struct DischargeTests {
    private func moment(_ seconds: Int64) -> StreamMoment {
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)
        return StreamMoment(stream: stream, sample: seconds * 500, time: seconds * 1_000_000_000)
    }

    @Test(arguments: [true, false])
    func `what still holds alarms anew where the device sends, and nothing is left where it does not`(
        isSending: Bool
    ) {
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(
            Observation(.finding(.init("bradycardia", holds: true, since: 5_000)), at: moment(10)),
            into: &events
        )
        policy.pass(to: moment(20), into: &events)
        #expect(policy.standing.count == 1)
        let arrival = Arrival(utc: 21_000_000_000, monotonic: 21_000_000_000)
        policy.discharge(by: "anna", at: arrival, isSending: isSending, into: &events)
        #expect(policy.standing.count == (isSending ? 1 : 0))
        #expect(events.count { $0.phase == .start } == (isSending ? 2 : 1))
        #expect(events.count { $0.phase == .end } == 1)
    }
}
