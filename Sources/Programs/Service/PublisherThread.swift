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
        var schedule = HeartbeatSchedule()
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
            let wait = min(counters.schedule.wait(at: clocks.monotonic), 200_000_000)
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
            if let beat = counters.schedule.beat(at: clocks.monotonic, isLast: isOver) {
                try send(beat, &counters, socket)
            }
            if isOver { return }
        }
    }

    private func send(
        _ item: EventQueue.Item,
        _ counters: inout Counters,
        _ socket: borrowing EventSocket
    ) throws(ZeroMQError) {
        let topic = EventFormat.topic(of: item.event)
        let body = EventFormat.envelope(
            item.event,
            run: replies.run,
            topicSequence: counters.outbox.number(for: topic),
            latencyMilliseconds: item.latencyMilliseconds(at: clocks.monotonic),
            source: replies.source
        )
        try socket.publish(topic: topic, body)
        replies.counts.published.add(1)
    }

    /// Sends a heartbeat; with one that names every topic goes a status event.
    private func send(
        _ beat: HeartbeatSchedule.Beat,
        _ counters: inout Counters,
        _ socket: borrowing EventSocket
    ) throws(ZeroMQError) {
        if beat == .full {
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
            heads: counters.outbox.takeHeads(all: beat == .full),
            source: replies.source,
            time: Clocks.utc
        )
        counters.heartbeat += UInt64(pages.count)
        for page in pages { try socket.publish(topic: Topic.event(kind: .heartbeat), page) }
    }
}
