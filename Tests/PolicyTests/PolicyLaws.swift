import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Policy

/// What holds for any course of observations and commands.
@Suite struct PolicyLaws {
    /// A random course: each step an observation or a command.
    struct Course {
        enum Step {
            case observe(Observation)
            case pass(StreamMoment, Arrival)
            case acknowledge(Int, Arrival)
            case pause(EventPolicy.PauseKind, Int, Arrival)
            case standby(Bool, Arrival)
            case baseline(String, Bool, Arrival)
            case discharge(Arrival)
        }

        var steps: [Step] = []

        init(_ generator: inout some RandomNumberGenerator) {
            var epoch: UInt64 = 1
            var sample: Int64 = 0
            var seconds = 0.0
            let rows = PolicyTable.standard.rows
            let alarming = rows.filter { $0.priority != .info }.map(\.statement)
            for _ in 0..<300 {
                let gap = Double.random(in: 0...8, using: &generator)
                seconds += gap
                sample += Int64(gap * 500)
                if Int.random(in: 0..<80, using: &generator) == 0 {
                    epoch += 1
                    sample = 0
                }
                let stream = StreamIdentity(patient: "p", device: "d", epoch: epoch)
                let moment = StreamMoment(stream: stream, sample: sample, time: Int64(seconds * 1e9))
                let arrival = Arrival(utc: Int64(seconds * 1e9), monotonic: Int64(seconds * 1e9))
                let statement =
                    alarming.randomElement(using: &generator) ?? "asystole"
                switch Int.random(in: 0..<20, using: &generator) {
                case 0..<9:
                    let finding = Observation.Finding(
                        statement,
                        holds: Bool.random(using: &generator),
                        since: max(0, sample - Int64.random(in: 0...4_000, using: &generator))
                    )
                    steps.append(.observe(Observation(.finding(finding), at: moment)))
                case 9, 10: steps.append(.observe(Observation(.beat, at: moment)))
                case 11:
                    let isPossible = Bool.random(using: &generator)
                    steps.append(.observe(Observation(.analysis(isPossible: isPossible), at: moment)))
                case 12: steps.append(.observe(Observation(.window([statement, "bigeminy"]), at: moment)))
                case 13, 14:
                    steps.append(.acknowledge(Int.random(in: 0..<8, using: &generator), arrival))
                case 15:
                    let kind: EventPolicy.PauseKind = Bool.random(using: &generator) ? .audio : .alarm
                    steps.append(.pause(kind, Int.random(in: 0...600, using: &generator), arrival))
                case 16:
                    if Int.random(in: 0..<8, using: &generator) == 0 { steps.append(.discharge(arrival)) }
                case 17: steps.append(.standby(Bool.random(using: &generator), arrival))
                case 18: steps.append(.baseline(statement, Bool.random(using: &generator), arrival))
                default: break
                }
                steps.append(.pass(moment, arrival))
            }
        }
    }

    static func run(
        _ steps: some Sequence<Course.Step>,
        on policy: inout EventPolicy,
        into events: inout [AlarmEvent]
    ) {
        for step in steps {
            switch step {
            case .observe(let observation): policy.take(observation, into: &events)
            case .pass(let moment, let arrival):
                policy.pass(to: moment, into: &events)
                policy.pass(at: arrival, into: &events)
            case .acknowledge(let place, let arrival):
                let standing = policy.standing
                guard place < standing.count else { continue }
                _ = policy.acknowledge(standing[place].alarm, by: "anna", at: arrival, into: &events)
            case .pause(let kind, let seconds, let arrival):
                _ = policy.pause(kind, seconds: seconds, by: "anna", at: arrival, into: &events)
            case .standby(let isOn, let arrival):
                policy.setStandby(isOn, by: "anna", at: arrival, into: &events)
            case .baseline(let statement, let isOn, let arrival):
                _ = policy.accept(statement, asBaseline: isOn, by: "anna", at: arrival, into: &events)
            case .discharge(let arrival): policy.discharge(by: "anna", at: arrival, into: &events)
            }
        }
    }

