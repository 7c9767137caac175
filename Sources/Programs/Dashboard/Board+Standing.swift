internal import Wire

/// Which alarms stand: the daemon is asked when it is heard for the first time, after a loss and after it began anew.
///
/// This dashboard is subscribed before it asks. Alarm events that come while the daemon answers change the tiles at once,
/// and are kept; those that are numbered above the answer's heads are applied to the answer too.
extension Board {
    /// Alarm events that are kept while the daemon is asked; where more come, it is asked again.
    static let heardMax = 10_000

    /// A question which alarms stand, and what was heard since it was asked.
    struct StandingQuestion: Sendable {
        /// An alarm event.
        struct Heard: Sendable {
            let topic: String
            let number: UInt64
            let data: JSONObject
            let time: JSONValue
            let id: JSONValue
        }

        var heard: [Heard] = []
    }

    /// Whether a daemon is heard of whose alarms are not known.
    func mustAskStanding(of source: Int) -> Bool {
        sources[source].run != nil && !sources[source].isLost && !sources[source].isStandingKnown
    }

    /// The alarms of a daemon may not be those that stand, because events are missing; what is being asked is too old.
    mutating func doubt(_ source: Int) {
        sources[source].isStandingKnown = false
        sources[source].question = nil
    }

    /// The daemon is asked now.
    mutating func askStanding(of source: Int) {
        sources[source].question = mustAskStanding(of: source) ? StandingQuestion() : nil
    }

    /// Keeps an alarm event while the daemon is asked.
    mutating func keep(_ data: JSONObject, _ event: JSONObject, from source: Int) {
        guard let count = sources[source].question?.heard.count, let patient = data["patient"]?.text,
            let place = EventPlace(of: event)
        else { return }
        guard count < Board.heardMax else { return doubt(source) }
        sources[source].question?.heard.append(
            StandingQuestion.Heard(
                topic: Topic.event(ward: event["ward"]?.text ?? "_", kind: .alarm, patient: patient),
                number: place.number,
                data: data,
                time: event["time"] ?? .null,
                id: event["id"] ?? .null
            )
        )
    }

    /// The pages of SNAPSHOT: what people set, and, where that was asked, the alarms that stand.
    ///
    /// Pages of another run than the one that is heard say nothing of it, and the daemon is asked again.
    mutating func take(snapshot pages: [JSONObject], from source: Int, at now: Int64) {
        guard let run = sources[source].run, pages.allSatisfy({ $0["run"]?.text == run }) else { return }
        let settings = Board.entries(SnapshotReport.settings, in: pages)
        let (rates, ratesBy) = (
            pages.last?[SnapshotReport.rates]?.object, pages.last?[SnapshotReport.ratesBy]?.text
        )
        if settings != sources[source].settings || rates != sources[source].rates
            || ratesBy != sources[source].ratesBy
        {
            sources[source].settings = settings
            (sources[source].rates, sources[source].ratesBy) = (rates, ratesBy)
            sources[source].version = change()
        }
        guard let question = sources[source].question else { return }
        sources[source].question = nil
        let alarms = Board.entries(SnapshotReport.list, in: pages)
        let number = change()
        let ids = Set(alarms.compactMap { $0["alarm_id"]?.text })
        sources[source].forgotten = sources[source].forgotten?.without(ids)
        var standing: [Int: [JSONObject]] = [:]
        for alarm in alarms {
            guard let id = alarmTile(of: alarm, from: source, at: now) else { continue }
            standing[id, default: []].append(alarm)
        }
        for id in tiles.keys where tiles[id]?.source == source {
            tiles[id]?.take(standing: standing[id] ?? [], number)
        }
        let heads = Board.heads(in: pages)
        for event in question.heard where event.number > heads[event.topic] ?? 0 {
            guard let id = alarmTile(of: event.data, from: source, at: now) else { continue }
            tiles[id]?.take(alarm: event.data, at: event.time, event: event.id, number)
        }
        sources[source].isStandingKnown = true
        sources[source].version = change()
    }

    private static func entries(_ list: String, in pages: [JSONObject]) -> [JSONObject] {
        pages.flatMap { $0[list]?.array ?? [] }.compactMap(\.object)
    }

    /// The number up to which the pages tell of each topic; where two pages name a topic, the smaller one counts.
    private static func heads(in pages: [JSONObject]) -> [String: UInt64] {
        var heads: [String: UInt64] = [:]
        for head in pages.flatMap({ $0["heads"]?.object?.members ?? [] }) {
            let number = UInt64(clamping: head.value.whole ?? 0)
            heads[head.name] = min(heads[head.name] ?? number, number)
        }
        return heads
    }
}
