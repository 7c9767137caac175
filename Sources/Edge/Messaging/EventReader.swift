public import Wire
public import ZeroMQ

/// A reader's socket: a SUB that reads events and knows exactly how many it missed.
///
/// Every topic's events are numbered within the daemon's run, and a heartbeat tells the newest numbers, so that a
/// lost last event shows too. What came before the reader joined is not missed. A topic that it has not met began at
/// 1 after it joined where it knows all topics: because the run is newer than itself, or because it heard ten
/// heartbeats in a row, one of which names them all.
public struct EventReader: ~Copyable {
    /// One message as it arrived.
    public struct Read: Sendable {
        /// The message's topic.
        public let topic: String
        /// The whole event, envelope and data.
        public let event: JSONObject
        /// The event's bytes as they arrived.
        public let bytes: [UInt8]
        /// The run of the daemon; nil where the event does not say.
        public let run: String?
        /// Events of the wanted topics that are now known to be lost.
        public let missed: UInt64
        /// Whether its topic was asked for; heartbeats are read in any case, to find what was missed.
        public let isWanted: Bool

        /// The place in the journal that a heartbeat or a durable event names; nil where none is named.
        public var journal: JournalPlace? {
            JournalPlace(in: event) ?? HeartbeatPage(of: event).journal
        }
    }

    private let socket: Socket
    private let prefixes: [String]
    private let heartbeatTopic: String
    /// The daemon's run; numbers of another run say nothing about this one.
    private var run: String?
    /// The newest number of each topic in this run; bounded, since topics come from outside.
    private var heads: [String: UInt64] = [:]
    private var knowsAllTopics = false
    /// Heartbeats heard in a row, and the number of the last.
    private var beats = (count: 0, newest: UInt64(0))
    private static let topicsMax = 100_000
    /// How many messages were no event.
    public private(set) var unreadable = 0

    /// Connects and subscribes to each of `prefixes` and to the ward's heartbeat.
    public init(
        _ endpoint: Endpoint,
        prefixes: [String],
        ward: String = "_",
        in context: Context
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 20_000
        options.sendHighWaterMark = 0
        options.maxMessageBytes = 65_536
        let opened = try Socket(.sub, in: context, options: options)
        let heartbeat = Topic.event(ward: ward, kind: .heartbeat)
        for prefix in prefixes + [heartbeat] { try opened.subscribe(Array(prefix.utf8)) }
        try opened.connect(endpoint)
        socket = opened
        heartbeatTopic = heartbeat
        self.prefixes = prefixes
    }

    /// The next message; nil where none came within `timeout`, or what came was no event.
    public mutating func next(timeout: Duration) throws(ZeroMQError) -> Read? {
        guard try socket.wait(for: .readable, timeout: timeout).contains(.readable) else { return nil }
        guard case .message(let parts) = try socket.receive(maximumParts: 2), parts.count == 2,
            let event = try? JSONValue(parsing: parts[1]).object
        else {
            unreadable += 1
            return nil
        }
        let topic = String(decoding: parts[0], as: UTF8.self)
        let place = EventPlace(of: event)
        return Read(
            topic: topic,
            event: event,
            bytes: parts[1],
            run: place?.run,
            missed: place.map { missed(before: event, topic, $0) } ?? 0,
            isWanted: isWanted(topic)
        )
    }

    private func isWanted(_ topic: String) -> Bool { prefixes.contains { topic.hasPrefix($0) } }

    private mutating func missed(before event: JSONObject, _ topic: String, _ place: EventPlace) -> UInt64 {
        let number = place.number
        if place.run != run {
            // The daemon began anew while this reader was there: nothing of the new run was before it.
            knowsAllTopics = run != nil
            run = place.run
            heads.removeAll()
            beats = (0, 0)
        }
        guard topic == heartbeatTopic else { return advance(topic, to: number, butLast: 1) }
        let missed = isWanted(topic) ? advance(topic, to: number, butLast: 1) : 0
        return missed + missedAccording(to: event, numbered: number)
    }

    /// How many events are missing according to the topic heads of a heartbeat.
    private mutating func missedAccording(to event: JSONObject, numbered number: UInt64) -> UInt64 {
        let page = HeartbeatPage(of: event)
        var missed: UInt64 = 0
        for head in page.heads where isWanted(head.topic) {
            missed += advance(head.topic, to: head.number, butLast: 0)
        }
        // A heartbeat of several pages counts once, at its last.
        if number != beats.newest &+ 1 { beats.count = 0 }
        beats.newest = number
        if page.isLast { beats.count += 1 }
        if beats.count >= ServiceEventFormat.beatsAFullOne { knowsAllTopics = true }
        return missed
    }

    /// Moves a topic's head up to `number` and returns how many events were passed over; the last `butLast` of them are
    /// at hand and not counted.
    private mutating func advance(_ topic: String, to number: UInt64, butLast: UInt64) -> UInt64 {
        let head = heads[topic] ?? (knowsAllTopics ? 0 : nil)
        if heads[topic] == nil, heads.count >= EventReader.topicsMax {
            heads.removeAll()
            knowsAllTopics = false
        }
        guard let head else {
            heads[topic] = number
            return 0
        }
        guard number > head else { return 0 }
        heads[topic] = number
        return number - head - butLast
    }
}
