public import ECGSignal
public import Findings

/// The alarms of one recorded run under two policies, beside each other: kept, gained, lost, moved.
public struct AlarmComparison: Sendable {
    /// An alarm, or a finding that was told once, from its begin to its end.
    public struct Alarm: Sendable, Equatable {
        /// The patient and the device.
        public let sender: Sender
        /// The statement's id.
        public let statement: String
        /// The highest priority that it had.
        public internal(set) var priority: AlarmEvent.Priority
        /// Whether it was signalled at any time, or only recorded, paused or spoken for.
        public internal(set) var isSignalled: Bool
        /// When it began.
        public let began: UTCNanoseconds
        /// When it ended; nil where it stood at the end of the log.
        public internal(set) var ended: UTCNanoseconds?
    }

    /// What became of an alarm from the first policy to the second.
    public enum Change: Sendable, Equatable {
        /// Both have it, with the same priority, signal, begin and end.
        case kept(Alarm)
        /// Both have it, and not with the same priority, signal, begin or end.
        case moved(Alarm, to: Alarm)
        /// The first alone has it.
        case lost(Alarm)
        /// The second alone has it.
        case gained(Alarm)

        /// The word for it.
        public var word: String {
            switch self {
            case .kept: "kept"
            case .moved: "moved"
            case .lost: "lost"
            case .gained: "gained"
            }
        }

        /// The alarm, as the first policy has it where it has it.
        public var alarm: Alarm {
            switch self {
            case .kept(let alarm), .moved(let alarm, _), .lost(let alarm), .gained(let alarm): alarm
            }
        }
    }

    /// What became of each alarm, in the order of their begins.
    public let changes: [Change]

    /// Compares the alarms of a first policy with those of a second one, each in the order of their begins.
    ///
    /// Two alarms of one patient, device and statement are the same where their times overlap.
    public init(_ first: [Alarm], _ second: [Alarm]) {
        var changes: [Change] = []
        let others = Dictionary(grouping: second, by: Key.init(of:))
        let own = Dictionary(grouping: first, by: Key.init(of:))
        for (key, alarms) in own { AlarmComparison.pair(alarms, others[key] ?? [], into: &changes) }
        for (key, alarms) in others where own[key] == nil { changes += alarms.map { .gained($0) } }
        self.changes = changes.sorted { AlarmComparison.precedes($0.alarm, $1.alarm) }
    }

    private struct Key: Hashable {
        let sender: Sender
        let statement: String

        init(of alarm: Alarm) { (sender, statement) = (alarm.sender, alarm.statement) }
    }

    private static func pair(_ first: [Alarm], _ second: [Alarm], into changes: inout [Change]) {
        var place = 0
        for alarm in first {
            while place < second.count, let end = second[place].ended, end < alarm.began {
                changes.append(.gained(second[place]))
                place += 1
            }
            guard place < second.count, second[place].began <= alarm.ended ?? .max else {
                changes.append(.lost(alarm))
                continue
            }
            changes.append(alarm == second[place] ? .kept(alarm) : .moved(alarm, to: second[place]))
            place += 1
        }
        changes += second[place...].map { .gained($0) }
    }

    /// Sorts by begin, and at one time by names, so that the same two policies give the same table.
    private static func precedes(_ one: Alarm, _ other: Alarm) -> Bool {
        if one.began != other.began { return one.began < other.began }
        let left = (one.sender.patient, one.sender.device, one.statement)
        return left < (other.sender.patient, other.sender.device, other.statement)
    }
}

/// Collects the alarms of events as they come.
public struct AlarmCollector: Sendable {
    /// The alarms so far, in the order of their begins.
    public private(set) var alarms: [AlarmComparison.Alarm] = []
    /// Where the alarms that stand are.
    private var open: [AlarmIdentity: Int] = [:]

    /// Nothing has come.
    public init() {}

    /// Takes events; what is no alarm changes nothing.
    public mutating func take(_ events: [Event]) {
        for event in events { if case .alarm(let alarm) = event.content { take(alarm, at: event.time) } }
    }

    /// Takes alarms that stood before the first event, each by its newest one: they began when they were raised.
    public mutating func take(standing events: [AlarmEvent]) {
        for event in events where event.evidence == .rule && event.phase != .end {
            begin(event, at: event.onset.time, ended: nil)
        }
    }

    private mutating func begin(_ event: AlarmEvent, at time: UTCNanoseconds, ended: UTCNanoseconds?) {
        if ended == nil { open[event.alarm] = alarms.count }
        alarms.append(
            AlarmComparison.Alarm(
                sender: Sender(of: event.alarm.stream),
                statement: event.alarm.statement,
                priority: event.priority,
                isSignalled: event.signal == .on,
                began: time,
                ended: ended
            )
        )
    }

    private mutating func take(_ event: AlarmEvent, at time: UTCNanoseconds) {
        // The model's word is the same under every policy.
        guard event.evidence == .rule else { return }
        let isTold = event.phase == .timePoint
        if event.phase == .start || isTold { return begin(event, at: time, ended: isTold ? time : nil) }
        guard let place = open[event.alarm] else { return }
        if event.phase == .end {
            alarms[place].ended = time
            open[event.alarm] = nil
        } else {
            let order: [AlarmEvent.Priority] = [.info, .low, .medium, .high]
            let rank = { (priority: AlarmEvent.Priority) in order.firstIndex(of: priority) ?? 0 }
            if rank(event.priority) > rank(alarms[place].priority) { alarms[place].priority = event.priority }
            alarms[place].isSignalled = alarms[place].isSignalled || event.signal == .on
        }
    }
}
