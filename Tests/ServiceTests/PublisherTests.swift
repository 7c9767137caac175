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
        let control: Endpoint
        let events: Endpoint
        var publication: Publication

        init(control: String = "ipc://*") throws {
            let context = try Context()
            let wakeUp = try WakeUp()
            let queue = EventQueue(wakeUp: wakeUp)
            let clocks = Clocks()
            let socket = try EventSocket(
                events: try Endpoint("ipc://*"),
                control: try Endpoint(control),
                sendHighWaterMark: 1_000,
                in: context,
                wakeUp: wakeUp
            )
            let endpoints = socket.endpoints
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
            events = endpoints.events
            self.control = endpoints.control
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

    @Test func `a request that is there is answered in the turn at hand, after one event at most`() throws {
        var bench = try Bench(control: "inproc://control")
        for _ in 0..<4_000 { bench.queue.push(Self.event, frame: nil) }
        // Within one process a message is in the other socket as soon as it is sent.
        let asker = try Socket(.dealer, in: bench.context)
        try asker.connect(bench.control)
        for round in 1...200 {
            let sent = try asker.send([ControlRequest(.status, name: "\(round)").bytes], blocking: true)
            #expect(sent == .sent)
            let goesOn = try bench.publication.turn()
            #expect(goesOn)
            guard case .message(let parts) = try asker.receive(maximumParts: 1) else {
                Issue.record("no answer in turn \(round)")
                return
            }
            let reply = try #require(ControlReply(parsing: parts[0]))
            #expect(reply.name == "\(round)")
            #expect(StatusReport(reply).service.eventsPublished == round)
        }
    }

    @Test func `requests are answered and hearts beat while the queue of events never is empty`() throws {
        var bench = try Bench()
        let queue = bench.queue
        let isOver = Mutex(false)
        // As fast as the queue takes them, which is faster than they can be written.
        let source = try WorkerThread.start(name: "source") {
            while !isOver.withLock({ $0 }) { queue.push(Self.event, frame: nil) }
        }
        let asker = try Socket(.dealer, in: Context())
        try asker.connect(bench.control)
        let reader = try Socket(.sub, in: Context())
        try reader.subscribe(Array("ev1._.heartbeat.".utf8))
        try reader.connect(bench.events)
        var answers = 0
        var beats = 0
        var isAsked = false
        var patience = Patience()
        while answers < 20 || beats < 2, !patience.isOver() {
            if !isAsked {
                isAsked = try asker.send([Array(#"{"op":"STATUS","request":"q"}"#.utf8)]) == .sent
            }
            let goesOn = try bench.publication.turn()
            #expect(goesOn)
            if case .message = try asker.receive(maximumParts: 3) {
                answers += 1
                isAsked = false
            }
            while case .message = try reader.receive(maximumParts: 2) { beats += 1 }
        }
        #expect(answers >= 20 && beats >= 2)
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
