internal import Findings
internal import Wire

/// The alarms that stand of one patient's device, each as its newest event left it.
///
/// The daemon is asked which stand when this dashboard joins and after a loss; between, alarm events are applied.
struct AlarmList: Sendable {
    /// Alarms of a device at most; a daemon knows fewer statements that may alarm.
    static let alarmsMax = 64

    /// One alarm that stands.
    struct Alarm: Sendable {
        let id: String
        let statement: String
        /// Grows with the priority.
        let urgency: Int
        /// What the pages read of it.
        let object: JSONObject
    }

    /// The alarms in the order in which they began to stand.
    private(set) var standing: [Alarm] = []

    /// Whether none stands.
    var isEmpty: Bool { standing.isEmpty }

    /// Takes the data of an alarm event that has that time and that id.
    ///
    /// What is told once does not stand. A patient has one alarm of a statement at a time, so another one takes the place
    /// of an alarm whose end was lost on the way.
    mutating func take(_ data: JSONObject, at time: JSONValue, event: JSONValue) {
        guard let id = data["alarm_id"]?.text, let statement = data["statement"]?.text else { return }
        let place = standing.firstIndex { $0.id == id }
        if data["phase"]?.text == AlarmEvent.Phase.timePoint.rawValue {
            guard let place, data["evidence"]?.text == Statement.Evidence.both.rawValue else { return }
            standing[place] = standing[place].agreed
            return
        }
        if data["phase"]?.text == AlarmEvent.Phase.end.rawValue
            || data["state"]?.text == AlarmEvent.State.inactive.rawValue
        {
            standing.removeAll { $0.id == id }
            return
        }
        let before = place.map { standing[$0] }
        let alarm = Alarm(id: id, statement: statement, data, at: time, event: event, before: before)
        if let place {
            standing[place] = alarm
            return
        }
        standing.removeAll { $0.statement == statement }
        if standing.count == AlarmList.alarmsMax {
            let least = standing.indices.min { standing[$0].urgency < standing[$1].urgency } ?? 0
            guard standing[least].urgency < alarm.urgency else { return }
            standing.remove(at: least)
        }
        standing.append(alarm)
    }

    /// Those that the daemon told, each as its newest event left it, stand, and no others.
    mutating func replace(by alarms: [JSONObject]) {
        let agreed = Set(standing.filter { $0.object["agrees"] == .bool(true) }.map(\.id))
        standing = []
        for alarm in alarms { take(alarm, at: alarm["time"] ?? .null, event: alarm["id"] ?? .null) }
        // A snapshot does not tell of the model's word, which was heard before.
        for place in standing.indices where agreed.contains(standing[place].id) {
            standing[place] = standing[place].agreed
        }
    }

    /// Nothing is known of them any more.
    mutating func removeAll() { standing = [] }
}

extension AlarmList.Alarm {
    private static let order = ["low", "medium", "high"]

    /// An alarm of an event's data; `before` is the same alarm as the event before left it.
    fileprivate init(
        id: String,
        statement: String,
        _ data: JSONObject,
        at time: JSONValue,
        event: JSONValue,
        before: AlarmList.Alarm?
    ) {
        self.id = id
        self.statement = statement
        urgency = AlarmList.Alarm.order.firstIndex(of: data["priority"]?.text ?? "") ?? -1
        let agrees = before?.object["agrees"] ?? .bool(false)
        object = AlarmList.members(of: data).with([
            "id": .string(id), "changed": time, "event": event, "agrees": agrees,
        ])
    }

    /// The same alarm, with which the model agrees.
    fileprivate var agreed: AlarmList.Alarm {
        AlarmList.Alarm(
            id: id,
            statement: statement,
            urgency: urgency,
            object: object.with(["agrees": .bool(true)])
        )
    }
}

extension AlarmList {
    /// What the pages read of an alarm event's data.
    static func members(of data: JSONObject) -> JSONObject {
        let names = [
            "statement", "en", "ja", "class", "priority", "state", "signal", "reason", "figure", "leads",
            "by",
        ]
        return JSONObject(names.map { ($0, data[$0] ?? .null) })
            .with(["since": data["onset"]?.object?["time"] ?? .null])
    }
}
