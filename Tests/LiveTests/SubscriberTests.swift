import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// Readers that sleep.
@Suite struct SubscriberTests {
    @Test func `P09 a stopped reader learns the exact number it missed, a live one misses nothing`() throws {
        // Over ipc, whose buffers are small. 5 s of the events of so few streams are below 1,000, so 1,000 wait for
        // a reader in the daemon, 1,000 more in the reader.
        let daemon = try LiveDaemon(["--streams-max", "2", "--hop", "32"], overIPC: true)
        defer { daemon.end() }
        let live = try Listener(daemon)
        let topic = "ev1._.diagnosis.p1."
        let reader = try Python.example(
            "reader.py",
            ["--events", daemon.events.text, "--topic", topic, "--topic", "ev1._.heartbeat."]
        )
        defer { reader.end() }
        #expect(eventually { !reader.lines.isEmpty }, "a heartbeat shows the subscription")

        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        var end = 0
        func sendSeconds(_ count: Int) throws {
            try sender.send(try record.messages(stream, end..<end + count * 500, every: 500))
            end += count * 500
        }
        func windows() -> Int { max(0, (end - Grid.windowSamples) / 32 + 1) }

        try sendSeconds(12)
        #expect(
            eventually { reader.lines.contains { $0.contains(topic) || $0.contains("shinden.diagnosis") } }
        )
        reader.send(SIGSTOP)
        try sendSeconds(240)
        let due = windows()
        #expect(try live.reads { live.windows(of: stream.name).count >= due })
        reader.send(SIGCONT)
        // What waited for it comes first; then a new event shows the hole.
        let isSaid = try eventually {
            try sendSeconds(1)
            return reader.words.contains { $0.hasSuffix("on " + topic) }
        }
        #expect(isSaid, "the reader missed something and knows it")
        let sent = windows()
        #expect(try live.reads { live.windows(of: stream.name).count >= sent })
        #expect(live.windows(of: stream.name) == (0..<sent).map { Int64($0 * 32) })
        #expect(live.missed == 0)
        // Both have read everything once both have read the end: the heartbeat after the stream was closed.
        #expect(daemon.stop() == 0)
        #expect(try live.reads { live.closings["p1"] != nil && live.heard.last?.isHeartbeat == true })
        let lastEvent = try #require(live.heard.last).event
        let lastID = try #require(lastEvent["id"]?.text)
        #expect(eventually { reader.lines.contains { $0.contains(lastID) } })

        let got = reader.lines.count { $0.contains("shinden.diagnosis") }
        let missed = reader.words.compactMap { line -> Int? in
            guard line.hasPrefix("reader: missed "), line.hasSuffix("on " + topic) else { return nil }
            return line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }
        }.reduce(0, +)
        let all = live.windows(of: stream.name).count
        #expect(got < all)
        #expect(missed == all - got)
    }
}
