import Glibc
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

    @Test func `P27 twice the load that fits is said, nothing of it is shed, and its end is said`() throws {
        let daemon = try LiveDaemon([
            "--workers", "1", "--hop", "32", "--idle-seconds", "3600", "--stop-seconds", "3600",
        ])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let gateway = try Program.shinden([
            "replay", "--publish", daemon.frames.text, "--events", daemon.events.text,
            Repository.fixtures + "/ptb/S0001", "--patients", "16", "--loop",
        ])
        defer { gateway.end() }
        #expect(try listener.hears("a ranking") { $0.isDiagnosis })
        // What fits is found by giving the daemon half as much of the time, and again half, until it falls behind.
        let throttle = try Throttle(daemon.program)
        defer { throttle.end() }
        var isBehind = false
        while !isBehind, throttle.share > 1 / 512 {
            throttle.halve()
            isBehind = try hearsOverload(listener, within: .seconds(8))
        }
        #expect(isBehind, "it fell behind with \(throttle.share) of the time at the latest")
        // With half of what is too little the load is twice what would fit, or more.
        throttle.halve()
        let begin = ContinuousClock.now
        _ = try listener.reads { begin.duration(to: .now) > OverloadTests.standstill }
        throttle.end()
        #expect(
            try listener.hears("the end of the overload") {
                $0.isTech("overload") && $0.phase == "end" && $0.data["endpoint"]?.text == "worker-0"
            }
        )
        try expectNothingLost(daemon, listener, gateway, streams: 16)
        #expect(daemon.stop() == 0)
    }

    private func hearsOverload(_ listener: Listener, within limit: Duration) throws -> Bool {
        let begin = ContinuousClock.now
        func isSaid() -> Bool { listener.heard.contains { $0.isTech("overload") && $0.phase == "start" } }
        _ = try listener.reads { isSaid() || begin.duration(to: .now) > limit }
        return isSaid()
    }
}

/// Lets a program run for a share of each fifth of a second and stops it for the rest.
private final class Throttle {
    private static let periodMilliseconds = 200.0
    private let state = SharedShare()
    private let thread: WorkerThread

    init(_ program: Program) throws {
        let state = state
        let number = program.processID
        thread = try WorkerThread.start(name: "throttle") {
            while let share = state.value {
                if share < 1 { _ = kill(number, SIGSTOP) }
                _ = poll(nil, 0, Int32((1 - share) * Throttle.periodMilliseconds))
                _ = kill(number, SIGCONT)
                _ = poll(nil, 0, max(1, Int32(share * Throttle.periodMilliseconds)))
            }
        }
    }

    /// The share of the time in which the program runs.
    var share: Double { state.value ?? 1 }

    func halve() { state.value = share / 2 }

    /// From now on the program runs without a stop.
    func end() {
        guard state.value != nil else { return }
        state.value = nil
        thread.join()
    }
}

/// A number between a test and its thread; nil at the end.
private final class SharedShare: Sendable {
    private let state = Mutex<Double?>(1)

    var value: Double? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
