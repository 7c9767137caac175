internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Wire

/// All that the pages show: tiles with their alarms, daemons, technical facts.
///
/// What comes in changes it, and each browser tab takes out what is new for it.
/// It is a value and decides by the times that it is told, milliseconds of one monotonic clock. Everything in it is
/// bounded. A tab that reads slowly is given the newest state once it reads again, so nothing waits for it.
struct Board: Sendable {
    /// Tiles at most; a patient beyond them is counted and not shown.
    static let tilesMax = 512
    /// Technical facts that are kept.
    static let factsMax = 200
    /// Milliseconds without a heartbeat after which a daemon counts as lost.
    static let heartbeatMax: Int64 = 3_000
    /// Milliseconds for which an ended stream keeps its place.
    static let endedMax: Int64 = 600_000

    /// What is known of one daemon.
    struct Source: Sendable {
        let events: String
        let control: String
        /// When it was heard last; nil before the first time.
        var heardAt: Int64?
        var isLost = false
        var run: String?
        /// Whether the tiles show the alarms that stand in this run: the daemon told them, and no event was lost since.
        var isStandingKnown = false
        /// The question which alarms stand; nil while it is not asked.
        var question: StandingQuestion?
        /// The prefixes of topics that its key may read; nil where it may read all, or it is not known yet.
        var rights: [String]?
        /// The prefixes of waveforms that its key may read; nil where it may read all, or it is not known yet.
        var waveRights: [String]?
        /// Its beds with the names that are shown, as ROSTER tells them; none where the key has no right to them.
        var roster: [JSONObject] = []
        /// What people set, as the newest snapshot tells it.
        var settings: [JSONObject] = []
        /// The rates that hold where nobody sets others, and who set them; nil before they are known.
        var rates: JSONObject?
        var ratesBy: String?
        /// How far its journal was read; nil where it names none.
        var history: History?
        /// What the run before left standing; nil where nothing, and some time later.
        var forgotten: Forgotten?
        var missed: UInt64 = 0
        /// What it counts of itself, and when it said so; nil before the first time.
        var metrics: [Metric] = []
        var metricsAt: Int64?
        /// The reply to STATUS; nil before the first.
        var facts: ServiceFacts?
        /// Entries of LABELS, and the sentence on what is never looked for.
        var labels: [JSONObject] = []
        var notLookedFor: String?
        var people = StatementsForPeople(catalogue: .shipped)
        var version: UInt64 = 0
    }

    /// A technical fact or a step of an alarm, with its number.
    struct Fact: Sendable {
        let number: UInt64
        /// When it came, or, of the past, when it was, in milliseconds of the dashboard's clock.
        let at: Int64
        let object: JSONObject
    }

    var sources: [Source]
    /// The tiles by their id, which counts from 0; a tile that is gone is nil.
    var tiles: [Int: Tile] = [:]
    var facts: [Fact] = []
    /// What happened to alarms.
    var steps: [Fact] = []
    /// The waveforms around the newest alarms.
    var strips = StripShelf()
    /// Tiles that went, with the version at which they did.
    var gone: [(id: Int, version: UInt64)] = []
    /// Patients that found no place.
    private(set) var turnedAway = 0
    /// Counts changes; whoever has seen version n is given what changed since.
    private(set) var version: UInt64 = 0
    private var nextTile = 0
    private var nextWave: UInt64 = 1

    /// A board of daemons of which nothing is known yet.
    init(sources: [(events: String, control: String)]) {
        self.sources = sources.map { Source(events: $0.events, control: $0.control) }
    }

    /// The number of the next change.
    mutating func change() -> UInt64 {
        version += 1
        return version
    }

    // MARK: what a daemon says

