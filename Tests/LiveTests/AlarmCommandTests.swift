import ECGSignal
import TestSupport
import Testing
import Wire

/// `snapshot`, `ack`, `pause` and what else people do about alarms, at a real daemon.
@Suite struct AlarmCommandTests {
    /// A daemon with one patient whose heart stands still after ten seconds, and the event that says so.
    private func daemonWithStandstill(
        _ flags: [String] = []
    ) throws -> (LiveDaemon, Listener, start: Listener.Heard) {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"] + flags)
        let listener = try Listener(daemon)
        let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(p1, 0..<13_000, flatFrom: 5_000))
        var start: Listener.Heard?
        let isHeard = try listener.hears("an asystole") { event in
            guard event.kind == "shinden.alarm.v1", event.data["statement"]?.text == "asystole" else {
                return false
            }
            start = event
            return true
        }
        guard isHeard, let start else { throw Missing(description: "no asystole within the limit") }
        return (daemon, listener, start)
    }

    private func run(_ arguments: [String], _ daemon: LiveDaemon) throws -> (code: Int32?, lines: [String]) {
        let (code, lines, _) = try Program.run(arguments + ["--control", daemon.control.text])
        return (code, lines)
    }

    @Test func `P17 who asks late sees the alarm that stands, and acknowledges it once`() throws {
        let (daemon, listener, start) = try daemonWithStandstill()
        defer { daemon.end() }
        let id = try #require(start.data["alarm_id"]?.text)
        #expect(start.event["id"]?.text == id)
        let snapshot = try run(["snapshot", "--json"], daemon)
        let alarms = try snapshot.lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object }
        #expect(snapshot.code == 0)
        #expect(alarms.first?["alarm_id"]?.text == id)
        #expect(alarms.first?["statement"]?.text == "asystole")
        #expect(alarms.first?["priority"]?.text == "high")

        let first = try run(["ack", id, "--seen", id], daemon)
        #expect(first.code == 0 && first.lines == ["acknowledged"])
        let isTold = try listener.hears("the acknowledgement") {
            $0.data["alarm_id"]?.text == id && $0.data["signal"]?.text == "acknowledged"
                && $0.data["by"]?.text == "local"
        }
        #expect(isTold)
        let second = try run(["ack", id], daemon)
        #expect(second.code == 0 && second.lines == ["acknowledged before, by local"])
        let after = try run(["snapshot"], daemon)
        #expect(after.lines.contains { $0.contains("HIGH") && $0.contains("acknowledged (local)") })
    }

    @Test func `an alarm that never was is not found, and an id that is none is refused`() throws {
        let (daemon, _, _) = try daemonWithStandstill()
        defer { daemon.end() }
        let unknown = String(repeating: "0", count: 32)
        #expect(try run(["ack", unknown], daemon).code == 1)
        #expect(try run(["ack", "abc"], daemon).code == 64)
        let reply = try Asker(daemon).ask(#"{"op":"ACK","request":"a","alarm_id":"\#(unknown)"}"#)
        #expect(reply["code"]?.text == "NOT_FOUND")
    }

    @Test func `P24 a pause is told with its end, and a discharge ends what stands`() throws {
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
        let over = try run(["pause", "--all", "--seconds", "0"], daemon)
        #expect(over.code == 0 && over.lines == ["the pause is over"])
        #expect(try run(["pause", "--patient", "p9", "--seconds", "60"], daemon).code == 1)
        #expect(try run(["pause", "--patient", "p1", "--seconds", "601"], daemon).code == 64)
        #expect(try run(["pause", "--all", "--kind", "alarm", "--seconds", "60"], daemon).code == 64)
        #expect(try run(["baseline", "--patient", "p1", "asystole"], daemon).code == 1)
        #expect(try run(["baseline", "--patient", "p1", "bigeminy"], daemon).lines == ["accepted"])
        #expect(try run(["standby", "--patient", "p1"], daemon).lines == ["on standby"])
        #expect(try run(["discharge", "--patient", "p1"], daemon).lines == ["discharged"])
        let isOver = try listener.hears("the end") {
            $0.data["alarm_id"]?.text == id && $0.phase == "end" && $0.data["reason"]?.text == "discharged"
        }
        #expect(isOver)
        #expect(try run(["ack", id], daemon).code == 1)
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

    @Test(arguments: ["snapshot", "ack", "pause", "standby", "baseline", "discharge"])
    func `each command explains itself, with examples and exit codes`(command: String) throws {
        let (code, lines, _) = try Program.run([command, "--help"])
        #expect(code == 0)
        #expect(lines.contains { $0.contains("EXAMPLES") })
        #expect(lines.contains { $0.contains("EXIT CODES") })
        let words = lines.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("not a medical device"))
    }
}
