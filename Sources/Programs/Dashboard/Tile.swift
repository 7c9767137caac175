internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Wire

/// One patient's device on the pages: where it stands, its alarms, how its stream is, its newest window and waveforms.
struct Tile: Sendable {
    /// Messages of waveforms that are kept for a tab that comes: 15 s.
    static let wavesMax = 75
    /// Milliseconds after which a waveform is not sent to a tab that fell behind.
    static let waveAgeMax: Int64 = 2_000

    /// A message of waveforms with its number on this board.
    struct Wave: Sendable {
        let number: UInt64
        let arrivedAt: Int64
        /// The grid samples that it spans, from the stream's origin.
        let start: GridIndex
        var end: GridIndex { start + Wave.span }
        private static let span: GridIndex = 100
        /// The message in base64.
        let text: String
    }

    let id: Int
    let source: Int
    let patient: String
    let device: String
    /// The ward of the patient; `_` is none.
    var ward = "_"
    private(set) var stream: String
    private(set) var epoch: UInt64
    /// The place among the tiles, from 0; it never changes.
    let place: Int
    private(set) var openedAt: Int64
    private(set) var state = "starting"
    /// Why it ended; nil while it has not.
    private(set) var why: String?
    private(set) var endedAt: Int64?
    private(set) var battery: Int?
    /// Leads whose electrode is off or poor, as the device says.
    private(set) var contacts: [(lead: String, contact: String)] = []
    /// The data of the newest window; nil before the first.
    private(set) var window: JSONObject?
    private(set) var windowAt: Int64 = 0
    private(set) var latency: Int64?
    /// The data of the newest vital signs; nil before the first.
    private(set) var vitals: JSONObject?
    private(set) var vitalsAt: Int64 = 0
    /// The vital signs of the last hours, of whatever epochs.
    private(set) var trend = Trend()
    /// Whether the journal was asked for what was before and for what was missed, and up to which number it was asked last.
    private(set) var hasPast = false
    private(set) var pastReached: Int64 = 0
    /// What a person is told of the window.
    private(set) var found: [JSONObject] = []
    private(set) var near: [JSONObject] = []
    /// The alarms that stand; they outlive the stream.
    private(set) var alarms = AlarmList()
    /// Changes but for waveforms.
    private(set) var version: UInt64
    private(set) var windowVersion: UInt64 = 0
    private(set) var monitor: [Wave] = []
    private(set) var diagnostic: [Wave] = []

    init(
        id: Int,
        source: Int,
        patient: String,
        device: String,
        stream: String,
        epoch: UInt64,
        place: Int,
        at now: Int64,
        _ version: UInt64
    ) {
        self.id = id
        self.source = source
        self.patient = patient
        self.device = device
        self.stream = stream
        self.epoch = epoch
        self.place = place
        openedAt = now
        self.version = version
    }

    /// Whether its stream is over.
    var isEnded: Bool { endedAt != nil }

    /// Another epoch of the same device: nothing of the one before is shown any more, but for alarms that stand.
    mutating func move(to stream: String, _ epoch: UInt64, at now: Int64, _ version: UInt64) {
        self.stream = stream
        self.epoch = epoch
        openedAt = now
        state = "starting"
        why = nil
        endedAt = nil
        window = nil
        vitals = nil
        found = []
        near = []
        monitor = []
        diagnostic = []
        self.version = version
    }

    /// Samples come, or come again.
    mutating func open(_ version: UInt64) {
        state = window == nil ? "starting" : "live"
        why = nil
        endedAt = nil
        self.version = version
    }

    /// Nothing has come for 2 s.
    mutating func fallSilent(_ version: UInt64) {
        guard !isEnded else { return }
        state = "silent"
        self.version = version
    }

    /// The stream is over.
    mutating func end(why: String, at now: Int64, _ version: UInt64) {
        guard !isEnded else { return }
        state = "closed"
        self.why = why
        endedAt = now
        self.version = version
    }

    /// The daemon began anew: the stream is over until it says otherwise, and nothing is known of its alarms.
    mutating func restart(at now: Int64, _ version: UInt64) {
        end(why: "restarted", at: now, version)
        alarms.removeAll()
        self.version = version
    }

    /// An alarm event, with its time and its id.
    mutating func take(alarm data: JSONObject, at time: JSONValue, event: JSONValue, _ version: UInt64) {
        alarms.take(data, at: time, event: event)
        self.version = version
    }

    /// The alarms that the daemon told to stand; no others do.
    mutating func take(standing: [JSONObject], _ version: UInt64) {
        guard !standing.isEmpty || !alarms.isEmpty else { return }
        alarms.replace(by: standing)
        self.version = version
    }

    /// Whether STREAMS says something new of it.
    func differs(from report: StreamReport) -> Bool {
        report.stream == stream
            && (report.state != state || report.batteryPercent != battery
                || !Tile.contacts(of: report).elementsEqual(contacts, by: ==))
    }

    /// What STREAMS says of it.
    mutating func take(_ report: StreamReport, at now: Int64, _ version: UInt64) {
        battery = report.batteryPercent
        contacts = Tile.contacts(of: report)
        self.version = version
        if report.state == "closed" { return end(why: report.why ?? "unknown", at: now, version) }
        state = report.state
        why = nil
        endedAt = nil
    }

