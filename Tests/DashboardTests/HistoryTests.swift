import TestSupport
import Testing
import Wire

@testable import Dashboard

/// What the journal of a daemon tells a board of the time before it, and of what it missed.
@Suite struct HistoryTests {
    private func event(
        _ number: Int,
        kind: EventKind,
        time: String,
        device: String = "d",
        rate: Double? = nil
    ) -> JSONObject {
        [
            "type": .string(kind.type), "time": .string(time), "id": .string("e\(number)"),
            "data": .object([
                "patient": .string("p1"), "device": .string(device), "code": .string("stream_opened"),
                "stream": .string("p1.\(device).0000000000000001"), "alarm_id": .string("a"),
                "statement": .string("s"),
                "phase": .string("start"), "heart_rate": rate.map(JSONValue.number) ?? .null,
            ]),
        ]
    }

    private func place(_ sequence: Int64, epoch: UInt64 = 7) -> JournalPlace {
        JournalPlace(epoch: epoch, sequence: sequence)
    }

    @Test
    func `a journal is asked for once, again after a loss from where it was read to, and another one anew`()
        throws
    {
        var board = Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:2")])
        #expect(board.dueHistory(of: 0) == nil)
        board.take(journal: place(40), from: 0)
        let due = try #require(board.dueHistory(of: 0))
        #expect(due.place == place(40) && due.reached == 0 && board.duePast(of: 0) == nil)
        // Events go on while it is read.
        board.take(journal: place(45), from: 0)
        board.endHistory(due, begin: .init(number: 12, utc: 1_000), from: 0)
        #expect(board.dueHistory(of: 0) == nil && board.sources[0].history?.reached == 40)
        let known = event(1, kind: .vitals, time: "2026-01-02T03:04:05.678Z", rate: 70)
        board.take(event: known, missed: 0, run: "r", from: 0, at: 0)
        #expect(board.dueHistory(of: 0)?.reached == 40, "a run that was not known")
        board.endHistory(try #require(board.dueHistory(of: 0)), begin: .init(number: 99, utc: 0), from: 0)
        let tile = try #require(board.duePast(of: 0))
        #expect(tile.patient == "p1" && tile.from == 12, "from where it was read first")
        board.endPast(tile, from: 0, at: 5_000, utc: 61_000)
        #expect(board.duePast(of: 0) == nil)
        #expect(board.tiles[tile.tile]?.trend.since == 5_000 - 60_000)
        board.take(event: known, missed: 1, run: "r", from: 0, at: 10)
        #expect(board.dueHistory(of: 0)?.reached == 45 && board.duePast(of: 0) == nil)
        board.endHistory(try #require(board.dueHistory(of: 0)), begin: .init(number: 99, utc: 0), from: 0)
        #expect(board.duePast(of: 0)?.from == 46)
        // A loss while it is asked leaves something to ask for.
        board.take(event: known, missed: 1, run: "r", from: 0, at: 20)
        let asked = try #require(board.dueHistory(of: 0))
        board.take(event: known, missed: 1, run: "r", from: 0, at: 30)
        board.endHistory(asked, begin: .init(number: 99, utc: 0), from: 0)
        let again = try #require(board.dueHistory(of: 0))
        #expect(again.reached == 45)
        board.endHistory(again, begin: .init(number: 99, utc: 0), from: 0)
        let past = try #require(board.duePast(of: 0))
        board.take(event: known, missed: 1, run: "r", from: 0, at: 40)
        board.endPast(past, from: 0, at: 50, utc: 61_000)
        board.endHistory(try #require(board.dueHistory(of: 0)), begin: .init(number: 99, utc: 0), from: 0)
        #expect(board.duePast(of: 0)?.from == 46)
        board.take(journal: place(3, epoch: 8), from: 0)
        #expect(board.dueHistory(of: 0)?.reached == 0 && board.dueHistory(of: 0)?.begin == nil)
        // The answer of the one before says nothing of it.
        board.endHistory(due, begin: .init(number: 12, utc: 1_000), from: 0)
        #expect(board.dueHistory(of: 0)?.begin == nil)
    }

    @Test func `steps and facts of the past stand in the order of their times, once, and the newest stay`() {
        var board = Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:2")])
        let live = event(9, kind: .alarm, time: "2026-01-02T03:30:00.000Z")
        board.take(event: live, missed: 0, run: "r", from: 0, at: 0)
        let past = (1..<9).map { event($0, kind: .alarm, time: "2026-01-02T03:0\($0):00.000Z") }
        let facts = (11..<14).map { event($0, kind: .tech, time: "2026-01-02T02:\($0):00.000Z") }
        // The dashboard's clock is 0 at half past three.
        let utc: Int64 = 1_767_324_600_000
        board.take(past: past.reversed() + [live] + facts, from: 0, at: 0, utc: utc)
        board.take(past: past + facts, from: 0, at: 0, utc: utc)
        #expect(board.steps.compactMap { $0.object["event"]?.text } == (1...9).map { "e\($0)" })
        #expect(board.facts.compactMap { $0.object["event"]?.text } == ["e11", "e12", "e13"])
        #expect(board.steps.last?.object["event"] == .string("e9"))
        #expect(board.tiles.values.allSatisfy { $0.alarms.standing.count == 1 }, "what was over stays over")
        let many = (100..<400).map { event($0, kind: .alarm, time: "2026-01-02T01:00:00.\($0)Z") }
        board.take(past: many, from: 0, at: 0, utc: utc)
        #expect(board.steps.count == Board.stepsMax && board.steps.last?.object["event"] == .string("e9"))
        #expect(board.steps.first?.object["event"] == .string("e209"))
    }

    @Test func `vital signs of the past are the tile's of their device, of the last day alone`() throws {
        var board = Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:2")])
        // 2026-01-02T04:00:00Z, an hour after the dashboard began.
        let (now, utc) = (Int64(3_600_000), Int64(1_767_326_400_000))
        let live = event(1, kind: .vitals, time: "2026-01-02T04:00:00.000Z", rate: 80)
        board.take(event: live, missed: 0, run: "r", from: 0, at: now)
        let past = [
            event(2, kind: .vitals, time: "2026-01-02T02:30:00.000Z", rate: 60),
            event(3, kind: .vitals, time: "2026-01-02T02:30:00.000Z", device: "other", rate: 20),
            event(4, kind: .vitals, time: "2026-01-01T03:59:00.000Z", rate: 30),
            event(5, kind: .vitals, time: "2026-01-02T04:00:01.000Z", rate: 40),
            event(6, kind: .vitals, time: "yesterday", rate: 50),
            event(7, kind: .vitals, time: "2026-01-02T04:00:00.000Z", rate: 90),
        ]
        let tile = try #require(board.tiles.keys.first)
        board.take(vitals: past, of: tile, at: now, utc: utc)
        #expect(board.tiles[tile]?.trend.minutes.map(\.number) == [-30, 60])
        #expect(board.tiles[tile]?.trend.minutes.map(\.rate.value) == [60, 80])
    }
}
