import ECGEncoder
import ECGSignal
import Findings
import Foundation
import FrameLog
import Gateway
import ModelFolder
import Service
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A recorded session can be gone through again, to the byte.
@Suite struct RecordTests {
    /// What the daemon says of its sockets and its disk, which no log holds.
    private static let unlogged: Set = [
        "link_dropped", "peer_refused", "peer_unheard", "overload", "record_failed",
        "files_running_out",
    ]

    /// Messages of several gateways with all the trouble that a path without acknowledgements has.
    private func session(_ generator: inout SeededGenerator) throws -> [[[UInt8]]] {
        let record = try SentRecord("ptbxl/00017_hr")
        var streams: [[[[UInt8]]]] = []
        for number in 0..<4 {
            // Numbers 2 and 3 are one device that starts anew; number 1 is the one that a stranger claims.
            let name = min(number, 2)
            let identity =
                number == 1
                ? BadInput.good
                : StreamIdentity(patient: "p\(name)", device: "d\(name)", epoch: UInt64(number + 1))
            let size = Int.random(in: 50...400, using: &generator)
            let length = Int.random(in: 7_000...9_000, using: &generator)
            var messages = try record.messages(
                identity,
                0..<length,
                every: size,
                isLast: number == 0
            )
            // A gap, lost chunks, chunks that come twice, chunks that overtake others.
            messages.removeSubrange(3..<3 + Int.random(in: 0...3, using: &generator))
            var trouble = Trouble.Options()
            (trouble.drop, trouble.duplicate, trouble.reorder) = (0.08, 0.08, 0.15)
            trouble.jitterMilliseconds = 50
            trouble.seed = generator.next()
            let due = messages.enumerated().map { place, message in
                (due: MonotonicNanoseconds(place * size) * 2_000_000, message: message)
            }
            messages = Trouble.disturbed(due, trouble).map(\.message)
            streams.append(messages)
        }
        // The newer epoch of a device follows the older one.
        streams[2] += streams[3]
        streams.removeLast()
        streams.append(try BadInput.allCases.flatMap { try $0.messages() }.shuffled(using: &generator))
        var mixed: [[[UInt8]]] = []
        while let index = streams.indices.filter({ !streams[$0].isEmpty }).randomElement(using: &generator) {
            mixed.append(streams[index].removeFirst())
        }
        return mixed
    }

