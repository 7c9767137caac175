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
        /// The first number that was asked for, and when that was, in UTC milliseconds; nil before the first answer.
        var begin: (number: Int64, utc: Int64)?
        /// Up to which number alarms and facts have been asked for.
        var reached: Int64 = 0
        /// Whether something has to be asked for.
        var isDue = true

        static func == (left: History, right: History) -> Bool {
            left.place == right.place && left.begin?.number == right.begin?.number
                && left.begin?.utc == right.begin?.utc && left.reached == right.reached
                && left.isDue == right.isDue
        }
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
        for id in tiles.keys where tiles[id]?.source == source { tiles[id]?.missPast(isOther: false) }
    }

    /// How far the journal was read, where more of it has to be.
    func dueHistory(of source: Int) -> History? {
        sources[source].history.flatMap { $0.isDue && !sources[source].isLost ? $0 : nil }
    }

    /// Everything up to the place that `asked` names was told, from `begin` on.
    mutating func endHistory(_ asked: History, begin: (number: Int64, utc: Int64), from source: Int) {
        guard let now = sources[source].history, now.place.epoch == asked.place.epoch else { return }
        sources[source].history?.begin = now.begin ?? begin
        sources[source].history?.reached = asked.place.sequence
        sources[source].history?.isDue = false
        sources[source].version = change()
    }

    /// A tile whose past was not asked for yet, with the first number to ask for.
    func tileWithoutPast(of source: Int) -> (id: Int, patient: String, from: Int64)? {
        guard let history = sources[source].history, !history.isDue, let begin = history.begin else {
            return nil
        }
        let found = tiles.values.filter { $0.source == source && !$0.hasPast }.min { $0.id < $1.id }
        return found.map { ($0.id, $0.patient, max(begin.number, $0.pastReached + 1)) }
    }

    /// Alarms and technical facts of the past, in any order; what is on the board already is passed over.
    mutating func take(past events: [JSONObject], from source: Int) {
        var known = Set((steps + facts).compactMap { $0.object["event"]?.text })
        for event in events {
            guard let data = event["data"]?.object, let id = event["id"]?.text, known.insert(id).inserted
            else {
                continue
            }
            switch event["type"]?.text {
            case EventKind.alarm.type:
                steps.append(Fact(number: change(), object: Board.step(data, event, from: source)))
            case EventKind.tech.type:
                facts.append(Fact(number: change(), object: Board.fact(data, event, from: source)))
            default: break
            }
        }
        steps = Board.newest(of: steps, Board.stepsMax)
        facts = Board.newest(of: facts, Board.factsMax)
    }

    private static func newest(of list: [Fact], _ count: Int) -> [Fact] {
        func time(_ fact: Fact) -> String { fact.object["time"]?.text ?? "" }
        return Array(list.sorted { (time($0), $0.number) < (time($1), $1.number) }.suffix(count))
    }

    /// The vital signs of a patient's past, a row a minute at most; `utc` is the wall clock `now`, both in milliseconds.
    mutating func take(vitals events: [JSONObject], of tile: Int, at now: Int64, utc: Int64) {
        for event in events {
            guard let data = event["data"]?.object, data["device"]?.text == tiles[tile]?.device,
                let time = event["time"]?.text.flatMap({ utcNanoseconds(ofTimestamp: $0) })
            else { continue }
            let age = utc - time / 1_000_000
            guard (0..<Board.historyMax).contains(age) else { continue }
            tiles[tile]?.take(past: data, at: now - age)
        }
    }

    /// All that the journal holds of a patient's past up to that place was told.
    mutating func endPast(of tile: Int, upTo place: JournalPlace, from source: Int, at now: Int64, utc: Int64)
    {
        guard let history = sources[source].history, history.place.epoch == place.epoch else { return }
        let age = min(utc - (history.begin?.utc ?? utc), Board.historyMax)
        tiles[tile]?.endPast(since: now - age, upTo: place.sequence)
    }
}
