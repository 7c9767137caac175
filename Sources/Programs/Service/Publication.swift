internal import Access
internal import ECGSignal
internal import Findings
internal import Journal
internal import Logging
internal import Messaging
internal import Station
internal import Wire
internal import ZeroMQ

/// What the publisher does, turn by turn: it numbers and sends events, and it beats.
///
/// A turn sends one event before it looks at the clock again. So however fast events come, a heartbeat waits for one
/// event at most, and no reader takes a busy daemon for a dead one. Control requests have a thread of their own. Where a
/// journal is kept, an event that it is to keep waits until it is on the disk, and never for long (`DurableGate`).
struct Publication: ~Copyable {
    /// Parcels taken out of the queue at once; their events are sent one a turn.
    static let parcelsTaken = 8
    /// Events that wait for the journal at most; while so many wait, no further ones are taken out of the queue.
    private static let waitingMax = 512
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
    private var gate = DurableGate<Outgoing>()
    private var keeper: JournalKeeper?
    /// The place of the newest durable event that went out; nil where there is no journal.
    private var newest: JournalPlace?
    /// How often readers have had to come in anew.
    private var readersCameAnew = 0
    /// Who is in which ward, and where patients were before who were moved.
    private var wards: WardPlaces
    /// Ids of events that the former run has published.
    private var told: Set<String> = []
    /// Whether the turn before sent an event, so that more of them may wait.
    private var isBehind = false

    /// A publication over an open socket; `journal` is where events are kept, nil where they are not.
    init(
        _ socket: consuming EventSocket,
        outbox: EventQueue,
        wakeUp: WakeUp,
        replies: ControlReplies,
        journal: JournalDesk? = nil,
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
        keeper = journal.map { JournalKeeper($0, replies) }
        wards = WardPlaces(replies.access?.table)
    }

    /// Waits for something to do, and does one turn of it.
    /// - Returns: false once the queue of events is closed and empty; the last beat has been sent then.
    mutating func turn() throws(ZeroMQError) -> Bool {
        if !isBehind {
            let now = clocks.monotonic
            let wait = min(
                schedule.wait(at: now),
                gate.wait(at: now) ?? Publication.waitMax,
                Publication.waitMax
            )
            try socket.wait(.nanoseconds(wait))
            _ = wakeUp.reset()
        }
        try cutOff()
        try socket.takeSubscriptions()
        hearJournal()
        let taken = take()
        let sent = try sendNext()
        let isOver = taken == nil && gate.count == 0
        if let beat = schedule.beat(at: clocks.monotonic, isLast: isOver) { try send(beat, isLast: isOver) }
        isBehind = sent || taken ?? 0 > 0
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
        move(to: replies.access?.table)
    }

    /// Patients are in other wards from here on: what stands for them is told again where they are now.
    ///
    /// The events are the same, by id and content, so whoever has one of them already loses nothing by it.
    private mutating func move(to table: AccessTable?) {
        for move in wards.adopt(table) {
            for kind in EventKind.allCases {
                numbers.setLeaving(true, Topic.event(ward: move.from, kind: kind, patient: move.patient))
                numbers.setLeaving(false, Topic.event(ward: move.to, kind: kind, patient: move.patient))
            }
            let standing = replies.state.alarms.standing(of: move.patient).map { alarm in
                let event = Event(.alarm(alarm), time: alarm.at.time)
                return outgoing(EventQueue.Item(event: event, frame: nil), in: move.to, as: .toldAgain)
            }
            accept(standing)
        }
    }

    /// What the journal's thread has told since the last turn, and what people have to know of it.
    private mutating func hearJournal() {
        guard keeper != nil else { return }
        keeper?.hear(&gate, at: clocks.monotonic)
        newest = keeper?.begin(newest)
        for notice in gate.takeNotices() {
            guard let event = keeper?.event(of: notice, at: clocks.now) else { continue }
            accept(EventQueue.Parcel(items: [EventQueue.Item(event: event, frame: nil)]))
        }
    }

