import ECGSignal
import TestSupport
import Testing
import Wire

@testable import Dashboard

/// Which alarms stand: what the daemon answers, and what is heard while it does, give what all events would have given.
@Suite struct StandingTests {
    private static let run = "run-1"

    private func board() -> Board { Board(sources: [("tcp://127.0.0.1:1", "tcp://127.0.0.1:101")]) }

    private func data(_ patient: String, _ phase: String, alarm: Int, signal: String = "on") -> JSONObject {
        let identity = StreamIdentity(patient: patient, device: "d", epoch: 1)
        return [
            "patient": .string(patient), "device": .string("d"), "stream": .string(identity.name),
            "alarm_id": .string("\(patient)-\(alarm)"), "statement": .string("s\(alarm)"),
            "priority": .string("high"), "signal": .string(signal), "state": .string("active"),
            "phase": .string(phase), "evidence": .string("rule"),
            "onset": .object(["time": .string("2026-01-02T03:04:01.678Z")]),
        ]
    }

    /// The alarm event `number` of a patient's topic.
    private func event(
        _ number: Int,
        _ phase: String,
        _ patient: String = "p1",
        alarm: Int = 1,
        signal: String = "on",
        run: String = run
    ) -> JSONObject {
        let digits = String(number)
        return [
            "type": .string("shinden.alarm.v1"), "time": .string("2026-01-02T03:04:05.678Z"),
            "run": .string(run), "id": .string("\(patient) \(number)"),
            "topicsequence": .string(String(repeating: "0", count: 16 - digits.count) + digits),
            "data": .object(data(patient, phase, alarm: alarm, signal: signal)),
        ]
    }

    private func page(
        _ alarms: [(patient: String, alarm: Int)],
        heads: JSONObject = [:],
        run: String = run
    ) -> JSONObject {
        let list = alarms.map { patient, alarm in
            JSONValue.object(
                data(patient, "start", alarm: alarm).with([
                    "id": .string("\(patient) of the page"), "time": .string("2026-01-02T03:04:05.678Z"),
                ])
            )
        }
        return [
            "alarms": .array(list), "heads": .object(heads), "settings": .array([]), "run": .string(run),
        ]
    }

    private func take(_ event: JSONObject, into board: inout Board, missed: UInt64 = 0, run: String = run) {
        board.take(event: event, missed: missed, run: run, from: 0, at: 0)
    }

    private func heartbeat(into board: inout Board, missed: UInt64 = 0, run: String = run) {
        let beat: JSONObject = ["type": .string("shinden.heartbeat.v1"), "data": .object([:])]
        take(beat, into: &board, missed: missed, run: run)
    }

    private func standing(_ board: Board) -> [String] {
        board.tiles.values.flatMap { $0.alarms.standing.map(\.id) }.sorted()
    }

    @Test func `who joins late asks, and shows what stands`() throws {
        var board = board()
        #expect(!board.mustAskStanding(of: 0))
        heartbeat(into: &board)
        #expect(board.mustAskStanding(of: 0))
        board.askStanding(of: 0)
        board.take(snapshot: [page([("p1", 1), ("p2", 1)])], from: 0, at: 0)
        #expect(standing(board) == ["p1-1", "p2-1"])
        #expect(!board.mustAskStanding(of: 0))
        #expect(board.tiles[0]?.alarms.standing.first?.object["event"] == .string("p1 of the page"))
        var cursor = TabCursor(tile: nil)
        let sent = cursor.message(of: board, at: 0, utc: 0)
        let bytes = try #require(sent)
        let message = try #require(try JSONValue(parsing: Array(bytes.dropFirst(6).dropLast(2))).object)
        #expect(message["sources"]?.array?.first?.object?["alarms_known"] == .bool(true))
    }

    @Test func `what is heard meanwhile is applied above the head of its topic and not below`() {
        var board = board()
        heartbeat(into: &board)
        board.askStanding(of: 0)
        // The page holds the second alarm and the end of the first; the end of the second came after it.
        take(event(4, "start", alarm: 1), into: &board)
        take(event(5, "start", alarm: 2), into: &board)
        take(event(6, "start", alarm: 3), into: &board)
        take(event(7, "end", alarm: 2), into: &board)
        board.take(
            snapshot: [page([("p1", 2)], heads: ["ev1._.alarm.p1.": .integer(5)])],
            from: 0,
            at: 0
        )
        #expect(standing(board) == ["p1-3"])
    }

