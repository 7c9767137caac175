import ECGSignal
import TestSupport
import Testing
import ZeroMQ

@testable import Service

/// What is known of the links, from what libzmq's monitor tells of them and from the messages that come by them.
@Suite struct LinkTableTests {
    private static let second: MonotonicNanoseconds = 1_000_000_000
    private static let a = Array("ecg1.00.a.d.".utf8)
    private static let b = Array("ecg1.00.b.d.".utf8)

    private var table = LinkTable()
    private var now: MonotonicNanoseconds = 0

    private mutating func see(_ kind: MonitorEvent.Kind, _ descriptor: UInt32 = 0) -> LinkTable.Notice? {
        now += 1_000
        return table.see(
            MonitorEvent(kind: kind, endpoint: "bound", value: descriptor),
            of: "frames",
            at: now
        )
    }

    private mutating func hear(_ descriptor: UInt32, _ topic: [UInt8]) -> LinkTable.Notice? {
        now += 1_000
        return table.hear(descriptor, topic: topic, at: "frames", now: now)
    }

    /// A peer that has got through its handshake.
    private mutating func connect(_ descriptor: UInt32) {
        #expect(see(.accepted, descriptor) == nil)
        #expect(see(.handshakeSucceeded) == nil)
    }

    @Test mutating func `a gateway that goes on by a new link was dropped, once for each link`() {
        connect(7)
        #expect(hear(7, Self.a) == nil)
        #expect(hear(7, Self.b) == nil)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        connect(7)
        #expect(hear(7, Self.a) == .returned(endpoint: "frames"))
        #expect(hear(7, Self.b) == nil, "its second topic is no second link")
        #expect(table.droppedCount == 1)
        #expect(table.peerCount == 1)
    }

    @Test mutating func `what is read late of a link that is over is no sender that is back`() {
        connect(7)
        #expect(hear(7, Self.a) == nil)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        #expect(hear(7, Self.a) == nil && hear(7, Self.b) == nil)
        #expect(table.droppedCount == 0 && table.peerCount == 0)
        connect(7)
        #expect(hear(7, Self.a) == .returned(endpoint: "frames"))
    }

    @Test mutating func `two gateways one after the other are no dropped link`() {
        connect(7)
        #expect(hear(7, Self.a) == nil)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        connect(7)
        #expect(hear(7, Self.b) == nil)
        #expect(table.droppedCount == 0)
    }

    @Test mutating func `another gateway's link that came before the loss does not count`() {
        connect(7)
        connect(8)
        #expect(hear(7, Self.a) == nil)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        #expect(hear(8, Self.a) == nil, "two send the same topic")
        #expect(table.droppedCount == 0)
    }

    @Test mutating func `who comes back later than 5 s has begun anew`() {
        connect(7)
        #expect(hear(7, Self.a) == nil)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        now += 5 * Self.second
        connect(7)
        #expect(hear(7, Self.a) == nil)
        #expect(table.droppedCount == 0)
    }

    @Test mutating func `a peer that is cut off without a handshake has a socket of another type`() {
        connect(7)
        #expect(see(.accepted, 8) == nil)
        #expect(see(.disconnected, 8) == .refused(endpoint: "frames"))
        #expect(table.peerCount == 1, "it never was a peer")
    }

    @Test mutating func `whom the doorkeeper refused never was a peer, and the doorkeeper tells of it`() {
        connect(7)
        #expect(see(.accepted, 8) == nil)
        #expect(see(.handshakeFailedAuthentication) == nil)
        #expect(see(.disconnected, 8) == nil)
        #expect(table.peerCount == 1)
        // The next one is told about as before.
        #expect(see(.accepted, 9) == nil)
        #expect(see(.disconnected, 9) == .refused(endpoint: "frames"))
    }

    @Test(arguments: [MonitorEvent.Kind.handshakeFailedNoDetail, .handshakeFailedProtocol])
    mutating func `a stranger whose handshake fails never was a peer`(kind: MonitorEvent.Kind) {
        connect(7)
        #expect(see(.accepted, 8) == nil)
        #expect(see(kind) == nil)
        #expect(see(.disconnected, 8) == .refused(endpoint: "frames"))
        #expect(table.peerCount == 1)
        #expect(see(.disconnected, 7) == .lost(endpoint: "frames"))
        #expect(table.peerCount == 0)
    }

    @Test mutating func `a peer that sends nothing that is taken is told about once, after 10 s`() {
        connect(7)
        connect(8)
        #expect(hear(8, Self.a) == nil)
        now += 10 * Self.second - 10_000
        #expect(table.tick(at: now) == [])
        now += 10_000
        #expect(table.tick(at: now) == [.unheard(endpoint: "frames")])
        #expect(table.tick(at: now + Self.second) == [])
    }

    @Test mutating func `of two handshakes at once the message tells whose succeeded`() {
        #expect(see(.accepted, 7) == nil)
        #expect(see(.accepted, 8) == nil)
        #expect(see(.handshakeSucceeded) == nil)
        #expect(hear(8, Self.a) == nil)
        #expect(table.peerCount == 1)
        #expect(see(.disconnected, 7) == .refused(endpoint: "frames"))
        #expect(table.peerCount == 1)
    }

    @Test(arguments: seeds(100)) mutating func `peers are counted right whatever comes and goes`(seed: UInt64)
    {
        var generator = SeededGenerator(seed: seed)
        var connected: Set<UInt32> = []
        for step in 0..<300 {
            let descriptor = UInt32.random(in: 5...30, using: &generator)
            if connected.contains(descriptor) {
                if Bool.random(using: &generator) {
                    _ = hear(descriptor, Array("ecg1.00.p\(step % 9).d.".utf8))
                } else {
                    #expect(see(.disconnected, descriptor) == .lost(endpoint: "frames"))
                    connected.remove(descriptor)
                }
            } else {
                #expect(see(.accepted, descriptor) == nil)
                switch Int.random(in: 0...3, using: &generator) {
                case 0: #expect(see(.disconnected, descriptor) == .refused(endpoint: "frames"))
                case 1:
                    #expect(see(.handshakeFailedNoDetail) == nil)
                    #expect(see(.disconnected, descriptor) == .refused(endpoint: "frames"))
                default:
                    #expect(see(.handshakeSucceeded) == nil)
                    connected.insert(descriptor)
                }
            }
            #expect(table.peerCount == connected.count, "seed \(seed), step \(step)")
        }
    }
}
