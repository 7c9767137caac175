public import Wire
public import ZeroMQ

/// A reader's socket: a SUB that reads events and knows exactly how many it missed.
///
/// Every topic's events are numbered within the daemon's run, and the heartbeat of each ward tells the newest numbers, so
/// that a lost last event shows too. What came before the reader joined is not missed. A topic that it has not met began at
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

    /// Which wards are read.
    public enum Wards: Sendable, Equatable {
        /// One; `_` is that of patients in none, which is all there is where no keys are asked for.
        case one(String)
        /// All of which the reader's key may read, those too that are set up later.
        case readable
    }

    /// What is known of the topics of one ward.
    private struct Ward {
        /// Whether a topic that this reader has not met began at 1 after the reader joined.
        var knowsAllTopics: Bool
        /// Heartbeats heard in a row, and the number of the last.
        var beats = 0
        var newestBeat: UInt64 = 0
    }

    private let socket: Socket
    private let prefixes: [String]
    private let wardsRead: Wards
    /// The prefixes that the reader's key may read, as HELLO tells them; nil where they are not known, or where every
    /// one is.
    ///
    /// A heartbeat names topics of every kind, and those that are no right of the reader are not missed.
    public var rights: [String]?
    /// The daemon's run; numbers of another run say nothing about this one.
    private var run: String?
    /// The newest number of each topic in this run; bounded, since topics come from outside.
    private var heads: [String: UInt64] = [:]
    private var wards: [String: Ward] = [:]
    /// Whether the run began while this reader was there.
    private var isRunNewer = false
    private static let topicsMax = 100_000
    private static let wardsMax = 1_000
    /// How many messages were no event.
    public private(set) var unreadable = 0

    /// Connects and subscribes to each of `prefixes` and to the ward's heartbeat.
    ///
    /// Of all wards that the key may read, `prefixes` are those of the ward `_`, and are looked for in every ward: a prefix of
    /// a topic names its ward before its kind, so everything is subscribed to and the rest is passed over here.
    public init(
        _ endpoint: Endpoint,
        prefixes: [String],
        wards: Wards = .one("_"),
        in context: Context
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 20_000
        options.sendHighWaterMark = 0
        options.maxMessageBytes = 65_536
        let opened = try Socket(.sub, in: context, options: options)
        let subscriptions =
            switch wards {
            case .one(let ward): prefixes + [Topic.event(ward: ward, kind: .heartbeat)]
            case .readable: [Topic.allEvents]
            }
        for prefix in subscriptions { try opened.subscribe(Array(prefix.utf8)) }
        try opened.connect(endpoint)
        socket = opened
        wardsRead = wards
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

    private func isWanted(_ topic: String) -> Bool {
        guard case .readable = wardsRead, let ward = Topic.ward(of: topic) else {
            return prefixes.contains { topic.hasPrefix($0) }
        }
        let rest = topic.dropFirst(Topic.allEvents.count + ward.count)
        return prefixes.contains { "\(Topic.allEvents)_\(rest)".hasPrefix($0) }
    }

    private func isReadable(_ topic: String) -> Bool {
        rights?.contains { topic.hasPrefix($0) } ?? true
    }

    private func ward(of topic: String) -> String { Topic.ward(of: topic) ?? "" }

    private mutating func missed(before event: JSONObject, _ topic: String, _ place: EventPlace) -> UInt64 {
        let number = place.number
        if place.run != run {
            // The daemon began anew while this reader was there: nothing of the new run was before it.
            isRunNewer = run != nil
            run = place.run
            heads.removeAll()
            wards.removeAll()
        }
        let ward = ward(of: topic)
        let missed = isWanted(topic) ? advance(topic, to: number, butLast: 1) : 0
        guard topic == Topic.event(ward: ward, kind: .heartbeat) else { return missed }
        return missed + missedAccording(to: event, numbered: number, in: ward)
    }

    /// How many events are missing according to the topic heads of a heartbeat.
    private mutating func missedAccording(
        to event: JSONObject,
        numbered number: UInt64,
        in name: String
    ) -> UInt64 {
        let page = HeartbeatPage(of: event)
        var missed: UInt64 = 0
        for head in page.heads where isWanted(head.topic) && isReadable(head.topic) {
            missed += advance(head.topic, to: head.number, butLast: 0)
        }
        // A heartbeat of several pages counts once, at its last.
        if wards[name] == nil, wards.count >= EventReader.wardsMax { forget() }
        var ward = wards[name] ?? Ward(knowsAllTopics: isRunNewer)
        if number != ward.newestBeat &+ 1 { ward.beats = 0 }
        ward.newestBeat = number
        if page.isLast { ward.beats += 1 }
        if ward.beats >= ServiceEventFormat.beatsAFullOne { ward.knowsAllTopics = true }
        wards[name] = ward
        return missed
    }

    /// Moves a topic's head up to `number` and returns how many events were passed over; the last `butLast` of them are
    /// at hand and not counted.
    private mutating func advance(_ topic: String, to number: UInt64, butLast: UInt64) -> UInt64 {
        let knowsAllTopics = wards[ward(of: topic)]?.knowsAllTopics ?? isRunNewer
        let head = heads[topic] ?? (knowsAllTopics ? 0 : nil)
        if heads[topic] == nil, heads.count >= EventReader.topicsMax { forget() }
        guard let head else {
            heads[topic] = number
            return 0
        }
        guard number > head else { return 0 }
        heads[topic] = number
        return number - head - butLast
    }

    /// Begins anew to learn of topics, since there were too many.
    private mutating func forget() {
        heads.removeAll()
        wards.removeAll()
        isRunNewer = false
    }
}
