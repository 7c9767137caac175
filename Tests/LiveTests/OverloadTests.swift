import Glibc
import TestSupport
import Testing
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
        gateway.send(SIGINT)
        #expect(try listener.reads { !gateway.isRunning })
        #expect(gateway.exitCode() == 130, "\(gateway.words)")
        let asker = try Asker(daemon)
        #expect(try asker.refusals(at: daemon).isEmpty)
        #expect(listener.missed == 0)
        let streams = try asker.streams()
        #expect(streams.count == 8)
        for stream in streams {
            let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
            #expect(leads.count == 12)
            #expect(leads.allSatisfy { $0["late"] == .integer(0) && $0["refused"] == .integer(0) })
        }
        #expect(daemon.stop() == 0)
    }
}
