import ECGSignal
import Findings
import Logging
import Messaging
import TestSupport
import Testing
import Threads
import Wire
import ZeroMQ

@testable import Service

/// Who looks at whom, and what reaches them.
@Suite struct WaveTests {
    private func notice(_ prefix: String, subscribes: Bool = true) throws -> SubscriptionNotice {
        try #require(SubscriptionNotice([[subscribes ? 1 : 0] + Array(prefix.utf8)]))
    }

    private func block(_ patient: String, _ band: TraceBlock.Band = .monitor, start: Int64 = 0) -> TraceBlock
    {
        TraceBlock(
            stream: StreamIdentity(patient: patient, device: "d", epoch: 1),
            band: band,
            start: start,
            time: 0,
            leads: LeadSet([.ii]),
            derived: [],
            isPatch: false,
            values: Array(repeating: 1, count: band.sampleCount)
        )
    }

    @Test(arguments: [
        ("", 2, 2), ("w", 2, 2), ("wv1.", 2, 2), ("wv1._.", 2, 2), ("wv1._.m", 2, 0), ("wv1._.m.", 2, 0),
        ("wv1._.d.", 0, 2), ("wv1._.m.p1.", 1, 0), ("wv1._.d.p1.", 0, 1), ("wv1._.m.p", 2, 0),
        ("wv1._.m.p1", 2, 0), ("wv1._.m.q.", 0, 0), ("wv1.3.m.", 0, 0), ("ev1.", 0, 0),
    ]) func `a subscription is a wish for the patients whose topics begin so`(
        prefix: String,
        monitor: Int,
        diagnostic: Int
    ) throws {
        var subscriptions = WaveSubscriptions()
        #expect(subscriptions.wishes.isEmpty)
        subscriptions.take(try notice(prefix))
        let bands = ["p1", "p10"].flatMap(subscriptions.wishes.bands(of:))
        #expect(bands.count { $0 == .monitor } == monitor)
        #expect(bands.count { $0 == .diagnostic } == diagnostic)
        subscriptions.take(try notice(prefix))
        subscriptions.take(try notice(prefix, subscribes: false))
        #expect(["p1", "p10"].flatMap(subscriptions.wishes.bands(of:)) == bands)
        subscriptions.take(try notice(prefix, subscribes: false))
        #expect(subscriptions.wishes.isEmpty)
        subscriptions.take(try notice(prefix, subscribes: false))
        #expect(subscriptions.wishes.isEmpty)
    }

    @Test func `a flood of subscriptions takes bounded memory`() throws {
        var subscriptions = WaveSubscriptions()
        for number in 0..<WaveSubscriptions.prefixesMax { subscriptions.take(try notice("x\(number)")) }
        subscriptions.take(try notice("wv1._.m."))
        #expect(subscriptions.wishes.isEmpty)
        subscriptions.take(try notice("x7", subscribes: false))
        subscriptions.take(try notice("wv1._.m."))
        #expect(!subscriptions.wishes.isEmpty)
    }

    @Test func `a full queue loses pictures and nobody waits`() throws {
        let queue = WaveQueue(wakeUp: try WakeUp())
        queue.offer((0..<MemoryBound.waveBlocks + 100).map { block("p1", start: Int64($0) * 100) })
        var taken = 0
        while let some = queue.take(limit: 1_000), !some.isEmpty { taken += some.count }
        #expect(taken == MemoryBound.waveBlocks)
        queue.close()
        queue.offer([block("p1")])
        #expect(queue.take(limit: 1) == nil)
    }

    @Test func `the workers learn who looks, and those who look are sent what they look at`() throws {
        let queue = WaveQueue(wakeUp: try WakeUp())
        let opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>(countMax: 1)
        let context = try Context()
        let showing = WaveThread(
            endpoint: try Endpoint("ipc://*"),
            context: context,
            queue: queue,
            state: DaemonState(workers: 1),
            log: Logger(label: "none", factory: { _ in SwiftLogNoOpLogHandler() }),
            opened: opened
        )
        let thread = try WorkerThread.start(name: "waves") { showing.run() }
        let endpoint = try #require(try opened.pop(limit: 1)?.first?.get().first)
        var seen = 0
        #expect(queue.newWishes(since: &seen) == nil)

        var reader = try WaveReader(endpoint, in: Context(), wakeUp: try WakeUp())
        try reader.look(at: [Topic.wave(band: .diagnostic, patient: "p1")])
        var wishes: TraceWishes?
        var patience = Patience()
        while wishes == nil, !patience.isOver() {
            try reader.wait(.milliseconds(10))
            wishes = queue.newWishes(since: &seen)
        }
        #expect(wishes == TraceWishes(diagnostic: ["p1."]))

        queue.offer([block("p1"), block("p2", .diagnostic), block("p1", .diagnostic, start: 300)])
        queue.offer([block("p1", .diagnostic, start: 400)])
        var read: [WaveReader.Read] = []
        while read.count < 2, !patience.isOver() {
            try reader.wait(.milliseconds(10))
            while let next = try reader.next() { read.append(next) }
        }
        #expect(read.map(\.patient) == ["p1", "p1"])
        #expect(read.map(\.message.start) == [300, 400])
        #expect(read.map(\.message.number) == [1, 2])

        try reader.look(at: [])
        while wishes?.isEmpty != true, !patience.isOver() {
            try reader.wait(.milliseconds(10))
            wishes = queue.newWishes(since: &seen) ?? wishes
        }
        #expect(wishes?.isEmpty == true)
        queue.close()
        thread.join()
    }
}
