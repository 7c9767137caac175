import TestSupport
import Testing
import ZeroMQ

struct MonitorTests {
    @Test func `a monitor sees a peer come and go`() throws {
        let context = try Context()
        let log = Log()
        let router = try Socket(.router, in: context)
        try router.monitor { log.add($0) }
        let bound = try router.bind(anyPort())
        #expect(eventually { log.count(.listening) == 1 })
        try passingPeer(context, bound, log)
        #expect(eventually { log.count(.disconnected) == 1 })
        #expect(log.count(.accepted) == 1 && log.count(.handshakeSucceeded) == 1)
    }

    @Test func `a monitored socket stays usable through 1,000 connections`() throws {
        let context = try Context()
        let log = Log()
        let router = try Socket(.router, in: context)
        try router.monitor { log.add($0) }
        let bound = try router.bind(anyPort())
        for _ in 0..<1_000 { _ = try RawPeer(to: bound) }
        #expect(eventually { log.count(.accepted) == 1_000 })
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(bound)
        #expect(try dealer.send([[1]], blocking: true) == .sent)
        guard case .message(let parts) = try router.next() else {
            Issue.record("nothing arrived")
            return
        }
        #expect(parts.last == [1])
    }

    @Test func `a stopped monitor is silent, and can be started again, once at a time`() throws {
        let context = try Context()
        let first = Log()
        let second = Log()
        let router = try Socket(.router, in: context)
        try router.monitor { first.add($0) }
        do throws(ZeroMQError) {
            try router.monitor { first.add($0) }
            Issue.record("two monitors of one socket")
        } catch { #expect(error.reason == .invalid) }
        for _ in 0..<100 {
            router.stopMonitor()
            router.stopMonitor()
            try router.monitor { second.add($0) }
        }
        try router.bind(anyPort())
        #expect(eventually { second.count(.listening) == 1 })
        #expect(first.count(.listening) == 0)
    }

    @Test(arguments: [true, false])
    func `a monitored socket goes, before or after its context was closed`(closed: Bool) throws {
        let log = Log()
        for _ in 0..<50 {
            let context = try Context()
            let router = try Socket(.router, in: context)
            try router.monitor { log.add($0) }
            try router.bind(anyPort())
            if closed { context.close() }
        }
        if !closed { #expect(log.count(.listening) == 50) }
    }
}

/// A peer that is gone when this returns.
private func passingPeer(_ context: Context, _ bound: Endpoint, _ log: Log) throws {
    let dealer = try Socket(.dealer, in: context)
    try dealer.connect(bound)
    #expect(eventually { log.count(.handshakeSucceeded) == 1 })
}
