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

    @Test func `P17 who joins late is told every alarm that stands, the most urgent first`() throws {
        let board = AlarmBoard()
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(finding("bradycardia", at: 10), into: &events)
        policy.take(finding("extreme_tachycardia", at: 11), into: &events)
        policy.take(finding("electrode_off", at: 12), into: &events)
        policy.pass(to: moment(20), into: &events)
        for event in events { board.take(event) }
        #expect(board.all.alarms == policy.standing)
        #expect(
            board.all.alarms.map(\.alarm.statement) == [
                "extreme_tachycardia", "bradycardia", "electrode_off",
            ]
        )
        policy.discharge(by: "anna", at: arrival(21), into: &events)
        for event in events { board.take(event) }
        #expect(board.all.alarms == policy.standing)
    }

    @Test func `an alarm is found by its id as long as it stands, and after that it is over`() throws {
        let board = AlarmBoard()
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        policy.take(finding("bradycardia", at: 10), into: &events)
        policy.pass(to: moment(20), into: &events)
        let start = try #require(events.first)
        let id = AlarmNames.id(of: start.alarm)
        #expect(board.find(id, seen: nil) == .unknown)
        board.take(start)
        let reference = AlarmReference(
            stream: stream,
            statement: "bradycardia",
            onset: start.alarm.onset,
            ordinal: 1
        )
        #expect(board.find(id, seen: nil) == .standing(reference, soundings: nil))
        #expect(board.find(id, seen: id) == .standing(reference, soundings: 1))
        // An event that is not known was seen before the alarm sounded anew.
        #expect(board.find(id, seen: String(repeating: "0", count: 32)) == .standing(reference, soundings: 0))
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
