import ECGSignal
import Findings

@testable import Wire

/// Events as sorted trees of JSON values: the slow and obvious form that `EventWriter` is compared with.
enum EventTwin {
    /// The key as the JSON array that is hashed, of what a daemon of that run said; nil for no daemon.
    static func keyArray(of key: EventKey, run: String? = nil) -> JSONValue {
        switch key {
        case .diagnosis(let stream, let firstSample, let revisions, let joinedAt):
            .array(
                [
                    .string(EventKind.diagnosis.rawValue), .string(stream.name), .integer(firstSample),
                    .string(revisions.model), .string(revisions.bank), .string(revisions.catalogue),
                ] + (joinedAt == 0 ? [] : [.integer(joinedAt)])
            )
        case .alarm(let alarm, let phase, let ordinal):
            .array([
                .string("alarm"), .string(alarm.stream.name), .string(alarm.statement), .integer(alarm.onset),
                .string(phase.rawValue), .integer(Int64(ordinal)),
            ])
        case .vitals(let stream, let second):
            .array([.string("vitals"), .string(stream.name), .integer(second)])
        case .technical(let subject, let code, let firstSample, let phase, let ordinal):
            .array(
                [
                    .string(EventKind.tech.rawValue), .string(name(of: subject)), .string(code.rawValue),
                    .integerOrNull(firstSample), .string(phase.rawValue), .integer(Int64(ordinal)),
                ] + (subject.isStream ? [] : run.map { [.string($0)] } ?? [])
            )
        }
    }

    /// The canonical event.
    static func canonical(_ event: Event, run: String? = nil) -> [UInt8] {
        JSONValue.object(canonicalObject(event, run)).canonical
    }

    /// The `data` member by itself.
    static func dataObject(_ event: Event) -> JSONObject {
        let members: JSONObject
        switch event.content {
        case .diagnosis(_, let diagnosis): members = self.members(of: diagnosis)
        case .alarm(let alarm): members = self.members(of: alarm)
        case .vitals(_, let signs): members = self.members(of: signs)
        case .technical(let technical): members = self.members(of: technical)
        }
        return common(event.stream, event.sender).with(members)
    }

    /// The event as published.
    static func envelope(_ event: Event, _ envelope: EventWriter.Envelope) -> [UInt8] {
        var attributes: JSONObject = [
            "datacontenttype": .string("application/json"), "durable": .bool(false),
            "run": .string(envelope.run), "source": .string(envelope.source),
            "specversion": .string("1.0"),
            "topicsequence": .string(padded(envelope.topicSequence, 16)), "ward": .string(envelope.ward),
        ]
        if let latency = envelope.latencyMilliseconds {
            attributes = attributes.with(["latencyms": .integer(Int64(Int32(clamping: latency)))])
        }
        return JSONValue.object(canonicalObject(event, envelope.run).with(attributes)).canonical
    }

    /// The members that every `data` has.
    static func common(_ stream: StreamIdentity?, _ sender: Sender?) -> JSONObject {
        [
            "patient": .string(sender?.patient ?? "_"), "device": .stringOrNull(sender?.device),
            "stream": .stringOrNull(stream?.name), "schema": .integer(EventFormat.schema),
        ]
    }

    private static func members(of signs: VitalSigns) -> JSONObject {
        let readings = [
            ("ectopic_per_min", signs.ectopicPerMinute, 0), ("heart_rate", signs.heartRate, 1),
            ("rr", signs.interval, 0), ("pr", signs.waves.pr, 0), ("qrs", signs.waves.qrs, 0),
            ("qt", signs.waves.qt, 0), ("qtc_bazett", signs.bazett, 0),
            ("qtc_fridericia", signs.fridericia, 0),
        ]
        let values = readings.map { name, reading, places in
            (name, reading.value.map { JSONValue.decimal($0, places: places) } ?? .null)
        }
        let why =
            readings.compactMap { name, reading, _ in
                reading.reason.map { (name, JSONValue.string($0.rawValue)) }
            } + (signs.waves.st.reason.map { [("st", JSONValue.string($0.rawValue))] } ?? [])
        let levels = signs.waves.st.leads.leads.map { lead in
            (lead.name, signs.waves.st[lead.channel ?? 0].map { JSONValue.decimal($0, places: 2) } ?? .null)
        }
        return JSONObject(values).with([
            "beats": .integer(Int64(signs.beats)), "second": .integer(signs.second),
            "interval_beats": .integer(Int64(signs.waves.beats)),
            "st": levels.isEmpty ? .null : .object(JSONObject(levels)), "why": .object(JSONObject(why)),
        ])
    }

    private static func canonicalObject(_ event: Event, _ run: String?) -> JSONObject {
        [
            "data": .object(dataObject(event)),
            "id": .string(EventFormat.id(ofKey: keyArray(of: event.key, run: run))),
            "subject": .string(event.sender?.patient ?? "_"), "time": .string(timestamp(event.time)),
            "type": .string(EventFormat.kind(of: event).type),
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
            "calibration": .stringOrNull(diagnosis.fittedLeads),
            "quality": .string(diagnosis.quality.rawValue),
            "window_withheld": .stringOrNull(diagnosis.windowWithheld?.rawValue),
            "model": .string(diagnosis.revisions.model), "bank": .string(diagnosis.revisions.bank),
            "catalogue": .string(diagnosis.revisions.catalogue), "delayed": .bool(false),
        ]
    }

    private static func members(of alarm: AlarmEvent) -> JSONObject {
        let statement = Catalogue.shipped.statements.first { $0.id == alarm.alarm.statement }
        let figure: JSONValue =
            alarm.figure.map { figure in
                let places = figure.unit == .millivolts || figure.unit == .seconds ? 3 : 0
                return .object([
                    "value": .decimal(figure.value, places: places), "unit": .string(figure.unit.rawValue),
                ])
            } ?? .null
        let start = EventKey.alarm(alarm.alarm, phase: .start, ordinal: alarm.alarm.ordinal)
        return [
            "alarm_id": .string(EventFormat.id(ofKey: keyArray(of: start))),
            "statement": .string(alarm.alarm.statement),
            "en": .stringOrNull(statement?.english), "ja": .stringOrNull(statement?.japanese),
            "class": .string(alarm.kind.rawValue), "phase": .string(alarm.phase.rawValue),
            "state": .string(alarm.state.rawValue), "priority": .string(alarm.priority.rawValue),
            "signal": .string(alarm.signal.rawValue), "reason": .string(alarm.reason.rawValue),
            "onset": .object([
                "sample": .integer(alarm.onset.sample), "stream": .string(alarm.onset.stream.name),
                "time": .string(timestamp(alarm.onset.time)),
            ]),
            "sample": .integer(alarm.at.sample), "evidence": .string(alarm.evidence.rawValue),
            "figure": figure, "leads": .array(alarm.leads.map { .string($0.name) }),
            "by": .stringOrNull(alarm.by),
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
            "probability": ranked.probability.map { .decimal($0, places: 4) } ?? .null,
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

/// The event as `EventWriter` publishes it.
func envelope(
    _ event: Event,
    run: String,
    topicSequence: UInt64,
    latencyMilliseconds: Int64?,
    ward: String = "_",
    source: String
) -> [UInt8] {
    var writer = EventWriter()
    writer.write(
        event,
        in: EventWriter.Envelope(
            run: run,
            topicSequence: topicSequence,
            latencyMilliseconds: latencyMilliseconds,
            ward: ward,
            source: source
        )
    )
    return writer.bytes
}
