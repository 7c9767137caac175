internal import ECGSignal

/// What REPLAY asks for: a stretch of the journal, of a ward, a kind or a patient alone where these are named.
public struct ReplayQuestion: Sendable, Equatable {
    /// Events of a page at most.
    public static let limitMax = 500

    /// The number of the first event, at least 1; `next` of the page before said it.
    public var from: Int64
    /// The number of the last event; nil for the newest.
    public var to: Int64?
    /// The ward; nil for all.
    public var ward: String?
    /// The kind of events; nil for all.
    public var kind: EventKind?
    /// The patient; nil for all.
    public var patient: String?
    /// Events of a page at most.
    public var limit: Int

    /// A question about everything from that number on.
    public init(
        from: Int64,
        to: Int64? = nil,
        ward: String? = nil,
        kind: EventKind? = nil,
        patient: String? = nil,
        limit: Int = limitMax
    ) {
        self.from = from
        self.to = to
        self.ward = ward
        self.kind = kind
        self.patient = patient
        self.limit = limit
    }

    /// Reads the members of a question.
    init(_ object: JSONObject) throws(ControlProblem) {
        from = max(1, try ReplayQuestion.whole(object["from"], "from", 0...Int64.max) ?? 1)
        to = try ReplayQuestion.whole(object["to"], "to", 0...Int64.max)
        let most = Int64(ReplayQuestion.limitMax)
        limit = Int(try ReplayQuestion.whole(object["limit"], "limit", 1...most) ?? most)
        ward = try ReplayQuestion.id(object["ward"], "ward")
        patient = try ReplayQuestion.id(object["patient"], "patient")
        kind = try ReplayQuestion.kind(object["kind"])
    }

    private static func kind(_ value: JSONValue?) throws(ControlProblem) -> EventKind? {
        guard let value, value != .null else { return nil }
        guard let kind = value.text.flatMap({ EventKind(rawValue: $0) }) else {
            throw .unreadable("kind is one of \(EventKind.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return kind
    }

    private static func whole(
        _ value: JSONValue?,
        _ name: String,
        _ range: ClosedRange<Int64>
    ) throws(ControlProblem) -> Int64? {
        guard let value, value != .null else { return nil }
        guard let whole = value.whole, range.contains(whole) else {
            let upper = range.upperBound == .max ? "up" : "to \(range.upperBound)"
            throw .unreadable("\(name) is a whole number from \(range.lowerBound) \(upper)")
        }
        return whole
    }

    /// An id; `_` asks for what concerns nobody.
    private static func id(_ value: JSONValue?, _ name: String) throws(ControlProblem) -> String? {
        guard let value, value != .null else { return nil }
        guard let text = value.text, StreamIdentity.isValidID(text) || text == "_" else {
            throw .unreadable("\(name) is an id: 1 to 64 letters, digits, - and _")
        }
        return text
    }

    /// The members that say it.
    var members: JSONObject {
        var members: JSONObject = ["from": .integer(from), "limit": .integer(Int64(limit))]
        if let to { members = members.with(["to": .integer(to)]) }
        if let ward { members = members.with(["ward": .string(ward)]) }
        if let kind { members = members.with(["kind": .string(kind.rawValue)]) }
        if let patient { members = members.with(["patient": .string(patient)]) }
        return members
    }

    /// Whether an event of that topic is meant.
    public func wants(topic: String) -> Bool {
        let parts = topic.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5 else { return false }
        return ward.map { parts[1] == $0 } ?? true && kind.map { parts[2] == $0.rawValue } ?? true
            && patient.map { parts[3] == $0 } ?? true
    }
}

/// What REPLAY answers.
public struct ReplayReport: Sendable, Equatable {
    /// The name of the list of events.
    public static let list = "events"

    /// Whole events, as they were published but for their latency, in the order of their numbers.
    public var events: [JSONObject]
    /// The newest place of the journal.
    public var place: JournalPlace
    /// Numbers that were asked for and that the journal has let go of; nil where none is gone.
    public var truncated: ClosedRange<Int64>?
    /// Numbers whose events are damaged, in order.
    public var unreadable: [ClosedRange<Int64>]
    /// Where the next page begins; nil on the last one.
    public var next: Int64?

    /// Makes an answer of its parts.
    public init(
        events: [JSONObject],
        place: JournalPlace,
        truncated: ClosedRange<Int64>? = nil,
        unreadable: [ClosedRange<Int64>] = [],
        next: Int64? = nil
    ) {
        self.events = events
        self.place = place
        self.truncated = truncated
        self.unreadable = unreadable
        self.next = next
    }

    /// Reads a reply; nil where it names no journal.
    public init?(_ reply: ControlReply) {
        guard let place = JournalPlace(in: reply.object) else { return nil }
        self.init(
            events: reply.entries(ReplayReport.list),
            place: place,
            truncated: reply.object["truncated"]?.object.flatMap(ReplayReport.range),
            unreadable: reply.entries("unreadable").compactMap(ReplayReport.range),
            next: reply.hasMore ? reply.object["next"]?.whole : nil
        )
    }

    /// The answer as members of a reply.
    public var object: JSONObject {
        let members: JSONObject = [
            ReplayReport.list: .array(events.map(JSONValue.object)),
            "truncated": truncated.map { .object(ReplayReport.object(of: $0)) } ?? .null,
            "unreadable": .array(unreadable.map { .object(ReplayReport.object(of: $0)) }),
            "more": .bool(next != nil), "notice": .string(ServiceFacts.notice),
        ]
        let placed = members.with(place.members)
        return next.map { placed.with(["next": .integer($0)]) } ?? placed
    }

    private static func object(of range: ClosedRange<Int64>) -> JSONObject {
        ["from": .integer(range.lowerBound), "to": .integer(range.upperBound)]
    }

    private static func range(_ object: JSONObject) -> ClosedRange<Int64>? {
        guard let from = object["from"]?.whole, let to = object["to"]?.whole, from <= to else { return nil }
        return from...to
    }
}
