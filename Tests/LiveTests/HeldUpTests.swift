import Foundation
import Recordings
import Synchronization
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A daemon that stands still for longer than any heartbeat waits, as one does whose machine is overloaded.
@Suite struct HeldUpTests {
    /// A peer with ZeroMQ's heartbeats; it loses its link once the daemon has not answered for 3 s.
    private final class Watcher {
        private let socket: Socket

        init(_ daemon: LiveDaemon) throws {
            var options = SocketOptions()
            options.heartbeatInterval = .seconds(1)
            options.heartbeatTimeout = .seconds(3)
            socket = try Socket(.xpub, in: try Context(), options: options)
            try socket.connect(daemon.frames)
        }

        /// Waits until the daemon has not answered for as long as heartbeats wait.
        func waitForLoss() throws -> Bool {
            let lost = Lost()
            try socket.monitor { if $0.kind == .disconnected { lost.isSet.store(true, ordering: .relaxed) } }
            defer { socket.stopMonitor() }
            return eventually { lost.isSet.load(ordering: .relaxed) }
        }

        private final class Lost: Sendable {
            let isSet = Atomic(false)
        }
    }

    @Test func `a replay through a daemon that stood still loses nothing and says so`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let watcher = try Watcher(daemon)
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.status()["peers"]?.whole == 1 })
        let replay = try Program.shinden([
            "replay", Repository.fixtures + "/cpsc_2018/A1389", "--patients", "8", "--speed", "max",
            "--publish",
            daemon.frames.text, "--events", daemon.events.text,
        ])
        defer { replay.end() }
        #expect(try eventually { (try asker.status()["frames"]?.whole ?? 0) > 100 })
        daemon.program.send(SIGSTOP)
        let hasStoodStill = try watcher.waitForLoss()
        daemon.program.send(SIGCONT)
        #expect(hasStoodStill)
        #expect(replay.exitCode() == 0, "\(replay.words)")
        #expect(replay.words.last == "The daemon has had the last message of each of the 8 streams.")
        #expect(!replay.words.contains { $0.contains("lost") })
        let samples = Int64(try SentRecord("cpsc_2018/A1389").stream.sampleCount)
        // Workers tell of their streams a moment after they have closed them.
        var analysed: [Int64?] = []
        let isAll = try eventually {
            analysed = try asker.streams().flatMap { stream in
                (stream["leads"]?.array ?? []).map { $0.object?["analysed"]?.whole }
            }
            return analysed == Array(repeating: samples, count: 8 * 12)
        }
        #expect(isAll, "\(samples) samples of each lead, not \(analysed)")
    }

    @Test func `a replay whose daemon ends says that not all has arrived or that nobody tells`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let asker = try Asker(daemon)
        let replay = try Program.shinden([
            "replay", Repository.fixtures + "/cpsc_2018/A1389", "--patients", "2", "--speed", "20",
            "--publish",
            daemon.frames.text, "--events", daemon.events.text,
        ])
        defer { replay.end() }
        #expect(try eventually { (try asker.status()["frames"]?.whole ?? 0) > 20 })
        #expect(daemon.stop() == 0)
        let code = replay.exitCode()
        let words = replay.words.joined(separator: "\n")
        #expect(code != nil && !words.contains("has had the last message"), "\(words)")
        #expect(words.contains("link to the daemon was lost"))
    }

    @Test func `a replay whose daemon is killed says that it has gone and ends with 69`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let asker = try Asker(daemon)
        let replay = try Program.shinden([
            "replay", Repository.fixtures + "/cpsc_2018/A1389", "--speed", "20", "--publish",
            daemon.frames.text, "--events", daemon.events.text,
        ])
        defer { replay.end() }
        #expect(try eventually { (try asker.status()["frames"]?.whole ?? 0) > 5 })
        daemon.program.send(SIGKILL)
        let code = replay.exitCode()
        let words = replay.words.joined(separator: "\n")
        #expect(code == 69 && words.contains("has gone"), "\(words)")
    }

    @Test func `a replay that is too fast for the daemon says how much was refused`() throws {
        let daemon = try LiveDaemon(["--ingest-speed-max", "1"])
        defer { daemon.end() }
        let run = try Program.run([
            "replay", Repository.fixtures + "/mitdb/100_1440", "--speed", "max", "--publish",
            daemon.frames.text, "--events", daemon.events.text,
        ])
        #expect(run.code == 1 && run.words.contains("FLOOD"), "\(run.words)")
    }
}
