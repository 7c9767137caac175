import Glibc
import TestSupport
import Testing
import Wire
import ZeroMQ

/// More than fits.
@Suite struct OverloadTests {
    @Test func `P27 with more streams than fit the daemon says so, loses nothing in silence, and recovers`()
        throws
    {
        let daemon = try LiveDaemon([
            "--workers", "1", "--hop", "32", "--idle-seconds", "3600", "--stop-seconds", "3600",
        ])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        // A ranking every 64 ms for each of 500 patients is more than one worker can make on any machine of today.
        let crowd = try Program.shinden([
            "replay", "--publish", daemon.frames.text, "--events", daemon.events.text,
            Repository.fixtures + "/ptb/S0001", "--patients", "500", "--loop",
        ])
        defer { crowd.end() }
        #expect(
            try listener.hears("that rankings come late") {
                $0.isTech("overload") && $0.phase == "start" && $0.data["endpoint"]?.text == "worker-0"
            }
        )
        crowd.send(SIGINT)
        #expect(try listener.reads { !crowd.isRunning })
        #expect(crowd.exitCode() == 130, "\(crowd.words)")
        // What is in the queues is still ranked; then the end is said, though no other stream comes.
        #expect(
            try listener.hears("that they are in time again") {
                $0.isTech("overload") && $0.phase == "end" && $0.data["endpoint"]?.text == "worker-0"
            }
        )
        let asker = try Asker(daemon)
        #expect(try asker.refusals(at: daemon).isEmpty)
        #expect(listener.missed == 0)
        let streams = try asker.streams()
        #expect(streams.count == 50, "the first page")
        for stream in streams {
            let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
            #expect(leads.count == 12)
            #expect(leads.allSatisfy { $0["late"] == .integer(0) && $0["refused"] == .integer(0) })
        }
        #expect(daemon.stop() == 0)
    }
}