    /// A heart stands still, and people acknowledge, pause, accept and discharge; then the ward has another policy.
    private func trouble(
        _ daemon: LiveDaemon,
        _ sender: Sender,
        _ listener: Listener,
        policy: (_ text: String) throws -> Void
    ) throws -> Int {
        let asker = try Asker(daemon)
        let record = try SentRecord("ptbxl/00017_hr")
        var sent = 0
        func send(_ stream: StreamIdentity, _ range: Range<Int>) throws {
            let messages = try record.messages(stream, range, flat: 5_000..<15_000)
            try sender.send(messages)
            sent += messages.count
        }
        func ask(_ request: String) throws {
            let reply = try asker.ask(request)
            #expect(reply["ok"] == .bool(true), "\(request): \(reply["detail"]?.text ?? "")")
        }
        let first = StreamIdentity(patient: "still", device: "s1", epoch: 1)
        try send(first, 0..<9_000)
        let start = try #require(try listener.alarm("asystole", phase: "start"))
        let id = start.data["alarm_id"]?.text ?? ""
        try ask(#"{"op":"PAUSE","request":"1","patient":"still","kind":"audio","seconds":60}"#)
        try ask(#"{"op":"ACK","request":"2","alarm_id":"\#(id)","seen":"\#(id)"}"#)
        try ask(#"{"op":"BASELINE","request":"3","patient":"still","statement":"bradycardia"}"#)
        try send(first, 9_000..<12_000)
        try ask(#"{"op":"DISCHARGE","request":"4","patient":"still"}"#)
        try ask(#"{"op":"PAUSE","request":"5","ward":"_","kind":"audio","seconds":1}"#)
        try policy("version: 1\nstatements: {asystole: {onset_seconds: 9}}\n")
        daemon.program.send(SIGHUP)
        #expect(eventually { daemon.program.words.contains { $0.contains("is in force") } })
        let second = StreamIdentity(patient: "later", device: "s2", epoch: 1)
        try send(second, 0..<13_000)
        try send(first, 12_000..<20_000)
        let later = try #require(
            try listener.hearsAlarm { $0.subject == "later" && $0.data["statement"]?.text == "asystole" }
        )
        let onset = try #require(later.data["onset"]?.object?["sample"]?.whole)
        #expect(later.data["sample"]?.whole == onset + 4_500)
        let isPauseOver = try listener.reads {
            listener.heard.contains { $0.data["reason"]?.text == "pause_over" }
        }
        #expect(isPauseOver)
        return sent
    }

    /// Whether it came of what a log holds.
    private func isLogged(_ heard: Listener.Heard) -> Bool {
        heard.isNews && !Self.unlogged.contains(heard.code ?? "")
    }

    /// The canonical event that a published one holds; nil where the log does not tell of it.
    private func canonical(_ heard: Listener.Heard) -> String? {
        guard isLogged(heard) else { return nil }
        let members = ["data", "id", "subject", "time", "type"].map { ($0, heard.event[$0] ?? .null) }
        return JSONValue.object(JSONObject(members)).canonicalText
    }

    /// The canonical events of a log with a model of that form of the kernels.
    private func replayed(_ log: String, _ form: KernelForm) throws -> [String] {
        let model = try ModelFolder.load(Repository.defaultModel).runnable(form: form)
        var replay = try LogReplay(try FrameLogReader(log), model: model)
        let run = replay.reader.header.run
        var events: [String] = []
        while let more = try replay.next() {
            events += more.map { String(decoding: EventFormat.canonical($0, run: run), as: UTF8.self) }
        }
        return events
    }

    @Test(arguments: zip([1, 2, 2], seeds(3)))
    func `P04 a recorded session with trouble replays to the byte, whatever its workers and instructions`(
        workers: Int,
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let policy = try scratch.write(
            "version: 1\nstatements: {asystole: {onset_seconds: 5}}\n",
            to: "ward.yaml"
        )
        let daemon = try LiveDaemon([
            "--record", log, "--workers", "\(workers)", "--hop", "160", "--stop-seconds", "3600", "--policy",
            policy,
        ])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let messages = try session(&generator)
        try sender.send(messages)
        let more = try trouble(daemon, sender, listener) { _ = try scratch.write($0, to: "ward.yaml") }
        let asker = try Asker(daemon)
        let sent = Int64(messages.count + more)
        #expect(try eventually { try asker.status()["frames"]?.whole == sent }, "seed \(seed)")
        #expect(daemon.stop() == 0, "\(daemon.program.words)")

        let (code, lines, words) = try Program.run([
            "classify", log, "--events", "--model", Repository.defaultModel,
        ])
        #expect(code == 0, "\(words)")
        let expected = lines.sorted()
        #expect(
            try listener.reads {
                listener.missed == 0 && listener.heard.count(where: isLogged) >= expected.count
            },
            "seed \(seed)"
        )
        let heard = listener.heard.compactMap(canonical).sorted()
        #expect(heard == expected, "seed \(seed)")
        #expect(expected.count { $0.contains("shinden.diagnosis.v1") } > 50, "seed \(seed)")
        for code in ["chunks_missing", "chunks_duplicate", "stream_superseded", "DECODE", "PATIENT_CHANGED"] {
            #expect(expected.contains { $0.contains(#""code":"\#(code)""#) }, "\(code), seed \(seed)")
        }
        for reason in ["acknowledged", "paused", "pause_over", "discharged"] {
            #expect(expected.contains { $0.contains(#""reason":"\#(reason)""#) }, "\(reason), seed \(seed)")
        }
        for form in KernelForm.allCases where form.isAvailable {
            #expect(try replayed(log, form) == lines, "\(form), seed \(seed)")
        }
    }

    @Test(.enabled(if: Sanitizer.current != .thread, "ThreadSanitizer's own files are larger than the limit"))
    func `P27 a disk that takes no more ends the log and not the daemon, which says so and ends with 74`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let daemon = try LiveDaemon(["--record", log, "--stop-seconds", "3600"], fileKilobytesMax: 200)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<12_000, every: 250)
        try sender.send(messages)
        #expect(try listener.hears("the end of the log") { $0.isTech("record_failed") })
        #expect(try listener.reads { listener.windows(of: stream.name).count >= 13 }, "monitoring goes on")
        #expect(daemon.stop() == 74, "\(daemon.program.words)")
        #expect(daemon.program.words.contains { $0.contains("code=record_failed") })

        let (code, lines, words) = try Program.run([
            "classify", log, "--events", "--model", Repository.defaultModel,
        ])
        #expect(code == 0 && words.contains("no whole record"), "\(words)")
        let found = lines.filter { $0.contains("shinden.diagnosis.v1") }
        let heard = Set(listener.heard.compactMap(canonical))
        #expect(!found.isEmpty && heard.isSuperset(of: found), "what was recorded replays as it was")
    }

    @Test func `a killed daemon leaves a log that replays as far as it was written`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let daemon = try LiveDaemon(["--record", log])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)
        try sender.send(try SentRecord("ptbxl/00017_hr").messages(stream, 0..<8_000, every: 250))
        #expect(try listener.reads { listener.windows(of: stream.name).count >= 5 })
        #expect(daemon.stop(SIGKILL) == -SIGKILL)
        let (code, lines, words) = try Program.run([
            "classify", log, "--events", "--model", Repository.defaultModel,
        ])
        #expect(code == 0 && words.contains("without a shutdown"), "\(words)")
        let found = lines.filter { $0.contains("shinden.diagnosis.v1") }
        let heard = listener.heard.filter(\.isDiagnosis).compactMap(canonical)
        #expect(!found.isEmpty)
        #expect(zip(found, heard).allSatisfy { $0 == $1 }, "as far as both go they say the same")
    }

    @Test func `a log is shown, sent again, and refused with another model or other options`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let log = scratch.at("logs")
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 1)
        let recorded = try LiveDaemon(["--record", log])
        defer { recorded.end() }
        let first = try Listener(recorded)
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<8_000, every: 250, isLast: true)
        try recorded.sender().send(messages)
        #expect(try first.reads { first.closings["p"]?.count == 1 })
        #expect(recorded.stop() == 0)

        let page = try Program.run(["inspect", log, "--json"])
        let facts = try #require(try JSONValue(parsing: Array(page.lines.joined().utf8)).object)
        #expect(facts["frames"]?.whole == Int64(messages.count) && facts["devices"]?.whole == 1)
        #expect(facts["has_shutdown"] == .bool(true) && facts["damage"] == .null)
        #expect(try Program.run(["inspect", log]).lines.first?.hasPrefix("log ") == true)

        // A folder with the logs of two runs shows both.
        let next = try LiveDaemon(["--record", log])
        defer { next.end() }
        #expect(next.stop() == 0)
        let both = try Program.run(["inspect", log])
        #expect(both.code == 0 && both.lines.count { $0.hasPrefix("file ") } == 2, "\(both.words)")
        #expect(try Program.run(["inspect", log, "--json"]).lines.count == 2)
        let one = try #require(both.lines.first { $0.hasPrefix("file ") }?.dropFirst(10)).description

        let second = try LiveDaemon()
        defer { second.end() }
        let again = try Listener(second)
        let sent = try Program.run(["replay", one, "--publish", second.frames.text, "--speed", "max"])
        #expect(sent.code == 0, "\(sent.words)")
        #expect(try again.reads { again.closings["p"]?.count == 1 })
        #expect(again.canonical("p") == first.canonical("p"))

        let other = scratch.at("other")
        try FileManager.default.copyItem(atPath: Repository.defaultModel, toPath: other)
        let json = try String(contentsOfFile: other + "/model.json", encoding: .utf8)
        _ = try scratch.write(
            json.replacing(/"name" ?: "/, with: #""name": "another "#),
            to: "other/model.json"
        )
        let refused = try Program.run(["classify", one, "--model", other])
        #expect(refused.code == 78 && refused.words.contains("recorded with"), "\(refused.words)")
        #expect(try Program.run(["classify", one, "--hop", "512"]).code == 64)
        #expect(try Program.run(["replay", one, "--patients", "2"]).code == 64)
    }
}
