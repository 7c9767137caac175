import ECGSignal
import Findings
import Policy
import Testing
import Wire
import ZeroMQ

@testable import Service

/// What SNAPSHOT answers from, and how a command finds its answer.
@Suite struct AlarmBoardTests {
    private let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)

    private func finding(_ statement: String, at seconds: Int64) -> Observation {
        Observation(
            .finding(.init(statement, holds: true, since: seconds * 500)),
            at: moment(seconds)
        )
    }

    private func moment(_ seconds: Int64) -> StreamMoment {
        StreamMoment(stream: stream, sample: seconds * 500, time: seconds * 1_000_000_000)
    }

    private func arrival(_ seconds: Int64) -> Arrival {
        Arrival(utc: seconds * 1_000_000_000, monotonic: seconds * 1_000_000_000)
    }

    private func sorted(_ events: [AlarmEvent]) -> [AlarmEvent] {
        events.sorted { $0.alarm.statement < $1.alarm.statement }
    }

    @Test func `P17 who joins late is told every alarm that stands`() throws {
        let board = AlarmBoard()
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(finding("bradycardia", at: 10), into: &events)
        policy.take(finding("extreme_tachycardia", at: 11), into: &events)
        policy.take(finding("electrode_off", at: 12), into: &events)
        policy.pass(to: moment(20), into: &events)
        for event in events { board.take(event) }
        let page = board.page(from: 0, count: 50)
        #expect(page.alarms.count == 3 && page.next == nil)
        #expect(sorted(page.alarms) == sorted(policy.standing))
        policy.discharge(by: "anna", at: arrival(21), into: &events)
        for event in events { board.take(event) }
        #expect(sorted(board.page(from: 0, count: 50).alarms) == sorted(policy.standing))
    }

    @Test func `P17 an alarm that stands is on one page, whatever begins and ends between two`() throws {
        let board = AlarmBoard()
        var policies: [EventPolicy] = []
        func begin(_ number: Int) -> [AlarmEvent] {
            var policy = EventPolicy()
            var events: [AlarmEvent] = []
            let own = StreamIdentity(patient: "p\(number)", device: "d", epoch: 1)
            let seen = StreamMoment(stream: own, sample: 5_000, time: 10_000_000_000)
            let later = StreamMoment(stream: own, sample: 6_000, time: 12_000_000_000)
            let finding = Observation(.finding(.init("bradycardia", holds: true, since: 5_000)), at: seen)
            policy.take(finding, into: &events)
            policy.pass(to: later, into: &events)
            policies.append(policy)
            return events
        }
        for number in 0..<9 { for event in begin(number) { board.take(event) } }
        let first = board.page(from: 0, count: 4)
        #expect(first.alarms.map(\.alarm.stream.patient) == ["p0", "p1", "p2", "p3"])
        for number in 0..<3 {
            var events: [AlarmEvent] = []
            policies[number].discharge(by: "anna", at: arrival(21), into: &events)
            for event in events { board.take(event) }
        }
        for event in begin(9) { board.take(event) }
        let second = board.page(from: try #require(first.next), count: 4)
        let third = board.page(from: try #require(second.next), count: 4)
        let last = board.page(from: try #require(third.next), count: 4)
        let told = (second.alarms + third.alarms + last.alarms).map(\.alarm.stream.patient)
        // What still holds for the discharged alarms anew, so three of them begin again.
        #expect(told == ["p4", "p5", "p6", "p7", "p8", "p0", "p1", "p2", "p9"])
        #expect(last.next == nil)
    }

    @Test func `numbers of topics are kept for patients of whom an alarm stands, and for nobody else`() throws
    {
        let board = AlarmBoard()
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(finding("bradycardia", at: 10), into: &events)
        policy.pass(to: moment(20), into: &events)
        board.publish(5, on: "ev1._.alarm.p.", of: "p")
        #expect(board.page(from: 0, count: 50).heads.isEmpty)
        for event in events { board.take(event) }
        board.publish(6, on: "ev1._.alarm.p.", of: "p")
        #expect(board.page(from: 0, count: 50).heads.map(\.number) == [6])
        #expect(board.page(from: 0, count: 50, of: { $0 != "p" }).alarms.isEmpty)
        #expect(board.standing(of: "p").map(\.alarm) == events.prefix(1).map(\.alarm))
        #expect(board.standing(of: "q").isEmpty)
        events.removeAll()
        policy.discharge(by: "anna", at: arrival(21), into: &events)
        #expect(events.map(\.phase) == [.end, .start], "it still holds, so it alarms anew")
        board.take(events[0])
        board.publish(7, on: "ev1._.alarm.p.", of: "p")
        #expect(board.page(from: 0, count: 50).alarms.isEmpty)
        board.take(events[1])
        let page = board.page(from: 0, count: 50)
        #expect(page.alarms.count == 1 && page.heads.isEmpty, "its start is not published yet")
    }

    @Test func `an alarm is found by its id as long as it stands, and after that it is over`() throws {
        let board = AlarmBoard()
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(finding("bradycardia", at: 10), into: &events)
        policy.pass(to: moment(20), into: &events)
        let start = try #require(events.first)
        let id = AlarmNames.id(of: start.alarm)
        let alarm = start.alarm
        #expect(board.find(id, seen: nil) == .unknown)
        board.take(start)
        #expect(board.find(id, seen: nil) == .standing(alarm, soundings: nil))
        #expect(board.find(id, seen: id) == .standing(alarm, soundings: 1))
        let quoted = AlarmEvent.quoting(start)
        board.take(quoted)
        let word = EventFormat.id(of: Event(.alarm(quoted), time: 0).key)
        #expect(board.find(id, seen: word) == .standing(alarm, soundings: 1), "the model's word is seen")
        #expect(board.page(from: 0, count: 50).alarms == [start], "and changes nothing of the alarm")
        // An event that is not known was seen before the alarm sounded anew.
        #expect(board.find(id, seen: String(repeating: "0", count: 32)) == .standing(alarm, soundings: 0))
        events.removeAll()
        policy.discharge(by: "anna", at: arrival(21), into: &events)
        let end = try #require(events.first)
        #expect(end.phase == .end)
        board.take(end)
        #expect(board.find(id, seen: nil) == .over)
    }

    @Test func `an answer is complete when every worker has answered, whoever comes first`() throws {
        let desk = AnswerDesk(wakeUp: try WakeUp())
        let first = try #require(desk.open())
        let second = try #require(desk.open())
        desk.answer([.done], for: first)
        #expect(desk.takeComplete().isEmpty)
        desk.expect(2, for: first)
        desk.answer([.until(5)], for: first)
        desk.expect(0, for: second)
        let answers = desk.takeComplete()
        #expect(answers.map(\.ticket) == [first, second])
        #expect(answers.map(\.outcomes) == [[.done, .until(5)], []])
        #expect(desk.takeComplete().isEmpty)
        desk.answer([.done], for: first)
        #expect(desk.takeComplete().isEmpty)
    }

    @Test func `more commands than may wait get no ticket`() throws {
        let desk = AnswerDesk(wakeUp: try WakeUp())
        let tickets = (0..<AnswerDesk.waitingMax).compactMap { _ in desk.open() }
        #expect(tickets.count == AnswerDesk.waitingMax)
        #expect(desk.open() == nil)
        desk.expect(0, for: tickets[0])
        #expect(desk.open() != nil)
    }
}

extension AlarmEvent {
    /// The model's word for an alarm that has begun.
    fileprivate static func quoting(_ start: AlarmEvent) -> AlarmEvent {
        AlarmEvent(
            alarm: start.alarm,
            kind: start.kind,
            phase: .timePoint,
            ordinal: 1,
            state: .active,
            priority: start.priority,
            signal: .off,
            reason: .changed,
            onset: start.onset,
            at: start.at,
            evidence: .both,
            figure: nil,
            leads: [],
            by: nil
        )
    }
}
