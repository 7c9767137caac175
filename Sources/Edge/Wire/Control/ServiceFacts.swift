/// What the daemon tells of itself as a whole: the data of status events and the first part of STATUS.
public struct ServiceFacts: Sendable, Equatable {
    /// Whether it takes frames and publishes events.
    public var isReady: Bool
    /// The name of its model.
    public var model: String
    /// Streams that are open now.
    public var openStreams: Int
    /// Streams that may be open at once.
    public var streamsMax: Int
    /// Messages that gateways have sent.
    public var framesReceived: Int
    /// Events that were published.
    public var eventsPublished: Int
    /// Gateways that are connected.
    public var peers: Int
    /// How often a link broke and the same topics came by a new one.
    public var linksDropped: Int
    /// Whole seconds since its start.
    public var uptimeSeconds: Int64
    /// The newest place of the journal; nil where none is kept, or where it has not been opened.
    public var journal: JournalPlace?
    /// Whether events are durable now.
    public var isDurable: Bool
    /// Why events are not durable although a journal was asked for; nil where they are, or where none was.
    public var journalFault: String?
    /// Why the frame log ends before the run does; nil where it goes on, or where none was asked for.
    public var recordFault: String?

    /// Makes the facts of their parts.
    public init(
        isReady: Bool,
        model: String,
        openStreams: Int,
        streamsMax: Int,
        framesReceived: Int,
        eventsPublished: Int,
        peers: Int,
        linksDropped: Int,
        uptimeSeconds: Int64,
        journal: JournalPlace? = nil,
        isDurable: Bool = false,
        journalFault: String? = nil,
        recordFault: String? = nil
    ) {
        self.journal = journal
        self.isDurable = isDurable
        self.journalFault = journalFault
        self.recordFault = recordFault
        self.isReady = isReady
        self.model = model
        self.openStreams = openStreams
        self.streamsMax = streamsMax
        self.framesReceived = framesReceived
        self.eventsPublished = eventsPublished
        self.peers = peers
        self.linksDropped = linksDropped
        self.uptimeSeconds = uptimeSeconds
    }

    /// What every reply and status event says beside its facts.
    public static let notice = "research software, not a medical device"

    /// The facts as members of an object.
    public var object: JSONObject {
        let facts: JSONObject = [
            "durable": .bool(isDurable), "journal_fault": .stringOrNull(journalFault),
            "record_fault": .stringOrNull(recordFault),
            "ready": .bool(isReady), "notice": .string(ServiceFacts.notice), "model": .string(model),
            "streams": .integer(Int64(openStreams)), "streams_max": .integer(Int64(streamsMax)),
            "frames": .integer(Int64(framesReceived)), "published": .integer(Int64(eventsPublished)),
            "peers": .integer(Int64(peers)), "links_dropped": .integer(Int64(linksDropped)),
            "uptime_seconds": .integer(uptimeSeconds),
        ]
        return journal.map { facts.with($0.members) } ?? facts
    }

    /// Reads the facts; a number that a daemon of another version leaves out is 0, its model `?`.
    public init(_ object: JSONObject) {
        func number(_ name: String) -> Int { Int(clamping: object[name]?.whole ?? 0) }
        self.init(
            isReady: object["ready"] == .bool(true),
            model: object["model"]?.text ?? "?",
            openStreams: number("streams"),
            streamsMax: number("streams_max"),
            framesReceived: number("frames"),
            eventsPublished: number("published"),
            peers: number("peers"),
            linksDropped: number("links_dropped"),
            uptimeSeconds: object["uptime_seconds"]?.whole ?? 0,
            journal: JournalPlace(in: object),
            isDurable: object["durable"] == .bool(true),
            journalFault: object["journal_fault"]?.text,
            recordFault: object["record_fault"]?.text
        )
    }
}
