import TestSupport
import Testing
import ZeroMQ

struct LinkTests {
    @Test func `a port in use is an address in use, and the error says which`() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        let bound = try first.bind(anyPort())
        let second = try Socket(.sub, in: context)
        do throws(ZeroMQError) {
            try second.bind(bound)
            Issue.record("bound twice")
        } catch {
            #expect(error.reason == .addressInUse)
            #expect(error.call == "zmq_bind" && error.endpoint == bound.text)
            #expect(error.description.contains(bound.text))
        }
    }

    @Test func `an address of another machine is not available`() throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        do throws(ZeroMQError) {
            try socket.bind(Endpoint("tcp://192.0.2.1:*"))
            Issue.record("bound elsewhere")
        } catch { #expect(error.reason == .addressNotAvailable) }
    }

    @Test func `an unbound port can be bound again`() throws {
        let context = try Context()
        let first = try Socket(.router, in: context)
        let bound = try first.bind(anyPort())
        #expect(bound.text.hasPrefix("tcp://127.0.0.1:"))
        try first.unbind(bound)
        let rebound = try eventually {
            do throws(ZeroMQError) {
                try first.bind(bound)
                return true
            } catch {
                if error.reason == .addressInUse { return false }
                throw error
            }
        }
        #expect(rebound)
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(bound)
        #expect(try dealer.send([[3]], blocking: true) == .sent)
        #expect(try router(first) == [3])
    }

    @Test func `an oversized frame costs its sender the link, not the neighbours, and it comes back`() throws
    {
        let context = try Context()
        let log = Log()
        var small = SocketOptions()
        small.maxMessageBytes = 1_024
        let reader = try Socket(.sub, in: context, options: small)
        try reader.monitor { log.add($0) }
        try reader.subscribe([])
        let bound = try reader.bind(anyPort())
        let good = try Socket(.xpub, in: context)
        let bad = try Socket(.xpub, in: context)
        try good.connect(bound)
        try bad.connect(bound)
        #expect(try notice(from: good, at: reader) != nil)
        #expect(try notice(from: bad, at: reader) != nil)
        #expect(try bad.send([[1], Array(repeating: 1, count: 1_025)]) == .sent)
        #expect(eventually { log.count(.disconnected) == 1 })
        #expect(try good.send([[2], Array(repeating: 2, count: 1_024)]) == .sent)
        #expect(try reader.next() == .message([[2], Array(repeating: 2, count: 1_024)]))
        // Back again: its old queue is kept, so the subscription is heard once more and no end of the first.
        #expect(try notice(from: bad, at: reader)?.subscribes == true)
        #expect(try bad.send([[3]]) == .sent)
        #expect(try reader.next() == .message([[3]]))
        #expect(eventually { log.count(.handshakeSucceeded) == 3 })
        #expect(log.count(.disconnected) == 1)
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"])
    func `a stranger is dropped at the end of the handshake's time and others go on`(words: String) throws {
        let context = try Context()
        var hasty = SocketOptions()
        // Long enough for the honest peer's own handshake on a busy machine.
        hasty.handshakeInterval = Patience.limit(.milliseconds(200))
        // One that waits far longer, with a stranger of its own that has been there for longer.
        var calm = SocketOptions()
        calm.handshakeInterval = Patience.limit(.seconds(600))
        let calmReader = try Socket(.sub, in: context, options: calm)
        let calmStranger = try RawPeer(to: calmReader.bind(anyPort()))
        #expect(calmStranger.send(Array(words.utf8)))
        let reader = try Socket(.sub, in: context, options: hasty)
        try reader.subscribe([])
        let bound = try reader.bind(anyPort())
        let stranger = try RawPeer(to: bound)
        #expect(stranger.send(Array(words.utf8)))
        let publisher = try Socket(.xpub, in: context)
        try publisher.connect(bound)
        #expect(try notice(from: publisher, at: reader) != nil)
        #expect(try publisher.send([[1]]) == .sent)
        #expect(try reader.next() == .message([[1]]))
        #expect(stranger.isClosedByPeer())
        #expect(!calmStranger.isClosed, "the set time decides, not the stranger")
        #expect(try publisher.send([[2]]) == .sent)
        #expect(try reader.next() == .message([[2]]))
    }

    @Test func `a stranger's bytes may come in as messages, as ZMTP 1.0 has no greeting, and others go on`()
        throws
    {
        let context = try Context()
        let reader = try Socket(.sub, in: context)
        try reader.subscribe([])
        let bound = try reader.bind(anyPort())
        let stranger = try RawPeer(to: bound)
        // An identity of length 1 (its flags), then a frame of length 3: flags 0 and two bytes.
        #expect(stranger.send([1, 0, 3, 0, 88, 89]))
        #expect(try reader.next() == .message([[88, 89]]))
        let publisher = try Socket(.xpub, in: context)
        try publisher.connect(bound)
        #expect(try notice(from: publisher, at: reader) != nil)
        #expect(try publisher.send([[1]]) == .sent)
        #expect(try reader.next() == .message([[1]]))
    }

    @Test func `a peer that answers no heartbeat is given up, and without heartbeats it is kept`() throws {
        let context = try Context()
        let patientLog = Log()
        var patient = SocketOptions()
        patient.heartbeatInterval = .zero
        let patientReader = try Socket(.sub, in: context, options: patient)
        try patientReader.monitor { patientLog.add($0) }
        let kept = try RawPeer(to: patientReader.bind(anyPort()))
        #expect(kept.send(RawPeer.greeting + RawPeer.ready))
        #expect(eventually { patientLog.count(.handshakeSucceeded) == 1 })
        let log = Log()
        var options = SocketOptions()
        options.heartbeatInterval = .milliseconds(50)
        options.heartbeatTimeout = .milliseconds(200)
        let reader = try Socket(.sub, in: context, options: options)
        try reader.monitor { log.add($0) }
        let silent = try RawPeer(to: reader.bind(anyPort()))
        #expect(silent.send(RawPeer.greeting + RawPeer.ready))
        #expect(eventually { log.count(.handshakeSucceeded) == 1 })
        #expect(silent.isClosedByPeer())
        #expect(eventually { log.count(.disconnected) == 1 })
        #expect(!kept.isClosed, "it was there for longer and answered as little")
    }

    @Test func `back-pressure costs a link with heartbeats and none without, which then loses nothing`()
        throws
    {
        let context = try Context()
        let log = Log()
        var beating = SocketOptions()
        beating.heartbeatInterval = .milliseconds(50)
        beating.heartbeatTimeout = .milliseconds(200)
        beating.receiveHighWaterMark = 4
        let cutReader = try Socket(.sub, in: context, options: beating)
        try cutReader.monitor { log.add($0) }
        var calm = SocketOptions()
        calm.receiveHighWaterMark = 4
        let calmLog = Log()
        let calmReader = try Socket(.sub, in: context, options: calm)
        try calmReader.monitor { calmLog.add($0) }
        var options = SocketOptions()
        options.xpubNoDrop = true
        options.sendHighWaterMark = 4
        // No room for so long: every queue and buffer on the way is full.
        options.sendTimeout = Patience.limit(.milliseconds(200))
        let cut = try Socket(.xpub, in: context, options: options)
        let kept = try Socket(.xpub, in: context, options: options)
        let large = [UInt8](repeating: 0, count: 65_000)
        // The one without heartbeats is filled first, so it stands still for longer.
        try calmReader.subscribe([])
        try kept.connect(calmReader.bind(anyPort()))
        #expect(try notice(from: kept, at: calmReader) != nil)
        var sent = 0
        while try kept.send([[UInt8(sent & 255)], large], blocking: true) == .sent { sent += 1 }
        try cutReader.subscribe([])
        try cut.connect(cutReader.bind(anyPort()))
        #expect(try notice(from: cut, at: cutReader) != nil)
        let isCut = try eventually {
            _ = try cut.send([[1], large])
            return log.count(.disconnected) > 0
        }
        #expect(isCut, "although its peer is well")
        #expect(calmLog.count(.disconnected) == 0)
        for number in 0..<sent {
            guard case .message(let parts) = try calmReader.next() else {
                Issue.record("message \(number) of \(sent) is lost")
                return
            }
            #expect(parts[0] == [UInt8(number & 255)])
        }
    }
}

/// The body of the next message at a ROUTER.
private func router(_ socket: borrowing Socket) throws -> [UInt8]? {
    guard case .message(let parts) = try socket.next() else { return nil }
    return parts.last
}
