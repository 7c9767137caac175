import Synchronization
import TestSupport
import Testing
import Threads
import ZeroMQ

struct PublishingTests {
    @Test func `a connecting XPUB hears the subscriptions of a bound SUB and their end`() throws {
        let context = try Context()
        let reader = try Socket(.sub, in: context)
        let publisher = try Socket(.xpub, in: context)
        try reader.subscribe(Array("ecg1.".utf8))
        try publisher.connect(reader.bind(anyPort()))
        #expect(try notice(from: publisher, at: reader) == SubscriptionNotice([[1] + Array("ecg1.".utf8)]))
        #expect(try publisher.send([Array("ecg1.p".utf8), [5]]) == .sent)
        #expect(try publisher.send([Array("ecg2.p".utf8), [6]]) == .sent)
        #expect(try publisher.send([Array("ecg1.q".utf8), [7]]) == .sent)
        #expect(try reader.next() == .message([Array("ecg1.p".utf8), [5]]))
        #expect(try reader.next() == .message([Array("ecg1.q".utf8), [7]]))
        try reader.unsubscribe(Array("ecg1.".utf8))
        #expect(try notice(from: publisher, at: reader) == SubscriptionNotice([[0] + Array("ecg1.".utf8)]))
    }

    @Test func `an equal second subscription is heard too, from SUB and XSUB`() throws {
        let context = try Context()
        let publisher = try Socket(.xpub, in: context)
        let bound = try publisher.bind(anyPort())
        let first = try Socket(.sub, in: context)
        let second = try Socket(.xsub, in: context)
        try first.connect(bound)
        try first.subscribe([65])
        #expect(try publisher.next() == .message([[1, 65]]))
        try second.connect(bound)
        try second.subscribe([65])
        #expect(try publisher.next() == .message([[1, 65]]))
    }

    @Test func `a subscription longer than the limit costs its sender the link, nobody else`() throws {
        let context = try Context()
        let log = Log()
        let publisher = try Socket(.xpub, in: context)
        try publisher.monitor { log.add($0) }
        let bound = try publisher.bind(anyPort())
        let greedy = try Socket(.sub, in: context)
        try greedy.connect(bound)
        try greedy.subscribe(Array(repeating: 1, count: 600))
        #expect(eventually { log.count(.disconnected) > 0 })
        let modest = try Socket(.sub, in: context)
        try modest.connect(bound)
        try modest.subscribe([2])
        #expect(try publisher.next() == .message([[1, 2]]))
    }

    @Test func `without drop a blocking publisher loses nothing at a slow reader`() throws {
        let context = try Context()
        let reader = try Socket(.sub, in: context, options: narrow())
        try reader.subscribe([])
        let bound = try reader.bind(anyPort())
        let outcome = Outcome()
        let thread = try WorkerThread.start(name: "publisher") {
            outcome.run {
                var options = narrow()
                options.xpubNoDrop = true
                options.linger = limit
                let publisher = try Socket(.xpub, in: context, options: options)
                try publisher.connect(bound)
                _ = try publisher.next()
                for number in 0..<total where try publisher.send(large(number)) != .sent {
                    outcome.refusals.withLock { $0 += 1 }
                    _ = try publisher.send(large(number), blocking: true)
                }
            }
        }
        // Nothing is read until the publisher stands: what it sent has filled every buffer on the way.
        #expect(
            try eventually {
                _ = try reader.wait(for: .readable, timeout: .zero)
                return outcome.refusals.withLock { $0 > 0 }
            }
        )
        for number in 0..<total {
            let received = try reader.next()
            try #require(received == .message(large(number)), "message \(number)")
        }
        thread.join()
        #expect(outcome.failure.withLock { $0 } == nil)
    }

    @Test func `with drop a slow reader never holds the publisher and gets whole messages in order`() throws {
        let context = try Context()
        let reader = try Socket(.sub, in: context, options: narrow())
        try reader.subscribe([])
        let publisher = try Socket(.xpub, in: context, options: narrow())
        try publisher.connect(reader.bind(anyPort()))
        #expect(try notice(from: publisher, at: reader) != nil)
        for number in 0..<total { #expect(try publisher.send(large(number), blocking: true) == .sent) }
        // A last word, said until it gets through, ends the reading.
        var numbers: [Int] = []
        let heard = try eventually {
            _ = try publisher.send([[0xff]])
            while case .message(let parts) = try reader.receive(maximumParts: 5) {
                if parts == [[0xff]] { return true }
                let number = Int(parts[0][0]) << 8 | Int(parts[0][1])
                #expect(parts == large(number))
                numbers.append(number)
            }
            return false
        }
        #expect(heard)
        #expect(!numbers.isEmpty && numbers.count < total)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `what was sent before the socket and its context went arrives within the linger`() throws {
        let context = try Context()
        let reader = try Socket(.sub, in: context)
        try reader.subscribe([])
        let bound = try reader.bind(anyPort())
        let outcome = Outcome()
        let thread = try WorkerThread.start(name: "publisher") {
            outcome.run {
                let own = try Context()
                var options = SocketOptions()
                options.linger = limit
                options.sendHighWaterMark = 0
                let publisher = try Socket(.xpub, in: own, options: options)
                try publisher.connect(bound)
                _ = try publisher.next()
                for number in 0..<total { _ = try publisher.send(large(number)) }
                own.close()
            }
        }
        for number in 0..<total {
            let received = try reader.next()
            try #require(received == .message(large(number)), "message \(number)")
        }
        thread.join()
        #expect(outcome.failure.withLock { $0 } == nil)
    }

    @Test func `a notice is read only from what is one`() {
        #expect(SubscriptionNotice([[1]]) == SubscriptionNotice([[1] + []]))
        #expect(SubscriptionNotice([[1, 9]])?.prefix == [9])
        #expect(SubscriptionNotice([]) == nil)
        #expect(SubscriptionNotice([[]]) == nil)
        #expect(SubscriptionNotice([[2, 9]]) == nil)
        #expect(SubscriptionNotice([[1], [2]]) == nil)
    }
}

private let total = 300

/// Queues that hold little, so that 300 messages of 64 KB (19 MB) fill them and the system's TCP buffers.
private func narrow() -> SocketOptions {
    var options = SocketOptions()
    options.sendHighWaterMark = 4
    options.receiveHighWaterMark = 4
    return options
}

/// Message `number` in two parts.
private func large(_ number: Int) -> [[UInt8]] {
    [[UInt8(number >> 8), UInt8(number & 255)], Array(repeating: UInt8(number & 127), count: 65_000)]
}
