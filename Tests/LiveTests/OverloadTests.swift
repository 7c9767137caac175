import Foundation
import Synchronization
import TestSupport
import Testing
import Threads
import Wire
import ZeroMQ

/// A daemon that falls behind its streams.
@Suite struct OverloadTests {
    /// The daemon stands still for so long while a gateway goes on: twice as long as rankings may be late.
    private static let standstill = Duration.seconds(5)

    @Test func `P27 a daemon that falls behind says so, loses nothing, and says when it has caught up`()
        throws
    {
        let daemon = try LiveDaemon(["--workers", "1", "--idle-seconds", "3600", "--stop-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let gateway = try Program.shinden([
            "replay", "--publish", daemon.frames.text, "--events", daemon.events.text,
            Repository.fixtures + "/ptb/S0001", "--patients", "8", "--loop",
        ])
        defer { gateway.end() }
        #expect(try listener.hears("a ranking") { $0.isDiagnosis })
        daemon.program.send(SIGSTOP)
        let begin = ContinuousClock.now
        #expect(eventually { begin.duration(to: .now) >= OverloadTests.standstill })
        daemon.program.send(SIGCONT)
        for phase in ["start", "end"] {
            #expect(
                try listener.hears("the \(phase) of the overload") {
                    $0.isTech("overload") && $0.phase == phase && $0.data["endpoint"]?.text == "worker-0"
                }
            )
        }
        try expectNothingLost(daemon, listener, gateway, streams: 8)
        #expect(daemon.stop() == 0)
    }

    /// Ends the gateway, and finds every sample that was sent analysed and every event heard.
    private func expectNothingLost(
        _ daemon: LiveDaemon,
        _ listener: Listener,
        _ gateway: Program,
        streams count: Int
    ) throws {
        gateway.send(SIGINT)
        #expect(try listener.reads { !gateway.isRunning })
        #expect(gateway.exitCode() == 130, "\(gateway.words)")
        let asker = try Asker(daemon)
        #expect(try asker.refusals(at: daemon).isEmpty)
        #expect(listener.missed == 0)
        let streams = try asker.streams()
        #expect(streams.count == count)
        for stream in streams {
            let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
            #expect(leads.count == 12)
            #expect(leads.allSatisfy { $0["late"] == .integer(0) && $0["refused"] == .integer(0) })
        }
    }

    /// How much of a core the daemon's worker takes is measured; then it is given half of that.
    @Test func `P27 twice the load that fits is said, nothing of it is shed, and its end is said`() throws {
        let daemon = try LiveDaemon([
            "--workers", "1", "--hop", "128", "--idle-seconds", "3600", "--stop-seconds", "3600",
        ])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let gateway = try Program.shinden([
            "replay", "--publish", daemon.frames.text, "--events", daemon.events.text,
            Repository.fixtures + "/ptb/S0001", "--patients", "16", "--loop",
        ])
        defer { gateway.end() }
        #expect(try listener.hears("a ranking") { $0.isDiagnosis })
        let taken = try workerSeconds(daemon.program)
        let begin = ContinuousClock.now
        _ = try listener.reads { begin.duration(to: .now) >= .seconds(3) }
        let needed =
            try (workerSeconds(daemon.program) - taken) / ((ContinuousClock.now - begin) / .seconds(1))
        try #require(needed > 0.01)
        let throttle = try Throttle(daemon.program, share: min(needed, 1) / 2)
        defer { throttle.end() }
        let isSaid = try listener.reads {
            listener.heard.contains {
                $0.isTech("overload") && $0.phase == "start" && $0.data["endpoint"]?.text == "worker-0"
            }
        }
        #expect(isSaid, "the worker needs \(needed) of a core and has half of that")
        throttle.end()
        let isOver = try listener.hears("the end of the overload") {
            $0.isTech("overload") && $0.phase == "end" && $0.data["endpoint"]?.text == "worker-0"
        }
        #expect(isOver)
        try expectNothingLost(daemon, listener, gateway, streams: 16)
        #expect(daemon.stop() == 0)
    }

    /// Seconds of a core that the daemon's worker has taken.
    private func workerSeconds(_ daemon: Program) throws -> Double {
        let tasks = "/proc/\(daemon.processID)/task"
        for task in try FileManager.default.contentsOfDirectory(atPath: tasks) {
            // The name may hold spaces, so fields count from the bracket behind it.
            let text = try String(contentsOfFile: "\(tasks)/\(task)/stat", encoding: .utf8)
            guard let end = text.lastIndex(of: ")"), text[..<end].hasSuffix("(shard-0") else { continue }
            let fields = text[end...].split(separator: " ")
            let ticks = try #require(Double(fields[12])) + #require(Double(fields[13]))
            return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
        throw Missing(description: "the daemon has no thread shard-0")
    }
}

/// Lets a program run for a share of each fifth of a second and stops it for the rest.
private final class Throttle {
    private static let periodMilliseconds = 200.0
    private let isOver = SharedEnd()
    private let thread: WorkerThread

    init(_ program: Program, share: Double) throws {
        let (isOver, number) = (isOver, program.processID)
        thread = try WorkerThread.start(name: "throttle") {
            while !isOver.isReached {
                _ = kill(number, SIGSTOP)
                usleep(UInt32((1 - share) * Throttle.periodMilliseconds * 1_000))
                _ = kill(number, SIGCONT)
                usleep(UInt32(share * Throttle.periodMilliseconds * 1_000))
            }
        }
    }

    /// From now on the program runs without a stop.
    func end() {
        guard !isOver.isReached else { return }
        isOver.isReached = true
        thread.join()
    }
}

/// A word from a test to its thread.
private final class SharedEnd: Sendable {
    private let state = Atomic(false)

    var isReached: Bool {
        get { state.load(ordering: .acquiring) }
        set { state.store(newValue, ordering: .releasing) }
    }
}
