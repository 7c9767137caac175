internal import ECGSignal
internal import Findings
internal import Logging
internal import Messaging
internal import Station
internal import Wire
internal import ZeroMQ

/// What the publisher does, turn by turn: it numbers and sends events, and it beats.
///
/// A turn sends one event before it looks at the clock again. So however fast events come, a heartbeat waits for one
/// event at most, and no reader takes a busy daemon for a dead one. Control requests have a thread of their own.
struct Publication: ~Copyable {
    /// Events taken out of the queue at once; they are sent one a turn.
    static let eventsTaken = 8
    /// How long a turn waits for something to do at most: the first beat after a pause of the machine is not late.
    private static let waitMax: MonotonicNanoseconds = 200_000_000

    private var socket: EventSocket
    private let outbox: EventQueue
    private let wakeUp: WakeUp
    private let replies: ControlReplies
    private let clocks: Clocks
    private let log: Logger
    private var numbers = Outbox()
    private var presence = Presence()
    private var writer = EventWriter()
    private var heartbeat: UInt64 = 1
    private var schedule = HeartbeatSchedule()
    private var eventLog: EventLog
    /// Events that were taken out of the queue and are still to be sent.
    private var taken: ArraySlice<EventQueue.Item> = []
    /// How often readers have had to come in anew.
    private var readersCameAnew = 0
    /// Whether the turn before sent an event, so that more of them may wait.
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
        if !isBehind {
            try socket.wait(.nanoseconds(min(schedule.wait(at: clocks.monotonic), Publication.waitMax)))
            _ = wakeUp.reset()
        }
        try cutOff()
        try socket.takeSubscriptions()
        let isOver = try !sendNext()
        if let beat = schedule.beat(at: clocks.monotonic, isLast: isOver) { try send(beat, isLast: isOver) }
        return !isOver
    }

    /// Where somebody may read less than before, every reader has to come in anew: a link that was let in lives on.
    private mutating func cutOff() throws(ZeroMQError) {
        guard let wanted = replies.access?.readersMustComeAnew, wanted != readersCameAnew else { return }
        try socket.reopen()
        readersCameAnew = wanted
    }

    /// Sends the next event, if there is one; false once the queue is closed and empty.
    private mutating func sendNext() throws(ZeroMQError) -> Bool {
        if taken.isEmpty {
            guard let items = outbox.take(limit: Publication.eventsTaken) else { return false }
            taken = items[...]
        }
        let item = taken.popFirst()
        if let item { try send(item) }
        isBehind = item != nil
        return true
    }

    private mutating func send(_ item: EventQueue.Item) throws(ZeroMQError) {
        let topic = EventFormat.topic(of: item.event)
        let now = clocks.monotonic
        let meters = replies.state.meters
        let envelope = EventWriter.Envelope(
            run: replies.run,
            topicSequence: numbers.number(for: topic),
            latencyMilliseconds: item.latencyMilliseconds(at: now),
            source: replies.source
        )
        writer.write(item.event, in: envelope)
        try socket.publish(topic: topic, writer.bytes)
        meters.took(.publishing, clocks.monotonic - now)
        meters.sent(item.event, after: item.frame.map { now - $0.monotonic })
        if case .alarm(let alarm) = item.event.content {
            replies.state.alarms.publish(envelope.topicSequence, of: alarm.alarm.stream.patient)
        }
        replies.counts.published.add(1)
        if let change = presence.take(item.event) {
            for kind in EventKind.allCases {
                numbers.setLeaving(!change.isThere, Topic.event(kind: kind, patient: change.patient))
            }
        }
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
                    data: replies.facts.object,
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
        replies.state.meters.heartbeats.add(1)
        for page in pages { try socket.publish(topic: Topic.event(kind: .heartbeat), page) }
    }
}

extension Logger {
    /// Writes a line that was decided on.
    func write(_ line: EventLog.Line) {
        log(level: line.level, "\(line.message)", metadata: line.facts.mapValues { .string($0) })
    }
}
