/// What readers take from published events: their place in the run, the heads of a heartbeat, and technical facts.

public import Findings

/// Where an event stands among those of its topic.
public struct EventPlace: Sendable, Equatable {
    /// The run of the daemon.
    public let run: String
    /// The event's number in its topic within the run, from 1 on.
    public let number: UInt64

    /// Reads the place of a whole event; nil where it has none.
    public init?(of event: JSONObject) {
        guard let run = event["run"]?.text,
            let number = event["topicsequence"]?.text.flatMap({ UInt64($0) })
        else { return nil }
        self.run = run
        self.number = number
    }
}

/// One page of a heartbeat: the newest number of each topic that it names.
public struct HeartbeatPage: Sendable {
    /// The page's number, from 1 on.
    public let page: Int64
    /// How many pages the heartbeat has.
    public let pages: Int64
    /// Topics with the number of their newest event.
    public let heads: [(topic: String, number: UInt64)]
    /// The place of the newest durable event; nil where the daemon keeps no journal.
    public let journal: JournalPlace?

    /// A page with those heads.
    public init(
        page: Int,
        of pages: Int,
        heads: some Sequence<(String, UInt64)>,
        journal: JournalPlace? = nil
    ) {
        self.journal = journal
        self.page = Int64(page)
        self.pages = Int64(pages)
        self.heads = heads.map { ($0.0, $0.1) }
    }

    /// The page as the data of an event of that run.
    func object(ofRun run: String) -> JSONObject {
        let topics = JSONObject(heads.map { ($0.topic, JSONValue.integer(Int64(clamping: $0.number))) })
        let members: JSONObject = [
            "run": .string(run), "page": .integer(page), "pages": .integer(pages), "heads": .object(topics),
        ]
        return journal.map { members.with($0.members) } ?? members
    }

    /// Reads the page of a whole event; heads that are no positive numbers are left out.
    public init(of event: JSONObject) {
        let data = event["data"]?.object
        page = data?["page"]?.whole ?? 0
        pages = data?["pages"]?.whole ?? 0
        journal = data.flatMap { JournalPlace(in: $0) }
        heads = (data?["heads"]?.object?.members ?? []).compactMap { head in
            head.value.whole.flatMap { $0 > 0 ? (head.name, UInt64($0)) : nil }
        }
    }

    /// Whether it is the last page of its heartbeat.
    public var isLast: Bool { page == pages }
}

/// What a technical event says of a stream.
public struct TechnicalFacts: Sendable, Equatable {
    /// The stream's name.
    public let stream: String
    /// What is said; nil where this version does not know the code.
    public let code: TechnicalEvent.Code?
    /// How often it happened since it was said last.
    public let count: Int64
    /// The facts in words.
    public let detail: String

    /// Reads a whole event; nil where it is about no stream.
    public init?(of event: JSONObject) {
        guard let data = event["data"]?.object, let stream = data["stream"]?.text else { return nil }
        self.stream = stream
        code = data["code"]?.text.flatMap(TechnicalEvent.Code.init)
        count = data["count"]?.whole ?? 0
        detail = data["detail"]?.text ?? ""
    }

    /// Why a stream was closed, the last word of the detail; nil where the event says something else.
    public var closeReason: String? {
        guard code == .streamClosed else { return nil }
        return detail.split(separator: " ").last.map(String.init) ?? "unknown"
    }
}
