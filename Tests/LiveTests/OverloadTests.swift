import TestSupport
import Testing
import Wire
import ZeroMQ

/// More than fits.
@Suite struct OverloadTests {
    /// The number of messages that a replay says it has sent.
    private func sent(_ program: Program) -> Int64? {
        program.words.compactMap { line in
            line.hasPrefix("Sent ")
                ? line.split(separator: " ").compactMap { Int64($0) }.first : nil
        }.last
    }

    @Test func `P27 with more streams than fit the daemon says so, loses nothing in silence, and recovers`()
        throws
    {
        let daemon = try LiveDaemon([
            "--workers", "1", "--hop", "32", "--idle-seconds", "3600", "--stop-seconds", "3600",
        ])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        func replay(_ arguments: [String]) throws -> Program {
            try Program.shinden(
                ["replay", "--publish", daemon.frames.text, "--events", daemon.events.text] + arguments
            )
        }
        // A ranking every 64 ms for each of 250 patients is about twice what one worker can do.
        let crowd = try replay([Repository.fixtures + "/ptb/S0001", "--patients", "250"])
        defer { crowd.end() }
        #expect(
            try listener.hears("that rankings come late") {
                $0.isTech("overload") && $0.phase == "start" && $0.data["endpoint"]?.text == "worker-0"
            }
        )
        #expect(try listener.reads { !crowd.isRunning })
        #expect(crowd.exitCode() == 0, "\(crowd.words)")
        let calm = try replay([Repository.fixtures + "/ptbxl/00017_hr", "--patient", "calm"])
        defer { calm.end() }
        #expect(
            try listener.hears("that they are in time again") {
                $0.isTech("overload") && $0.phase == "end" && $0.data["endpoint"]?.text == "worker-0"
            }
        )
        #expect(calm.exitCode() == 0, "\(calm.words)")
        let all = try #require(sent(crowd)) + #require(sent(calm))
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.status()["frames"]?.whole == all }, "every frame was taken")
        #expect(try asker.refusals(at: daemon).isEmpty)
        #expect(listener.missed == 0)
        #expect(listener.heard.allSatisfy { !$0.isTech("chunks_missing") && !$0.isTech("LATE") })
        #expect(daemon.stop() == 0)
    }
}
