/// Events as canonical JSON: the id from the key, the canonical event, and what is published.
///
/// `data`, `id`, `subject`, `time` and `type` are functions of the input; whatever is volatile (run, numbers,
/// latency, node, ward) is an attribute of the envelope beside them.

private import Digest
internal import ECGSignal
public import Findings

/// Writes events.
public enum EventFormat {
    /// The most bytes that a published event may have.
    public static let bytesMax = 16_384

    /// The version of `data`.
    public static let schema: Int64 = 1

    /// The event's id: the first 32 hex digits of the SHA-256 of the canonical key.
    public static func id(of key: EventKey) -> String { id(ofKey: keyArray(of: key)) }

    /// The key as the JSON array that is hashed.
    public static func keyArray(of key: EventKey) -> JSONValue {
        switch key {
        case .diagnosis(let stream, let firstSample, let revisions, let joinedAt):
            .array(
                [
                    .string(EventKind.diagnosis.rawValue), .string(stream), .integer(firstSample),
                    .string(revisions.model), .string(revisions.bank), .string(revisions.catalogue),
                ] + (joinedAt == 0 ? [] : [.integer(joinedAt)])
            )
        case .technical(let subject, let code, let firstSample, let phase, let ordinal):
            .array([
                .string(EventKind.tech.rawValue), .string(name(of: subject)), .string(code.rawValue),
                .integerOrNull(firstSample), .string(phase.rawValue), .integer(Int64(ordinal)),
            ])
        }
    }

    /// The kind of the event, as topic and `type` name it.
    public static func kind(of event: Event) -> EventKind {
        switch event.content {
        case .diagnosis: .diagnosis
        case .technical: .tech
        }
    }

    /// The topic on which it is published.
    public static func topic(of event: Event, ward: String = "_") -> String {
        Topic.event(ward: ward, kind: kind(of: event), patient: event.sender?.patient ?? "_")
    }

    /// One canonical JSON object of data, id, subject, time and type: the same bytes from the same input, always.
    public static func canonical(_ event: Event) -> [UInt8] {
        JSONValue.object(canonicalObject(event)).canonical
    }

    /// The `data` member by itself.
    public static func dataObject(_ event: Event) -> JSONObject {
        let members: JSONObject
        switch event.content {
        case .diagnosis(_, let diagnosis): members = self.members(of: diagnosis)
        case .technical(let technical): members = self.members(of: technical)
        }
        return common(event.stream, event.sender).with(members)
    }

    /// The event as published: CloudEvents 1.0, structured, not durable.
    ///
    /// `run` names this run of the daemon; `topicSequence` counts from 1, one more with each message of the exact
    /// topic within the run; latency is publishing minus arrival of the frame that completed the window, nil where
    /// no frame did; `source` is `/shinden/NODE`.
    public static func envelope(
        _ event: Event,
        run: String,
        topicSequence: UInt64,
        latencyMilliseconds: Int64?,
        ward: String = "_",
        source: String
    ) -> [UInt8] {
        var attributes = envelopeAttributes(
            run: run,
            topicSequence: topicSequence,
            ward: ward,
            source: source
        )
        if let latencyMilliseconds {
            attributes = attributes.with(["latencyms": .integer(Int64(Int32(clamping: latencyMilliseconds)))])
        }
        return JSONValue.object(canonicalObject(event).with(attributes)).canonical
    }

    // MARK: Shared with service events

    static func id(ofKey key: JSONValue) -> String { String(SHA256.hex(key.canonical).prefix(32)) }

    static func envelopeAttributes(
        run: String,
        topicSequence: UInt64,
        ward: String,
        source: String
    ) -> JSONObject {
        [
            "datacontenttype": .string("application/json"), "durable": .bool(false), "run": .string(run),
            "source": .string(source), "specversion": .string("1.0"),
            "topicsequence": .string(padded(topicSequence, 16)), "ward": .string(ward),
        ]
    }

    /// The members that every `data` has.
    static func common(_ stream: StreamIdentity?, _ sender: Sender?) -> JSONObject {
        [
            "patient": .string(sender?.patient ?? "_"), "device": .stringOrNull(sender?.device),
            "stream": .stringOrNull(stream?.name), "schema": .integer(schema),
        ]
    }

    // MARK: Members

    private static func canonicalObject(_ event: Event) -> JSONObject {
        [
            "data": .object(dataObject(event)), "id": .string(id(of: event.key)),
            "subject": .string(event.sender?.patient ?? "_"), "time": .string(timestamp(event.time)),
            "type": .string(kind(of: event).type),
        ]
    }

    private static func name(of subject: TechnicalEvent.Subject) -> String {
        switch subject {
        case .stream(let stream): stream.name
        case .sender(let sender, let endpoint): "\(endpoint) \(sender.patient).\(sender.device)"
        case .endpoint(let endpoint): endpoint
        }
    }

    private static func members(of diagnosis: WindowDiagnosis) -> JSONObject {
        [
            "window": .object([
                "first_sample": .integer(diagnosis.firstSample),
                "sample_count": .integer(Int64(Grid.windowSamples)),
                "start": .string(timestamp(diagnosis.start)), "end": .string(timestamp(diagnosis.end)),
            ]),
            "leads_used": .array(diagnosis.usedLeads.map { .string($0.name) }),
            "coverage": diagnosis.coverage.map { .decimal($0, places: 4) } ?? .null,
            "leads": .array(diagnosis.leads.map(lead)), "top": .array(diagnosis.top.map(ranked)),
            "withheld": .array(diagnosis.withheld.map(withheld)),
            "window_withheld": .stringOrNull(diagnosis.windowWithheld?.rawValue),
            "model": .string(diagnosis.revisions.model), "bank": .string(diagnosis.revisions.bank),
            "catalogue": .string(diagnosis.revisions.catalogue), "delayed": .bool(false),
        ]
    }

    private static func lead(_ lead: LeadCoverage) -> JSONValue {
        let members: JSONObject = [
            "lead": .string(lead.lead.name), "coverage": .decimal(lead.share, places: 4),
            "source": .string(lead.source.rawValue),
        ]
        return .object(lead.reason.map { members.with(["reason": .string($0.rawValue)]) } ?? members)
    }

    private static func ranked(_ ranked: RankedStatement) -> JSONValue {
        .object([
            "id": .string(ranked.statement.id), "en": .string(ranked.statement.english),
            "ja": .string(ranked.statement.japanese), "similarity": .decimal(ranked.similarity, places: 4),
            "probability": .decimal(ranked.probability, places: 4),
        ])
    }

    private static func withheld(_ withheld: WithheldStatement) -> JSONValue {
        .object([
            "id": .string(withheld.statement.id), "reason": .string(withheld.reason.rawValue),
            "needs": .string(withheld.statement.minimumLeads.text),
        ])
    }

    private static func members(of technical: TechnicalEvent) -> JSONObject {
        let members: JSONObject = [
            "code": .string(technical.code.rawValue), "phase": .string(technical.phase.rawValue),
            "priority": .string(technical.priority.rawValue),
            "first_sample": .integerOrNull(technical.firstSample),
            "count": .integer(Int64(technical.count)), "detail": .string(technical.detail),
        ]
        switch technical.subject {
        case .stream: return members
        case .sender(_, let endpoint), .endpoint(let endpoint):
            return members.with(["endpoint": .string(endpoint)])
        }
    }
}