    private static func outcome(seed: UInt64) -> (steps: [Course.Step], events: [AlarmEvent]) {
        var generator = SeededGenerator(seed: seed)
        let course = Course(&generator)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        run(course.steps, on: &policy, into: &events)
        return (course.steps, events)
    }

    @Test(arguments: seeds(60))
    func `P17 what stands is what began and has not ended`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let course = Course(&generator)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        var standing: Set<AlarmIdentity> = []
        for step in course.steps {
            events.removeAll()
            PolicyLaws.run([step], on: &policy, into: &events)
            for event in events {
                switch event.phase {
                case .start: #expect(standing.insert(event.alarm).inserted, "\(event)")
                case .end: #expect(standing.remove(event.alarm) != nil, "\(event)")
                case .timePoint: break
                default: #expect(standing.contains(event.alarm), "\(event)")
                }
            }
            #expect(Set(policy.standing.map(\.alarm)) == standing)
            #expect(Set(standing.map(\.statement)).count == standing.count)
            #expect(policy.lines.count <= 152)
            #expect(policy.ended.count <= EventPolicy.endedMax)
        }
    }

    @Test(arguments: seeds(30))
    func `P13 no two events of an alarm have one key`(seed: UInt64) {
        struct Key: Hashable {
            let alarm: AlarmIdentity
            let phase: AlarmEvent.Phase
        }
        var newest: [Key: Int] = [:]
        for event in PolicyLaws.outcome(seed: seed).events {
            // The wire's key names stream, statement, onset, phase and ordinal, not which alarm of the onset it was.
            let alarm = AlarmIdentity(
                stream: event.alarm.stream,
                statement: event.alarm.statement,
                onset: event.alarm.onset,
                ordinal: 0
            )
            let key = Key(alarm: alarm, phase: event.phase)
            #expect(event.ordinal > newest[key] ?? 0, "\(event)")
            newest[key] = event.ordinal
        }
    }

    @Test(arguments: seeds(30))
    func `a copy, then the rest, equals the whole course`(seed: UInt64) {
        let (steps, whole) = PolicyLaws.outcome(seed: seed)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        let half = steps.count / 2
        PolicyLaws.run(steps.prefix(half), on: &policy, into: &events)
        var copy = policy
        PolicyLaws.run(steps.dropFirst(half), on: &copy, into: &events)
        #expect(events == whole)
    }

    @Test(arguments: seeds(30))
    func `where the stream is cut changes nothing`(seed: UInt64) {
        let (steps, whole) = PolicyLaws.outcome(seed: seed)
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        var previous: StreamMoment?
        for step in steps {
            if let moment = PolicyLaws.moment(of: step) {
                // The same way in pieces of 0.4 s.
                if let from = previous, from.stream == moment.stream {
                    for sample in stride(from: from.sample + 200, to: moment.sample, by: 200) {
                        let time = from.time + (sample - from.sample) * 2_000_000
                        policy.pass(
                            to: StreamMoment(stream: from.stream, sample: sample, time: time),
                            into: &events
                        )
                    }
                }
                previous = moment
            }
            PolicyLaws.run([step], on: &policy, into: &events)
        }
        #expect(events.map(\.alarm) == whole.map(\.alarm))
        #expect(events.map(\.phase) == whole.map(\.phase))
        #expect(events.map(\.at.sample) == whole.map(\.at.sample))
    }

    private static func moment(of step: Course.Step) -> StreamMoment? {
        switch step {
        case .observe(let observation): observation.at
        case .pass(let moment, _): moment
        default: nil
        }
    }

    @Test(arguments: seeds(30))
    func `P24 every high alarm begins with its signal on, whatever is paused`(seed: UInt64) {
        for event in PolicyLaws.outcome(seed: seed).events
        where event.phase == .start && event.priority == .high { #expect(event.signal == .on, "\(event)") }
    }
}
