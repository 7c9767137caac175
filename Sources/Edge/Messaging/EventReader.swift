public import Wire
public import ZeroMQ

/// A dashboard's side: a SUB that reads events and knows exactly how many it missed.
public struct EventReader: ~Copyable {
    /// An event as it came.
    public struct Read: Sendable {
        /// Its topic.
        public let topic: String
        /// The whole envelope.
        public let event: JSONObject
        /// Its bytes.
        public let bytes: [UInt8]
        /// Events of this topic that were lost just before it.
        public let missed: UInt64
    }

    private let socket: Socket
    /// Topic to run and newest number; bounded, since topics come from outside.
    private var heads: [String: (run: String, number: UInt64)] = [:]
    private static let topicsMax = 100_000
    /// Messages that were no event.
    public private(set) var unreadable = 0

    /// Connects and subscribes to each of `prefixes`.
    public init(_ endpoint: Endpoint, prefixes: [String], in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.receiveHighWaterMark = 20_000
        options.sendHighWaterMark = 0
        options.maxMessageBytes = 65_536
        let opened = try Socket(.sub, in: context, options: options)
        for prefix in prefixes { try opened.subscribe(Array(prefix.utf8)) }
        try opened.connect(endpoint)
        socket = opened
    }

    /// The next event; nil where none came within `timeout`.
    public mutating func next(timeout: Duration) throws(ZeroMQError) -> Read? {
        guard try socket.wait(for: .readable, timeout: timeout).contains(.readable) else { return nil }
        guard case .message(let parts) = try socket.receive(maximumParts: 2), parts.count == 2,
            let object = try? JSONValue(parsing: parts[1]).object
        else {
            unreadable += 1
            return nil
        }
        let topic = String(decoding: parts[0], as: UTF8.self)
        return Read(topic: topic, event: object, bytes: parts[1], missed: missed(before: object, topic))
    }

    private mutating func missed(before event: JSONObject, _ topic: String) -> UInt64 {
        guard let run = event["run"]?.text, let number = event["topicsequence"]?.text.flatMap({ UInt64($0) })
        else {
            return 0
        }
        let head = heads[topic]
        if head == nil, heads.count >= EventReader.topicsMax { heads.removeAll() }
        heads[topic] = (run, number)
        guard let head, head.run == run, number > head.number else { return 0 }
        return number - head.number - 1
    }

    /// Events of `heads`' topics that never came although the daemon says so: what a heartbeat tells.
    public mutating func missed(accordingTo heartbeat: JSONObject, matching prefixes: [String]) -> UInt64 {
        guard let data = heartbeat["data"]?.object, let run = data["run"]?.text,
            let pages = data["heads"]?.object
        else { return 0 }
        var missed: UInt64 = 0
        for member in pages.members where prefixes.contains(where: { member.name.hasPrefix($0) }) {
            guard let head = heads[member.name], head.run == run, let newest = member.value.whole,
                UInt64(newest) > head.number
            else { continue }
            missed += UInt64(newest) - head.number
            heads[member.name] = (run, UInt64(newest))
        }
        return missed
    }
}