    /// Takes parcels out of the queue where there is room; how many, or nil once the queue is closed and empty.
    ///
    /// Where there is a journal many are taken, so that they share one sync of the disk.
    private mutating func take() -> Int? {
        guard gate.count < (keeper == nil ? 1 : Publication.waitingMax) else { return 0 }
        guard let parcels = outbox.take(limit: Publication.parcelsTaken) else { return nil }
        for parcel in parcels { accept(parcel) }
        return parcels.count
    }

    /// Numbers the events of a parcel, hands over what the journal keeps, and lets them wait for their turn.
    private mutating func accept(_ parcel: EventQueue.Parcel) {
        switch parcel.recovery {
        case .begins(let ids):
            told = Set(ids)
            keeper?.isRecovering = true
        case .ends:
            told = []
            keeper?.isRecovering = false
        case nil: break
        }
        for patient in parcel.goingOn { presence.goOn(patient) }
        var waiting: [Outgoing] = []
        for item in parcel.items {
            if !told.isEmpty, told.contains(EventFormat.id(of: item.event.key)) { continue }
            if let former = wards.former(of: item.event) {
                waiting.append(outgoing(item, in: former, as: .forFormerWard))
            }
            waiting.append(outgoing(item, in: wards.ward(of: item.event.sender?.patient), as: .own))
        }
        accept(waiting, parcel.states, parcel.checkpoints, after: parcel.position, then: parcel.then)
    }

    /// An event on its way into a ward: that in which its patient is now, since it happens there.
    private mutating func outgoing(
        _ item: EventQueue.Item,
        in ward: String,
        as role: Outgoing.Role
    ) -> Outgoing {
        let topic = EventFormat.topic(of: item.event, ward: ward)
        return Outgoing(
            .event(item),
            topic: topic,
            number: numbers.reserve(for: topic),
            ward: ward,
            role: role
        )
    }

    private mutating func accept(
        _ outgoing: [Outgoing],
        _ states: [JournalState] = [],
        _ checkpoints: [JournalCheckpoint] = [],
        after position: Int? = nil,
        then: (@Sendable () -> Void)? = nil
    ) {
        let now = clocks.monotonic
        let (ticket, offsets) = keeper?.hand(outgoing, states, checkpoints, after: position) ?? (nil, [])
        for (index, each) in outgoing.enumerated() {
            let offset = ticket == nil ? nil : offsets[index]
            gate.put(each, ticket: offset == nil ? nil : ticket, offset: offset ?? 0, at: now)
        }
        // What is to be done afterwards waits for what the journal keeps, also where no event tells of it.
        if let then {
            gate.put(Outgoing(.done(then), topic: "", number: 0), ticket: ticket, at: now)
        }
    }

    /// Sends the next event that may go out; false where none may.
    private mutating func sendNext() throws(ZeroMQError) -> Bool {
        guard let (outgoing, fate) = gate.next(at: clocks.monotonic) else { return false }
        var place: JournalPlace?
        if case .durable(let sequence) = fate { place = keeper?.place(of: sequence) }
        switch outgoing.content {
        case .event(let item): try send(item, outgoing, place)
        case .status(let message): try send(message, outgoing, place)
        case .done(let act):
            act()
            return true
        }
        if let place { newest = place }
        return true
    }

    private mutating func send(
        _ message: StatusMessage,
        _ outgoing: Outgoing,
        _ place: JournalPlace?
    ) throws(ZeroMQError) {
        numbers.send(outgoing.number, of: outgoing.topic)
        let bytes = message.bytes(numbered: outgoing.number, replies, at: place)
        try socket.publish(topic: outgoing.topic, bytes)
    }

