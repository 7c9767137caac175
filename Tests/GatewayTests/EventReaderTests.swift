import Glibc
import Messaging
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A daemon's event socket in a test's hand.
private struct Publisher: ~Copyable {
    let socket: Socket
    let endpoint: Endpoint
    var run = "run-1"

    init(_ context: Context, queue: Int32 = 100_000) throws {
        var options = SocketOptions()
        options.sendHighWaterMark = queue
        let opened = try Socket(.xpub, in: context, options: options)
        endpoint = try opened.bind(Endpoint("tcp://127.0.0.1:*"))
        socket = opened
    }

    /// Waits until so many subscriptions have come.
    func waitForSubscriptions(_ count: Int) throws -> Bool {
        var seen = 0
        var patience = Patience()
        while seen < count, !patience.isOver() {
            _ = try socket.wait(for: .readable, timeout: .milliseconds(10))
            while case .message(let parts) = try socket.receive(maximumParts: 1) {
                if SubscriptionNotice(parts)?.subscribes == true { seen += 1 }
            }
        }
        return seen == count
    }

    func event(_ topic: String, _ number: UInt64, padding: Int = 0) throws {
        let event: JSONObject = [
            "data": .object(["detail": .string(String(repeating: "x", count: padding))]),
            "run": .string(run), "subject": .string("a"), "topicsequence": .string(digits(number)),
            "type": .string("shinden.tech.v1"),
        ]
        _ = try socket.send([Array(topic.utf8), JSONValue.object(event).canonical])
    }

    func heartbeat(
        _ number: UInt64,
        _ heads: [(String, UInt64)],
        page: Int64 = 1,
        of pages: Int64 = 1,
        ward: String = "_"
    ) throws {
        let data: JSONObject = [
            "run": .string(run), "page": .integer(page), "pages": .integer(pages),
            "heads": .object(JSONObject(heads.map { ($0.0, .integer(Int64($0.1))) })),
        ]
        let event: JSONObject = [
            "data": .object(data), "run": .string(run), "topicsequence": .string(digits(number)),
            "type": .string("shinden.heartbeat.v1"),
        ]
        _ = try socket.send([Array("ev1.\(ward).heartbeat._.".utf8), JSONValue.object(event).canonical])
    }

    private func digits(_ number: UInt64) -> String {
        String(repeating: "0", count: 16 - "\(number)".count) + "\(number)"
    }
}

private let topicA = "ev1._.tech.a."
private let topicB = "ev1._.tech.b."
private let foreign = "ev1._.diagnosis.a."

@Suite struct EventReaderTests {
    /// What the reader tells of the next `count` messages.
    private func missed(_ reader: inout EventReader, of count: Int) throws -> [UInt64] {
        try (0..<count).map { _ in try #require(try reader.next(timeout: limit)).missed }
    }

    @Test func `a publisher that drops is counted to the last event`() throws {
        let context = try Context()
        let publisher = try Publisher(context, queue: 50)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        try publisher.event(topicA, 1)
        #expect(try missed(&reader, of: 1) == [0])
        // Far more than both queues and the kernel's buffers hold: the reader does not read meanwhile.
        let published: UInt64 = 100_000
        for number in 2...published { try publisher.event(topicA, number, padding: 400) }
        var read: UInt64 = 1
        var missed: UInt64 = 0
        var beat: UInt64 = 0
        var patience = Patience()
        while read + missed < published, !patience.isOver() {
            if let message = try reader.next(timeout: .milliseconds(200)) {
                read += message.isWanted ? 1 : 0
                missed += message.missed
            } else {
                // Nothing is on its way: a heartbeat shows a lost tail.
                beat += 1
                try publisher.heartbeat(beat, [(topicA, published)])
            }
        }
        #expect(read + missed == published)
        #expect(missed > 0, "the queues took everything; send more")
        #expect(reader.unreadable == 0)
    }

    @Test func `what came before the reader is not missed, what it skips is`() throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        try publisher.event(topicA, 10)
        try publisher.event(topicA, 11)
        try publisher.event(topicA, 15)
        try publisher.heartbeat(3, [(topicA, 15), (topicB, 7), (foreign, 99)])
        try publisher.heartbeat(4, [(topicA, 17), (topicB, 8), (foreign, 120)])
        try publisher.event(topicA, 18)
        #expect(try missed(&reader, of: 6) == [0, 0, 3, 0, 3, 0])
    }

