import ECGSignal
import TestSupport
import Testing
import Wire
import ZeroMQ

/// `watch` beside a real daemon: what a person reads.
@Suite struct WatchTests {
    @Test
    func `watch asks the daemon what can never appear, tells it once, and names what each window rests on`()
        throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let labels = try Asker(daemon).ask(#"{"op":"LABELS","request":"l"}"#)
        let missing = try #require(labels["not_looked_for"]?.object)
        let sentence = try #require(missing["sentence"]?.text)
        #expect(sentence.contains("and \((missing["count"]?.whole ?? 0) - 4) other statements"))
        #expect(labels["notice"]?.text == "research software, not a medical device")
        let watch = try Program.shinden([
            "watch", "--events", daemon.events.text, "--control", daemon.control.text, "--kind", "diagnosis",
            "--changes",
        ])
        defer { watch.end() }
        #expect(eventually { watch.words.contains(sentence) })
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 1)
        let messages = try SentRecord("mitdb/100_0000").messages(stream, 0..<21_600, every: 360)
        let sender = try daemon.sender()
        try sender.send(messages)
        #expect(eventually { !watch.lines.isEmpty })
        let line = try #require(watch.lines.first)
        #expect(line.contains("  p1  2 of 12 leads (II, V5), 16 % of a 12-lead ECG; "), "\(line)")
        #expect(line.contains("Sinus Rhythm / 洞調律"))
        #expect(watch.words.filter { $0.contains("not looked for") } == [sentence])
        #expect(watch.words.first == "Research software, not a medical device.")
    }

    @Test func `where nobody answers for the model, watch says what holds for every model`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let watch = try Program.shinden(["watch", "--events", daemon.events.text])
        defer { watch.end() }
        #expect(eventually { watch.words.contains { $0.contains("give --control to ask") } })
        #expect(watch.words.contains { $0.contains(" At least ") && $0.contains("not looked for") })
    }
}
