import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A real daemon with a journal: killed, short of room, asked for what was.
@Suite struct JournalTests {
    private static let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    private func start(_ scratch: Scratch, _ flags: [String] = []) throws -> LiveDaemon {
        try LiveDaemon(["--state", scratch.at("state"), "--idle-seconds", "3600"] + flags)
    }

    /// Sends a patient whose heart stands still after ten seconds, and waits for the alarm that says so.
    private func standstill(_ daemon: LiveDaemon, _ listener: Listener) throws -> Listener.Heard {
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        guard let start = try listener.alarm("asystole", phase: "start") else {
            throw Missing(description: "no asystole within the limit")
        }
        return start
    }

    @Test func `P12 P13 what was published as durable is in the journal after kill -9, as it was`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        var daemon = try start(scratch)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        _ = try standstill(daemon, listener)
        // The first window of a stream is always one that says something new.
        #expect(
            try listener.reads {
                listener.heard.contains { $0.isDiagnosis && $0.event["durable"] == .bool(true) }
            }
        )
        daemon.program.send(SIGKILL)
        #expect(daemon.program.exitCode() == -SIGKILL)
        let durable = listener.heard.filter { $0.event["durable"] == .bool(true) }
        #expect(durable.count > 3)
        #expect(durable.allSatisfy { !$0.isHeartbeat } && durable.contains { $0.isDiagnosis })
        let numbers = durable.compactMap { JournalPlace(in: $0.event)?.sequence }
        #expect(numbers == Array((numbers.first ?? 0)..<(numbers.first ?? 0) + Int64(numbers.count)))
        let others = listener.heard.filter { $0.event["durable"] != .bool(true) }
        #expect(others.allSatisfy { $0.event["epoch"] == nil && $0.event["sequence"] == nil })
        daemon.end()

        daemon = try start(scratch)
        let asker = try Asker(daemon)
        let (events, pages) = try asker.history(limit: 5)
        let whole = try asker.history()
        #expect(pages > 2 && whole.events == events)
        let texts = Set(events.map(KeptEvent.text))
        for event in durable { #expect(texts.contains(KeptEvent.text(event.event)), "\(event.event)") }
        #expect(Set(events.compactMap { $0["sequence"]?.text }).count == events.count)
        let ofPatient = try asker.history(#","patient":"p1","kind":"alarm""#).events
        #expect(!ofPatient.isEmpty && ofPatient.allSatisfy { $0["type"]?.text == "shinden.alarm.v1" })
        let snapshot = try #require(try asker.snapshot().first)
        let status = try asker.status()
        #expect(snapshot["epoch"] == durable[0].event["epoch"] && status["durable"] == .bool(true))
        let heard = try Listener(daemon)
        #expect(
            try heard.hears("the newest place") {
                $0.isHeartbeat && JournalPlace(in: $0.data)?.epochText == snapshot["epoch"]?.text
            }
        )
        #expect(daemon.stop() == 0)
    }

    @Test func `P18 alarms, acknowledgements and settings stand again after kill -9 with the same ids`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        var daemon = try start(scratch)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let alarm = try #require(try standstill(daemon, listener).data["alarm_id"]?.text)
        let asker = try Asker(daemon)
        for request in [
            #"{"op":"ACK","request":"a","alarm_id":"\#(alarm)"}"#,
            #"{"op":"PAUSE","request":"p","patient":"p1","kind":"audio","seconds":600}"#,
            #"{"op":"LIMITS","request":"l","patient":"p1","low":45}"#,
            #"{"op":"BASELINE","request":"b","patient":"p1","statement":"bradycardia"}"#,
        ] {
            #expect(try asker.ask(request)["ok"] == .bool(true), "\(request)")
        }
        let before = try asker.snapshot()
        let told = Set(listener.heard.compactMap { $0.event["id"]?.text })
        daemon.program.send(SIGKILL)
        _ = daemon.program.exitCode()
        daemon.end()

        daemon = try start(scratch)
        let later = try Listener(daemon)
        let again = try Asker(daemon)
        func alarms(_ pages: [JSONObject]) -> [JSONValue] { pages.flatMap { $0["alarms"]?.array ?? [] } }
        #expect(try eventually { try alarms(again.snapshot()) == alarms(before) }, "the newest event of each")
        let settings = try again.snapshot().flatMap { $0["settings"]?.array ?? [] }.compactMap(\.object)
        let setting = try #require(settings.first)
        #expect(setting["baseline"] == .array([.string("bradycardia")]))
        #expect(setting["limits"]?.object?["low"] == .integer(45))
        #expect((500...600).contains(setting["audio_paused_seconds"]?.whole ?? 0))
        let second = try again.ask(#"{"op":"ACK","request":"a","alarm_id":"\#(alarm)"}"#)
        #expect(second["outcome"]?.text == "already" && second["by"]?.text == "local")
        // The stream goes on, the heart still stands still, and nothing is said again that was said.
        let record = try SentRecord("ptbxl/00017_hr")
        try daemon.sender().send(try record.messages(Self.p1, 15_000..<23_000, flat: 0..<Int.max))
        #expect(try later.reads { later.heard.contains { $0.isDiagnosis } })
        for event in later.heard where event.kind == "shinden.alarm.v1" {
            #expect(!told.contains(event.event["id"]?.text ?? ""), "\(event.event)")
        }
        #expect(daemon.stop() == 0)
        // The log of the second run begins with what was remembered, and gives the same events.
        let logs = try FileManager.default.contentsOfDirectory(atPath: scratch.at("state/log"))
            .filter { $0.hasSuffix(".framelog") }.sorted()
        let newest = scratch.at("state/log/") + (logs.last ?? "")
        let (code, lines, words) = try Program.run(["classify", newest, "--events", "--quiet"])
        #expect(code == 0, "\(words)")
        let replayed = try lines.map { try JSONValue(parsing: Array($0.utf8)).object ?? [:] }
            .filter { $0["type"]?.text == "shinden.alarm.v1" }.compactMap { $0["id"]?.text }
        let live = later.heard.filter { $0.kind == "shinden.alarm.v1" }.compactMap { $0.event["id"]?.text }
        #expect(Set(live).isSubset(of: Set(replayed)))
    }

    @Test
    func `P15 a full disk stops nothing, is told at once, and events are durable again once there is room`()
        throws
    {
        // A disk of 300 kB of its own, in a mount that is the daemon's alone.
        guard getuid() == 0 else { return print("skipped: mounting a small disk needs root") }
        let scratch = try Scratch()
        defer { scratch.end() }
        let journal = scratch.at("state/journal")
        try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
        let daemon = try LiveDaemon(
            ["--state", scratch.at("state"), "--idle-seconds", "3600"],
            smallDiskAt: journal
        )
        defer { daemon.end() }
        let listener = try Listener(daemon)
        #expect(try listener.hears("a durable event") { $0.event["durable"] == .bool(true) })
        let filler = "/proc/\(daemon.program.processID)/root\(journal)/filler"
        let zeros = Data(count: 400_000)
        let file = try #require(
            FileManager.default.createFile(atPath: filler, contents: nil)
                ? FileHandle(forWritingAtPath: filler) : nil
        )
        try? file.write(contentsOf: zeros)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        try sender.send(try record.messages(Self.p1, 0..<13_000, flat: 5_000..<Int.max))
        #expect(try listener.hears("the fault") { $0.isTech("journal_failed") && $0.phase == "start" })
        #expect(try listener.alarm("asystole", phase: "start") != nil)
        #expect(try listener.reads { listener.heard.contains { $0.isDiagnosis } })
        #expect(listener.missed == 0)
        try FileManager.default.removeItem(atPath: filler)
        try file.close()
        let freed = ContinuousClock.now
        #expect(try listener.hears("the recovery") { $0.isTech("journal_failed") && $0.phase == "end" })
        #expect(freed.duration(to: .now) < Patience.limit(.seconds(2)))
        // What was refused meanwhile is in it now, the standstill too.
        let events = try Asker(daemon).history(#","kind":"alarm""#).events
        #expect(events.contains { $0["data"]?.object?["statement"]?.text == "asystole" })
        #expect(daemon.stop() == 0)
    }

    @Test func `P15 on a disk of 64 KiB that holds no journal a daemon watches on and says so`() throws {
        guard getuid() == 0 else { return print("skipped: mounting a small disk needs root") }
        let scratch = try Scratch()
        defer { scratch.end() }
        let journal = scratch.at("state/journal")
        try FileManager.default.createDirectory(atPath: journal, withIntermediateDirectories: true)
        let daemon = try LiveDaemon(
            ["--state", scratch.at("state"), "--idle-seconds", "3600"],
            smallDiskAt: journal,
            diskKilobytes: 64
        )
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let start = try standstill(daemon, listener)
        #expect(start.event["durable"] == .bool(false))
        // It is told with the first event, before a reader can be there.
        #expect(eventually { daemon.program.words.contains { $0.contains("code=journal_failed") } })
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
    }

    @Test func `P14 another program's file is refused with 78 and left as it is`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        try FileManager.default.createDirectory(
            atPath: scratch.at("state/journal"),
            withIntermediateDirectories: true
        )
        let path = try scratch.write("not a journal at all", to: "state/journal/events.sqlite")
        let (code, _, words) = try Program.run([
            "serve", "--state", scratch.at("state"), "--model", Repository.defaultModel, "--bind-subscribe",
            "ipc://" + scratch.at("f"), "--events", "ipc://" + scratch.at("e"), "--control",
            "ipc://" + scratch.at("c"),
        ])
        #expect(code == 78 && words.contains("is no journal of events"), "\(words)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "not a journal at all")
    }

    @Test func `a daemon without a journal says so, and watch --from begins in the past`() throws {
        let without = try LiveDaemon()
        defer { without.end() }
        let refused = try Asker(without).ask(#"{"op":"REPLAY","request":"r"}"#)
        #expect(refused["code"]?.text == "NOT_FOUND")
        let wrong = try Asker(without).ask(#"{"op":"REPLAY","request":"r","limit":501}"#)
        #expect(wrong["code"]?.text == "BAD_JSON")

        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try start(scratch)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let alarm = try standstill(daemon, listener)
        let watch = try Program.shinden([
            "watch", "--events", daemon.events.text, "--control", daemon.control.text, "--from", "1",
            "--kind",
            "alarm", "--json",
        ])
        defer { watch.end() }
        let id = try #require(alarm.event["id"]?.text)
        #expect(eventually { watch.lines.contains { $0.contains(#""id":"\#(id)""#) } }, "\(watch.words)")
        #expect(watch.lines.count { $0.contains(#""id":"\#(id)""#) } == 1)
        #expect(watch.lines.allSatisfy { $0.contains("shinden.alarm.v1") })
    }

    @Test
    func
        `a copy that SQLite makes while the daemon runs is whole, and is what a restored daemon goes on from`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try start(scratch)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let alarm = try #require(try standstill(daemon, listener).data["alarm_id"]?.text)
        let events = try Asker(daemon).history().events
        // The commands of docs/JOURNAL.md.
        let file = scratch.at("state/journal/events.sqlite")
        func sqlite(_ path: String, _ command: String) throws -> [String] {
            let program = try Program("/usr/bin/sqlite3", [path, command])
            defer { program.end() }
            #expect(program.exitCode() == 0, "\(program.words)")
            return program.lines
        }
        _ = try sqlite(file, ".backup " + scratch.at("copy"))
        #expect(try sqlite(scratch.at("copy"), "PRAGMA integrity_check") == ["ok"])
        #expect(daemon.stop() == 0)
        try FileManager.default.removeItem(atPath: scratch.at("state"))
        try FileManager.default.createDirectory(
            atPath: scratch.at("state/journal"),
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(atPath: scratch.at("copy"), toPath: file)
        let restored = try start(scratch)
        defer { restored.end() }
        let asker = try Asker(restored)
        #expect(try asker.history().events.starts(with: events))
        let standing = try asker.snapshot().flatMap { $0["alarms"]?.array ?? [] }.compactMap(\.object)
        #expect(standing.contains { $0["alarm_id"]?.text == alarm })
    }

    @Test func `the reader in Python begins with what is kept and shows each event once`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try start(scratch)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let alarm = try #require(try standstill(daemon, listener).event["id"]?.text)
        let reader = try Python.example(
            "reader.py",
            [
                "--events", daemon.events.text, "--control", daemon.control.text, "--from", "1", "--topic",
                "ev1._.alarm.", "--topic", "ev1._.heartbeat.",
            ]
        )
        defer { reader.end() }
        // It asks once a heartbeat has told it of the run.
        #expect(eventually { reader.lines.contains { $0.contains(alarm) } }, "\(reader.words)")
        let ids = reader.lines.compactMap { try? JSONValue(parsing: Array($0.utf8)).object?["id"]?.text }
        #expect(Set(ids).count == ids.count)
    }
}
