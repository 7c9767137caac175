import TestSupport
import Testing
import ZeroMQ

struct MultipartTests {
    @Test(arguments: seeds(20))
    func `a message comes back part by part as it was sent`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let context = try Context()
        let router = try Socket(.router, in: context)
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(router.bind(anyPort()))
        for _ in 0..<20 {
            let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...3_000, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            #expect(try dealer.send(parts, blocking: true) == .sent)
            guard case .message(let asked) = try router.next() else {
                Issue.record("seed \(seed): nothing arrived")
                return
            }
            #expect(Array(asked.dropFirst()) == parts, "seed \(seed)")
            #expect(try router.send(asked) == .sent)
            #expect(try dealer.next() == .message(parts), "seed \(seed)")
        }
    }

    @Test(arguments: [6, 7, 20_000])
    func `a message of more than 5 parts is counted and the next one arrives`(count: Int) throws {
        let context = try Context()
        let receiver = try Socket(.dealer, in: context)
        let sender = try Socket(.dealer, in: context)
        try sender.connect(receiver.bind(anyPort()))
        let five = (0..<5).map { [UInt8($0)] }
        #expect(try sender.send(Array(repeating: [1, 2, 3], count: count), blocking: true) == .sent)
        #expect(try sender.send(five, blocking: true) == .sent)
        #expect(try receiver.next() == .tooManyParts(count))
        #expect(try receiver.next() == .message(five))
        #expect(try receiver.receive(maximumParts: 5) == .nothing)
    }

    @Test func `a message without parts is refused`() throws {
        let context = try Context()
        let sender = try Socket(.dealer, in: context)
        do throws(ZeroMQError) {
            _ = try sender.send([])
            Issue.record("it was taken")
        } catch { #expect(error.reason == .invalid) }
    }

    @Test func `a dealer without a peer has no room`() throws {
        let context = try Context()
        let sender = try Socket(.dealer, in: context)
        #expect(try sender.send([[1], [2]]) == .wouldBlock)
    }

    @Test func `a blocking send ends with its time`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendTimeout = .milliseconds(20)
        let sender = try Socket(.dealer, in: context, options: options)
        #expect(try sender.send([[1], [2]], blocking: true) == .wouldBlock)
    }

    @Test func `a router says that a peer is unknown and that one has no room`() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = 2
        options.receiveHighWaterMark = 2
        let router = try Socket(.router, in: context, options: options)
        #expect(try router.send([[1, 2, 3], [4]]) == .hostUnreachable)
        #expect(try router.send([[1, 2, 3], [4]], blocking: true) == .hostUnreachable)
        let dealer = try Socket(.dealer, in: context, options: options)
        try dealer.connect(router.bind(Endpoint("inproc://router-room")))
        #expect(try dealer.send([[0]], blocking: true) == .sent)
        guard case .message(let asked) = try router.next() else {
            Issue.record("nothing arrived")
            return
        }
        var results: [SendResult] = []
        for number in 0..<8 { results.append(try router.send([asked[0], [UInt8(number)], [9]])) }
        let sent = results.count { $0 == .sent }
        #expect(sent < 8 && sent > 0)
        #expect(
            results == Array(repeating: .sent, count: sent) + Array(repeating: .wouldBlock, count: 8 - sent)
        )
        // What was sent arrives whole, in order; what was refused left nothing behind.
        for number in 0..<sent { #expect(try dealer.next() == .message([[UInt8(number)], [9]])) }
        #expect(try dealer.receive(maximumParts: 5) == .nothing)
    }
}
