internal import Access
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
    /// How long events wait after all readers were cut off: those who may come in again try after 100 ms.
    private static let returnMax: MonotonicNanoseconds = 300_000_000

    private var socket: EventSocket
    private let outbox: EventQueue
    private let wakeUp: WakeUp
    private let replies: ControlReplies
    private let clocks: Clocks
    private let log: Logger
    private var numbers = Outbox()
    private var presence = Presence()
    private var writer = EventWriter()
    /// The number of the next heartbeat of each ward.
    private var heartbeats: [String: UInt64] = [:]
    private var schedule = HeartbeatSchedule()
    private var eventLog: EventLog
    /// Events that were taken out of the queue and are still to be sent.
    private var taken: ArraySlice<EventQueue.Item> = []
    /// How often readers have had to come in anew.
    private var readersCameAnew = 0
    /// Who is in which ward, and where patients were before who were moved.
    private var wards: WardPlaces
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
        wards = WardPlaces(replies.access?.table)
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
        let wanted = (replies.access?.readersMustComeAnew ?? 0) + replies.state.reopening.number
        guard wanted != readersCameAnew else { return }
        try socket.reopen()
        readersCameAnew = wanted
        let end = clocks.monotonic + Publication.returnMax
        while clocks.monotonic < end {
            try socket.wait(.milliseconds(10))
            _ = wakeUp.reset()
            try socket.takeSubscriptions()
        }
        try move(to: replies.access?.table)
    }

    /// Patients are in other wards from here on: what stands for them is told again where they are now.
    ///
    /// The events are the same, by id and content, so whoever has one of them already loses nothing by it.
    private mutating func move(to table: AccessTable?) throws(ZeroMQError) {
        for move in wards.adopt(table) {
            for kind in EventKind.allCases {
                numbers.setLeaving(true, Topic.event(ward: move.from, kind: kind, patient: move.patient))
                numbers.setLeaving(false, Topic.event(ward: move.to, kind: kind, patient: move.patient))
            }
            for alarm in replies.state.alarms.standing(of: move.patient) {
                let number = try publish(Event(.alarm(alarm), time: alarm.at.time), in: move.to, latency: nil)
                let topic = Topic.event(ward: move.to, kind: .alarm, patient: move.patient)
                replies.state.alarms.publish(number, on: topic, of: move.patient)
            }
        }
    }

    /// Sends the next event, if there is one; false once the queue is closed and empty.
    private mutating func sendNext() throws(ZeroMQError) -> Bool {
        try cutOff()
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
        let now = clocks.monotonic
        let meters = replies.state.meters
        let patient = item.event.sender?.patient
        let ward = wards.ward(of: patient)
        let latency = item.latencyMilliseconds(at: now)
        if let former = wards.former(of: item.event) {
            _ = try publish(item.event, in: former, latency: latency)
        }
        let number = try publish(item.event, in: ward, latency: latency)
        meters.took(.publishing, clocks.monotonic - now)
        meters.sent(item.event, after: item.frame.map { now - $0.monotonic })
        if case .alarm(let alarm) = item.event.content {
            let topic = EventFormat.topic(of: item.event, ward: ward)
            replies.state.alarms.publish(number, on: topic, of: alarm.alarm.stream.patient)
        }
        replies.counts.published.add(1)
        if let change = presence.take(item.event) {
            for kind in EventKind.allCases {
                let topic = Topic.event(ward: ward, kind: kind, patient: change.patient)
                numbers.setLeaving(!change.isThere, topic)
            }
        }
        if let line = eventLog.line(for: item.event, at: now) { log.write(line) }
    }

    /// Numbers an event on its topic in that ward and sends it; its number.
    private mutating func publish(
        _ event: Event,
        in ward: String,
        latency: Int64?
    ) throws(ZeroMQError) -> UInt64 {
        let topic = EventFormat.topic(of: event, ward: ward)
        let number = numbers.number(for: topic)
        let envelope = EventWriter.Envelope(
            run: replies.run,
            topicSequence: number,
            latencyMilliseconds: latency,
            ward: ward,
            source: replies.source
        )
        writer.write(event, in: envelope)
        try socket.publish(topic: topic, writer.bytes)
        return number
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
        replies.state.meters.heartbeats.add(1)
        for (ward, heads) in wards.heads(numbers.takeHeads(all: beat == .full)) {
            let counter = heartbeats[ward, default: 1]
            let pages = ServiceEventFormat.heartbeatPages(
                run: replies.run,
                counter: counter,
                heads: heads,
                ward: ward,
                source: replies.source,
                time: Clocks.utc
            )
            heartbeats[ward] = counter + UInt64(pages.count)
            for page in pages { try socket.publish(topic: Topic.event(ward: ward, kind: .heartbeat), page) }
        }
    }
}

extension Logger {
    /// Writes a line that was decided on.
    func write(_ line: EventLog.Line) {
        log(level: line.level, "\(line.message)", metadata: line.facts.mapValues { .string($0) })
    }
}
