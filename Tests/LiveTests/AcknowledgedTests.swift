import ECGSignal
import Findings
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Chunks that are acknowledged, with a real daemon, its real log and real gateways.
@Suite struct AcknowledgedTests {
    private static let record = Repository.fixtures + "/ptbxl/00017_hr"

    private func daemon(_ scratch: Scratch, _ more: [String] = [], kilobytes: Int? = nil) throws -> LiveDaemon
    {
        try LiveDaemon(
            ["--ingest", "ipc://" + scratch.at("ingest"), "--state", scratch.at("state")] + more,
            fileKilobytesMax: kilobytes
        )
    }

    private func replay(_ daemon: LiveDaemon, _ more: [String]) throws -> (code: Int32?, words: String) {
        let endpoint = try #require(daemon.ingest?.text)
        let (code, _, words) = try Program.run(
            ["replay", Self.record, "--acknowledged", "--publish", endpoint, "--speed", "max"] + more
        )
        return (code, words)
    }

    @Test(arguments: ["process", "power"])
    func `P11 P04 a replay ends with all acknowledged, logged once each, and the log replays to the byte`(
        level: String
    ) throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch, ["--ack", level])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let (code, words) = try replay(daemon, ["--patients", "3", "--aligned"])
        #expect(code == 0, "\(words)")
        #expect(words.contains("150 of 150 messages"), "\(words)")
        for _ in 0..<3 { #expect(try listener.hears("the end of a stream") { $0.reason == "reason: last" }) }
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
        let committed = try CommittedChunks(state: scratch.at("state"))
        #expect(committed.faults == [] && committed.total == 150 && committed.counts.count == 3)
        let again = try Program.run([
            "classify", scratch.at("state/log"), "--events", "--model", Repository.defaultModel,
        ])
        #expect(again.code == 0, "\(again.words)")
        let ids = Set(
            try again.lines.compactMap { try JSONValue(parsing: Array($0.utf8)).object?["id"]?.text }
        )
        let heard = Set(listener.heard.filter { $0.isDiagnosis }.compactMap { $0.event["id"]?.text })
        #expect(!heard.isEmpty && heard.isSubset(of: ids))
    }

    @Test func `P11 a gateway that catches up faster than it may is held back and loses nothing`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch, ["--ingest-speed-max", "20"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let gateway = try Program.shinden([
            "replay", Self.record, "--acknowledged", "--publish", try #require(daemon.ingest?.text),
            "--speed", "max",
            "--loop",
        ])
        defer { gateway.end() }
        #expect(try listener.hears("that it is held back") { $0.isTech("FLOOD") })
        // What comes behind what was put off is put off too, several times over.
        let begin = ContinuousClock.now
        _ = try listener.reads { begin.duration(to: .now) >= .seconds(6) }
        gateway.send(SIGINT)
        #expect(gateway.exitCode() == 130, "\(gateway.words)")
        let asker = try Asker(daemon)
        let isDone = try listener.reads {
            let leads = try asker.streams().first?["leads"]?.array?.compactMap(\.object) ?? []
            return leads.count == 12
                && leads.allSatisfy {
                    $0["late"]?.whole == 0 && $0["received"]?.whole ?? 0 > 70_000
                        && ($0["analysed"]?.whole ?? 0) + ($0["held"]?.whole ?? 0) == $0["received"]?.whole
                }
        }
        let streams = try asker.streams()
        #expect(isDone, "\(streams)")
        #expect(!listener.heard.contains { $0.isTech("stream_gap") || $0.isTech("LATE") })
        #expect(daemon.stop() == 0, "\(daemon.program.words)")
    }

    @Test func `P11 what was acknowledged is known after a restart, and what comes again is not taken twice`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 5)
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<4_000)
        let first = try daemon(scratch)
        defer { first.end() }
        let peer = try AcknowledgedPeer(try #require(first.ingest))
        guard case .welcome(let welcome)? = try peer.greet(stream, next: 41) else {
            Issue.record("no welcome")
            return
        }
        #expect(welcome.resendFrom == 1 && welcome.windowChunks == 256 && welcome.level == .power)
        try peer.send(messages, of: stream)
        #expect(try peer.isDurable(through: 40, of: stream))
        first.program.send(SIGKILL)
        #expect(first.program.exitCode() == -SIGKILL)

        let second = try daemon(scratch)
        defer { second.end() }
        let again = try AcknowledgedPeer(try #require(second.ingest))
        // Whose counters start anew is told, instead of being acknowledged for what it did not send.
        guard case .rejection(let refused)? = try again.greet(stream, next: 3) else {
            Issue.record("no rejection")
            return
        }
        #expect(refused.code == "SEQ_REUSED" && refused.retryMilliseconds == nil && refused.sequence == 0)
        guard case .welcome(let known)? = try again.greet(stream, next: 41) else {
            Issue.record("no welcome")
            return
        }
        #expect(known.resendFrom == 41 && known.journal == welcome.journal)
        // All of it again, one chunk with other content, and one new one.
        try again.send(messages, of: stream)
        let more = try SentRecord("ptbxl/00017_hr").messages(stream, 4_000..<4_200)
        try again.send([more[0]], of: stream, from: 41)
        try again.send([more[1]], of: stream, from: 41)
        let reused = try again.reply {
            if case .rejection(let words) = $0 { words.sequence == 41 } else { false }
        }
        guard case .rejection(let words)? = reused else {
            Issue.record("no rejection")
            return
        }
        #expect(words.code == "SEQ_REUSED" && words.retryMilliseconds == nil)
        // Also under a number that the daemon knows from its log alone.
        try again.send([more[1]], of: stream, from: 20)
        #expect(try again.isRefused(20, "SEQ_REUSED"))
        #expect(try again.isDurable(through: 41, of: stream))
        #expect(second.stop() == 0)
        let committed = try CommittedChunks(state: scratch.at("state"))
        #expect(committed.faults == [] && committed.total == 41 && committed.runs == 2)
    }

    @Test func `P27 acknowledged gateways are counted, a socket that cannot send there is told`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch)
        defer { daemon.end() }
        let endpoint = try #require(daemon.ingest)
        let listener = try Listener(daemon)
        let asker = try Asker(daemon)
        func peers() throws -> Int64? {
            try asker.ask(#"{"op":"STATUS"}"#)["peers"]?.whole
        }
        let gateway = try AcknowledgedPeer(endpoint)
        _ = try gateway.greet(StreamIdentity(patient: "p", device: "d", epoch: 5), next: 1)
        #expect(try awaited { try peers() == 1 ? true : nil } == true)
        let wrong = try Socket(.pub, in: try Context(), options: SocketOptions())
        try wrong.connect(endpoint)
        #expect(
            try listener.hears("the refused peer") {
                $0.isTech("peer_refused") && $0.data["detail"]?.text?.contains("is no DEALER") == true
            }
        )
        #expect(try peers() == 1)
    }

    @Test func `P27 a leap of the index is refused twice and then taken, and seq 0 is no chunk's`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch)
        defer { daemon.end() }
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 5)
        let record = try SentRecord("ptbxl/00017_hr")
        let near = try record.messages(stream, 0..<500)
        let far = try record.messages(stream, 3_000_000..<3_000_500, from: 6)
        let peer = try AcknowledgedPeer(try #require(daemon.ingest))
        _ = try peer.greet(stream, next: 1)
        try peer.send(near, of: stream)
        try peer.send(far, of: stream, from: 6)
        #expect(try peer.isRefused(6, "JUMP") && peer.isRefused(7, "JUMP"))
        // What was refused for good is received, so nothing waits for it.
        #expect(try peer.isDurable(through: 10, of: stream))
        try peer.send([near[0]], of: stream, from: 0)
        #expect(try peer.isRefused(0, "RANGE"))
    }

    @Test func `P11 a hole is given up once the gateway no longer has it, and the numbers say so`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch)
        defer { daemon.end() }
        let stream = StreamIdentity(patient: "p", device: "d", epoch: 5)
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<2_000)
        let peer = try AcknowledgedPeer(try #require(daemon.ingest))
        try peer.send([messages[0]], of: stream)
        let early = try peer.reply {
            if case .rejection(let words) = $0 { words.code == "STALL" } else { false }
        }
        #expect(early != nil, "before its HELLO nothing is taken")
        _ = try peer.greet(stream, next: 21)
        try peer.send(Array(messages[..<5]), of: stream)
        try peer.send(Array(messages[8...]), of: stream, from: 9)
        #expect(try peer.isDurable(through: 5, of: stream))
        try peer.send(AcknowledgedFormat.frames(of: HeldChunks(epoch: 5, oldestHeld: 9, next: 21)))
        var skipped: [ClosedRange<UInt64>] = []
        let all = try peer.reply {
            guard case .acknowledgement(let words) = $0 else { return false }
            // Said with what is received, and durable may be later; each look sees all answers again.
            if !words.skipped.isEmpty { skipped = words.skipped }
            return words.durableThrough == 20
        }
        #expect(all != nil && skipped == [6...8])
        #expect(daemon.stop() == 0)
        #expect(try CommittedChunks(state: scratch.at("state")).total == 17)
    }

    @Test(.enabled(if: Sanitizer.current != .thread, "ThreadSanitizer's own files are larger than the limit"))
    func `P15 P27 a disk that takes no more ends the acknowledgements, and monitoring goes on`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try daemon(scratch, ["--stop-seconds", "3600"], kilobytes: 200)
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let (code, words) = try replay(daemon, ["--patients", "2", "--wait-seconds", "4"])
        #expect(code == 1 && words.contains("not acknowledged"), "\(words)")
        #expect(
            try listener.hears("the end of the log") {
                $0.isTech("record_failed") && $0.reason?.contains("nothing more is acknowledged") == true
            } || listener.heard.contains { $0.isTech("record_failed") }
        )
        // Both streams were analysed to their end, and the other path is open.
        #expect(try listener.reads { listener.heard.count { $0.reason == "reason: last" } == 2 })
        let plain = try Program.run([
            "replay", Self.record, "--patient", "other", "--publish", daemon.frames.text, "--events",
            daemon.events.text, "--speed", "max",
        ])
        #expect(plain.code == 0, "\(plain.words)")
        #expect(daemon.stop() == 74, "\(daemon.program.words)")
        #expect(try CommittedChunks(state: scratch.at("state")).faults == [])
    }

    @Test func `P22 a key sends for its own patients alone, and a stranger does not get in`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let keyed = try KeyedDaemon([
            "--ingest", "tcp://127.0.0.1:*", "--state", scratch.at("state"),
        ])
        defer { keyed.end() }
        func send(_ patient: String, as name: String) throws -> (code: Int32?, words: String) {
            try replay(keyed.daemon, ["--patient", patient, "--wait-seconds", "4"] + keyed.flags(name))
        }
        let own = try send("p1", as: "gate")
        #expect(own.code == 0, "\(own.words)")
        // Both endpoints are named by the same wildcard, and what comes by either one is taken as its own.
        let plain = try Program.run(
            [
                "replay", Self.record, "--patient", "p1", "--publish", keyed.daemon.frames.text, "--events",
                keyed.daemon.events.text, "--speed", "max",
            ] + keyed.flags("gate")
        )
        #expect(plain.code == 0, "\(plain.words)")
        let foreign = try send("p2", as: "gate")
        #expect(foreign.code == 1 && foreign.words.contains("NOT_ALLOWED"), "\(foreign.words)")
        #expect(try send("p1", as: "stranger").code == 69)
        #expect(try send("p1", as: "desk").code == 69, "who may not publish has no business there")
        // A right that is taken away ends with the next chunk, on a link that lives.
        let stream = StreamIdentity(patient: "p3", device: "d", epoch: 5)
        let messages = try SentRecord("ptbxl/00017_hr").messages(stream, 0..<200)
        let peer = try AcknowledgedPeer(
            try #require(keyed.daemon.ingest),
            security: try keyed.security("gate")
        )
        _ = try peer.greet(stream, next: 3)
        try peer.send([messages[0]], of: stream)
        #expect(try peer.isDurable(through: 1, of: stream))
        try keyed.revoke("gate")
        #expect(eventually { keyed.daemon.program.words.contains { $0.contains("is in force") } })
        // What came before the file was read again may still be taken.
        let isRefused = try eventually {
            try peer.send([messages[1]], of: stream, from: 2)
            return try peer.look {
                guard case .rejection(let words) = $0 else { return false }
                return words.sequence == 2 && words.code == "NOT_ALLOWED"
            } != nil
        }
        #expect(isRefused)
        // Nor does it say any more what is given up: the numbers are those of the next rightful gateway.
        try peer.send(AcknowledgedFormat.frames(of: HeldChunks(epoch: 5, oldestHeld: 1 << 40, next: 1 << 40)))
        let isHeldRefused = try peer.reply {
            guard case .rejection(let words) = $0 else { return false }
            return words.sequence == 0 && words.code == "NOT_ALLOWED"
        }
        #expect(isHeldRefused != nil)
        #expect(keyed.daemon.stop() == 0)
        let committed = try CommittedChunks(state: scratch.at("state"))
        #expect((51...52).contains(committed.total) && !committed.counts.keys.contains { $0.patient == "p2" })
    }

    @Test func `what is acknowledged needs a folder that outlives the daemon`() throws {
        let alone = try Program.run(["serve", "--ingest", "tcp://127.0.0.1:*"])
        #expect(alone.code == 78 && alone.words.contains("--state"))
        let both = try Program.run(["serve", "--state", "a", "--record", "b"])
        #expect(both.code == 78 && both.words.contains("--record"))
        let open = try Program.run(["serve", "--ingest", "tcp://*:7205", "--state", "a"])
        #expect(open.code == 78 && open.words.contains("--keys"))
    }

    @Test func `P11 the example in Python loses nothing through a kill of the daemon`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        var daemon = try daemon(scratch)
        defer { daemon.end() }
        let endpoint = try #require(daemon.ingest?.text)
        let gateway = try Python.example(
            "acknowledged.py",
            [Self.record, "--ingest", endpoint, "--patient", "py", "--speed", "2", "--wait-seconds", "600"]
        )
        defer { gateway.end() }
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.status()["frames"]?.whole ?? 0 > 10 }, "\(gateway.words)")
        daemon.program.send(SIGKILL)
        _ = daemon.program.exitCode()
        daemon.end()
        daemon = try self.daemon(scratch)
        #expect(gateway.exitCode() == 0, "\(gateway.words)")
        #expect(gateway.words.last == "acknowledged: 50 chunks of 12 leads, 0 let go of")
        #expect(daemon.stop() == 0)
        let committed = try CommittedChunks(state: scratch.at("state"))
        #expect(committed.faults == [] && committed.total == 50)
    }
}