    @Test func `of two pages that name a topic the smaller head counts`() {
        var board = board()
        heartbeat(into: &board)
        board.askStanding(of: 0)
        take(event(5, "end", alarm: 1), into: &board)
        let pages = [4, 5].map { page([("p1", $0 - 3)], heads: ["ev1._.alarm.p1.": .integer(Int64($0))]) }
        board.take(snapshot: pages, from: 0, at: 0)
        #expect(standing(board) == ["p1-2"])
    }

    @Test func `after missed events the daemon is asked again, and what ended meanwhile goes`() {
        var board = board()
        heartbeat(into: &board)
        board.askStanding(of: 0)
        board.take(snapshot: [page([])], from: 0, at: 0)
        take(event(1, "start", alarm: 1), into: &board)
        #expect(standing(board) == ["p1-1"] && !board.mustAskStanding(of: 0))
        heartbeat(into: &board, missed: 2)
        #expect(board.mustAskStanding(of: 0))
        board.askStanding(of: 0)
        board.take(snapshot: [page([("p2", 1)])], from: 0, at: 0)
        #expect(standing(board) == ["p2-1"])
        #expect(!board.mustAskStanding(of: 0))
    }

    @Test func `an answer of another run, or one while events were lost, is not taken`() {
        var board = board()
        heartbeat(into: &board)
        board.askStanding(of: 0)
        board.take(snapshot: [page([("p1", 1)], run: "run-0")], from: 0, at: 0)
        #expect(standing(board).isEmpty && board.mustAskStanding(of: 0))
        board.askStanding(of: 0)
        heartbeat(into: &board, missed: 1)
        board.take(snapshot: [page([("p1", 1)])], from: 0, at: 0)
        #expect(standing(board).isEmpty && board.mustAskStanding(of: 0))
        board.askStanding(of: 0)
        heartbeat(into: &board, run: "run-2")
        board.take(snapshot: [page([("p1", 1)], run: "run-2")], from: 0, at: 0)
        #expect(standing(board).isEmpty && board.mustAskStanding(of: 0))
    }

    @Test func `what is kept while the daemon is asked is bounded, and beyond it the daemon is asked again`()
    {
        var board = board()
        heartbeat(into: &board)
        board.askStanding(of: 0)
        for number in 1...Board.heardMax { take(event(number, "start"), into: &board) }
        #expect(board.sources[0].question?.heard.count == Board.heardMax)
        take(event(Board.heardMax + 1, "start"), into: &board)
        #expect(board.sources[0].question == nil && board.mustAskStanding(of: 0))
    }

    @Test(arguments: seeds(20)) func `wherever it joins, the board is that of one that heard everything`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var events: [JSONObject] = []
        var daemon: [String: Set<Int>] = [:]
        // What stood, and the head of each topic, after each event.
        var states: [(standing: [String: Set<Int>], heads: [String: Int])] = [([:], [:])]
        var heads: [String: Int] = [:]
        for _ in 0..<200 {
            let patient = "p\(Int.random(in: 1...3, using: &generator))"
            let alarm = Int.random(in: 1...4, using: &generator)
            let stands = daemon[patient, default: []].contains(alarm)
            let phase = !stands ? "start" : Bool.random(using: &generator) ? "update" : "end"
            if phase == "end" {
                daemon[patient]?.remove(alarm)
            } else {
                daemon[patient, default: []].insert(alarm)
            }
            heads[patient, default: 0] += 1
            events.append(event(heads[patient] ?? 0, phase, patient, alarm: alarm))
            states.append((daemon, heads))
        }
        let expected = daemon.flatMap { patient, alarms in alarms.map { "\(patient)-\($0)" } }.sorted()
        // Asked after `asked` events, answered from what stood after `answered`, taken after `taken`.
        let asked = Int.random(in: 0...100, using: &generator)
        let answered = Int.random(in: asked...150, using: &generator)
        let taken = Int.random(in: answered...200, using: &generator)
        var board = board()
        heartbeat(into: &board)
        let joined = Int.random(in: 0...asked, using: &generator)
        for place in joined..<asked { take(events[place], into: &board) }
        board.askStanding(of: 0)
        for place in asked..<taken { take(events[place], into: &board) }
        let state = states[answered]
        let alarms = state.standing.flatMap { patient, alarms in alarms.map { (patient, $0) } }
        let named = state.heads.filter { state.standing[$0.key]?.isEmpty == false }
        board.take(
            snapshot: [
                page(
                    alarms,
                    heads: JSONObject(named.map { ("ev1._.alarm.\($0.key).", .integer(Int64($0.value))) })
                )
            ],
            from: 0,
            at: 0
        )
        for place in taken..<events.count { take(events[place], into: &board) }
        #expect(standing(board) == expected, "seed \(seed)")
    }
}
