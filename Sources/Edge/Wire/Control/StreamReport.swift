public import ECGSignal

/// One stream as STREAMS tells of it: its state, its leads with their ledgers, and what was lost on the way.
public struct StreamReport: Sendable, Equatable {
    /// One lead of a stream.
    public struct Lead: Sendable, Equatable {
        /// The lead's name.
        public var name: String
        /// The track that it is sent in; nil while only refused chunks have named it.
        public var track: Int?
        /// Its nominal rate; nil while none of its samples was taken.
        public var hertz: Double?
        /// What became of its samples.
        public var ledger: Ledger
        /// What the device said of the electrode last.
        public var contact: String
        /// What was wrong with its signal in the newest second.
        public var faults: [String]

        /// A lead with its ledger.
        public init(
            name: String,
            track: Int?,
            hertz: Double?,
            ledger: Ledger,
            contact: String,
            faults: [String] = []
        ) {
            self.name = name
            self.track = track
            self.hertz = hertz
            self.ledger = ledger
            self.contact = contact
            self.faults = faults
        }
    }

    /// The name of the list in the reply.
    public static let list = "streams"

    /// The stream's name.
    public var stream: String
    /// The patient's id.
    public var patient: String
    /// The device's id.
    public var device: String
    /// The epoch, 16 hex digits.
    public var epoch: String
    /// `starting`, `live`, `silent` or `closed`.
    public var state: String
    /// Why it is closed; nil where it is not.
    public var why: String?
    /// How the log names it.
    public var logName: String
    /// First grid sample of its newest window; nil where none was cut.
    public var newestWindow: GridIndex?
    /// Why nothing was said of that window; nil where it was ranked.
    public var withheld: String?
    /// `good`, `limited` or `unanalysable`: the signal of the newest second; nil before there was one, and once it is closed.
    public var quality: String?
    /// Its leads in their order.
    public var leads: [Lead]
    /// How many of its chunks were refused, by code.
    public var refused: [StatusReport.CodeCount]
    /// Chunks that are missing by their numbers.
    public var missingChunks: Int
    /// Chunks that came again with nothing new in them.
    public var duplicateChunks: Int
    /// The device's battery; nil where it is not known.
    public var batteryPercent: Int?
    /// How much faster than nominal the device's clock runs, parts in a million; nil until it has been measured.
    public var driftPartsPerMillion: Double?
    /// Milliseconds by which times may be off, besides what a chunk needs on its way; nil where not known.
    public var offsetUncertaintyMilliseconds: Double?
    /// Whether samples come at another rate than declared; nil until it has been measured.
    public var isRateMismatched: Bool?

    /// A stream with all that is told of it.
    public init(
        stream: String,
        patient: String,
        device: String,
        epoch: String,
        state: String,
        why: String?,
        logName: String,
        newestWindow: GridIndex?,
        withheld: String? = nil,
        quality: String? = nil,
        leads: [Lead],
        refused: [StatusReport.CodeCount],
        missingChunks: Int,
        duplicateChunks: Int,
        batteryPercent: Int?,
        driftPartsPerMillion: Double? = nil,
        offsetUncertaintyMilliseconds: Double? = nil,
        isRateMismatched: Bool? = nil
    ) {
        self.stream = stream
        self.patient = patient
        self.device = device
        self.epoch = epoch
        self.state = state
        self.why = why
        self.logName = logName
        self.newestWindow = newestWindow
        self.withheld = withheld
        self.quality = quality
        self.leads = leads
        self.refused = refused
        self.missingChunks = missingChunks
        self.duplicateChunks = duplicateChunks
        self.batteryPercent = batteryPercent
        self.driftPartsPerMillion = driftPartsPerMillion
        self.offsetUncertaintyMilliseconds = offsetUncertaintyMilliseconds
        self.isRateMismatched = isRateMismatched
    }

