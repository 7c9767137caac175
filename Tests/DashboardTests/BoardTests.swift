import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Dashboard

/// What the pages show of what daemons say.
@Suite struct BoardTests {
    private static let run = "run-1"

    private func board(_ sources: Int = 1) -> Board {
        Board(sources: (0..<sources).map { ("tcp://127.0.0.1:\(1 + $0)", "tcp://127.0.0.1:\(100 + $0)") })
    }

    private func data(_ patient: String, epoch: UInt64 = 1, device: String = "d") -> JSONObject {
        let identity = StreamIdentity(patient: patient, device: device, epoch: epoch)
        return [
            "patient": .string(patient), "device": .string(device), "stream": .string(identity.name),
        ]
    }

    private func tech(
        _ code: String,
        _ patient: String,
        epoch: UInt64 = 1,
        phase: String = "tpoint"
    ) -> JSONObject {
        let detail = code == "stream_closed" ? "reason: last" : ""
        return [
            "type": .string("shinden.tech.v1"), "time": .string("2026-01-02T03:04:05.678Z"),
            "data": .object(
                data(patient, epoch: epoch).with([
                    "code": .string(code), "phase": .string(phase), "priority": .string("info"),
                    "count": .integer(1), "detail": .string(detail),
                ])
            ),
        ]
    }

    private func diagnosis(_ patient: String, probability: Double = 0.9) -> JSONObject {
        [
            "type": .string("shinden.diagnosis.v1"), "latencyms": .integer(41),
            "data": .object(
                data(patient).with([
                    "window": .object(["first_sample": .integer(0), "end": .string("e")]),
                    "leads_used": .array([.string("II")]), "leads": .array([]), "withheld": .array([]),
                    "window_withheld": .null,
                    "top": .array([
                        .object([
                            "id": .string("atrial_fibrillation"), "en": .string("Atrial Fibrillation"),
                            "ja": .string("心房細動"), "probability": .number(probability),
                        ])
                    ]),
                ])
            ),
        ]
    }

    private func vitals(_ patient: String, rate: Double?, why: String = "") -> JSONObject {
        let reason: JSONObject = rate == nil ? ["heart_rate": .string(why)] : [:]
        return [
            "type": .string("shinden.vitals.v1"),
            "data": .object(
                data(patient).with([
                    "second": .integer(12), "heart_rate": rate.map(JSONValue.number) ?? .null,
                    "ectopic_per_min": .integer(3), "why": .object(reason),
                ])
            ),
        ]
    }

    @Test func `a tile has the newest heart rate with its age, or why there is none`() throws {
        var board = board()
        board.take(event: vitals("p", rate: 71.9), missed: 0, run: Self.run, from: 0, at: 1_000)
        let tile = try #require(board.tiles.values.first)
        let shown = try #require(tile.object(at: 3_500)["vitals"]?.object)
        #expect(shown["rate"] == .number(71.9) && shown["why"] == .null && shown["age"] == .integer(2_500))
        board.take(
            event: vitals("p", rate: nil, why: "no_beats"),
            missed: 0,
            run: Self.run,
            from: 0,
            at: 4_000
        )
        let later = try #require(board.tiles.values.first?.object(at: 4_000)["vitals"]?.object)
        #expect(later["rate"] == .null && later["why"] == .string("no_beats"))
        // Another epoch of the device shows nothing of the one before.
        board.take(event: tech("stream_opened", "p", epoch: 2), missed: 0, run: Self.run, from: 0, at: 5_000)
        #expect(board.tiles.values.first?.object(at: 5_000)["vitals"] == .null)
    }

    private func wave(_ epoch: UInt64 = 1, start: Int64 = 0) throws -> WaveMessage {
        let block = TraceBlock(
            stream: StreamIdentity(patient: "p", device: "d", epoch: epoch),
            band: .monitor,
            start: start,
            time: 0,
            leads: LeadSet([.ii]),
            derived: [],
            isPatch: false,
            values: Array(repeating: 0, count: 50)
        )
        return try #require(WaveMessage(WaveFormat.bytes(of: block, number: 1)))
    }

    private func message(_ bytes: [UInt8]?) throws -> JSONObject {
        let bytes = try #require(bytes)
        #expect(bytes.starts(with: Array("data: ".utf8)))
        #expect(bytes.suffix(2).elementsEqual(Array("\n\n".utf8)))
        return try #require(try JSONValue(parsing: Array(bytes.dropFirst(6).dropLast(2))).object)
    }

    private func tiles(_ message: JSONObject) -> [JSONObject] {
        (message["tiles"]?.array ?? []).compactMap(\.object)
    }