    /// An event, with how many were missed before it.
    mutating func take(event: JSONObject, missed: UInt64, run: String?, from source: Int, at now: Int64) {
        let isOtherRun = run.map { $0 != sources[source].run } ?? false
        if isOtherRun || sources[source].isLost || missed > 0 || sources[source].heardAt == nil {
            if let run, isOtherRun { begin(run, from: source, at: now) }
            if isOtherRun || missed > 0 {
                doubt(source)
                missHistory(of: source)
            }
            sources[source].isLost = false
            sources[source].missed += missed
            sources[source].version = change()
        }
        sources[source].heardAt = now
        guard let data = event["data"]?.object else { return }
        place(data["patient"]?.text, in: event["ward"]?.text, from: source)
        switch event["type"]?.text {
        case EventKind.diagnosis.type: diagnosis(data, event, from: source, at: now)
        case EventKind.vitals.type:
            guard let id = tile(of: data, from: source, at: now) else { return }
            let number = change()
            tiles[id]?.take(vitals: data, at: now, number)
        case EventKind.alarm.type: alarm(data, event, from: source, at: now)
        case EventKind.tech.type: technical(data, event, from: source, at: now)
        case EventKind.status.type:
            sources[source].facts = ServiceFacts(data)
            sources[source].version = change()
        default: break
        }
    }

    private mutating func diagnosis(_ data: JSONObject, _ event: JSONObject, from source: Int, at now: Int64)
    {
        guard let id = tile(of: data, from: source, at: now) else { return }
        let number = change()
        tiles[id]?.take(
            diagnosis: data,
            latency: event["latencyms"]?.whole,
            people: sources[source].people,
            at: now,
            number
        )
    }

    private mutating func technical(_ data: JSONObject, _ event: JSONObject, from source: Int, at now: Int64)
    {
        facts.append(Fact(number: change(), at: now, object: Board.fact(data, event, from: source)))
        if facts.count > Board.factsMax { facts.removeFirst(facts.count - Board.factsMax) }
        guard let said = TechnicalFacts(of: event), let code = said.code else { return }
        // Alarms that stand have come with the patient, or have gone.
        if code == .patientMoved { doubt(source) }
        let id = code == .streamOpened ? tile(of: data, from: source, at: now) : known(data, from: source)
        guard let id else { return }
        let number = change()
        switch code {
        case .streamOpened: tiles[id]?.open(number)
        case .streamSilent where data["phase"]?.text == "end": tiles[id]?.open(number)
        case .streamSilent: tiles[id]?.fallSilent(number)
        case .streamClosed: tiles[id]?.end(why: said.closeReason ?? "unknown", at: now, number)
        default: break
        }
    }

    /// What the pages read of a technical event.
    static func fact(_ data: JSONObject, _ event: JSONObject, from source: Int) -> JSONObject {
        let names = ["patient", "device", "code", "phase", "priority", "count", "detail"]
        return JSONObject(names.map { ($0, data[$0] ?? .null) }).with([
            "time": event["time"] ?? .null, "event": event["id"] ?? .null, "source": .integer(Int64(source)),
        ])
    }

    /// A patient is in that ward: there its waveforms are to be had.
    private mutating func place(_ patient: String?, in ward: String?, from source: Int) {
        guard let patient, let ward else { return }
        for (id, tile) in tiles
        where tile.source == source && tile.patient == patient && tile.ward != ward {
            tiles[id]?.ward = ward
        }
    }

    /// The beds as ROSTER lists them.
    mutating func take(roster: [JSONObject], from source: Int) {
        guard sources[source].roster != roster else { return }
        sources[source].roster = roster
        sources[source].version = change()
    }

    /// The streams as STREAMS lists them.
    mutating func take(streams: [StreamReport], from source: Int, at now: Int64) {
        var seen: Set<String> = []
        for stream in streams {
            seen.insert(stream.stream)
            let isOpen = stream.state != "closed"
            let data: JSONObject = [
                "patient": .string(stream.patient), "device": .string(stream.device),
                "stream": .string(stream.stream),
            ]
            guard let id = isOpen ? tile(of: data, from: source, at: now) : known(data, from: source) else {
                continue
            }
            guard tiles[id]?.differs(from: stream) == true else { continue }
            let number = change()
            tiles[id]?.take(stream, at: now, number)
        }
        for id in tiles.keys where tiles[id]?.source == source {
            guard let tile = tiles[id], !tile.isEnded, !seen.contains(tile.stream) else { continue }
            // It may have been opened after the list was made.
            guard now - tile.openedAt > 5_000 else { continue }
            let number = change()
            tiles[id]?.end(why: "gone", at: now, number)
        }
    }