    private mutating func send(
        _ item: EventQueue.Item,
        _ outgoing: Outgoing,
        _ place: JournalPlace?
    ) throws(ZeroMQError) {
        let now = clocks.monotonic
        let meters = replies.state.meters
        let envelope = EventWriter.Envelope(
            run: replies.run,
            topicSequence: outgoing.number,
            latencyMilliseconds: item.latencyMilliseconds(at: now),
            ward: outgoing.ward,
            source: replies.source,
            place: place
        )
        writer.write(item.event, in: envelope)
        numbers.send(outgoing.number, of: outgoing.topic)
        try socket.publish(topic: outgoing.topic, writer.bytes)
        if outgoing.role != .forFormerWard, case .alarm(let alarm) = item.event.content {
            let patient = alarm.alarm.stream.patient
            replies.state.alarms.publish(outgoing.number, on: outgoing.topic, of: patient)
        }
        guard outgoing.role == .own else { return }
        meters.took(.publishing, clocks.monotonic - now)
        meters.sent(item.event, after: item.frame.map { now - $0.monotonic })
        replies.counts.published.add(1)
        if let change = presence.take(item.event) {
            for kind in EventKind.allCases {
                let topic = Topic.event(ward: outgoing.ward, kind: kind, patient: change.patient)
                numbers.setLeaving(!change.isThere, topic)
            }
        }
        if let line = eventLog.line(for: item.event, at: now) { log.write(line) }
    }

    /// Sends a heartbeat; with one that names every topic goes a status event.
    private mutating func send(_ beat: HeartbeatSchedule.Beat, isLast: Bool) throws(ZeroMQError) {
        for line in eventLog.leftOut(at: clocks.monotonic, isFinal: isLast) { log.write(line) }
        if beat == .full {
            let topic = Topic.event(kind: .status)
            let message = StatusMessage(data: replies.facts.object, time: Clocks.utc)
            let outgoing = Outgoing(.status(message), topic: topic, number: numbers.reserve(for: topic))
            // What nothing is kept of, and what is the last, goes out with the beat.
            if keeper == nil || isLast { try send(message, outgoing, nil) } else { accept([outgoing]) }
        }
        replies.state.meters.heartbeats.add(1)
        for (ward, heads) in wards.heads(numbers.takeHeads(all: beat == .full)) {
            let counter = heartbeats[ward, default: 1]
            let pages = ServiceEventFormat.heartbeatPages(
                run: replies.run,
                counter: counter,
                heads: heads,
                journal: newest,
                ward: ward,
                source: replies.source,
                time: Clocks.utc
            )
            heartbeats[ward] = counter + UInt64(pages.count)
            for page in pages { try socket.publish(topic: Topic.event(ward: ward, kind: .heartbeat), page) }
        }
    }
}

/// A message that waits for its turn.
struct Outgoing {
    /// What a message says.
    enum Content {
        /// An event of the daemon's decisions.
        case event(EventQueue.Item)
        /// What the service says of itself.
        case status(StatusMessage)
        /// Nothing to send: something is to be done once everything before it is out.
        case done(@Sendable () -> Void)
    }

    /// Why it goes to that ward.
    enum Role {
        /// Its patient is there; the journal may keep it.
        case own
        /// Its patient has left the ward, which hears of that too.
        case forFormerWard
        /// It stands for a patient who came into the ward after it happened.
        case toldAgain
    }

    let content: Content
    let topic: String
    /// Its number in its topic.
    let number: UInt64
    /// The ward whose readers it is for; `_` where none is concerned.
    let ward: String
    let role: Role

    init(_ content: Content, topic: String, number: UInt64, ward: String = "_", role: Role = .own) {
        self.content = content
        self.topic = topic
        self.number = number
        self.ward = ward
        self.role = role
    }
}

/// A status event before it has its place.
struct StatusMessage: Sendable {
    let data: JSONObject
    let time: UTCNanoseconds

    /// The message as it is published and kept.
    func bytes(numbered number: UInt64, _ replies: ControlReplies, at place: JournalPlace?) -> [UInt8] {
        ServiceEventFormat.envelope(
            .status,
            data: data,
            run: replies.run,
            counter: number,
            source: replies.source,
            time: time,
            place: place
        )
    }
}

extension Logger {
    /// Writes a line that was decided on.
    func write(_ line: EventLog.Line) {
        log(level: line.level, "\(line.message)", metadata: line.facts.mapValues { .string($0) })
    }
}