    @Test func `a topic that begins while the reader is there is missed from its first event on`() throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        // Ten in a row, each in two pages: one of them names every topic.
        for beat in 0..<UInt64(10) {
            try publisher.heartbeat(2 * beat + 1, beat == 4 ? [(topicA, UInt64(5))] : [], page: 1, of: 2)
            try publisher.heartbeat(2 * beat + 2, [], page: 2, of: 2)
        }
        try publisher.event(topicB, 3)
        try publisher.event(topicA, 6)
        #expect(try missed(&reader, of: 22) == Array(repeating: UInt64(0), count: 20) + [2, 0])
    }

    @Test(arguments: [(9, 0), (10, 2)] as [(UInt64, UInt64)])
    func `only ten heartbeats in a row tell that a new topic began while the reader was there`(
        beats: UInt64,
        lost: UInt64
    ) throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        for beat in 1...beats { try publisher.heartbeat(beat, []) }
        try publisher.event(topicB, 3)
        let expected = Array(repeating: UInt64(0), count: Int(beats)) + [lost]
        #expect(try missed(&reader, of: Int(beats) + 1) == expected)
    }

    @Test func `a heartbeat that was lost starts the ten anew`() throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        for beat in [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12] as [UInt64] { try publisher.heartbeat(beat, []) }
        try publisher.event(topicB, 3)
        #expect(try missed(&reader, of: 12) == Array(repeating: 0, count: 12))
    }

    @Test func `after a restart of the daemon its numbers begin at 1`() throws {
        let context = try Context()
        var publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        try publisher.event(topicA, 40)
        publisher.run = "run-2"
        try publisher.event(topicA, 3)
        try publisher.event(topicB, 1)
        #expect(try missed(&reader, of: 3) == [0, 2, 0])
    }

    @Test func `of all wards each counts by its own heartbeats, and what is no right is not missed`() throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(
            publisher.endpoint,
            prefixes: ["ev1._.tech.", "ev1._.alarm.a."],
            wards: .readable,
            in: context
        )
        reader.rights = ["ev1.3.tech.", "ev1.3.alarm.", "ev1._.heartbeat.", "ev1.3.heartbeat."]
        try #require(try publisher.waitForSubscriptions(1))
        let (a3, b3) = ("ev1.3.tech.a.", "ev1.3.tech.b.")
        try publisher.event(a3, 5)
        try publisher.heartbeat(7, [(a3, 6), ("ev1.3.vitals.a.", 90)], ward: "3")
        try publisher.heartbeat(7, [(topicA, 3)])
        try publisher.heartbeat(8, [(topicA, 9)])
        for beat in 8...16 as ClosedRange<UInt64> { try publisher.heartbeat(beat, [], ward: "3") }
        try publisher.event(b3, 3)
        try publisher.event("ev1.30.tech.b.", 3)
        try publisher.event("ev1.3.alarm.a.", 2)
        try publisher.event("ev1.3.alarm.b.", 2)
        var reads: [EventReader.Read] = []
        for _ in 0..<17 { reads.append(try #require(try reader.next(timeout: limit))) }
        let expected = [0, 1, 0, 0] + Array(repeating: 0, count: 9) + [2, 0, 1, 0] as [UInt64]
        #expect(reads.map(\.missed) == expected)
        #expect(reads.suffix(4).map(\.isWanted) == [true, true, true, false])
        #expect(reads[1].isWanted == false)
    }

    @Test func `what is no event is counted and passed over`() throws {
        let context = try Context()
        let publisher = try Publisher(context)
        var reader = try EventReader(publisher.endpoint, prefixes: ["ev1._.tech."], in: context)
        try #require(try publisher.waitForSubscriptions(2))
        for body in ["", "{", "[1]", "\u{0}"] {
            _ = try publisher.socket.send([Array(topicA.utf8), Array(body.utf8)])
        }
        _ = try publisher.socket.send([Array(topicA.utf8)])
        _ = try publisher.socket.send([Array(topicA.utf8), Array("{}".utf8)])
        var read: EventReader.Read?
        var patience = Patience()
        while read == nil, !patience.isOver() { read = try reader.next(timeout: .milliseconds(100)) }
        #expect(read?.bytes == Array("{}".utf8) && read?.missed == 0)
        #expect(reader.unreadable == 5)
    }
}
