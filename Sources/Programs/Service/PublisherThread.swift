internal import ECGSignal
internal import Findings
internal import Messaging
internal import Station
internal import Wire
internal import ZeroMQ

/// Owns the event and control sockets: numbers and sends events, beats, answers requests.
struct PublisherThread: Sendable {
    let events: Endpoint
    let control: Endpoint
    let context: Context
    let outbox: EventQueue
    let wakeUp: WakeUp
    let replies: ControlReplies
    /// Events that wait for one reader at most.
    let eventsAReader: Int
    let clocks: Clocks
    let opened: BoundedQueue<Result<[Endpoint], ZeroMQError>>

    /// What the loop keeps.
    private struct Counters {
        var outbox = Outbox()
        var heartbeat: UInt64 = 1
        var status: UInt64 = 1
        var nextBeat: MonotonicNanoseconds = 0
        var beats = 0
    }

    /// Until the queue is closed and empty.
    func run() {
        var hasOpened = false
        do {
            var socket = try EventSocket(
                events: events,
                control: control,
                sendHighWaterMark: Int32(eventsAReader),
                in: context,
                wakeUp: wakeUp
            )
            _ = opened.push(.success([socket.endpoints.events, socket.endpoints.control]))
            hasOpened = true
            try publish(&socket)
        } catch {
            outbox.close()  // so that nobody waits for a publisher that is gone
            if hasOpened {
                replies.state.fail("events cannot be published any more: \(error)")
            } else {
                _ = opened.push(.failure(error))
            }
        }
    }

    private func publish(_ socket: inout EventSocket) throws(ZeroMQError) {
        var counters = Counters()
        while true {
            let wait = max(0, min(counters.nextBeat - clocks.monotonic, 200_000_000))
            try socket.wait(.nanoseconds(wait))
            _ = wakeUp.reset()
            var isOver = false
            while true {
                guard let items = outbox.take() else {
                    isOver = true
                    break
                }
                guard !items.isEmpty else { break }
                for item in items { try send(item, &counters, socket) }
            }
            for _ in 0..<64 {
                guard let request = try socket.nextRequest() else { break }
                try socket.reply(to: request, replies.answer(request.body))
            }
            if isOver || clocks.monotonic >= counters.nextBeat { try beat(&counters, socket) }
            if isOver { return }
        }
    }

    private func send(
        _ item: EventQueue.Item,
        _ counters: inout Counters,
        _ socket: borrowing EventSocket
    ) throws(ZeroMQError) {
        let topic = EventFormat.topic(of: item.event)
        let latency = item.frame.map { max(0, clocks.monotonic - $0.monotonic) / 1_000_000 }
        let body = EventFormat.envelope(
            item.event,
            run: replies.run,
            topicSequence: counters.outbox.number(for: topic),
            latencyMilliseconds: latency,
            source: replies.source
        )
        try socket.publish(topic: topic, body)
        replies.counts.published.add(1)
    }

    /// A heartbeat a second, with all heads each tenth time, when a status event goes with it.
    private func beat(_ counters: inout Counters, _ socket: borrowing EventSocket) throws(ZeroMQError) {
        counters.nextBeat = clocks.monotonic + 1_000_000_000
        let isFull = counters.beats.isMultiple(of: 10)
        counters.beats += 1
        if isFull {
            let topic = Topic.event(kind: .status)
            let number = counters.outbox.number(for: topic)
            try socket.publish(
                topic: topic,
                ServiceEventFormat.envelope(
                    .status,
                    data: replies.statusData,
                    run: replies.run,
                    counter: number,
                    source: replies.source,
                    time: Clocks.utc
                )
            )
        }
        let pages = ServiceEventFormat.heartbeatPages(
            run: replies.run,
            counter: counters.heartbeat,
            heads: counters.outbox.takeHeads(all: isFull),
            source: replies.source,
            time: Clocks.utc
        )
        counters.heartbeat += UInt64(pages.count)
        for page in pages { try socket.publish(topic: Topic.event(kind: .heartbeat), page) }
    }
}