    private static func contacts(of report: StreamReport) -> [(lead: String, contact: String)] {
        report.leads.filter { ["off", "poor"].contains($0.contact) }.map { ($0.name, $0.contact) }
    }

    /// The newest window.
    mutating func take(
        diagnosis: JSONObject,
        latency: Int64?,
        people: StatementsForPeople,
        at now: Int64,
        _ version: UInt64
    ) {
        window = diagnosis
        windowAt = now
        windowVersion = version
        self.latency = latency
        if !isEnded, state != "silent" { state = "live" }
        let top = (diagnosis["top"]?.array ?? []).compactMap(\.object)
        let selection = people.select(top.map { ($0["id"]?.text ?? "?", $0["probability"]?.real) })
        func entry(_ place: Int) -> JSONObject {
            let statement = top[place]
            return [
                "id": statement["id"] ?? .null, "en": statement["en"] ?? .null,
                "ja": statement["ja"] ?? .null, "p": statement["probability"] ?? .null,
                "threshold": .number(people.threshold(of: statement["id"]?.text ?? "")),
            ]
        }
        found = selection.found.map(entry)
        near = selection.near.map(entry)
        self.version = version
    }

    /// The vital signs of the newest second.
    mutating func take(vitals data: JSONObject, at now: Int64, _ version: UInt64) {
        vitals = data
        vitalsAt = now
        trend.take(data, at: now)
        self.version = version
    }

    /// The vital signs of one second of the past, which was at `time` of the dashboard's clock.
    mutating func take(past data: JSONObject, at time: Int64) { trend.take(past: data, at: time) }

    /// What the journal holds of the past up to that number was told; it reaches back to `since`, and is whole where nothing
    /// was missed meanwhile.
    mutating func endPast(since: Int64, upTo number: Int64, isWhole: Bool) {
        hasPast = isWhole
        pastReached = number
        trend.reach(back: since)
    }

    /// The journal has to be asked again, from where it was asked last on, or from its begin where it is another one.
    mutating func missPast(isOther: Bool) {
        hasPast = false
        if isOther { pastReached = 0 }
    }

    /// The next waveforms.
    mutating func take(_ wave: Wave, _ band: TraceBlock.Band) {
        switch band {
        case .monitor:
            monitor.append(wave)
            if monitor.count > Tile.wavesMax { monitor.removeFirst() }
        case .diagnostic:
            diagnostic.append(wave)
            if diagnostic.count > Tile.wavesMax { diagnostic.removeFirst() }
        }
    }

    /// The tile as the page reads it; `now` makes the age of its window.
    func object(at now: Int64) -> JSONObject {
        let leads = (window?["leads"]?.array ?? []).compactMap(\.object).map { lead -> JSONValue in
            .array([
                lead["lead"] ?? .null, lead["source"] ?? .null, lead["coverage"] ?? .null,
                lead["reason"] ?? .null,
            ])
        }
        let shown: JSONObject =
            window.map { window in
                [
                    "end": window["window"]?.object?["end"] ?? .null, "age": .integer(now - windowAt),
                    "latency": .integerOrNull(latency), "used": window["leads_used"] ?? .array([]),
                    "leads": .array(leads), "withheld": window["window_withheld"] ?? .null,
                    "needing": .integer(Int64(window["withheld"]?.array?.count ?? 0)),
                    "found": .array(found.prefix(3).map(JSONValue.object)),
                    "near": .array(near.prefix(1).map(JSONValue.object)),
                ]
            } ?? [:]
        return [
            "id": .integer(Int64(id)), "place": .integer(Int64(place)), "source": .integer(Int64(source)),
            "patient": .string(patient), "device": .string(device), "stream": .string(stream),
            "epoch": .string(String(epoch, radix: 16)), "state": .string(state), "why": .stringOrNull(why),
            "battery": .integerOrNull(battery.map(Int64.init)),
            "contacts": .array(contacts.map { .array([.string($0.lead), .string($0.contact)]) }),
            "alarms": .array(alarms.standing.map { .object($0.object) }),
            "window": window == nil ? .null : .object(shown),
            "vitals": vitalSigns(at: now).map(JSONValue.object) ?? .null,
        ]
    }

    /// The newest vital signs as the page reads them; nil before the first.
    private func vitalSigns(at now: Int64) -> JSONObject? {
        guard let vitals else { return nil }
        func member(_ name: String) -> JSONValue { vitals[name] ?? .null }
        return [
            "rate": member("heart_rate"), "ectopic": member("ectopic_per_min"), "pr": member("pr"),
            "qrs": member("qrs"), "qtc": member("qtc_fridericia"),
            "why": vitals["why"]?.object?["heart_rate"] ?? .null, "age": .integer(now - vitalsAt),
        ]
    }

    /// The newest window whole, with what a person is told of it; nil before the first.
    func windowObject(at now: Int64) -> JSONObject? {
        window.map {
            [
                "tile": .integer(Int64(id)), "age": .integer(now - windowAt), "data": .object($0),
                "found": .array(found.map(JSONValue.object)), "near": .array(near.map(JSONValue.object)),
            ]
        }
    }
}