    @Test func `tiles keep their places, and a place that is free again is the next patient's`() {
        var board = board()
        for (second, patient) in ["p1", "p2", "p3"].enumerated() {
            board.take(
                event: tech("stream_opened", patient),
                missed: 0,
                run: Self.run,
                from: 0,
                at: Int64(second)
            )
        }
        func places() -> [String: Int] {
            Dictionary(uniqueKeysWithValues: board.tiles.values.map { ($0.patient, $0.place) })
        }
        #expect(places() == ["p1": 0, "p2": 1, "p3": 2])
        board.take(event: tech("stream_closed", "p2"), missed: 0, run: Self.run, from: 0, at: 1_000)
        #expect(board.tiles.values.first { $0.patient == "p2" }?.state == "closed")
        board.take(event: tech("stream_opened", "p4"), missed: 0, run: Self.run, from: 0, at: 2_000)
        #expect(places() == ["p1": 0, "p2": 1, "p3": 2, "p4": 3])
        board.take(event: tech("stream_opened", "p2", epoch: 2), missed: 0, run: Self.run, from: 0, at: 3_000)
        #expect(places()["p2"] == 1)
        board.take(event: tech("stream_closed", "p3"), missed: 0, run: Self.run, from: 0, at: 4_000)
        board.pass(at: 4_000 + Board.endedMax + 1)
        board.take(event: tech("stream_opened", "p5"), missed: 0, run: Self.run, from: 0, at: 700_000)
        #expect(places() == ["p1": 0, "p2": 1, "p5": 2, "p4": 3])
    }

    @Test func `a daemon that is not heard for 3 s is lost, and one that is heard again is not`() throws {
        var board = board()
        var cursor = TabCursor(tile: nil)
        func state() throws -> String? {
            let shown = try message(cursor.message(of: board, at: 0, utc: 0))
            return shown["sources"]?.array?.first?.object?["state"]?.text
        }
        #expect(try state() == "sought")
        board.take(event: tech("stream_opened", "p1"), missed: 0, run: Self.run, from: 0, at: 10_000)
        #expect(try state() == "heard")
        board.pass(at: 13_000)
        #expect(cursor.message(of: board, at: 0, utc: 0) == nil)
        board.pass(at: 13_001)
        #expect(try state() == "lost")
        board.take(
            event: tech("stream_silent", "p1", phase: "start"),
            missed: 3,
            run: Self.run,
            from: 0,
            at: 14_000
        )
        #expect(try state() == "heard")
        #expect(board.sources[0].missed == 3)
    }

    @Test func `a new run ends the tiles until their streams say that they go on`() {
        var board = board()
        board.take(event: tech("stream_opened", "p1"), missed: 0, run: Self.run, from: 0, at: 0)
        board.take(
            event: ["type": .string("shinden.heartbeat.v1"), "data": .object([:])],
            missed: 0,
            run: "run-2",
            from: 0,
            at: 10
        )
        #expect(board.tiles[0]?.state == "closed")
        #expect(board.tiles[0]?.why == "restarted")
        board.take(event: tech("stream_opened", "p1"), missed: 0, run: "run-2", from: 0, at: 20)
        #expect(board.tiles[0]?.state == "starting")
        #expect(board.tiles[0]?.isEnded == false)
    }

    @Test func `a stream is starting, live, silent, live and ended`() {
        var board = board()
        var states: [String?] = []
        for event in [
            tech("stream_opened", "p1"), diagnosis("p1"), tech("stream_silent", "p1", phase: "start"),
            tech("stream_silent", "p1", phase: "end"), tech("stream_closed", "p1"),
        ] {
            board.take(event: event, missed: 0, run: Self.run, from: 0, at: 0)
            states.append(board.tiles[0]?.state)
        }
        #expect(states == ["starting", "live", "silent", "live", "closed"])
    }

    @Test func `a statement below its threshold is near and not found`() {
        var board = board()
        board.take(event: diagnosis("p1", probability: 0.6), missed: 0, run: Self.run, from: 0, at: 0)
        #expect(board.tiles[0]?.found.first?["ja"]?.text == "心房細動")
        board.take(labels: [], thresholds: ["atrial_fibrillation": 0.7], notLookedFor: nil, from: 0)
        board.take(event: diagnosis("p1", probability: 0.6), missed: 0, run: Self.run, from: 0, at: 0)
        #expect(board.tiles[0]?.found.isEmpty == true)
        #expect(board.tiles[0]?.near.first?["threshold"]?.real == 0.7)
    }

