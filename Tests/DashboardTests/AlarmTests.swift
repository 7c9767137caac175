import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Dashboard

/// What the pages show of alarms that events tell of.
@Suite struct AlarmTests {
    private static let run = "run-1"

    private func board() -> Board { Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:101")]) }

    private func data(_ patient: String, epoch: UInt64) -> JSONObject {
        let identity = StreamIdentity(patient: patient, device: "d", epoch: epoch)
        return [
            "patient": .string(patient), "device": .string("d"), "stream": .string(identity.name),
        ]
    }

    /// A step of the asystole `number` of a patient.
    private func step(
        _ phase: String,
        _ patient: String = "p1",
        statement: String = "asystole",
        number: Int = 1,
        epoch: UInt64 = 1,
        state: String = "active",
        priority: String = "high",
        reason: String = "began",
        evidence: String = "rule"
    ) -> JSONObject {
        [
            "type": .string("shinden.alarm.v1"), "time": .string("2026-01-02T03:04:05.678Z"),
            "data": .object(
                data(patient, epoch: epoch).with([
                    "alarm_id": .string("\(patient)-\(statement)-\(number)"), "statement": .string(statement),
                    "en": .string("Asystole"), "ja": .string("心静止"), "class": .string("physiological"),
                    "phase": .string(phase), "state": .string(state), "priority": .string(priority),
                    "signal": .string("on"), "reason": .string(reason), "evidence": .string(evidence),
                    "onset": .object(["time": .string("2026-01-02T03:04:01.678Z")]),
                    "figure": .null, "leads": .array([]), "by": .null,
                ])
            ),
        ]
    }

    private func tech(_ code: String, _ patient: String = "p1", epoch: UInt64 = 1) -> JSONObject {
        [
            "type": .string("shinden.tech.v1"), "time": .string("2026-01-02T03:04:05.678Z"),
            "data": .object(data(patient, epoch: epoch).with(["code": .string(code)])),
        ]
    }

    private func heartbeat(_ number: Int, heads: JSONObject = [:]) -> JSONObject {
        let digits = String(number)
        return [
            "type": .string("shinden.heartbeat.v1"), "run": .string(Self.run),
            "topicsequence": .string(String(repeating: "0", count: 16 - digits.count) + digits),
            "data": .object(["page": .integer(1), "pages": .integer(1), "heads": .object(heads)]),
        ]
    }

    private func take(_ event: JSONObject, into board: inout Board, run: String = run, at now: Int64 = 0) {
        board.take(event: event, missed: 0, run: run, from: 0, at: now)
    }

    private func standing(_ board: Board, _ patient: String = "p1") -> [JSONObject] {
        board.tiles.values.filter { $0.patient == patient }.flatMap { $0.alarms.standing.map(\.object) }
    }

    private func message(
        _ cursor: inout TabCursor,
        _ board: Board,
        at now: Int64,
        utc: Int64 = 0
    ) throws
        -> JSONObject
    {
        let sent = cursor.message(of: board, at: now, utc: utc)
        let bytes = try #require(sent)
        return try #require(try JSONValue(parsing: Array(bytes.dropFirst(6).dropLast(2))).object)
    }

    @Test func `an alarm stands from its start to its end, as its newest event says`() {
        var board = board()
        take(step("start"), into: &board)
        #expect(standing(board).map { $0["state"]?.text } == ["active"])
        #expect(standing(board)[0]["since"]?.text == "2026-01-02T03:04:01.678Z")
        take(step("update", state: "latched", reason: "over"), into: &board)
        #expect(standing(board).map { $0["state"]?.text } == ["latched"])
        #expect(standing(board)[0]["reason"]?.text == "over")
        take(step("deescalate", state: "latched", priority: "medium"), into: &board)
        #expect(standing(board).map { $0["priority"]?.text } == ["medium"])
        take(step("end", state: "inactive", reason: "acknowledged"), into: &board)
        #expect(standing(board).isEmpty)
        #expect(board.steps.count == 4)
    }

    @Test func `what is told once does not stand, and a model that agrees is noted at the alarm`() {
        var board = board()
        take(
            step("tpoint", statement: "ventricular_bigeminy", priority: "info", evidence: "rule"),
            into: &board
        )
        #expect(standing(board).isEmpty)
        #expect(board.steps.count == 1)
        take(step("start"), into: &board)
        take(step("tpoint", evidence: "both"), into: &board)
        #expect(standing(board).map { $0["agrees"] } == [.bool(true)])
        take(step("update", state: "latched", reason: "over"), into: &board)
        #expect(standing(board).map { $0["agrees"] } == [.bool(true)])
    }

    @Test func `an alarm that is heard of in the middle stands from then on`() {
        var board = board()
        take(step("update", state: "latched", reason: "analysis_lost"), into: &board)
        #expect(standing(board).count == 1)
        #expect(board.tiles.count == 1)
        take(step("end", "p2"), into: &board)
        #expect(standing(board, "p2").isEmpty)
    }

    @Test func `an end that was lost does not leave two alarms of one statement`() {
        var board = board()
        take(step("start"), into: &board)
        take(step("start", number: 2), into: &board)
        #expect(standing(board).map { $0["id"]?.text } == ["p1-asystole-2"])
        take(step("start", statement: "pause", priority: "medium"), into: &board)
        #expect(standing(board).count == 2)
    }

    @Test func `an alarm outlives its stream, and its tile stays with it`() {
        var board = board()
        take(tech("stream_opened"), into: &board)
        take(step("start"), into: &board)
        take(tech("stream_closed"), into: &board)
        board.pass(at: Board.endedMax * 2)
        #expect(standing(board).count == 1)
        // The device's next epoch goes on in the same tile, and so does its alarm.
        take(tech("stream_opened", epoch: 2), into: &board, at: Board.endedMax * 2)
        #expect(board.tiles.count == 1 && standing(board).count == 1)
        #expect(board.tiles[0]?.epoch == 2)
        take(step("update", epoch: 1, state: "latched"), into: &board, at: Board.endedMax * 2)
        #expect(board.tiles[0]?.epoch == 2)
        take(tech("stream_closed", epoch: 2), into: &board, at: Board.endedMax * 2)
        take(step("end", epoch: 2, state: "inactive"), into: &board, at: Board.endedMax * 2)
        board.pass(at: Board.endedMax * 4)
        #expect(board.tiles.isEmpty)
    }

    @Test func `a daemon that begins anew has forgotten its alarms, and that is said for ten minutes`() throws
    {
        var board = board()
        take(step("start", "p2", statement: "tachycardia", priority: "medium"), into: &board)
        take(step("start"), into: &board)
        take(heartbeat(1), into: &board, run: "run-2", at: 1_000)
        #expect(board.tiles.values.allSatisfy { $0.alarms.isEmpty })
        var cursor = TabCursor(tile: nil)
        let source = try message(&cursor, board, at: 1_000)["sources"]?.array?.first?.object
        let forgotten = try #require(source?["forgotten"]?.object)
        #expect(forgotten["count"]?.whole == 2)
        #expect(forgotten["alarms"]?.array?.map { $0.object?["patient"]?.text } == ["p1", "p2"])
        #expect(source?["alarms_known"] == .bool(false))
        board.pass(at: 1_001 + Board.forgottenMax)
        let later = try message(&cursor, board, at: 2_000 + Board.forgottenMax)
        #expect(later["sources"]?.array?.first?.object?["forgotten"] == .null)
    }

    @Test func `alarms and their steps are bounded, and the urgent ones stay`() {
        var board = board()
        for number in 0..<AlarmList.alarmsMax {
            take(step("start", statement: "s\(number)", priority: "low"), into: &board)
        }
        take(step("start"), into: &board)
        take(step("start", statement: "t", priority: "low"), into: &board)
        #expect(standing(board).count == AlarmList.alarmsMax)
        #expect(standing(board).contains { $0["statement"]?.text == "asystole" })
        for number in 0..<Board.stepsMax + 5 {
            take(step("tpoint", statement: "s\(number)", priority: "info"), into: &board)
        }
        #expect(board.steps.count == Board.stepsMax)
    }

    @Test func `a tab is told of each step once, and of its tile`() throws {
        var board = board()
        take(tech("stream_opened"), into: &board)
        var cursor = TabCursor(tile: nil)
        _ = try message(&cursor, board, at: 0)
        take(step("start"), into: &board)
        let told = try message(&cursor, board, at: 0)
        #expect(told["steps"]?.array?.count == 1)
        #expect(told["tiles"]?.array?.first?.object?["alarms"]?.array?.count == 1)
        #expect(cursor.message(of: board, at: 0, utc: 0) == nil)
    }
}
