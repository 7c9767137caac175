internal import ECGSignal
internal import Findings
internal import Logging
internal import Messaging
internal import Station
internal import Wire
internal import ZeroMQ

/// What the publisher does, turn by turn: numbers and sends events, answers requests, beats.
///
/// A turn sends a bounded number of events before it looks at the requests and the clock again. So however fast events
/// come, a heartbeat and an answer wait for one turn at most, and no reader takes a busy daemon for a dead one.
struct Publication: ~Copyable {
    /// Events sent in one turn at most: a fraction of a millisecond of work.
    static let eventsATurn = 8
    /// Requests answered in one turn at most.
    static let requestsATurn = 16
    /// How long a turn waits for something to do at most: the first beat after a pause of the machine is not late.
    private static let waitMax: MonotonicNanoseconds = 200_000_000

    private var socket: EventSocket
    private let outbox: EventQueue
    private let wakeUp: WakeUp
    private let replies: ControlReplies
    private let clocks: Clocks
    private let log: Logger
    private var numbers = Outbox()
    private var heartbeat: UInt64 = 1
    private var schedule = HeartbeatSchedule()
    private var eventLog: EventLog
    /// Whether events were left over from the turn before.
    private var isBehind = false

    /// A publication over an open socket.
    init(
        _ socket: consuming EventSocket,
        outbox: EventQueue,
        wakeUp: WakeUp,
        replies: ControlReplies,
        clocks: Clocks,
        log: Logger
    ) {
        self.socket = socket
        self.outbox = outbox
        self.wakeUp = wakeUp
        self.replies = replies
        self.clocks = clocks
        self.log = log
        eventLog = EventLog(names: replies.names)
    }

    /// Waits for something to do, and does one turn of it.
    /// - Returns: false once the queue of events is closed and empty; the last beat has been sent then.
    mutating func turn() throws(ZeroMQError) -> Bool {
        let wait = isBehind ? 0 : min(schedule.wait(at: clocks.monotonic), Publication.waitMax)
        try socket.wait(.nanoseconds(wait))
        _ = wakeUp.reset()
        let items = outbox.take(limit: Publication.eventsATurn)
        for item in items ?? [] { try send(item) }
        isBehind = items?.count == Publication.eventsATurn
        for _ in 0..<Publication.requestsATurn {
            guard let request = try socket.nextRequest() else { break }
            try socket.reply(to: request, replies.answer(request.body))
        }
        let isOver = items == nil
        if let beat = schedule.beat(at: clocks.monotonic, isLast: isOver) { try send(beat, isLast: isOver) }
        return !isOver
    }

    private mutating func send(_ item: EventQueue.Item) throws(ZeroMQError) {
        let topic = EventFormat.topic(of: item.event)
        let now = clocks.monotonic
        let body = EventFormat.envelope(
            item.event,
            run: replies.run,
            topicSequence: numbers.number(for: topic),
            latencyMilliseconds: item.latencyMilliseconds(at: now),
            source: replies.source
        )
        try socket.publish(topic: topic, body)
        replies.counts.published.add(1)
        if let line = eventLog.line(for: item.event, at: now) { log.write(line) }
    }

    /// Sends a heartbeat; with one that names every topic goes a status event.
    private mutating func send(_ beat: HeartbeatSchedule.Beat, isLast: Bool) throws(ZeroMQError) {
        for line in eventLog.leftOut(at: clocks.monotonic, isFinal: isLast) { log.write(line) }
        if beat == .full {
            let topic = Topic.event(kind: .status)
            let number = numbers.number(for: topic)
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
            counter: heartbeat,
            heads: numbers.takeHeads(all: beat == .full),
            source: replies.source,
            time: Clocks.utc
        )
        heartbeat += UInt64(pages.count)
        for page in pages { try socket.publish(topic: Topic.event(kind: .heartbeat), page) }
    }
}

extension Logger {
    /// Writes a line that was decided on.
    func write(_ line: EventLog.Line) {
        log(level: line.level, "\(line.message)", metadata: line.facts.mapValues { .string($0) })
    }
}
