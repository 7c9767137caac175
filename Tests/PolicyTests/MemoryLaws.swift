import ECGSignal
import Findings
import Foundation
import TestSupport
import Testing

@testable import Policy

/// What outlives a restart: a policy that goes on from what was remembered.
@Suite struct MemoryLaws {
    private static let sender = Sender(patient: "p", device: "d")

    /// The policy of a daemon that is started `outage` seconds after another one was killed at `arrival`.
    private static func restarted(
        _ policy: EventPolicy,
        at arrival: Arrival,
        outage: Double = 3
    ) throws -> (policy: EventPolicy, arrival: Arrival) {
        let memory = policy.memory(of: sender, at: arrival)
        let read = try JSONDecoder().decode(PatientMemory.self, from: JSONEncoder().encode(memory))
        #expect(read == memory && read.isKnown && read.sender == sender)
        // The monotonic clock of the new daemon begins anew.
        let start = Arrival(utc: arrival.utc + Int64(outage * 1e9), monotonic: 5_000_000)
        return (EventPolicy(table: policy.table, read, at: start), start)
    }

    private static func arrival(of step: PolicyLaws.Course.Step) -> Arrival? {
        if case .pass(_, let arrival) = step { arrival } else { nil }
    }

    @Test(arguments: seeds(40))
    func `P18 what stood stands with its ids, its acknowledgement and its newest event`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let course = PolicyLaws.Course(&generator)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        for (index, step) in course.steps.enumerated() {
            PolicyLaws.run([step], on: &policy, into: &events)
            guard let arrival = MemoryLaws.arrival(of: step), index.isMultiple(of: 3) else { continue }
            let (other, start) = try MemoryLaws.restarted(policy, at: arrival)
            #expect(other.standing == policy.standing)
            #expect(other.baseline == policy.baseline && other.standbyBy == policy.standbyBy)
            #expect(other.limits == policy.limits && other.ended == policy.ended)
            for alarm in policy.standing {
                #expect(other.soundings(of: alarm.alarm) == policy.soundings(of: alarm.alarm))
            }
            // A pause goes on until the same moment of the wall clock, or is over.
            for (before, after) in [
                (policy.audioPausedUntil, other.audioPausedUntil),
                (policy.alarmPausedUntil, other.alarmPausedUntil),
            ] {
                let left = before.map { $0 - arrival.monotonic - 3_000_000_000 } ?? 0
                #expect((after.map { $0 - start.monotonic } ?? 0) == max(0, left))
            }
            // Remembered again it is the same.
            let (again, once) = (
                other.memory(of: MemoryLaws.sender, at: start),
                policy.memory(of: MemoryLaws.sender, at: arrival)
            )
            #expect(again.lines == once.lines && again.ended == once.ended)
            #expect(again.clock == once.clock && again.moment == once.moment)
        }
    }

    @Test func `P18 what a ward sets for rates and ST outlives a restart`() throws {
        let st = try STLimits(change: 150, baseline: [(.v2, 80), (.aVF, -40)])
        for limits in [
            nil, LimitOrder(.adult), LimitOrder(st: .standard), LimitOrder(st: st),
            LimitOrder(try PatientLimits(extremeLow: 30, low: 45, high: 110, extremeHigh: 150, st: st)),
        ] {
            var policy = EventPolicy()
            policy.set(limits)
            let (other, _) = try MemoryLaws.restarted(policy, at: Arrival(utc: 0, monotonic: 0))
            #expect(other.limits == limits)
        }
    }

    @Test(arguments: seeds(60))
    func `P13 no event after a restart has the key of an earlier one`(seed: UInt64) throws {
        struct Key: Hashable {
            let stream: StreamIdentity
            let statement: String
            let onset: GridIndex
            let phase: AlarmEvent.Phase
            let ordinal: Int
        }
        var generator = SeededGenerator(seed: seed)
        let course = PolicyLaws.Course(&generator)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        var standing: Set<AlarmIdentity> = []
        for step in course.steps {
            var fresh: [AlarmEvent] = []
            PolicyLaws.run([step], on: &policy, into: &fresh)
            for event in fresh {
                if event.phase == .start { #expect(standing.insert(event.alarm).inserted) }
                if event.phase == .end { #expect(standing.remove(event.alarm) != nil, "\(event)") }
            }
            events += fresh
            guard let arrival = MemoryLaws.arrival(of: step), Int.random(in: 0..<12, using: &generator) == 0
            else { continue }
            policy = try MemoryLaws.restarted(policy, at: arrival).policy
        }
        // What the model adds to an alarm has the identity of the alarm, and windows begin anew: that is told again.
        let keys = events.filter { $0.evidence == .rule }.map {
            Key(
                stream: $0.alarm.stream,
                statement: $0.alarm.statement,
                onset: $0.alarm.onset,
                phase: $0.phase,
                ordinal: $0.ordinal
            )
        }
        #expect(Set(keys).count == keys.count)
        #expect(Set(policy.standing.map(\.alarm)) == standing)
    }

    /// A policy of a stream whose heart stands still since sample 1,000, judged to sample 4,000.
    private static func standstill(_ events: inout [AlarmEvent]) -> (EventPolicy, StreamIdentity, Arrival) {
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 9)
        var policy = EventPolicy()
        func moment(_ sample: Int64) -> StreamMoment {
            StreamMoment(stream: stream, sample: sample, time: sample * 2_000_000)
        }
        policy.take(Observation(.analysis(isPossible: true), at: moment(0)), into: &events)
        let finding = Observation.Finding("asystole", holds: true, since: 1_000)
        policy.take(Observation(.finding(finding), at: moment(3_000)), into: &events)
        policy.pass(to: moment(4_000), into: &events)
        return (policy, stream, Arrival(utc: 8_000_000_000, monotonic: 8_000_000_000))
    }

    @Test func `P18 a high alarm is latched when signal comes again, and a new standstill is another alarm`()
        throws
    {
        var events: [AlarmEvent] = []
        let (policy, stream, arrival) = MemoryLaws.standstill(&events)
        let id = try #require(events.first { $0.phase == .start }?.alarm)
        var (other, _) = try MemoryLaws.restarted(policy, at: arrival)
        #expect(other.standing.map(\.alarm) == [id] && other.standing.first?.state == .active)
        // Nothing happens until signal comes; then what was lost is told, once, under the same id.
        events = []
        other.pass(at: Arrival(utc: 60_000_000_000, monotonic: 50_000_000_000), into: &events)
        #expect(events.isEmpty)
        func moment(_ sample: Int64) -> StreamMoment {
            StreamMoment(stream: stream, sample: sample, time: sample * 2_000_000)
        }
        for sample in stride(from: Int64(9_000), through: 12_000, by: 500) {
            other.take(Observation(.beat, at: moment(sample)), into: &events)
            other.pass(to: moment(sample), into: &events)
        }
        #expect(events.map(\.phase) == [.update] && events.first?.reason == .analysisLost)
        #expect(events.first?.alarm == id && events.first?.state == .latched)
        // The outage is no signal: the clock went on from where it stood.
        #expect(other.clock.now == policy.clock.now + 3_000)
        // Beats alone do not end it; somebody has to acknowledge it.
        for sample in stride(from: Int64(12_500), through: 22_000, by: 400) {
            other.take(Observation(.beat, at: moment(sample)), into: &events)
            other.pass(to: moment(sample), into: &events)
        }
        #expect(other.standing.map(\.alarm) == [id])
        events = []
        let outcome = other.acknowledge(
            id,
            by: "anna",
            at: Arrival(utc: 1, monotonic: 90_000_000_000),
            into: &events
        )
        #expect(outcome == .done && events.map(\.phase) == [.end] && other.standing.isEmpty)
    }

    @Test func `P18 an acknowledgement before a restart holds after it`() throws {
        var events: [AlarmEvent] = []
        var (policy, _, arrival) = MemoryLaws.standstill(&events)
        let id = try #require(events.first { $0.phase == .start }?.alarm)
        #expect(policy.acknowledge(id, by: "anna", at: arrival, into: &events) == .done)
        var (other, start) = try MemoryLaws.restarted(policy, at: arrival)
        #expect(other.standing.first?.signal == .acknowledged && other.standing.first?.by == "anna")
        #expect(other.acknowledge(id, by: "ben", at: start, into: &events) == .already(by: "anna"))
    }

    @Test func `a pause lasts no longer after a restart, whatever the wall clock did`() throws {
        var events: [AlarmEvent] = []
        var (policy, _, arrival) = MemoryLaws.standstill(&events)
        _ = policy.pause(.audio, seconds: 500, by: "anna", at: arrival, into: &events)
        for outage in [-1e9, -3_600, 0, 10, 499, 501, 1e9] {
            let (other, start) = try MemoryLaws.restarted(policy, at: arrival, outage: outage)
            let left = (other.audioPausedUntil ?? start.monotonic) - start.monotonic
            #expect(left >= 0 && left <= 600_000_000_000)
            if outage >= 0 { #expect(left == Int64(max(0, 500 - outage) * 1e9)) }
        }
    }

    @Test func `a memory of another version, or of nobody, is not taken`() throws {
        var events: [AlarmEvent] = []
        let (policy, _, arrival) = MemoryLaws.standstill(&events)
        let bytes = try JSONEncoder().encode(policy.memory(of: MemoryLaws.sender, at: arrival))
        let text = try #require(String(data: bytes, encoding: .utf8))
        for (old, new) in [
            (#""version":1"#, #""version":2"#), (#""patient":"p""#, #""patient":"a.b""#),
        ] {
            #expect(text.contains(old))
            let other = try JSONDecoder().decode(
                PatientMemory.self,
                from: Data(text.replacing(old, with: new).utf8)
            )
            #expect(!other.isKnown)
        }
    }
}