    /// What STATUS and LABELS said.
    mutating func take(status: ServiceFacts, from source: Int) {
        guard sources[source].facts != status else { return }
        sources[source].facts = status
        sources[source].version = change()
    }

    /// The statements of a daemon with their thresholds.
    mutating func take(
        labels: [JSONObject],
        thresholds: [String: Double],
        notLookedFor: String?,
        from source: Int
    ) {
        sources[source].labels = labels
        sources[source].notLookedFor = notLookedFor
        sources[source].people = StatementsForPeople(catalogue: .shipped, thresholds: thresholds)
        sources[source].version = change()
    }

    /// Waveforms: `text` is the message in base64.
    mutating func take(
        wave message: WaveMessage,
        of patient: String,
        text: String,
        from source: Int,
        at now: Int64
    ) {
        guard Strip.samples.contains(message.start) else { return }
        for id in tiles.keys {
            guard let tile = tiles[id], tile.source == source, tile.patient == patient,
                tile.epoch == message.epoch
            else { continue }
            let wave = Tile.Wave(number: nextWave, arrivedAt: now, start: message.start, text: text)
            tiles[id]?.take(wave, message.band)
            if message.band == .monitor { strips.take(wave, epoch: message.epoch, of: id) }
            nextWave += 1
            return
        }
    }

    /// Time passes: a daemon that is not heard is lost, and an ended stream without an alarm loses its place.
    mutating func pass(at now: Int64) {
        for index in sources.indices where !sources[index].isLost {
            guard let heard = sources[index].heardAt, now - heard > Board.heartbeatMax else { continue }
            sources[index].isLost = true
            sources[index].version = change()
        }
        for index in sources.indices {
            guard let forgotten = sources[index].forgotten, now - forgotten.at > Board.forgottenMax else {
                continue
            }
            sources[index].forgotten = nil
            sources[index].version = change()
        }
        for id in tiles.keys {
            guard let tile = tiles[id], let ended = tile.endedAt, now - ended > Board.endedMax,
                tile.alarms.isEmpty
            else { continue }
            tiles[id] = nil
            gone.append((id, change()))
            if gone.count > Board.tilesMax { gone.removeFirst() }
        }
    }

    // MARK: tiles

    private func known(_ data: JSONObject, from source: Int) -> Int? {
        tiles.first { $0.value.source == source && $0.value.stream == data["stream"]?.text }?.key
    }

    /// The tile of a patient's device, a new one where it has none; a new epoch goes on in the same tile.
    mutating func tile(of data: JSONObject, from source: Int, at now: Int64) -> Int? {
        guard let patient = data["patient"]?.text, let device = data["device"]?.text,
            let stream = data["stream"]?.text,
            let epoch = stream.split(separator: ".").last.flatMap({ UInt64($0, radix: 16) })
        else { return nil }
        let found = tiles.first {
            $0.value.source == source && $0.value.patient == patient && $0.value.device == device
        }
        if let found {
            if found.value.stream != stream {
                let number = change()
                tiles[found.key]?.move(to: stream, epoch, at: now, number)
            }
            return found.key
        }
        guard tiles.count < Board.tilesMax else {
            turnedAway += 1
            return nil
        }
        let taken = Set(tiles.values.map(\.place))
        let place = (0...tiles.count).first { !taken.contains($0) } ?? tiles.count
        let id = nextTile
        nextTile += 1
        tiles[id] = Tile(
            id: id,
            source: source,
            patient: patient,
            device: device,
            stream: stream,
            epoch: epoch,
            place: place,
            at: now,
            change()
        )
        return id
    }
}
