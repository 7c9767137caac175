import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport
import Testing

@testable import Station

/// A run that goes on from checkpoints under another policy than the one that made them.
@Suite struct OtherPolicyLaws {
    private static let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 7)

    /// A minute of a heart that beats 100 times a minute.
    private static func log() -> [CheckpointRun.Entry] {
        var ecg = MadeECG(seconds: 60, seed: 9)
        ecg.addRhythm(from: 0, to: 60, rate: 100)
        var chunks: [LeadChunk] = []
        for part in 0..<300 {
            let values = Array(ecg.values[100 * part..<100 * part + 100])
            chunks.append(
                LeadChunk(
                    stream: stream,
                    sequence: UInt64(part + 1),
                    firstSample: SampleIndex(100 * part),
                    sampleCount: 100,
                    rate: .grid,
                    leads: [LeadSamples(lead: .ii, millivolts: values)],
                    isLast: false
                )
            )
        }
        return CheckpointRun.log(chunks)
    }

    private static func ward(tachycardia rate: Double) throws -> PolicyTable {
        var settings = PolicySettings()
        var statement = PolicySettings.Statement("tachycardia")
        statement.threshold = .init(side: .above, onset: rate, end: rate - 5)
        settings.statements = [statement]
        return try PolicyTable.standard.applying(settings)
    }

    private func phases(_ events: [Event]) -> [AlarmEvent.Phase] {
        events.compactMap(\.alarm).filter { $0.alarm.statement == "tachycardia" }.map(\.phase)
    }

    /// The steps of tachycardia before and after a kill at half a minute.
    private func phases(
        before: PolicyTable,
        after: PolicyTable,
        _ order: LimitOrder? = nil
    ) throws -> (before: [AlarmEvent.Phase], after: [AlarmEvent.Phase]) {
        var log = Self.log()
        if let order {
            let place = log.count / 8
            let command = OperatorCommand(.limits(order), target: .patient("p1"), by: "anna", ticket: 0)
            log.insert(CheckpointRun.Entry(.command(command), at: log[place].arrival), at: place)
        }
        let kill = log.count / 2
        var former = CheckpointRun(policy: before)
        for (index, entry) in log.prefix(kill).enumerated() { former.take(entry, at: index + 1) }
        let (run, plan) = CheckpointRun.resumed(from: former, log, after: kill, policy: after)
        #expect(plan.refused.isEmpty && plan.goingOn == [Self.stream])
        return (phases(former.events), phases(run.events))
    }

    @Test func `P18 the rates of the new policy hold where the former had none`() throws {
        let told = try phases(before: .standard, after: Self.ward(tachycardia: 90))
        #expect(told.before == [] && told.after == [.start])
    }

    @Test func `P18 an alarm of the former policy stands, and ends by the rates of the new one`() throws {
        let told = try phases(before: Self.ward(tachycardia: 90), after: .standard)
        #expect(told.before == [.start] && told.after == [.end])
    }

    @Test func `P18 rates that people set go before both policies, and ST alone leaves those of the new one`()
        throws
    {
        let own = LimitOrder(.adult)
        let kept = try phases(before: Self.ward(tachycardia: 95), after: Self.ward(tachycardia: 90), own)
        #expect(kept.after == [])
        let st = LimitOrder(st: try STLimits(change: 150))
        let told = try phases(before: .standard, after: Self.ward(tachycardia: 90), st)
        #expect(told.before == [] && told.after == [.start])
    }
}
