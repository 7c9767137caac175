import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A real daemon that is killed under an acknowledged gateway and goes on from its checkpoints.
@Suite struct CheckpointTests {
    /// Seconds of the recording that a gateway sends in one.
    private static let pace = 3

    private func flags(_ scratch: Scratch) -> [String] {
        ["--ingest", "ipc://" + scratch.at("ingest"), "--state", scratch.at("state")]
    }

    private func start(_ scratch: Scratch) throws -> LiveDaemon { try LiveDaemon(flags(scratch)) }

    private func gateway(_ scratch: Scratch) throws -> Program {
        try Program.shinden([
            "replay", Repository.fixtures + "/mitdb/207_1530", "--acknowledged", "--patient", "p1",
            "--publish", "ipc://" + scratch.at("ingest"), "--speed", "\(Self.pace)", "--chunk-ms", "200",
            "--wait-seconds", "300", "--epoch", "7",
        ])
    }

    private func ids(_ events: [Listener.Heard], _ kind: String) -> Set<String> {
        Set(events.filter { $0.kind == kind }.compactMap { $0.event["id"]?.text })
    }

    /// The events that follow from the newest log.
    private func replayed(_ scratch: Scratch) throws -> [JSONObject] {
        let logs = try FileManager.default.contentsOfDirectory(atPath: scratch.at("state/log"))
            .filter { $0.hasSuffix(".framelog") }.sorted()
        let newest = scratch.at("state/log/") + (logs.last ?? "")
        let (code, lines, words) = try Program.run(["classify", newest, "--events", "--quiet"])
        #expect(code == 0, "\(words)")
        return try lines.map { try JSONValue(parsing: Array($0.utf8)).object ?? [:] }
    }

    /// Kills a daemon, and reads what it has sent until then.
    private func kill(_ daemon: LiveDaemon, heardBy listener: Listener) throws {
        daemon.program.send(SIGKILL)
        #expect(daemon.program.exitCode() == -SIGKILL)
        var count = -1
        let isAllRead = try listener.reads {
            defer { count = listener.heard.count }
            return count == listener.heard.count
        }
        #expect(isAllRead)
        daemon.end()
    }

    private func isOver(_ listener: Listener) throws -> Bool {
        try listener.reads { listener.heard.contains { $0.isTech("stream_closed") } }
    }

    @Test func `P13 P18 a killed daemon says what one says that was never ended, each once`() throws {
        let whole = try Scratch()
        defer { whole.end() }
        let scratch = try Scratch()
        defer { scratch.end() }
        let other = try start(whole)
        defer { other.end() }
        let listening = try Listener(other)
        var daemon = try start(scratch)
        defer { daemon.end() }
        let before = try Listener(daemon)
        let gateways = [try gateway(whole), try gateway(scratch)]
        defer { for gateway in gateways { gateway.end() } }
        // Far enough for four checkpoints and some windows more.
        #expect(try before.reads { before.heard.filter(\.isDiagnosis).count > 22 })
        let asker = try Asker(daemon)
        let standing = try asker.snapshot().flatMap { $0["alarms"]?.array ?? [] }
        try kill(daemon, heardBy: before)

        let (clock, begin) = (ContinuousClock(), ContinuousClock.now)
        daemon = try start(scratch)
        let again = try Asker(daemon)
        let alarms = try again.snapshot().flatMap { $0["alarms"]?.array ?? [] }
        let stood = begin.duration(to: clock.now)
        #expect(alarms.count >= standing.count)
        let after = try Listener(daemon)
        #expect(try after.reads { after.heard.contains(where: \.isDiagnosis) })
        let ranked = begin.duration(to: clock.now)
        #expect(try isOver(listening) && isOver(after))
        print("alarms stood after \(stood), the first ranking came after \(ranked)")

        let events = before.heard + after.heard
        #expect(KeptEvent.ambiguous(events.map(\.event)) == [])
        // Its stream has gone on: it was opened once, and no window is missing.
        #expect(!after.heard.contains { $0.isTech("stream_opened") || $0.isTech("chunks_missing") })
        // What was told before the reader was there stands in the log, which gives the same events.
        let replayed = try replayed(scratch)
        #expect(KeptEvent.ambiguous(events.map(\.event) + replayed) == [])
        let kept = Set(try again.history().events.compactMap { $0["id"]?.text })
        for kind in ["shinden.alarm.v1", "shinden.diagnosis.v1"] {
            let later = Set(replayed.filter { $0["type"]?.text == kind }.compactMap { $0["id"]?.text })
            #expect(ids(after.heard, kind).isSubset(of: later), "\(kind)")
            let wanted = ids(listening.heard, kind)
            let told = ids(before.heard, kind).union(later)
            // What was on its way out when it was killed: the journal has it, unless it is a ranking that says nothing new.
            let unheard = wanted.subtracting(told).subtracting(kept)
            #expect(told.subtracting(wanted) == [] && unheard.count <= (kind.contains("diagnosis") ? 1 : 0))
            #expect(!later.isEmpty, "\(kind)")
        }
        let told = Set(
            before.heard.filter { $0.event["durable"] == .bool(true) }.compactMap { $0.event["id"]?.text }
        )
        #expect(after.heard.allSatisfy { !told.contains($0.event["id"]?.text ?? "") })
        #expect(daemon.stop() == 0 && other.stop() == 0)
    }

