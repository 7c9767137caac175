public import ECGSignal
public import Findings
internal import Wire

/// What a log rests on besides its entries: whoever replays it needs the same model and the same limits.
///
/// Every segment of a log has it, as canonical JSON; numbers of 64 bits are texts there, since not every reader of JSON
/// holds them.
public struct FrameLogHeader: Sendable, Equatable {
    /// The run of the daemon, 16 hex digits.
    public var run: String
    /// The daemon's node.
    public var node: String
    /// Name and version of the program that wrote it.
    public var program: String
    /// The model's name.
    public var modelName: String
    /// The hashes of model, label bank and catalogue.
    public var revisions: Revisions
    /// Grid samples (1/500 s) between windows.
    public var hop: Int
    /// Seconds for which a late chunk is awaited.
    public var horizonSeconds: Int
    /// Open streams at most.
    public var streamsMax: Int
    /// Seconds without a frame after which a stream is closed.
    public var idleSeconds: Int
    /// How many times real time a stream may come; nil for no limit.
    public var ingestSpeedMax: Int?
    /// The text of the policy file that is in force at the begin; empty for the defaults.
    public var policy: String
    /// The text of the authorisation file that is in force at the begin; empty where everybody may do everything.
    public var authorisation: String
    /// What was acknowledged until the segment began; nil where nothing is acknowledged.
    public internal(set) var receipts: LoggedReceipts?
    /// Both clocks when the segment began.
    public var arrival: Arrival
    /// The segment's number in the log, from 1.
    public internal(set) var segment = 1
    /// The number of the segment's first entry in the log, from 1.
    public internal(set) var firstEntry = 1

    /// Makes the header of a log's first segment.
    public init(
        run: String,
        node: String,
        program: String,
        modelName: String,
        revisions: Revisions,
        hop: Int,
        horizonSeconds: Int,
        streamsMax: Int,
        idleSeconds: Int,
        ingestSpeedMax: Int?,
        policy: String = "",
        authorisation: String = "",
        arrival: Arrival
    ) {
        self.run = run
        self.node = node
        self.program = program
        self.modelName = modelName
        self.revisions = revisions
        self.hop = hop
        self.horizonSeconds = horizonSeconds
        self.streamsMax = streamsMax
        self.idleSeconds = idleSeconds
        self.ingestSpeedMax = ingestSpeedMax
        self.policy = policy
        self.authorisation = authorisation
        self.arrival = arrival
    }

    /// The header as JSON.
    var json: JSONValue {
        let members: JSONObject = [
            "bank": .string(revisions.bank), "catalogue": .string(revisions.catalogue),
            "first_entry": .integer(Int64(firstEntry)), "hop": .integer(Int64(hop)),
            "horizon_seconds": .integer(Int64(horizonSeconds)),
            "limits": .object([
                "idle_seconds": .integer(Int64(idleSeconds)),
                "ingest_speed_max": .integerOrNull(ingestSpeedMax.map(Int64.init)),
                "streams_max": .integer(Int64(streamsMax)),
            ]),
            "model": .string(revisions.model), "model_name": .string(modelName),
            "monotonic_ns": .string("\(arrival.monotonic)"), "node": .string(node),
            "notice": .string("research software, not a medical device"), "policy": .string(policy),
            "program": .string(program),
            "run": .string(run), "segment": .integer(Int64(segment)), "utc_ns": .string("\(arrival.utc)"),
        ]
        var object = members
        if !authorisation.isEmpty { object = object.with(["authorisation": .string(authorisation)]) }
        if let receipts { object = object.with(["receipts": receipts.json]) }
        return .object(object)
    }

    /// Reads a header; nil where a member is missing or is not what it should be, members of later versions aside.
    init?(json bytes: [UInt8]) {
        let most = RecordFormat.bodyBytes.upperBound
        guard let object = try? JSONValue(parsing: bytes, byteCountMax: most).object,
            let limits = object["limits"]?.object,
            let run = object["run"]?.text, let node = object["node"]?.text,
            let program = object["program"]?.text, let modelName = object["model_name"]?.text,
            let model = object["model"]?.text, let bank = object["bank"]?.text,
            let catalogue = object["catalogue"]?.text,
            let hop = FrameLogHeader.count(object["hop"]),
            let horizonSeconds = FrameLogHeader.count(object["horizon_seconds"]),
            let streamsMax = FrameLogHeader.count(limits["streams_max"]),
            let idleSeconds = FrameLogHeader.count(limits["idle_seconds"]),
            let segment = FrameLogHeader.count(object["segment"]),
            let firstEntry = FrameLogHeader.count(object["first_entry"]),
            let utc = object["utc_ns"]?.text.flatMap(Int64.init),
            let monotonic = object["monotonic_ns"]?.text.flatMap(Int64.init)
        else { return nil }
        self.init(
            run: run,
            node: node,
            program: program,
            modelName: modelName,
            revisions: Revisions(model: model, bank: bank, catalogue: catalogue),
            hop: hop,
            horizonSeconds: horizonSeconds,
            streamsMax: streamsMax,
            idleSeconds: idleSeconds,
            ingestSpeedMax: FrameLogHeader.count(limits["ingest_speed_max"]),
            policy: object["policy"]?.text ?? "",
            authorisation: object["authorisation"]?.text ?? "",
            arrival: Arrival(utc: utc, monotonic: monotonic)
        )
        self.segment = segment
        self.firstEntry = firstEntry
        if let receipts = object["receipts"] {
            guard let read = LoggedReceipts(json: receipts) else { return nil }
            self.receipts = read
        }
    }

    /// A number from 1 on.
    private static func count(_ value: JSONValue?) -> Int? {
        guard let whole = value?.whole, whole > 0, whole <= 1 << 53 else { return nil }
        return Int(whole)
    }
}
