internal import ECGSignal
internal import Wire

/// What was before this dashboard, and what it missed, as the journal of a daemon tells it.
///
/// Alarms' steps and technical facts of the last day are asked for when a journal is heard of for the first time, and those
/// since then whenever events were missed; the vital signs of a patient once its tile is there. What is told twice counts once.
extension Board {
    /// Milliseconds of the past that are asked for: a day, as long as trends are kept.
    static let historyMax: Int64 = Int64(Trend.minutesMax) * 60_000

    /// How far the journal of one daemon has been read.
    struct History: Sendable, Equatable {
        /// The journal with its newest event, as events and heartbeats name it.
        var place: JournalPlace
        /// Where it was begun to be read; nil before the first answer.
        var begin: Begin?
        /// Up to which number alarms and facts have been asked for.
        var reached: Int64 = 0
        /// Whether something has to be asked for.
        var isDue = true
        /// How often events were missed; what is missed while it is asked has to be asked for anew.
        var losses = 0
    }

    /// The first number that was asked for, and the time of its event in UTC milliseconds.
    struct Begin: Sendable, Equatable {
        let number: Int64
        let utc: Int64
    }

    /// A daemon names its journal; another one than before is read from its begin.
    mutating func take(journal place: JournalPlace, from source: Int) {
        guard sources[source].history?.place.epoch == place.epoch else {
            sources[source].history = History(place: place)
            for id in tiles.keys where tiles[id]?.source == source { tiles[id]?.missPast(isOther: true) }
            return
        }
        if place.sequence > sources[source].history?.place.sequence ?? 0 {
            sources[source].history?.place = place
        }
    }

    /// Events of a daemon are missing; its journal may have them.
    mutating func missHistory(of source: Int) {
        guard sources[source].history != nil else { return }
        sources[source].history?.isDue = true
        sources[source].history?.losses += 1
        for id in tiles.keys where tiles[id]?.source == source { tiles[id]?.missPast(isOther: false) }
    }

    /// How far the journal was read, where more of it has to be.
    func dueHistory(of source: Int) -> History? {
        sources[source].history.flatMap { $0.isDue && !sources[source].isLost ? $0 : nil }
    }

    /// Everything up to the place that `asked` names was told, from `begin` on.
    mutating func endHistory(_ asked: History, begin: Begin, from source: Int) {
        guard let now = sources[source].history, now.place.epoch == asked.place.epoch else { return }
        sources[source].history?.begin = now.begin ?? begin
        sources[source].history?.reached = asked.place.sequence
        sources[source].history?.isDue = now.losses != asked.losses
        sources[source].version = change()
    }

    /// What is asked about one tile's past.
    struct Past: Sendable, Equatable {
        let tile: Int
        let patient: String
        /// The first number, and the journal with the last one.
        let from: Int64
        let place: JournalPlace
        /// How often events had been missed when it was asked.
        let losses: Int
    }

    /// The past of a tile that was not asked for yet.
    func duePast(of source: Int) -> Past? {
        guard let history = sources[source].history, !history.isDue, let begin = history.begin else {
            return nil
        }
        let found = tiles.values.filter { $0.source == source && !$0.hasPast }.min { $0.id < $1.id }
        return found.map {
            Past(
                tile: $0.id,
                patient: $0.patient,
                from: max(begin.number, $0.pastReached + 1),
                place: history.place,
                losses: history.losses
            )
        }
    }

    /// Alarms and technical facts of the past, in any order; what is on the board already is passed over.
    ///
    /// `utc` is the wall clock `now`, both in milliseconds: an event of the past stands where its time puts it, and never
    /// behind what came since.
    mutating func take(past events: [JSONObject], from source: Int, at now: Int64, utc: Int64) {
        var known = Set((steps + facts).compactMap { $0.object["event"]?.text })
        for event in events {
            guard let data = event["data"]?.object, let id = event["id"]?.text, known.insert(id).inserted
            else { continue }
            let at = now - max(0, Board.age(of: event, utc) ?? 0)
            switch event["type"]?.text {
            case EventKind.alarm.type:
                steps.append(Fact(number: change(), at: at, object: Board.step(data, event, from: source)))
            case EventKind.tech.type:
                facts.append(Fact(number: change(), at: at, object: Board.fact(data, event, from: source)))
            default: break
            }
        }
        steps = Board.newest(of: steps, Board.stepsMax)
        facts = Board.newest(of: facts, Board.factsMax)
    }

    private static func newest(of list: [Fact], _ count: Int) -> [Fact] {
        Array(list.sorted { ($0.at, $0.number) < ($1.at, $1.number) }.suffix(count))
    }

    /// How many milliseconds before `utc` an event was; nil where it names no time.
    private static func age(of event: JSONObject, _ utc: Int64) -> Int64? {
        event["time"]?.text.flatMap { utcNanoseconds(ofTimestamp: $0) }.map { utc - $0 / 1_000_000 }
    }

    /// The vital signs of a patient's past, a row a minute at most; `utc` is the wall clock `now`, both in milliseconds.
    mutating func take(vitals events: [JSONObject], of tile: Int, at now: Int64, utc: Int64) {
        for event in events {
            guard let data = event["data"]?.object, data["device"]?.text == tiles[tile]?.device,
                let age = Board.age(of: event, utc), (0..<Board.historyMax).contains(age)
            else { continue }
            tiles[tile]?.take(past: data, at: now - age)
        }
    }

    /// All that the journal holds of what was asked was told.
    mutating func endPast(_ asked: Past, from source: Int, at now: Int64, utc: Int64) {
        guard let history = sources[source].history, history.place.epoch == asked.place.epoch else { return }
        let age = min(utc - (history.begin?.utc ?? utc), Board.historyMax)
        tiles[asked.tile]?.endPast(
            since: now - age,
            upTo: asked.place.sequence,
            isWhole: history.losses == asked.losses
        )
    }
}