    @Test func `P13 a daemon that is killed on its way goes on, and its alarms stand throughout`()
        throws
    {
        let scratch = try Scratch()
        defer { scratch.end() }
        var daemon = try start(scratch)
        defer { daemon.end() }
        let before = try Listener(daemon)
        let gateway = try gateway(scratch)
        defer { gateway.end() }
        #expect(try before.reads { before.heard.filter(\.isDiagnosis).count > 22 })
        daemon.program.send(SIGKILL)
        #expect(daemon.program.exitCode() == -SIGKILL)
        daemon.end()
        // It answers before it has gone through the log of the run before, and is killed then or a little later.
        var stood: [Set<String>] = []
        for delay in [0.0, 0.01, 0.02, 0.04, 0.08] {
            let control = "ipc://" + scratch.at("control")
            let program = try Program.shinden(
                ["serve", "--bind-subscribe", "ipc://" + scratch.at("frames")]
                    + ["--events", "ipc://" + scratch.at("events"), "--control", control]
                    + ["--model", Repository.defaultModel] + flags(scratch)
            )
            defer { program.end() }
            let answers = try Asker(try Endpoint(control)).snapshot()
            let alarms = answers.flatMap { $0["alarms"]?.array ?? [] }
            stood.append(Set(alarms.compactMap { $0.object?["alarm_id"]?.text }))
            Thread.sleep(forTimeInterval: delay)
            program.send(SIGKILL)
            #expect(program.exitCode() == -SIGKILL)
        }
        daemon = try start(scratch)
        let after = try Listener(daemon)
        #expect(try isOver(after))
        #expect(!after.heard.contains { $0.isTech("stream_opened") || $0.isTech("chunks_missing") })
        #expect(KeptEvent.ambiguous((before.heard + after.heard).map(\.event)) == [])
        #expect(gateway.exitCode() == 0, "\(gateway.words)")
        // Whatever stood once stands until its end was told.
        let ended = Set(
            try Asker(daemon).history().events.compactMap { $0["data"]?.object }
                .filter { $0["state"]?.text == "inactive" }.compactMap { $0["alarm_id"]?.text }
        )
        #expect(!stood[0].isEmpty)
        for (one, next) in zip(stood, stood.dropFirst()) {
            #expect(one.subtracting(next).isSubset(of: ended), "\(stood)")
        }
        #expect(daemon.stop() == 0)
        #expect(!daemon.program.words.contains { $0.contains("joined under way") }, "\(daemon.program.words)")
    }
}
