import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `snapshot`, `ack`, `pause` and what else people do about alarms, at a real daemon.
@Suite struct AlarmCommandTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// A daemon with one patient whose heart stands still after ten seconds, and the event that says so.
    private func daemonWithStandstill(
        _ flags: [String] = [],
        seconds: Int = 26,
        flat: Range<Int> = 5_000..<Int.max
    ) throws -> (LiveDaemon, Listener, start: Listener.Heard) {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"] + flags)
        let listener = try Listener(daemon)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<seconds * 500, flat: flat))
        guard let start = try listener.alarm("asystole", phase: "start") else {
            daemon.end()
            throw Missing(description: "no asystole within the limit")
        }
        return (daemon, listener, start)
    }

    private func run(
        _ arguments: [String],
        _ daemon: LiveDaemon
    ) throws -> (code: Int32?, lines: [String], words: String) {
        try Program.run(arguments + ["--control", daemon.control.text])
    }

    @Test func `P17 who asks late sees the alarm that stands, and acknowledges it once`() throws {
        let (daemon, listener, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        #expect(start.event["id"]?.text == id)
        let snapshot = try run(["snapshot", "--json"], daemon)
        let alarms = try snapshot.lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }
        #expect(snapshot.code == 0)
        // The record's own rate alarms before the standstill does.
        let own = try #require(alarms.first { $0["alarm_id"]?.text == id })
        #expect(own["statement"]?.text == "asystole" && own["priority"]?.text == "high")
        #expect(alarms.first?["priority"]?.text == "high", "the most urgent first")

        let first = try run(["ack", id, "--seen", id], daemon)
        #expect(first.code == 0 && first.lines == ["acknowledged"])
        let isTold = try listener.hears("the acknowledgement") {
            $0.data["alarm_id"]?.text == id && $0.data["signal"]?.text == "acknowledged"
                && $0.data["by"]?.text == "local"
        }
        #expect(isTold)
        let page = try Asker(daemon).snapshot().flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
        let newest = try #require(page.first { $0["alarm_id"]?.text == id })
        #expect(newest["signal"]?.text == "acknowledged")
        #expect(try listener.reads { listener.heard.contains { $0.event["id"] == newest["id"] } })
        let same = try #require(listener.heard.first { $0.event["id"] == newest["id"] })
        let place: JSONObject = [
            "id": newest["id"] ?? .null, "time": same.event["time"] ?? .null, "ward": .string("_"),
        ]
        #expect(same.data.with(place) == newest)
        let second = try run(["ack", id], daemon)
        #expect(second.code == 0 && second.lines == ["acknowledged before, by local"])
        let after = try run(["snapshot"], daemon)
        #expect(after.lines.contains { $0.contains("HIGH") && $0.contains("acknowledged (local)") })
    }

    @Test func `P17 watch begins with the alarms that stand`() throws {
        let (daemon, _, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let since = try #require(start.data["onset"]?.object?["time"]?.text)
        let watch = try Program.shinden([
            "watch", "--events", daemon.events.text, "--control", daemon.control.text, "--kind", "alarm",
        ])
        defer { watch.end() }
        #expect(
            eventually {
                watch.lines.contains { $0.contains("  p1  HIGH Asystole") && $0.contains("since \(since)") }
            },
            "\(watch.lines) \(watch.words)"
        )
        #expect(watch.words.contains { $0.hasSuffix("stands:") || $0.hasSuffix("stand:") })
    }

    @Test func `of two who acknowledge at once one is first, and the other learns it`() throws {
        let (daemon, _, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        let users = [try Asker(daemon), try Asker(daemon)]
        // Both have the daemon's ear before either asks.
        for user in users { _ = try user.status() }
        for user in users { try user.send([Array(#"{"op":"ACK","request":"a","alarm_id":"\#(id)"}"#.utf8)]) }
        let replies = try users.map { try $0.reply() }
        #expect(replies.allSatisfy { $0["ok"] == .bool(true) })
        #expect(Set(replies.compactMap { $0["outcome"]?.text }) == ["done", "already"])
        let late = replies.first { $0["outcome"]?.text == "already" }
        #expect(late?["by"]?.text == "local")
    }

    @Test func `an alarm that never was is not found, one that ended is gone, what is no id is refused`()
        throws
    {
        let (daemon, _, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        let unknown = String(repeating: "0", count: 32)
        #expect(try run(["ack", unknown], daemon).code == 1)
        #expect(try run(["ack", "abc"], daemon).code == 64)
        let asker = try Asker(daemon)
        func code(_ alarm: String, _ more: String = "") throws -> String? {
            try asker.ask(#"{"op":"ACK","request":"a","alarm_id":"\#(alarm)"\#(more)}"#)["code"]?.text
        }
        #expect(try code(unknown) == "NOT_FOUND")
        #expect(try code(id, #","seen":"\#(unknown)""#) == "CONFLICT", "seen is no event since it sounded")
        #expect(try code("abc") == "BAD_JSON")
        #expect(try run(["discharge", "--patient", "p1"], daemon).code == 0)
        #expect(try code(id) == "GONE")
        let over = try run(["ack", id], daemon)
        #expect(over.code == 1 && over.words.contains("GONE"))
    }

    @Test func `P24 a pause is told with its end, and more than 600 s of it are refused`() throws {
        let (daemon, listener, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        let paused = try run(["pause", "--patient", "p1", "--seconds", "60"], daemon)
        #expect(paused.code == 0 && paused.lines.first?.hasPrefix("paused until ") == true)
        let isSilent = try listener.hears("the pause") {
            $0.data["alarm_id"]?.text == id && $0.data["signal"]?.text == "audio_paused"
        }
        #expect(isSilent)
        let snapshot = try run(["snapshot"], daemon)
        #expect(snapshot.lines.contains { $0.hasPrefix("p1 d1  sounds paused for ") })
        let asker = try Asker(daemon)
        func code(_ members: String) throws -> String? {
            try asker.ask(#"{"op":"PAUSE","request":"p",\#(members)}"#)["code"]?.text
        }
        #expect(try code(#""patient":"p1","kind":"audio","seconds":601"#) == "BAD_JSON")
        #expect(try code(#""patient":"p1","kind":"audio","seconds":-1"#) == "BAD_JSON")
        #expect(try code(#""ward":"_","kind":"alarm","seconds":60"#) == "BAD_JSON")
        #expect(try code(#""patient":"p9","kind":"audio","seconds":60"#) == "NOT_FOUND")
        // Whoever asks again and again gets no more than 600 s from the first.
        let again = try asker.ask(
            #"{"op":"PAUSE","request":"p","patient":"p1","kind":"audio","seconds":600}"#
        )
        let seconds = try #require(again["seconds"]?.whole)
        #expect(again["ok"] == .bool(true) && seconds <= 600)
        let over = try run(["pause", "--all", "--seconds", "0"], daemon)
        #expect(over.code == 0 && over.lines == ["the pause is over"])
        #expect(try listener.alarm("asystole", phase: "continue")?.data["signal"]?.text == "on")
        #expect(try run(["pause", "--patient", "p9", "--seconds", "60"], daemon).code == 1)
        #expect(try run(["pause", "--patient", "p1", "--seconds", "601"], daemon).code == 64)
        #expect(try run(["pause", "--all", "--kind", "alarm", "--seconds", "60"], daemon).code == 64)
    }

    @Test func `P24 a new high alarm breaks through both pauses, a medium one is recorded`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        try sender.send(try record.messages(Self.p1, 0..<5_000))
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.streams().count == 1 })
        for kind in ["audio", "alarm"] {
            let reply = try asker.ask(
                #"{"op":"PAUSE","request":"p","patient":"p1","kind":"\#(kind)","seconds":600}"#
            )
            #expect(reply["ok"] == .bool(true))
        }
        try sender.send(try record.messages(Self.p1, 5_000..<13_000, flat: 5_000..<Int.max))
        let medium = try listener.alarm("pause", phase: "start")
        #expect(medium?.data["signal"]?.text == "alarm_paused")
        let high = try listener.alarm("asystole", phase: "start")
        #expect(high?.data["signal"]?.text == "on")
    }

    @Test func `a discharge ends what is latched, a baseline is for nothing high, standby is shown`() throws {
        let (daemon, listener, start) = try daemonWithStandstill(seconds: 60, flat: 5_000..<10_000)
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        let isLatched = try listener.hears("the latch") {
            $0.data["alarm_id"]?.text == id && $0.data["state"]?.text == "latched"
        }
        #expect(isLatched, "the heart beats again, and nobody has acknowledged")
        let refused = try run(["baseline", "--patient", "p1", "asystole"], daemon)
        #expect(refused.code == 1 && refused.words.contains("CONFLICT"))
        let technical = try run(["baseline", "--patient", "p1", "electrode_off"], daemon)
        #expect(technical.code == 1 && technical.words.contains("CONFLICT"))
        let unknown = try run(["baseline", "--patient", "p1", "no_such_thing"], daemon)
        #expect(unknown.code == 1 && unknown.words.contains("NOT_FOUND"))
        #expect(try run(["baseline", "--patient", "p1", "bradycardia"], daemon).lines == ["accepted"])
        #expect(try run(["standby", "--patient", "p1"], daemon).lines == ["on standby"])
        let limits = ["limits", "--patient", "p1", "--high", "130", "--st-baseline-uv", "II=40,V2=-15"]
        #expect(try run(limits, daemon).lines == ["limits are 40, 50, 130, 140/min"])
        let settings = try run(["snapshot"], daemon).lines
        #expect(settings.contains("p1 d1  ST baseline II 40, V2 -15 uV"), "\(settings)")
        let set = try #require(try Asker(daemon).streams().first?["set"]?.object)
        #expect(set["standby_by"]?.text == "local" && set["limits"]?.object?["high"]?.whole == 130)
        #expect(set["limits"]?.object?["st_baseline_uv"]?.object?["V2"]?.whole == -15, "\(set)")
        #expect(settings.contains("p1 d1  standby (local)"))
        #expect(settings.contains("p1 d1  baseline: bradycardia"))
        #expect(try run(["discharge", "--patient", "p1"], daemon).lines == ["discharged"])
        let end = try listener.alarm("asystole", phase: "end")
        #expect(end?.data["alarm_id"]?.text == id && end?.data["reason"]?.text == "discharged")
        #expect(try run(["snapshot"], daemon).lines.allSatisfy { !$0.hasPrefix("p1 d1  ") })
        #expect(try Asker(daemon).snapshot().allSatisfy { $0["settings"]?.array?.isEmpty == true })
        #expect(try Asker(daemon).streams().first?["set"] == .null)
    }

    @Test func `what a ward sets is in force`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let text = "version: 1\nstatements: {asystole: {onset_seconds: 10}}\n"
        let file = try scratch.write(text, to: "policy.yaml")
        let (daemon, _, start) = try daemonWithStandstill(["--policy", file])
        defer { daemon.end() }
        let sample = try #require(start.data["sample"]?.whole)
        let onset = try #require(start.data["onset"]?.object?["sample"]?.whole)
        #expect(sample - onset == 5_000)
    }

    @Test func `what was not set is said to have been ended by nobody`() throws {
        let (daemon, _, _) = try daemonWithStandstill()
        defer { daemon.end() }
        let (standby, baseline) = (
            ["standby", "--patient", "p1"], ["baseline", "--patient", "p1", "bradycardia"]
        )
        let pause = ["pause", "--patient", "p1", "--seconds"]
        for (words, line) in [
            (standby + ["--off"], "was not on standby"), (standby, "on standby"),
            (standby + ["--off"], "standby is over"),
            (baseline + ["--withdraw"], "was not accepted"), (baseline, "accepted"),
            (baseline + ["--withdraw"], "taken back"), (baseline + ["--withdraw"], "was not accepted"),
            (pause + ["0"], "nothing was paused"),
        ] {
            let said = try run(words, daemon)
            #expect(said.code == 0 && said.lines == [line], "\(words)")
        }
        #expect(try run(pause + ["60"], daemon).code == 0)
        #expect(try run(pause + ["0"], daemon).lines == ["the pause is over"])
    }

    @Test func `SNAPSHOT tells the rates in force and whose they are, and ST alone leaves the ward's`() throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let text = "version: 1\nstatements: {tachycardia: {threshold: {above: 130, end: 125}}}\n"
        let file = try scratch.write(text, to: "policy.yaml")
        let (daemon, _, _) = try daemonWithStandstill(["--policy", file])
        defer { daemon.end() }
        func page() throws -> JSONObject { try #require(try Asker(daemon).snapshot().last) }
        func high(_ entry: JSONObject?) -> Int64? { entry?["high"]?.whole }
        let first = try page()
        #expect(first["rates_by"]?.text == "policy" && high(first["rates"]?.object) == 130, "\(first)")
        #expect(first["rates"]?.object?["low"]?.whole == 50)
        let words = ["limits", "--patient", "p1", "--st-change-uv", "150"]
        #expect(
            try run(words, daemon).lines == [
                "ST is set; the rates are the ward's, an adult's where it has none"
            ]
        )
        let st = try #require(try page()["settings"]?.array?.first?.object)
        #expect(st["rates_by"]?.text == "policy" && high(st["limits"]?.object) == 130, "\(st)")
        #expect(st["limits"]?.object?["st_change_uv"]?.whole == 150)
        let lines = try run(["snapshot"], daemon).lines
        #expect(lines.contains("p1 d1  limits 40, 50, 130, 140/min (the ward's)"), "\(lines)")
        #expect(lines.contains("by the ward's policy limits are 40, 50, 130, 140/min where none are set"))
        #expect(try run(["limits", "--patient", "p1", "--high", "125"], daemon).code == 0)
        let own = try #require(try page()["settings"]?.array?.first?.object)
        #expect(own["rates_by"]?.text == "order" && high(own["limits"]?.object) == 125, "\(own)")
        // Another policy, and those for whom nobody set rates have its.
        _ = try scratch.write(
            text.replacing("130", with: "131").replacing("125", with: "126"),
            to: "policy.yaml"
        )
        daemon.program.send(SIGHUP)
        #expect(try eventually { try high(page()["rates"]?.object) == 131 })
        #expect(try run(["limits", "--patient", "p1", "--default"], daemon).code == 0)
        #expect(try page()["settings"]?.array?.isEmpty == true)
    }

    @Test func `SIGHUP: a policy that contradicts itself is refused, a good one taken; what stands, stands`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let file = try scratch.write("version: 1\n", to: "policy.yaml")
        let (daemon, listener, start) = try daemonWithStandstill(["--policy", file])
        defer { daemon.end() }
        func standing() throws -> Set<String> {
            let alarms = try Asker(daemon).snapshot().flatMap { $0["alarms"]?.array ?? [] }
            return Set(alarms.compactMap { $0.object?["alarm_id"]?.text })
        }
        let id = try #require(start.data["alarm_id"]?.text)
        #expect(try standing().contains(id))
        _ = try scratch.write("version: 1\nchains: [[pause, asystole, pause]]\n", to: "policy.yaml")
        daemon.program.send(SIGHUP)
        let isRefused = eventually {
            daemon.program.words.contains {
                $0.contains("contains itself") && $0.contains("the policy that was in force stays")
            }
        }
        #expect(isRefused, "\(daemon.program.words)")
        #expect(try standing().contains(id))

        let text = "version: 1\nstatements: {asystole: {onset_seconds: 10}}\n"
        _ = try scratch.write(text, to: "policy.yaml")
        daemon.program.send(SIGHUP)
        #expect(eventually { daemon.program.words.contains { $0.contains("is in force") } })
        let p2 = StreamIdentity(patient: "p2", device: "d2", epoch: 1)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(p2, 0..<13_000, flat: 5_000..<Int.max))
        let later = try #require(try listener.alarm("asystole", phase: "start"))
        let sample = try #require(later.data["sample"]?.whole)
        let onset = try #require(later.data["onset"]?.object?["sample"]?.whole)
        #expect(later.subject == "p2" && sample - onset == 5_000)
        #expect(try standing().isSuperset(of: [id, later.data["alarm_id"]?.text ?? ""]))
        #expect(!listener.heard.contains { $0.data["alarm_id"]?.text == id && $0.phase == "end" })
        #expect(daemon.stop() == 0, "SIGTERM still ends it")
    }

    @Test(arguments: ["snapshot", "ack", "pause", "standby", "baseline", "discharge"])
    func `each command explains itself, with examples and exit codes`(command: String) throws {
        let (code, lines, _) = try Program.run([command, "--help"])
        #expect(code == 0)
        #expect(lines.contains { $0.contains("EXAMPLES") })
        #expect(lines.contains { $0.contains("EXIT CODES") })
        let words = lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("not a medical device"))
    }

    @Test(arguments: [
        ["snapshot"], ["ack", "00000000000000000000000000000000"],
        ["pause", "--patient", "p", "--seconds", "9"], ["standby", "--patient", "p"],
        ["baseline", "--patient", "p", "pause"], ["discharge", "--patient", "p"],
    ])
    func `without a daemon: exit 69 and what to do; elsewhere: 78`(arguments: [String]) throws {
        let (code, lines, words) = try Program.run(arguments + ["--control", "ipc:///nowhere/at-all"])
        #expect(code == 69 && lines.isEmpty)
        #expect(words.contains("no daemon answers") && words.contains("shinden serve"))
        #expect(try Program.run(arguments + ["--control", "tcp://192.0.2.1:7203"]).code == 78)
    }
}

extension Listener {
    /// The next event of that phase of an alarm of that statement; nil where none comes.
    func alarm(_ statement: String, phase: String) throws -> Heard? {
        try hearsAlarm { $0.data["statement"]?.text == statement && $0.phase == phase }
    }

    /// The next event of an alarm that fits; nil where none comes.
    func hearsAlarm(_ fits: (Heard) -> Bool) throws -> Heard? {
        var found: Heard?
        _ = try hears("an alarm") { event in
            guard event.kind == "shinden.alarm.v1", fits(event) else { return false }
            found = event
            return true
        }
        return found
    }
}
