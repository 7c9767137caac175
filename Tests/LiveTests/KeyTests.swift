import ECGSignal
import Foundation
import KeyFolder
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A daemon that asks for keys: who comes in, and what each may do there.
@Suite struct KeyTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    @Test func `a gateway is enrolled by two commands, and a desk reads what it sends`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let listener = try keyed.listener()
        let sent = try keyed.replay("p1", as: "gate")
        #expect(sent.code == 0, "\(sent.words)")
        #expect(sent.words.contains("The daemon has had the last message of the stream."))
        #expect(try listener.reads { listener.closings["p1"] != nil })
        #expect(listener.heard.contains { $0.isDiagnosis && $0.subject == "p1" })
        let status = try keyed.ask(["status"], as: "desk")
        #expect(status.code == 0 && !status.lines.isEmpty, "\(status.words)")
        let streams = try keyed.ask(["streams", "--json"], as: "desk")
        #expect(streams.lines.contains { $0.contains(#""patient":"p1""#) })
        let list = try Program.run(["keys", "list", "--keys", keyed.folder])
        #expect(list.code == 0 && list.lines.contains { $0.hasPrefix("gate ") && $0.contains("p1,p3") })
        // The fingerprint that the gateway was shown is the one in the daemon's list.
        let shown = "\(Fingerprint(of: try KeyFile.publicKey(keyed.scratch.at("gate.pub"))))"
        #expect(list.lines.contains { $0.contains(shown) })
        let serverKey = try keyed.serverKey.text
        #expect(keyed.daemon.program.words.contains { $0.contains(serverKey) })
        #expect(keyed.daemon.stop() == 0)
    }

    @Test func `P22 another's patient is refused, counted, and told by sender`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let listener = try keyed.listener()
        // A stream of another key, which the forger claims.
        let record = try SentRecord("ptbxl/00017_hr")
        let good = try keyed.sender()
        try good.send(try record.messages(Self.p1, 0..<3_000))
        let other = StreamIdentity(patient: "p30", device: "d1", epoch: 2)
        try good.send(try record.messages(other))
        let isTold = try listener.hears("the refusal") {
            $0.isTech("NOT_ALLOWED") && $0.subject == "p30" && $0.reason?.contains("the key gate ") == true
        }
        #expect(isTold)
        #expect(
            try eventually { try keyed.asker().refusals(at: keyed.daemon)["NOT_ALLOWED"] ?? 0 >= 50 }
        )
        let counts = try keyed.asker().refusals(at: keyed.daemon)
        #expect(counts == ["NOT_ALLOWED": 50])
        let status = try keyed.asker().status()
        let senders = status["refused_senders"]?.array?.compactMap(\.object) ?? []
        #expect(senders.map { $0["patient"]?.text } == ["p30"])
        #expect(status["streams"]?.whole == 1)
    }

    @Test func `P22 what a stranger's damaged chunk claims is not in the claimed stream's ledger`() throws {
        let keyed = try KeyedDaemon(more: [("other", ["--role", "gateway", "--patients", "p2"])])
        defer { keyed.end() }
        let record = try SentRecord("ptbxl/00017_hr")
        try keyed.sender().send(try record.messages(Self.p1, 0..<3_000))
        let asker = try keyed.asker()
        #expect(try eventually { try asker.streams().count == 1 })
        let forger = try keyed.sender("other")
        for message in try record.messages(Self.p1, 3_000..<4_000) {
            try forger.send(message)
            try forger.send([message[0], message[1], [1, 2, 3, 4]])
            try forger.send([message[0], Array(message[1].dropLast())])
        }
        #expect(try eventually { try asker.refusals(at: keyed.daemon)["NOT_ALLOWED"] == 30 })
        #expect(try asker.refusals(at: keyed.daemon).count == 1)
        let stream = try #require(try asker.stream(received: 3_000))
        #expect(stream["refused"]?.object?.members.isEmpty == true)
        #expect(stream["missing"]?.whole == 0)
        let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
        #expect(leads.count == 12 && leads.allSatisfy { $0["received"]?.whole == 3_000 })
    }

    @Test(arguments: ["status", "streams", "snapshot"])
    func `P21 without a key, with an unknown one or to another server nobody answers`(
        command: String
    ) throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let plain = try Program.run([command, "--control", keyed.daemon.control.text])
        #expect(plain.code == 69)
        let stranger = try keyed.ask([command], as: "stranger")
        #expect(stranger.code == 69 && stranger.words.contains("does not let this key in"))
        let other = try Program.run(
            [
                command, "--control", keyed.daemon.control.text, "--key", keyed.scratch.at("desk.key"),
                "--server-key", keyed.scratch.at("gate.pub"),
            ]
        )
        #expect(other.code == 69)
        #expect(try keyed.ask([command], as: "desk").code == 0)
        #expect(
            eventually {
                keyed.daemon.program.words.contains {
                    $0.contains("key refused") && $0.contains("not known, fingerprint")
                }
            }
        )
    }

    @Test func `P22 a key reads the kinds of its row and acts by its rights`() throws {
        let keyed = try KeyedDaemon(more: [("wall", ["--role", "dashboard", "--read", "tech"])])
        defer { keyed.end() }
        let everything = try keyed.listener()
        let wall = try keyed.listener("wall", prefix: "")
        let gate = try keyed.listener("gate", prefix: "ev")
        let record = try SentRecord("ptbxl/00017_hr")
        try keyed.sender().send(try record.messages(Self.p1, isLast: true))
        for listener in [everything, wall, gate] {
            #expect(try listener.reads { listener.closings["p1"] != nil })
        }
        #expect(everything.heard.contains { $0.isDiagnosis })
        #expect(wall.heard.allSatisfy { !$0.isNews || $0.kind == "shinden.tech.v1" })
        // A gateway reads the technical facts of its own patients.
        #expect(gate.heard.allSatisfy { !$0.isNews || ($0.kind == "shinden.tech.v1" && $0.subject == "p1") })
        #expect(gate.heard.contains { $0.isTech("stream_opened") })

        let pause = #"{"op":"PAUSE","request":"1","patient":"p1","kind":"audio","seconds":60"#
        for (name, extra, code) in [
            ("wall", "}", "NOT_ALLOWED"), ("gate", "}", "NOT_ALLOWED"),
            ("wall", #","user":"anna"}"#, "NOT_ALLOWED"), ("desk", #","user":"a/b"}"#, "BAD_JSON"),
        ] {
            let reply = try keyed.asker(name).ask(pause + extra)
            #expect(reply["ok"] == .bool(false) && reply["code"]?.text == code, "\(name) \(reply)")
        }
        #expect(try keyed.asker("gate").status()["code"]?.text == "NOT_ALLOWED")
        let hello = try keyed.asker("gate").ask(#"{"op":"HELLO","request":"h"}"#)
        let rights = hello["rights"]?.array?.compactMap(\.text) ?? []
        #expect(
            rights == [
                "ev1._.tech.p1.", "ev1._.tech.p3.", "ev1._.heartbeat.", "ev1._.status.", "publish",
            ]
        )
        let done = try keyed.asker("desk").ask(pause + #","user":"anna"}"#)
        #expect(done["ok"] == .bool(true), "\(done)")
        #expect(try keyed.ask(["standby", "--patient", "p1"], as: "desk").code == 0)
        let settings = try keyed.asker().snapshot().flatMap { $0["settings"]?.array ?? [] }
        #expect(settings.compactMap(\.object).first?["standby_by"]?.text == "desk")
        #expect(try keyed.ask(["pause", "--patient", "p1", "--seconds", "9"], as: "wall").code == 1)
        #expect(try everything.hears("the refusals") { $0.isTech("right_refused") })
    }

    @Test func `P22 a revoked desk is cut off within a second of the signal, and no stream is lost`() throws {
        let keyed = try KeyedDaemon(["--hop", "32"], more: [("leaving", ["--role", "dashboard"])])
        defer { keyed.end() }
        let stays = try keyed.listener()
        let goes = try keyed.listener("leaving")
        let goesToo = try keyed.asker("leaving")
        let record = try SentRecord("ptbxl/00017_hr")
        let sender = try keyed.sender()
        var end = 0
        func send(_ samples: Int) throws {
            try sender.send(try record.messages(Self.p1, end..<end + samples, every: 100))
            end += samples
        }
        try send(8_000)
        #expect(try goes.reads { goes.windows(of: Self.p1.name).count > 80 })
        #expect(try goesToo.status()["ok"] == .bool(true))
        try keyed.revoke("leaving")
        #expect(eventually { keyed.daemon.program.words.contains { $0.contains("is in force") } })
        let cut = ContinuousClock.now + .seconds(1)
        #expect(try goesToo.status()["code"]?.text == "NOT_ALLOWED")
        while ContinuousClock.now < cut {
            try send(100)
            Thread.sleep(forTimeInterval: 0.02)
        }
        // What was on its way is read away; what was sent a second after the signal and later is not there.
        let heard = try goes.readsAll()
        try send(8_000)
        let due = (end - 5_000) / 32 + 1
        #expect(try stays.reads { stays.windows(of: Self.p1.name).last == Int64((due - 1) * 32) })
        #expect(try goes.readsAll() == heard)
        // The gateway stayed: every sample that was sent is in the ledger.
        let stream = try #require(try keyed.asker().stream(received: end))
        #expect(stream["missing"]?.whole == 0 && stream["state"]?.text == "live")
        let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
        #expect(leads.count == 12 && leads.allSatisfy { $0["received"]?.whole == Int64(end) })
        // Whoever comes anew with it is refused at the door, and that is told.
        let again = try keyed.ask(["status"], as: "leaving")
        #expect(again.code == 69)
        #expect(
            try stays.reads {
                stays.heard.contains {
                    $0.isTech("key_refused") && $0.reason?.contains("leaving, which was revoked") == true
                }
            }
        )
    }

    @Test func `P22 a revoked gateway's chunks are refused at once, on its living link`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let record = try SentRecord("ptbxl/00017_hr")
        let sender = try keyed.sender()
        try sender.send(try record.messages(Self.p1, 0..<3_000))
        let asker = try keyed.asker()
        #expect(try eventually { try asker.status()["frames"]?.whole == 30 })
        try keyed.revoke("gate")
        #expect(eventually { keyed.daemon.program.words.contains { $0.contains("is in force") } })
        try sender.send(try record.messages(Self.p1, 3_000..<5_000))
        #expect(try eventually { try asker.refusals(at: keyed.daemon)["NOT_ALLOWED"] == 20 })
        let stream = try #require(try asker.stream(received: 3_000))
        let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
        #expect(leads.count == 12 && leads.allSatisfy { $0["received"]?.whole == 3_000 })
    }

    @Test func `SIGHUP with a file that cannot hold: what was in force stays`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let file = keyed.folder + "/authorised.yaml"
        let before = try String(contentsOfFile: file, encoding: .utf8)
        for text in ["", "version: 1\nkeys: [{name: gate}]\n"] {
            try Data(text.utf8).write(to: URL(filePath: file))
            let count = keyed.daemon.program.words.count { $0.contains("nobody else") }
            keyed.daemon.program.send(SIGHUP)
            #expect(
                eventually { keyed.daemon.program.words.count { $0.contains("nobody else") } == count + 1 }
            )
            #expect(try keyed.ask(["status"], as: "desk").code == 0)
            #expect(try keyed.ask(["status"], as: "stranger").code == 69)
        }
        try Data(before.utf8).write(to: URL(filePath: file))
        try Data(contentsOf: URL(filePath: keyed.scratch.at("stranger.pub"))).write(
            to: URL(filePath: keyed.scratch.at("new.pub"))
        )
        let added = try Program.run([
            "keys", "authorise", "new", keyed.scratch.at("new.pub"), "--keys", keyed.folder, "--role",
            "dashboard",
        ])
        #expect(added.code == 0)
        keyed.daemon.program.send(SIGHUP)
        #expect(eventually { keyed.daemon.program.words.contains { $0.contains("is in force, 3 keys") } })
        #expect(try keyed.ask(["status"], as: "stranger").code == 0)
    }

    @Test func `the Python examples prove who they are by the same files`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let reader = try Python.example(
            "reader.py",
            ["--events", keyed.daemon.events.text, "--count", "3"] + keyed.flags("desk")
        )
        defer { reader.end() }
        #expect(reader.exitCode() == 0, "\(reader.words)")
        let stranger = try Python.example(
            "reader.py",
            ["--events", keyed.daemon.events.text, "--count", "1", "--timeout", "2"] + keyed.flags("stranger")
        )
        defer { stranger.end() }
        #expect(stranger.exitCode() == 1 && stranger.lines.isEmpty)
    }
}

extension Listener {
    /// Reads until nothing has come for 200 ms; how many events were heard so far.
    func readsAll() throws -> Int {
        var count = -1
        while count != heard.count {
            count = heard.count
            let end = ContinuousClock.now + .milliseconds(200)
            _ = try reads { ContinuousClock.now > end }
        }
        return count
    }
}
