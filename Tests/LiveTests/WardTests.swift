import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A daemon whose patients are in wards: who reads whom, and what becomes of it when somebody is moved.
@Suite struct WardTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
    private static let p3 = StreamIdentity(patient: "p3", device: "d3", epoch: 2)

    /// Desks of two wards, one with everything, and a screen of the alarms of ward 3.
    private static let desks = [
        ("three", ["--role", "dashboard", "--wards", "3", "--allow", "all"]),
        ("thirty", ["--role", "dashboard", "--wards", "30", "--allow", "all"]),
        ("screen", ["--role", "dashboard", "--wards", "3", "--read", "alarm"]),
    ]

    private func wards(_ listener: Listener) -> Set<String> {
        Set(listener.heard.map { String($0.topic.split(separator: ".")[1]) })
    }

    @Test func `P22 a desk hears the patients of its ward, and ward 3 is not ward 30`() throws {
        let keyed = try KeyedDaemon(more: Self.desks, places: "patients: {p1: '3', p3: '30'}\n")
        defer { keyed.end() }
        let all = try keyed.listener()
        let three = try keyed.listener("three", prefix: "")
        let thirty = try keyed.listener("thirty", prefix: "ev1.3")
        let screen = try keyed.listener("screen", prefix: "ev1.3.")
        let gate = try keyed.listener("gate", prefix: "ev1.")
        let record = try SentRecord("ptbxl/00017_hr")
        for stream in [Self.p1, Self.p3] {
            try keyed.sender().send(try record.messages(stream, isLast: true))
        }
        #expect(try all.reads { all.closings["p1"] != nil && all.closings["p3"] != nil })
        #expect(try three.reads { three.closings["p1"] != nil })
        #expect(try thirty.reads { thirty.closings["p3"] != nil })
        #expect(try gate.reads { gate.closings["p1"] != nil && gate.closings["p3"] != nil })
        // One more second, so that a heartbeat of each ward has come after the last event.
        for listener in [all, three, thirty, screen, gate] {
            let beats = listener.heard.count { $0.isHeartbeat }
            #expect(try listener.reads { listener.heard.count { $0.isHeartbeat } > beats + 2 })
        }
        #expect(all.heard.allSatisfy { $0.event["ward"]?.text == String($0.topic.split(separator: ".")[1]) })
        #expect(wards(all) == ["_", "3", "30"])
        for (listener, own, patient) in [(three, "3", "p1"), (thirty, "30", "p3")] {
            #expect(wards(listener).isSubset(of: ["_", own]))
            #expect(listener.heard.allSatisfy { !$0.isNews || [patient, "_"].contains($0.subject) })
            #expect(listener.heard.contains { $0.isDiagnosis })
            // Heartbeats name the topics of their ward alone.
            let heads = listener.heard.flatMap { $0.data["heads"]?.object?.members.map(\.name) ?? [] }
            #expect(heads.allSatisfy { $0.hasPrefix("ev1.\(own).") || $0.hasPrefix("ev1._.") })
            #expect(heads.contains("ev1.\(own).diagnosis.\(patient)."))
        }
        #expect(screen.heard.allSatisfy { !$0.isNews || $0.kind == "shinden.alarm.v1" })
        #expect(gate.heard.allSatisfy { !$0.isNews || $0.kind == "shinden.tech.v1" })
        for listener in [all, three] { #expect(listener.missed == 0) }

        let streams = try keyed.asker("three").streams().compactMap { $0["patient"]?.text }
        #expect(streams == ["p1"])
        #expect(try keyed.asker().streams().count == 2)
        let hello = try keyed.asker("screen").ask(#"{"op":"HELLO","request":"h"}"#)
        #expect(
            hello["rights"]?.array?.compactMap(\.text) == [
                "ev1.3.alarm.", "ev1._.heartbeat.", "ev1.3.heartbeat.", "ev1._.status.",
            ]
        )
        let watched = try Program.run(
            ["watch", "--events", keyed.daemon.events.text, "--count", "1", "--kind", "status", "--json"]
                + keyed.flags("three")
        )
        #expect(watched.code == 0 && watched.lines.count == 1)
    }

    /// A ward that the key does not read, one that is not there, and a patient whom nobody knows are no quiet ones.
    private func expectNoQuietWard(_ keyed: KeyedDaemon) throws {
        for (flags, name, words) in [
            (["--ward", "30"], "three", "NOT_ALLOWED"), (["--ward", "31"], "desk", "NOT_FOUND"),
            (["--patient", "p9"], "desk", "no stream of p9"),
        ] {
            let answer = try keyed.ask(["snapshot"] + flags, as: name)
            #expect(answer.code == 1 && answer.lines.isEmpty && answer.words.contains(words), "\(answer)")
        }
    }

    @Test
    func `P22 who is moved is read where it is, with the alarm that stands, and no stream is lost`()
        throws
    {
        let keyed = try KeyedDaemon(
            ["--idle-seconds", "3600"],
            more: Self.desks,
            places: "patients: {p1: '3'}\n"
        )
        defer { keyed.end() }
        let three = try keyed.listener("three")
        let thirty = try keyed.listener("thirty")
        let record = try SentRecord("ptbxl/00017_hr")
        let sender = try keyed.sender()
        try sender.send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        let start = try #require(try three.alarm("asystole", phase: "start"))
        let id = try #require(start.data["alarm_id"]?.text)
        #expect(try keyed.ask(["ack", id], as: "thirty").code == 1, "nobody there knows of it")

        #expect(try keyed.place("roster: [{bed: '30-1', ward: '30', patient: p1}]\n"))
        // Readers come in anew; a machine that is slow to let them may make them miss the word, and never the state.
        #expect(try eventually { try keyed.asker("thirty").streams().count == 1 })
        _ = try thirty.readsAll()
        let beats = thirty.heard.count(where: \.isHeartbeat)
        #expect(try thirty.reads { thirty.heard.count(where: \.isHeartbeat) > beats + 1 }, "it is in again")
        _ = try three.readsAll()
        let heard = three.heard.count { $0.isNews && $0.subject == "p1" }
        try sender.send(try record.messages(Self.p1, 13_000..<15_000, flat: 5_000..<Int.max))
        #expect(try thirty.reads { thirty.windows(of: Self.p1.name).contains { $0 >= 9_500 } })
        _ = try three.readsAll()
        #expect(three.heard.count { $0.isNews && $0.subject == "p1" } == heard)

        func standing(_ name: String) throws -> [String] {
            try keyed.asker(name).snapshot().flatMap { $0["alarms"]?.array ?? [] }
                .compactMap { $0.object?["alarm_id"]?.text }
        }
        #expect(try standing("three").isEmpty)
        #expect(try standing("thirty").contains(id))
        #expect(
            try keyed.ask(["snapshot", "--ward", "30", "--json"], as: "desk").lines.contains {
                $0.contains(id)
            }
        )
        #expect(try keyed.ask(["snapshot", "--ward", "3", "--json"], as: "desk").lines.isEmpty)
        try expectNoQuietWard(keyed)
        #expect(try keyed.ask(["ack", id], as: "three").code == 1)
        #expect(try keyed.ask(["ack", id], as: "thirty").code == 0)
        let stream = try #require(try keyed.asker("thirty").stream(received: 15_000))
        #expect(stream["missing"]?.whole == 0)
        let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
        #expect(leads.count == 12 && leads.allSatisfy { $0["received"]?.whole == 15_000 })

        // Discharged from the ward: the alarm stands on, for those who read everybody.
        #expect(try keyed.place(""))
        #expect(try standing("thirty").isEmpty)
        #expect(try standing("desk").contains(id))
    }

    @Test
    func `P18 who has no stream since a restart is moved with what stands, and history outlives its ward`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        // No key names ward 5: it is one while somebody is in it.
        let keyed = try KeyedDaemon(
            ["--state", scratch.at("state")],
            more: Self.desks,
            places: "patients: {p1: '5'}\n"
        )
        defer { keyed.end() }
        let before = try keyed.listener()
        let record = try SentRecord("ptbxl/00017_hr")
        try keyed.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        let id = try #require(try before.alarm("asystole", phase: "start")).data["alarm_id"]?.text
        try keyed.restart()
        // The ward knows who is in it before anybody sends again.
        let pause = #"{"op":"PAUSE","request":"1","kind":"audio","seconds":9,"ward":"5"}"#
        #expect(try keyed.asker().ask(pause)["devices"]?.whole == 1)

        #expect(try keyed.place("patients: {p1: '30'}\n"))
        func history(_ name: String) throws -> [JSONObject] {
            let reply = try keyed.asker(name).ask(#"{"op":"REPLAY","request":"r","from":1}"#)
            return reply["events"]?.array?.compactMap(\.object) ?? []
        }
        func moves(_ name: String) throws -> Set<String> {
            Set(
                try history(name).filter { $0["data"]?.object?["code"]?.text == "patient_moved" }
                    .compactMap { $0["ward"]?.text }
            )
        }
        // What is told in two wards is kept once, in that where the patient is now.
        #expect(try eventually { try moves("desk") == ["30"] })
        #expect(try moves("thirty") == ["30"] && moves("three").isEmpty)

        #expect(try keyed.place(""))
        func wards(_ name: String) throws -> Set<String> {
            Set(
                try history(name).filter { $0["data"]?.object?["alarm_id"]?.text == id }
                    .compactMap { $0["ward"]?.text }
            )
        }
        #expect(try wards("desk").contains("5"))
        #expect(try wards("thirty").isSubset(of: ["30"]) && wards("three").isEmpty)
    }

    @Test func `P22 who may act is asked by ward, and a ward's sounds are paused for it alone`() throws {
        let keyed = try KeyedDaemon(more: Self.desks, places: "patients: {p1: '3', p3: '30'}\n")
        defer { keyed.end() }
        let record = try SentRecord("ptbxl/00017_hr")
        for stream in [Self.p1, Self.p3] { try keyed.sender().send(try record.messages(stream, 0..<2_000)) }
        #expect(try eventually { try keyed.asker().streams().count == 2 })
        for (name, target, code) in [
            ("three", #""patient":"p1""#, nil), ("three", #""patient":"p3""#, "NOT_ALLOWED"),
            ("three", #""ward":"3""#, nil), ("three", #""ward":"30""#, "NOT_ALLOWED"),
            ("three", #""ward":"_""#, "NOT_ALLOWED"), ("desk", #""ward":"_""#, nil),
            ("desk", #""ward":"30""#, nil), ("desk", #""ward":"4""#, "NOT_FOUND"),
        ] {
            let reply = try keyed.asker(name).ask(
                #"{"op":"PAUSE","request":"1","kind":"audio","seconds":9,\#(target)}"#
            )
            #expect(reply["code"]?.text == code, "\(name) \(target) \(reply)")
            if code == nil { #expect(reply["devices"]?.whole == (target.contains("_") ? 2 : 1)) }
        }
    }

    @Test func `P25 the roster is for those with the right, and its names are nowhere else`() throws {
        let places = """
            patients: {p3: '30'}
            roster:
              - {bed: '3-01', ward: '3', name: 'Canary 金糸雀', patient: p1}
              - {bed: '3-02', ward: '3'}
              - {bed: '30-01', ward: '30', name: 'Canary the second', standby: true}

            """
        let state = try Scratch()
        defer { state.end() }
        let keyed = try KeyedDaemon(
            ["--log-level", "debug", "--log-plain-ids", "--record", state.at("log")],
            more: Self.desks,
            places: places
        )
        defer { keyed.end() }
        let all = try keyed.listener()
        try keyed.sender().send(try SentRecord("ptbxl/00017_hr").messages(Self.p1, isLast: true))
        #expect(try all.reads { all.closings["p1"] != nil })
        func beds(_ name: String, _ ward: String = "") throws -> [JSONObject] {
            let reply = try keyed.asker(name).ask(#"{"op":"ROSTER","request":"r"\#(ward)}"#)
            return reply["beds"]?.array?.compactMap(\.object) ?? []
        }
        let first: JSONObject = [
            "bed": .string("3-01"), "ward": .string("3"), "name": .string("Canary 金糸雀"),
            "patient": .string("p1"), "standby": .bool(false),
        ]
        #expect(try beds("desk").count == 3 && beds("desk").first == first)
        #expect(try beds("desk", #","ward":"30""#).map { $0["standby"] } == [.bool(true)])
        #expect(try beds("three").count == 2 && beds("thirty").count == 1)
        for (name, ward) in [("screen", ""), ("gate", ""), ("three", #","ward":"30""#)] {
            let reply = try keyed.asker(name).ask(#"{"op":"ROSTER","request":"r"\#(ward)}"#)
            #expect(reply["code"]?.text == "NOT_ALLOWED", "\(name)")
        }
        #expect(try keyed.ask(["standby", "--patient", "p1"], as: "three").code == 0)
        #expect(try beds("three").first?["standby"] == .bool(true))
        let shown = try keyed.ask(["roster"], as: "desk")
        #expect(shown.code == 0 && shown.lines.contains { $0.contains("3-01") && $0.contains("金糸雀") })
        #expect(try keyed.ask(["roster"], as: "screen").code == 1)

        // A file that is damaged where a name stands.
        #expect(try !keyed.place("roster: [{bed: '3-01', ward: '3', name: 'Canary}]\n"))
        #expect(try keyed.place(places))
        // The commands that write the file keep who is where.
        try keyed.revoke("screen")
        let kept = try String(contentsOfFile: keyed.folder + "/authorised.yaml", encoding: .utf8)
        #expect(kept.contains("'Canary 金糸雀'") && kept.contains("'p3': '30'"))
        let metrics = try keyed.asker().ask(#"{"op":"METRICS","request":"m"}"#)
        #expect(keyed.daemon.stop() == 0)
        let words = keyed.daemon.program.words + keyed.daemon.program.lines
        #expect(words.contains { $0.contains("1 patients in wards") || $0.contains("2 patients in wards") })
        let said = all.heard.map { $0.topic + JSONValue.object($0.event).canonicalText }
        for text in words + said + [JSONValue.object(metrics).canonicalText] {
            #expect(!text.contains("Canary") && !text.contains("金糸雀"), "\(text)")
        }
        try expectNoNames(in: state.at("log"))
        let replayed = try Program.run(["inspect", state.at("log"), "--json"])
        #expect(replayed.code == 0 && replayed.lines.contains { $0.contains("'p1': '3'") }, "\(replayed)")
    }

    /// The frame log keeps the rights and the wards, and nobody's name.
    private func expectNoNames(in folder: String) throws {
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let bytes = try Data(contentsOf: URL(filePath: folder + "/" + file))
            #expect(bytes.range(of: Data("Canary".utf8)) == nil && bytes.range(of: Data("金糸雀".utf8)) == nil)
        }
    }
}
