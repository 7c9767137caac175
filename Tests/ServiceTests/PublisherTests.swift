import ECGSignal
import Findings
import Logging
import Messaging
import Station
import Synchronization
import TestSupport
import Testing
import Threads
import Wire
import ZeroMQ

@testable import Service

/// The publisher under more events than it can write.
@Suite struct PublisherTests {
    /// A publication of its own with its queue, its sockets on inproc endpoints.
    private struct Bench: ~Copyable {
        let context: Context
        let queue: EventQueue
        let replies: ControlReplies
        let events: Endpoint
        var publication: Publication

        init() throws {
            let context = try Context()
            let wakeUp = try WakeUp()
            let queue = EventQueue(wakeUp: wakeUp)
            let clocks = Clocks()
            let socket = try EventSocket(
                try Endpoint("ipc://*"),
                sendHighWaterMark: 1_000,
                in: context,
                wakeUp: wakeUp
            )
            let endpoint = socket.endpoint
            let replies = ControlReplies(
                run: "r",
                source: "/shinden/test",
                modelName: "narrow",
                model: NarrowModel.shared,
                limits: .init(),
                names: .plain,
                state: DaemonState(workers: 1),
                clocks: clocks
            )
            self.context = context
            self.queue = queue
            self.replies = replies
            events = endpoint
            publication = Publication(
                socket,
                outbox: queue,
                wakeUp: wakeUp,
                replies: replies,
                clocks: clocks,
                log: Logger(label: "none", factory: { _ in SwiftLogNoOpLogHandler() })
            )
        }
    }

    private static let event = Event(
        .technical(
            TechnicalEvent(
                subject: .endpoint("frames"),
                code: .late,
                phase: .update,
                priority: .low,
                firstSample: nil,
                count: 1,
                ordinal: 1,
                detail: ""
            )
        ),
        time: 0
    )

    @Test func `a turn sends one event, however many wait`() throws {
        var bench = try Bench()
        for _ in 0..<1_000 { bench.queue.push(Self.event, frame: nil) }
        for sent in 1...1_000 {
            let goesOn = try bench.publication.turn()
            #expect(goesOn)
            #expect(bench.replies.counts.published.value == sent)
        }
        #expect(bench.queue.count == 0)
    }

    @Test func `requests are answered though the publisher writes nothing and its queue is full`() throws {
        let bench = try Bench()
        while bench.queue.count < 4_096 { bench.queue.push(Self.event, frame: nil) }
        let stop = try WakeUp()
        let isStopping = SharedFlag()
        let opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>(countMax: 1)
        let answering = ControlThread(
            control: try Endpoint("ipc://*"),
            context: bench.context,
            replies: bench.replies,
            stop: stop,
            isStopping: isStopping,
            opened: opened
        )
        let thread = try WorkerThread.start(name: "control") { answering.run() }
        let endpoint = try #require(try opened.pop(limit: 1)?.first?.get().first)
        var asker = try ControlAsker(endpoint, in: bench.context)
        for _ in 0..<50 {
            let reply = try asker.ask(.status, patience: Patience.limit(.seconds(10)))
            #expect(StatusReport(reply).service.eventsPublished == 0)
        }
        #expect(bench.queue.count == 4_096)
        isStopping.isSet = true
        stop.signal()
        thread.join()
    }

    @Test func `hearts beat while the queue of events never is empty`() throws {
        var bench = try Bench()
        let queue = bench.queue
        let isOver = Mutex(false)
        // As fast as the queue takes them, which is faster than they can be written.
        let source = try WorkerThread.start(name: "source") {
            while !isOver.withLock({ $0 }) { queue.push(Self.event, frame: nil) }
        }
        let reader = try Socket(.sub, in: Context())
        try reader.subscribe(Array("ev1._.heartbeat.".utf8))
        try reader.connect(bench.events)
        var beats = 0
        var patience = Patience()
        while beats < 2, !patience.isOver() {
            let goesOn = try bench.publication.turn()
            #expect(goesOn)
            while case .message = try reader.receive(maximumParts: 2) { beats += 1 }
        }
        #expect(beats >= 2)
        isOver.withLock { $0 = true }
        // What the source waits with goes in once there is room.
        while try bench.publication.turn(), queue.count > 0 {}
        source.join()
    }

    @Test func `the end sends what is there and then a last beat`() throws {
        var bench = try Bench()
        let reader = try Socket(.sub, in: Context())
        try reader.subscribe([])
        try reader.connect(bench.events)
        // A first beat shows the subscription.
        var isHeard = false
        var patience = Patience()
        while !isHeard, !patience.isOver() {
            _ = try bench.publication.turn()
            if case .message = try reader.receive(maximumParts: 2) { isHeard = true }
        }
        for _ in 0..<100 { bench.queue.push(Self.event, frame: nil) }
        bench.queue.close()
        while try bench.publication.turn() {}
        var topics: [String] = []
        while try !reader.wait(for: .readable, timeout: Patience.limit(.seconds(1))).isEmpty {
            guard case .message(let parts) = try reader.receive(maximumParts: 2) else { break }
            topics.append(String(decoding: parts[0], as: UTF8.self))
            let told = topics.count { $0.contains("tech") }
            if told == 100, topics.last?.contains("heartbeat") == true { break }
        }
        #expect(topics.count { $0.contains("tech") } == 100)
        #expect(topics.last == "ev1._.heartbeat._.")
    }
}
