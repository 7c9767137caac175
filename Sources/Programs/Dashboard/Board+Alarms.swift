internal import Wire

/// What becomes of alarm events on the board: tiles keep what stands, a list keeps what happened.
extension Board {
    /// Steps of alarms that are kept.
    static let stepsMax = 200
    /// Milliseconds for which it is said that a daemon that began anew has forgotten its alarms.
    static let forgottenMax: Int64 = 600_000

    /// The alarms that stood when a daemon began anew, of which it knows nothing any more.
    struct Forgotten: Sendable {
        /// Of those that are named.
        static let namedMax = 8

        let at: Int64
        private(set) var count: Int
        /// The most urgent of them, with the patient of each.
        private(set) var named: [JSONObject]
        private var ids: Set<String>

        /// What stood at that time, the most urgent first.
        init(at now: Int64, _ alarms: [(patient: String, alarm: AlarmList.Alarm)]) {
            at = now
            count = alarms.count
            named = alarms.prefix(Forgotten.namedMax).map { patient, alarm in
                alarm.object.with(["patient": .string(patient)])
            }
            ids = Set(alarms.compactMap { $0.alarm.object["id"]?.text })
        }

        /// The same without those that the daemon knows after all, by their ids; nil where none is left.
        func without(_ standing: Set<String>) -> Forgotten? {
            var left = self
            left.ids.subtract(standing)
            left.count -= ids.count - left.ids.count
            left.named.removeAll { standing.contains($0["id"]?.text ?? "") }
            return left.count > 0 ? left : nil
        }
    }

    /// An alarm event: a step in the life of an alarm, or what is told once.
    mutating func alarm(_ data: JSONObject, _ event: JSONObject, from source: Int, at now: Int64) {
        let time = event["time"] ?? .null
        let number = change()
        steps.append(Fact(number: number, at: now, object: Board.step(data, event, from: source)))
        if steps.count > Board.stepsMax { steps.removeFirst(steps.count - Board.stepsMax) }
        keep(data, event, from: source)
        guard let id = alarmTile(of: data, from: source, at: now) else { return }
        tiles[id]?.take(alarm: data, at: time, event: event["id"] ?? .null, number)
        guard let strip = Strip(data, source: source, tile: id), let tile = tiles[id] else { return }
        strips.begin(strip, before: tile.stream == strip.stream ? tile.monitor : [])
    }

    /// What the pages read of a step of an alarm.
    static func step(_ data: JSONObject, _ event: JSONObject, from source: Int) -> JSONObject {
        AlarmList.members(of: data).with([
            "id": data["alarm_id"] ?? .null, "time": event["time"] ?? .null,
            "event": event["id"] ?? .null, "source": .integer(Int64(source)),
            "patient": data["patient"] ?? .null, "device": data["device"] ?? .null,
            "phase": data["phase"] ?? .null, "evidence": data["evidence"] ?? .null,
        ])
    }

    /// The tile that shows an alarm of that data.
    ///
    /// An alarm outlives the epoch in which it began, so its tile is that of the device, whatever stream is named.
    mutating func alarmTile(of data: JSONObject, from source: Int, at now: Int64) -> Int? {
        let known = tiles.first {
            $0.value.source == source && $0.value.patient == data["patient"]?.text
                && $0.value.device == data["device"]?.text
        }
        return known?.key ?? tile(of: data, from: source, at: now)
    }

    /// A run of the daemon is heard for the first time.
    mutating func begin(_ run: String, from source: Int, at now: Int64) {
        if sources[source].run != nil { restart(source, at: now) }
        sources[source].run = run
        sources[source].settings = []
        (sources[source].rates, sources[source].ratesBy) = (nil, nil)
    }

    /// The daemon began anew: its streams say by themselves that they go on, and its alarms begin anew.
    private mutating func restart(_ source: Int, at now: Int64) {
        sources[source].facts = nil
        let number = change()
        var lost: [(patient: String, alarm: AlarmList.Alarm)] = []
        for (id, tile) in tiles where tile.source == source {
            lost += tile.alarms.standing.map { (tile.patient, $0) }
            tiles[id]?.restart(at: now, number)
        }
        guard !lost.isEmpty else { return }
        let sorted = lost.sorted { ($1.alarm.urgency, $0.patient) < ($0.alarm.urgency, $1.patient) }
        sources[source].forgotten = Forgotten(at: now, sorted)
    }
}
