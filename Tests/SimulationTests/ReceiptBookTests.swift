import ECGSignal
import Findings
import Testing

@testable import Station

/// What a gateway is told, step by step.
@Suite struct ReceiptBookTests {
    private let stream = StreamIdentity(patient: "p", device: "d", epoch: 9)
    private let link: [UInt8] = [1]

    private func hello(_ next: UInt64, oldest: UInt64 = 1) -> StreamHello {
        StreamHello(gateway: "g", stream: stream, oldestHeld: oldest, next: next)
    }

    private func code(_ reply: GatewayReply?) -> String? {
        if case .rejection(let words) = reply { words.code } else { nil }
    }

    /// A book with the chunks up to `count` of one stream taken and logged.
    private func book(_ count: UInt64) -> ReceiptBook {
        var book = ReceiptBook(LoggedReceipts(journal: 3))
        _ = book.greet(hello(count + 1), from: link, at: 0)
        for number in 1...count {
            let verdict = book.judge(number, of: 9, by: Sender(of: stream), check: 7, from: link, at: 1)
            #expect(verdict == .new(stream))
            book.take(number, of: stream, check: 7, position: Int(number), at: 1)
        }
        book.advance(through: Int(count))
        return book
    }

    @Test func `counters that start anew are told, a HELLO that came late is not taken for it`() {
        var book = book(20)
        // The same connection: it was doubled on the way, and chunks overtook it.
        #expect(code(book.greet(hello(2), from: link, at: 2)) == nil)
        #expect(code(book.greet(hello(2), from: [2], at: 2)) == "SEQ_REUSED")
        #expect(code(book.greet(hello(21), from: [2], at: 2)) == nil)
    }

    @Test func `other content under a number that the log alone remembers is refused`() {
        var logged = LoggedReceipts(journal: 3)
        for number in UInt64(1)...20 { logged.note(number, of: stream, check: 7) }
        logged.note(30, of: stream, check: 7)
        var book = ReceiptBook(logged)
        #expect(code(book.greet(hello(25), from: link, at: 2)) == "SEQ_REUSED")
        #expect(code(book.greet(hello(31), from: link, at: 2)) == nil)
        func verdict(_ number: UInt64, _ check: UInt32) -> ReceiptBook.Verdict {
            book.judge(number, of: 9, by: Sender(of: stream), check: check, from: link, at: 3)
        }
        #expect(verdict(20, 7) == .known && verdict(25, 8) == .new(stream))
        for (number, wanted) in [(UInt64(20), "SEQ_REUSED"), (30, "SEQ_REUSED"), (0, "RANGE")] {
            guard case .refused(let words) = verdict(number, 8) else {
                Issue.record("\(number) is taken")
                continue
            }
            #expect(words.code == wanted && words.retryMilliseconds == nil)
        }
    }

    @Test func `an epoch is one stream on a connection`() {
        var book = book(3)
        let other = StreamIdentity(patient: "q", device: "d", epoch: 9)
        let words = StreamHello(gateway: "g", stream: other, oldestHeld: 1, next: 2)
        #expect(code(book.greet(words, from: link, at: 2)) == "MISMATCH")
        #expect(code(book.greet(words, from: [2], at: 2)) == nil)
    }

    @Test func `the newest connection of a stream is the one that is heard`() {
        var book = book(3)
        _ = book.greet(hello(5), from: [2], at: 2)
        func verdict(_ link: [UInt8]) -> ReceiptBook.Verdict {
            book.judge(4, of: 9, by: Sender(of: stream), check: 7, from: link, at: 2)
        }
        #expect(verdict([2]) == .new(stream))
        guard case .refused(let words) = verdict(link) else {
            Issue.record("taken")
            return
        }
        #expect(words.code == "STALL" && words.retryMilliseconds == 100)
    }

    @Test func `nothing becomes durable once the log has failed, and chunks are taken on`() {
        var book = book(5)
        book.failLog()
        for number in UInt64(6)...300 {
            _ = book.judge(number, of: 9, by: Sender(of: stream), check: 7, from: link, at: 1)
            book.take(number, of: stream, check: 7, position: nil, at: 1)
        }
        book.advance(through: 1_000)
        let answers = book.takeAnswers(at: 1_000_000_000)
        guard case .acknowledgement(let words)? = answers.last?.reply else {
            Issue.record("no acknowledgement")
            return
        }
        #expect(words.receivedThrough == 300 && words.durableThrough == 5)
        #expect(book.chunkCount <= 2 * Int(ReceivedNumbers.window))
    }

    @Test func `streams are bounded, and one of which chunks come keeps its place`() {
        var limits = ReceiptBook.Limits()
        limits.streamsMax = 2
        limits.idle = 100
        var book = ReceiptBook(LoggedReceipts(journal: 3), limits: limits)
        func greet(_ device: String, _ epoch: UInt64, at now: Int64, takes: Bool = true) -> String? {
            let other = StreamIdentity(patient: "p", device: device, epoch: epoch)
            let words = StreamHello(gateway: "g", stream: other, oldestHeld: 1, next: 2)
            let answer = code(book.greet(words, from: link, at: now))
            if takes { book.take(1, of: other, check: 7, position: nil, at: now) }
            return answer
        }
        #expect(greet("d1", 1, at: 0) == nil && greet("d2", 2, at: 50) == nil)
        #expect(greet("d3", 3, at: 99) == "FULL")
        #expect(greet("d3", 3, at: 100, takes: false) == nil && book.streamCount == 2)
        #expect(greet("d4", 4, at: 101) == nil, "a HELLO alone keeps no place")
        #expect(greet("d2", 5, at: 102) == nil, "another epoch of a device takes the place of the one before")
        #expect(greet("d1", 6, at: 103) == "FULL" && book.streamCount == 2)
    }
}
