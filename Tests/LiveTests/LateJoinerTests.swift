import ECGSignal
import Findings
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Alarms are state: whoever joins late knows as much as who has listened all along.
@Suite struct LateJoinerTests {
    /// The alarms that stand, as a reader keeps them: the newest event of each.
    private struct Standing {
        private(set) var alarms: [String: String] = [:]

        init() {}

        /// What the pages of a snapshot say.
        init(_ pages: [JSONObject]) {
            for alarm in pages.flatMap({ $0["alarms"]?.array ?? [] }).compactMap(\.object) {
                if let alarmID = alarm["alarm_id"]?.text { alarms[alarmID] = alarm["id"]?.text }
            }
        }

        /// Takes an event: an end takes the alarm away, the model's word changes nothing.
        mutating func take(_ event: Listener.Heard) {
            guard event.kind == "shinden.alarm.v1", let alarmID = event.data["alarm_id"]?.text else { return }
            switch event.phase {
            case "end": alarms[alarmID] = nil
            case "tpoint": break
            default: alarms[alarmID] = event.event["id"]?.text
            }
        }
    }

    /// The numbers up to which a snapshot's pages tell of each topic; of a topic on two pages the smaller counts.
    private func heads(_ pages: [JSONObject]) -> [String: UInt64] {
        var heads: [String: UInt64] = [:]
        for head in pages.flatMap({ $0["heads"]?.object?.members ?? [] }) {
            let number = UInt64(head.value.whole ?? 0)
            heads[head.name] = min(heads[head.name] ?? number, number)
        }
        return heads
    }

    @Test(arguments: seeds(2)) func `P17 a snapshot and then the events give the same as all events`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let daemon = try LiveDaemon(["--idle-seconds", "3600", "--stop-seconds", "3600"])
        defer { daemon.end() }
        let first = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        // Six patients whose hearts stand still and beat again, each for times of its own.
        let patients = (0..<6).map { number in
            let begin = Int.random(in: 1_000...8_000, using: &generator)
            return (
                stream: StreamIdentity(patient: "p\(number)", device: "d\(number)", epoch: 1),
                flat: begin..<begin + Int.random(in: 2_500...9_000, using: &generator)
            )
        }
        let asker = try Asker(daemon)
        var late: [(pages: [JSONObject], listener: Listener)] = []
        for round in 0..<6 {
            for (stream, flat) in patients {
                let range = round * 4_000..<(round + 1) * 4_000
                try sender.send(try record.messages(stream, range, every: 100, flat: flat))
            }
            // Subscribed first, then asked, while events come.
            let listener = try Listener(daemon)
            let pages = try asker.snapshot()
            late.append((pages, listener))
            let standing = pages.flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
            if let one = standing.randomElement(using: &generator), let id = one["alarm_id"]?.text {
                _ = try asker.ask(#"{"op":"ACK","request":"a","alarm_id":"\#(id)"}"#)
            }
        }
        for (stream, flat) in patients {
            let range = 24_000..<25_000
            try sender.send(try record.messages(stream, range, every: 100, isLast: true, flat: flat))
        }
        for listener in [first] + late.map(\.listener) {
            #expect(try listener.reads { listener.closings.count == patients.count }, "seed \(seed)")
            #expect(listener.missed == 0)
        }
        var expected = Standing()
        for event in first.heard { expected.take(event) }
        #expect(first.heard.contains { $0.kind == "shinden.alarm.v1" && $0.phase == "end" })
        for (pages, listener) in late {
            var standing = Standing(pages)
            let heads = heads(pages)
            for event in listener.heard where event.number > heads[event.topic] ?? 0 { standing.take(event) }
            #expect(standing.alarms == expected.alarms, "seed \(seed)")
        }
        #expect(Standing(try asker.snapshot()).alarms == expected.alarms, "seed \(seed)")
        #expect(!expected.alarms.isEmpty, "high alarms that nobody acknowledged are latched, seed \(seed)")
    }

    @Test func `P17 the alarms of sixty patients come in pages, each once`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("mitdb/100_0000")
        let patients = (0..<60).map { "p\($0)" }
        for patient in patients {
            let stream = StreamIdentity(patient: patient, device: "d-\(patient)", epoch: 1)
            try sender.send(try record.messages(stream, 0..<4_320, every: 360, flat: 1_800..<Int.max))
        }
        let isThere = try listener.reads {
            Set(listener.heard.filter { $0.data["statement"]?.text == "asystole" }.map(\.subject)).count == 60
        }
        #expect(isThere)
        let asker = try Asker(daemon)
        _ = try asker.ask(#"{"op":"PAUSE","request":"p","ward":"_","kind":"audio","seconds":600}"#)
        let pages = try asker.snapshot()
        let alarms = pages.flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
        #expect(pages.count > 1 && pages.allSatisfy { ($0["alarms"]?.array?.count ?? 0) <= 50 })
        let asystoles = alarms.filter { $0["statement"]?.text == "asystole" }
        #expect(asystoles.count == 60 && Set(asystoles.compactMap { $0["patient"]?.text }) == Set(patients))
        #expect(Set(alarms.compactMap { $0["alarm_id"]?.text }).count == alarms.count)
        #expect(asystoles.allSatisfy { $0["signal"]?.text == "audio_paused" })
        let settings = pages.flatMap { $0["settings"]?.array ?? [] }.compactMap(\.object)
        #expect(Set(settings.compactMap { $0["patient"]?.text }) == Set(patients) && settings.count == 60)
        let (code, lines, _) = try Program.run(["snapshot", "--control", daemon.control.text])
        #expect(code == 0 && lines.count { $0.hasPrefix("HIGH") } == 60)
        let ranks = lines.dropFirst().prefix(alarms.count).map { $0.prefix(4) }
        #expect(ranks.first == "HIGH" && ranks.last != "HIGH" || asystoles.count == alarms.count)
    }
}
