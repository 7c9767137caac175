import ECGSignal
import Findings
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `status`, `streams` and `labels list` as an operator asks them.
@Suite struct ControlCommandTests {
    /// A daemon with one stream of p1 that waits for its window, one of p2 that has one, and a refused message.
    private func busyDaemon() throws -> LiveDaemon {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let p2 = StreamIdentity(patient: "p2", device: "d2", epoch: 2)
        try sender.send(try record.messages(p1, 0..<3_700))
        try sender.send(try record.messages(p2, 0..<5_100))
        try sender.send([Array("ecg1.00.p3.d3.".utf8)])
        let asker = try Asker(daemon)
        let isThere = try eventually {
            let states = try asker.streams().map { $0["window"]?.whole }
            return try states.count == 2 && states.contains(0) && asker.refusals(at: daemon) == ["FRAMES": 1]
        }
        #expect(isThere)
        return daemon
    }

    @Test func `status says what waits for what and what was refused`() throws {
        let daemon = try busyDaemon()
        defer { daemon.end() }
        let (code, lines, _) = try Program.run(["status", "--control", daemon.control.text])
        #expect(code == 0)
        #expect(lines.contains { $0.hasPrefix("daemon     ready, up ") && $0.contains("model ") })
        #expect(lines.contains("streams    2 of 1,000 open"))
        #expect(
            lines.contains("journal    none; the daemon keeps events where it is started with --state DIR")
        )
        #expect(lines.contains("refused    \(daemon.framesName)  FRAMES 1"))
        #expect(lines.contains { $0.hasPrefix("waiting    p1.d1.") && $0.hasSuffix("7.4 of 10 s") })
        #expect(!lines.contains { $0.contains("p2.d2.") }, "it has its window")
        let json = try Program.run(
            ["status", "--json"],
            environment: ["SHINDEN_CONTROL": daemon.control.text]
        )
        #expect(json.code == 0 && json.lines.count == 1)
        #expect(try JSONValue(parsing: Array(json.lines[0].utf8)).object?["ready"] == .bool(true))
    }

    @Test func `streams is a table, of one patient where asked`() throws {
        let daemon = try busyDaemon()
        defer { daemon.end() }
        let (code, lines, _) = try Program.run(["streams", "--control", daemon.control.text])
        #expect(code == 0)
        #expect(lines.count == 3 && lines[0].hasPrefix("PATIENT"))
        #expect(lines[2].hasPrefix("p2") && lines[2].contains("from 0.0 s") && lines[2].contains("61,200"))
        let one = try Program.run(["streams", "--patient", "p1", "--json", "--control", daemon.control.text])
        #expect(one.code == 0 && one.lines.count == 1)
        let object = try JSONValue(parsing: Array(one.lines[0].utf8)).object
        #expect(object?["patient"]?.text == "p1")
        #expect(object?["leads"]?.array?.count == 12)
        let none = try Program.run(["streams", "--patient", "p9", "--control", daemon.control.text])
        #expect(none.code == 1 && none.lines.isEmpty)
        #expect(none.words.contains("no stream of p9"))
    }

    @Test func `labels are the daemon's, and without one the model's, and then it says so`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let asked = try Program.run(["labels", "list", "--json", "--control", daemon.control.text])
        #expect(asked.code == 0 && !asked.words.contains("No daemon answers"))
        #expect(asked.words.contains("Rules look for ") && asked.words.contains("not looked for"))
        #expect(asked.lines.count == Catalogue.shipped.statements.count)
        let offline = try Program.run(["labels", "list", "--json", "--offline"])
        #expect(offline.code == 0)
        #expect(offline.lines == asked.lines)
        let lonely = try Program.run(["labels", "list", "--control", "ipc:///nowhere/at-all"])
        #expect(lonely.code == 0 && lonely.words.contains("No daemon answers"))
        #expect(lonely.lines.count == asked.lines.count + 1, "a head and the statements")
        let ranked = try Program.run(["labels", "list", "--offline", "--use", "ranked"])
        #expect(!ranked.lines.isEmpty && ranked.lines.count < asked.lines.count)
    }

    @Test(arguments: ["status", "streams"]) func `without a daemon: exit 69 and what to do`(
        command: String
    ) throws {
        let (code, lines, words) = try Program.run([command, "--control", "ipc:///nowhere/at-all"])
        #expect(code == 69)
        #expect(lines.isEmpty)
        #expect(words.contains("no daemon answers") && words.contains("shinden serve"))
    }
}
