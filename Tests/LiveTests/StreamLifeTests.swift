import ECGSignal
import TestSupport
import Testing
import Wire

/// Streams that fall silent, end and begin anew, by the real clock.
@Suite struct StreamLifeTests {
    @Test func `silence is said when it begins and when it ends`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 5)
        try sender.send(try record.messages(stream, 0..<1_000))
        #expect(try listener.hears("silence") { $0.isTech("stream_silent") && $0.phase == "start" })
        #expect(listener.heard.last?.firstSample == 1_000)
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.streams().first?["state"]?.text == "silent" })
        try sender.send(try record.messages(stream, 1_000..<1_500))
        #expect(try listener.hears("its end") { $0.isTech("stream_silent") && $0.phase == "end" })
        let silences = listener.heard.filter { $0.isTech("stream_silent") }
        #expect(silences.map(\.phase) == ["start", "end"])
        #expect(silences.map(\.subject) == ["p1", "p1"])
    }

    @Test func `an idle stream is closed, and goes on as one that joins`() throws {
        // Two seconds, and longer where this test itself may be held up for as long.
        let daemon = try LiveDaemon(["--idle-seconds", "\(Int((2 * Pace.now).rounded()))"])
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 5)
        try sender.send(try record.messages(stream, 0..<5_200))
        #expect(try listener.hears("the idle close") { $0.isTech("stream_closed") })
        #expect(listener.heard.last?.reason == "reason: idle")
        #expect(listener.heard.last?.firstSample == 5_200)
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.streams().first?["state"]?.text == "closed" })
        #expect(try asker.streams().first?["why"]?.text == "idle")
        #expect(listener.windows(of: stream.name) == [0])

        // 60 s later, at a sample that is no hop's multiple: the first window starts at the next one.
        try sender.send(try record.messages(stream, 30_100..<36_100))
        let next = Int64((30_100 + 511) / 512 * 512)
        #expect(try listener.reads { listener.windows(of: stream.name).count == 3 })
        #expect(listener.windows(of: stream.name) == [0, next, next + 512])
        let opened = listener.heard.filter { $0.isTech("stream_opened") }
        #expect(opened.map(\.firstSample) == [0, 30_100])
        #expect(opened.last?.reason == "the epoch goes on after an idle close")
    }

    @Test func `a newer epoch of the device ends the older, whose frames are then refused`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let old = StreamIdentity(patient: "p1", device: "d1", epoch: 5)
        let new = StreamIdentity(patient: "p1", device: "d1", epoch: 4)
        try sender.send(try record.messages(old, 0..<5_100))
        try sender.send(try record.messages(new, 0..<5_100))
        #expect(
            try listener.reads { !listener.windows(of: new.name).isEmpty && listener.closings.count == 1 }
        )
        try sender.send(try record.messages(old, 5_100..<5_300))
        #expect(try listener.hears("the refusal") { $0.isTech("EPOCH_OVER") })
        #expect(listener.windows(of: old.name) == [0])
        #expect(listener.windows(of: new.name) == [0])
        // Alarms have no code.
        let codes = listener.heard.filter { $0.data["stream"]?.text == old.name }.compactMap(\.code)
        #expect(codes == ["stream_opened", "stream_superseded", "stream_closed"])
        let asker = try Asker(daemon)
        #expect(try eventually { try asker.refusals(at: daemon) == ["EPOCH_OVER": 2] })
        #expect(try eventually { try asker.streams().compactMap { $0["why"]?.text } == ["superseded"] })
    }
}
