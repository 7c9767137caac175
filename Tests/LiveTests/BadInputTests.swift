import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire

/// Bad input beside a good stream: said and counted, and the good stream's events are those of a run alone.
@Suite struct BadInputTests {
    /// The canonical events of the good stream in a daemon of its own.
    static let alone: Result<[String], any Error> = Result { try run(beside: []).good }

    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    static func goodMessages() throws -> [[[UInt8]]] {
        try SentRecord("ptbxl/00017_hr").messages(BadInput.good, 0..<12_000, every: 250, isLast: true)
    }

    /// Sends the good stream with all of `bad` spread over it; what was heard and counted.
    static func run(
        beside bad: [[[UInt8]]]
    ) throws -> (good: [String], heard: [Listener.Heard], counts: [String: Int64]) {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let good = try goodMessages()
        for (index, message) in good.enumerated() {
            try sender.send(message)
            // The last one only after the good stream's end would be too late to hurt it.
            let from = index * bad.count / (good.count - 1)
            let end = min((index + 1) * bad.count / (good.count - 1), bad.count)
            if from < end { try sender.send(Array(bad[from..<end])) }
        }
        #expect(
            try listener.hears("the end of the good stream") {
                $0.isTech("stream_closed") && $0.subject == "good"
            }
        )
        let asker = try Asker(daemon)
        let expected = Int64(good.count + bad.count)
        #expect(try eventually { try asker.status()["frames"]?.whole == expected }, "every frame is counted")
        let counts = try asker.refusals(at: daemon)
        #expect(try listener.hears("what was said until now") { $0.isHeartbeat })
        #expect(listener.missed == 0)
        let streams = try asker.streams()
        #expect(streams.compactMap { $0["patient"]?.text } == ["good"], "nothing bad has opened a stream")
        #expect(daemon.stop() == 0)
        return (listener.canonical("good"), listener.heard, counts)
    }

    @Test func `the good stream alone has windows, alarms, an opening and an end`() throws {
        let alone = try Self.alone.get()
        #expect(alone.count { $0.contains("shinden.diagnosis.v1") } == 14)
        #expect(alone.count { $0.contains("shinden.tech.v1") } == 2)
        #expect(alone.count { $0.contains("shinden.alarm.v1") } == 4)
        #expect(alone.count { $0.contains("shinden.vitals.v1") } == 24)
        #expect(alone.count == 44)
    }

    @Test(arguments: BadInput.allCases)
    func `P01 P02 bad input is said once, counted exactly, and hurts no good stream`(_ kind: BadInput) throws
    {
        let messages = try kind.messages()
        let bad = Array(repeating: messages, count: 3).flatMap(\.self)
        let (good, heard, counts) = try Self.run(beside: bad)
        #expect(try good == Self.alone.get())
        #expect(counts == [kind.code: Int64(bad.count)])
        let said = heard.filter { $0.isTech(kind.code) }
        #expect(Set(said.map(\.subject)) == kind.subjects, "by whoever the topic names")
        #expect(said.allSatisfy { $0.data["stream"] == .null && $0.data["endpoint"]?.text != nil })
        for subject in kind.subjects {
            let own = said.filter { $0.subject == subject }
            #expect(own.first?.phase == "start" && own.first?.data["count"]?.whole == 1)
            // A slow run may last until the next one is due.
            let times = own.compactMap { $0.event["time"]?.text }.compactMap {
                try? Date($0, strategy: Self.times)
            }
            #expect(times.count == own.count)
            #expect(
                zip(times, times.dropFirst()).allSatisfy { $1.timeIntervalSince($0) > 9.9 },
                "the first at once, the others after 10 s"
            )
        }
    }

    @Test(arguments: seeds(2)) func `P01 P02 all bad inputs at once hurt no good stream`(seed: UInt64) throws
    {
        var generator = SeededGenerator(seed: seed)
        var expected: [String: Int64] = [:]
        var bad: [[[UInt8]]] = []
        for kind in BadInput.allCases {
            for message in try kind.messages() {
                let times = Int.random(in: 1...20, using: &generator)
                bad += Array(repeating: message, count: times)
                expected[kind.code, default: 0] += Int64(times)
            }
        }
        let (good, heard, counts) = try Self.run(beside: bad.shuffled(using: &generator))
        #expect(try good == Self.alone.get())
        #expect(counts == expected)
        let told = heard.filter { ["_", "bad"].contains($0.subject) }
        #expect(Set(told.compactMap(\.code)) == Set(expected.keys))
    }

    @Test func `P02 a frame above 256 KiB costs its sender the link and nobody else anything`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let good = try daemon.sender()
        let offender = try daemon.sender()
        let topic = Array("ecg1.00.bad.d.".utf8)
        // By what it sends the offender is known again.
        try offender.send([topic])
        for (index, message) in try Self.goodMessages().enumerated() {
            try good.send(message)
            if index == 20 { try offender.send([topic, [UInt8](repeating: 0, count: 300_000)]) }
        }
        #expect(
            try listener.reads {
                listener.heard.contains { $0.isTech("stream_closed") && $0.subject == "good" }
            }
        )
        #expect(try listener.canonical("good") == Self.alone.get())
        let asker = try Asker(daemon)
        // The offender is back and is heard again. What it sends before its link is lost may go with it, so it
        // sends until the new link is seen.
        let isBack = try eventually {
            try offender.send([topic])
            return try asker.status()["links_dropped"]?.whole == 1
        }
        #expect(isBack)
        #expect(try listener.hears("the lost link") { $0.isTech("link_dropped") })
        #expect(try asker.refusals(at: daemon).keys.sorted() == ["FRAMES"])
        #expect(daemon.stop() == 0)
    }
}