    @Test func `a tab is told everything first and then what is new`() throws {
        var board = board()
        board.take(event: tech("stream_opened", "p1"), missed: 0, run: Self.run, from: 0, at: 0)
        board.take(event: tech("stream_opened", "p2"), missed: 0, run: Self.run, from: 0, at: 0)
        var cursor = TabCursor(tile: nil)
        let first = try message(cursor.message(of: board, at: 1, utc: 1))
        #expect(first["first"] == .bool(true))
        #expect(tiles(first).count == 2)
        #expect(cursor.message(of: board, at: 2, utc: 2) == nil)
        board.take(event: diagnosis("p2"), missed: 0, run: Self.run, from: 0, at: 3)
        let second = try message(cursor.message(of: board, at: 3, utc: 3))
        #expect(second["first"] == nil)
        #expect(tiles(second).map { $0["patient"]?.text } == ["p2"])
        // The line says that it holds.
        #expect(cursor.message(of: board, at: 1_002, utc: 4) == nil)
        #expect(try tiles(message(cursor.message(of: board, at: 1_003, utc: 4))).isEmpty)
    }

    @Test func `a tab that comes back after a while gets the newest state and no old waveform`() throws {
        var board = board()
        board.take(event: tech("stream_opened", "p"), missed: 0, run: Self.run, from: 0, at: 0)
        var quick = TabCursor(tile: nil)
        var slow = TabCursor(tile: nil)
        _ = quick.message(of: board, at: 0, utc: 0)
        _ = slow.message(of: board, at: 0, utc: 0)
        var seen = 0
        for second in 1...60 {
            let now = Int64(second) * 1_000
            board.take(event: diagnosis("p"), missed: 0, run: Self.run, from: 0, at: now)
            board.take(
                wave: try wave(start: Int64(second) * 100),
                of: "p",
                text: "w\(second)",
                from: 0,
                at: now
            )
            let shown = try message(quick.message(of: board, at: now, utc: 0))
            seen += shown["waves"]?.array?.count ?? 0
        }
        #expect(seen == 60)
        let late = try message(slow.message(of: board, at: 60_000, utc: 0))
        #expect(tiles(late).count == 1)
        #expect(late["waves"]?.array?.count == 3)
        // What is kept for a tab that comes is bounded.
        #expect(board.tiles[0]?.monitor.count == 60)
        for second in 61...200 {
            board.take(wave: try wave(), of: "p", text: "w\(second)", from: 0, at: 60_000)
        }
        #expect(board.tiles[0]?.monitor.count == Tile.wavesMax)
    }

    @Test func `waveforms of an epoch or patient that nobody knows are passed over`() throws {
        var board = board(2)
        board.take(event: tech("stream_opened", "p"), missed: 0, run: Self.run, from: 0, at: 0)
        board.take(wave: try wave(2), of: "p", text: "w", from: 0, at: 0)
        board.take(wave: try wave(), of: "q", text: "w", from: 0, at: 0)
        board.take(wave: try wave(), of: "p", text: "w", from: 1, at: 0)
        #expect(board.tiles[0]?.monitor.isEmpty == true)
        board.take(wave: try wave(), of: "p", text: "w", from: 0, at: 0)
        #expect(board.tiles[0]?.monitor.count == 1)
    }

    @Test func `the board is bounded, and says whom it turned away`() throws {
        var board = board()
        for number in 0..<Board.tilesMax + 5 {
            board.take(event: tech("stream_opened", "p\(number)"), missed: 0, run: Self.run, from: 0, at: 0)
        }
        #expect(board.tiles.count == Board.tilesMax)
        #expect(board.turnedAway == 5)
        #expect(board.facts.count == Board.factsMax)
        var cursor = TabCursor(tile: nil)
        // Of so many tiles the message is longer than what the reader of JSON takes from outside.
        let sent = cursor.message(of: board, at: 0, utc: 0).map { String(decoding: $0, as: UTF8.self) }
        #expect(sent?.contains(#""turned_away":5"#) == true)
    }

    @Test func `ids with markup travel as text`() throws {
        var board = board()
        let name = #"<img src=x onerror="alert(1)">"#
        board.take(
            event: [
                "type": .string("shinden.tech.v1"),
                "data": .object([
                    "patient": .string(name), "device": .string("d"),
                    "stream": .string("\(name).d.0000000000000001"),
                    "code": .string("stream_opened"),
                ]),
            ],
            missed: 0,
            run: Self.run,
            from: 0,
            at: 0
        )
        var cursor = TabCursor(tile: nil)
        #expect(tiles(try message(cursor.message(of: board, at: 0, utc: 0))).first?["patient"]?.text == name)
    }

    @Test func `an address that is not of this machine is none`() {
        #expect(Dashboard.Address("127.0.0.1:7280") != nil)
        #expect(Dashboard.Address("[::1]:7280") != nil)
        #expect(Dashboard.Address("127.0.0.1:0")?.port == 0)
        for text in [
            "0.0.0.0:7280", "192.168.1.2:80", "example.org:80", "[::]:80", "127.0.0.1", "", "127.0.0.1:x",
        ] {
            #expect(Dashboard.Address(text) == nil)
        }
    }
}