    /// The stream as an entry of the reply; what has not been measured yet is null.
    public var object: JSONObject {
        [
            "stream": .string(stream), "patient": .string(patient), "device": .string(device),
            "epoch": .string(epoch), "state": .string(state), "why": .stringOrNull(why),
            "log": .string(logName), "window": .integerOrNull(newestWindow),
            "window_withheld": .stringOrNull(withheld), "quality": .stringOrNull(quality),
            "leads": .array(leads.map { .object($0.object) }),
            "refused": .object(JSONObject(refused.map { ($0.code, .integer(Int64($0.count))) })),
            "drift_ppm": driftPartsPerMillion.map { .decimal($0, places: 1) } ?? .null,
            "missing": .integer(Int64(missingChunks)),
            "duplicate_chunks": .integer(Int64(duplicateChunks)),
            "battery_percent": .integerOrNull(batteryPercent.map(Int64.init)),
            "offset_uncertainty_ms": offsetUncertaintyMilliseconds.map { .decimal($0, places: 1) } ?? .null,
            "rate_mismatch": isRateMismatched.map(JSONValue.bool) ?? .null,
        ]
    }

    /// Reads an entry; a name that is missing is `?`, a count 0.
    public init(_ object: JSONObject) {
        func number(_ name: String) -> Int { Int(clamping: object[name]?.whole ?? 0) }
        self.init(
            stream: object["stream"]?.text ?? "?",
            patient: object["patient"]?.text ?? "?",
            device: object["device"]?.text ?? "?",
            epoch: object["epoch"]?.text ?? "?",
            state: object["state"]?.text ?? "?",
            why: object["why"]?.text,
            logName: object["log"]?.text ?? "-",
            newestWindow: object["window"]?.whole,
            withheld: object["window_withheld"]?.text,
            quality: object["quality"]?.text,
            leads: object["leads"]?.array?.compactMap(\.object).map(Lead.init) ?? [],
            refused: (object["refused"]?.object?.members ?? []).map {
                StatusReport.CodeCount(code: $0.name, count: Int(clamping: $0.value.whole ?? 0))
            },
            missingChunks: number("missing"),
            duplicateChunks: number("duplicate_chunks"),
            batteryPercent: object["battery_percent"]?.whole.flatMap { Int(exactly: $0) },
            driftPartsPerMillion: object["drift_ppm"]?.real,
            offsetUncertaintyMilliseconds: object["offset_uncertainty_ms"]?.real,
            isRateMismatched: object["rate_mismatch"] == .bool(true)
                ? true : object["rate_mismatch"] == .bool(false) ? false : nil
        )
    }
}

extension StreamReport.Lead {
    fileprivate var object: JSONObject {
        [
            "lead": .string(name), "track": .integerOrNull(track.map(Int64.init)),
            "rate": hertz.map { .decimal($0, places: 3) } ?? .null,
            "received": .integer(Int64(ledger.received)), "analysed": .integer(Int64(ledger.analysed)),
            "duplicate": .integer(Int64(ledger.duplicate)), "late": .integer(Int64(ledger.late)),
            "conflict": .integer(Int64(ledger.conflict)), "refused": .integer(Int64(ledger.refused)),
            "held": .integer(Int64(ledger.held)), "contact": .string(contact),
            "quality": .array(faults.map { .string($0) }),
        ]
    }

    fileprivate init(_ object: JSONObject) {
        func number(_ name: String) -> Int { Int(clamping: object[name]?.whole ?? 0) }
        var ledger = Ledger()
        ledger.received = number("received")
        ledger.analysed = number("analysed")
        ledger.duplicate = number("duplicate")
        ledger.late = number("late")
        ledger.conflict = number("conflict")
        ledger.refused = number("refused")
        ledger.held = number("held")
        self.init(
            name: object["lead"]?.text ?? "?",
            track: object["track"]?.whole.flatMap { Int(exactly: $0) },
            hertz: object["rate"]?.real,
            ledger: ledger,
            contact: object["contact"]?.text ?? "?",
            faults: object["quality"]?.array?.compactMap(\.text) ?? []
        )
    }
}
