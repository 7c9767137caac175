import TestSupport
import Testing
import Wire
import ZeroMQ

/// Trouble on request through a real daemon, as docs/GATEWAYS.md has it.
@Suite struct TroubleTests {
    private func replay(_ daemon: LiveDaemon, _ arguments: String) throws {
        let own = ["--publish", daemon.frames.text, "--events", daemon.events.text, "--speed", "max"]
        let run = try Program.run(arguments.split(separator: " ").map(String.init) + own)
        #expect(run.code == 0, "\(run.words)")
    }

    @Test func `P27 what a replay loses, repeats and bends is said, and the clock is measured`() throws {
        let daemon = try LiveDaemon(["--idle-seconds", "3600"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        try replay(
            daemon,
            "replay Fixtures/ptbxl/00017_hr --drop 0.05 --duplicate 0.05 --reorder 0.1 --seed 7 --chunk-ms 20"
        )
        try replay(
            daemon,
            "replay Fixtures/mitdb/100_0000 --leads II --rate 130 --jitter-ms 100 --drift-ppm 500 --patient drift"
        )
        #expect(try listener.reads { listener.closings["p0001"] != nil && listener.closings["drift"] != nil })
        #expect(listener.missed == 0)
        for code in ["chunks_missing", "chunks_duplicate"] {
            #expect(listener.heard.contains { $0.isTech(code) && $0.subject == "p0001" }, "\(code)")
        }
        #expect(listener.closings.values.joined().allSatisfy { $0.reason == "reason: last" })
        let asker = try Asker(daemon)
        var streams: [JSONObject] = []
        let isTold = try eventually {
            streams = try asker.streams()
            return streams.first { $0["patient"]?.text == "drift" }?["drift_ppm"]?.real != nil
        }
        #expect(isTold)
        let drifting = try #require(streams.first { $0["patient"]?.text == "drift" })
        #expect(
            abs((drifting["drift_ppm"]?.real ?? 0) - 500) < 5_000,
            "a minute of 200 ms of jitter tells so much"
        )
        #expect(drifting["rate_mismatch"] == .bool(false))
        #expect(drifting["offset_uncertainty_ms"]?.real != nil)
        let short = try #require(streams.first { $0["patient"]?.text == "p0001" })
        #expect(short["rate_mismatch"] == .null && short["drift_ppm"] == .null, "ten seconds tell nothing")
        #expect(daemon.stop() == 0)
    }
}
