private import Digest
internal import ECGSignal
public import Findings

/// Writes events as canonical JSON, one after another into the same memory.
///
/// `data`, `id`, `subject`, `time` and `type` are functions of the input; whatever is volatile (run, numbers, latency,
/// node, ward) is an attribute of the envelope beside them. After its first events it asks for no memory.
public struct EventWriter: Sendable {
    /// What the envelope adds to an event.
    public struct Envelope: Sendable {
        /// This run of the daemon.
        public var run: String
        /// Counts from 1, one more with each message of the exact topic within the run.
        public var topicSequence: UInt64
        /// Publishing minus the arrival of the frame that completed the window; nil where no frame did.
        public var latencyMilliseconds: Int64?
        /// The ward; `_` where there is none.
        public var ward: String
        /// Which node publishes it: `/shinden/NODE`.
        public var source: String
        /// Where it stands in the journal; nil for an event that is not durable.
        public var place: JournalPlace?

        /// An envelope of those attributes.
        public init(
            run: String,
            topicSequence: UInt64,
            latencyMilliseconds: Int64?,
            ward: String = "_",
            source: String,
            place: JournalPlace? = nil
        ) {
            self.place = place
            self.run = run
            self.topicSequence = topicSequence
            self.latencyMilliseconds = latencyMilliseconds
            self.ward = ward
            self.source = source
        }
    }

    private var text = CanonicalWriter()
    private var key = CanonicalWriter()
    private var digest = [UInt8](repeating: 0, count: SHA256.byteCount)

    /// A writer that has no memory yet.
    public init() {}

    /// What was written last.
    public var bytes: [UInt8] { text.bytes }

    /// Writes one canonical object of data, id, subject, time and type: the same bytes from the same input, always.
    ///
    /// `run` is the run of the daemon whose log the event follows from; nil where there was none, as for a recording.
    public mutating func writeCanonical(_ event: Event, run: String? = nil) { write(event, in: nil, of: run) }

    /// Writes the event as published: CloudEvents 1.0, structured; durable where the envelope says its place.
    public mutating func write(_ event: Event, in envelope: Envelope) {
        write(event, in: .some(envelope), of: envelope.run)
    }

    /// Writes `data` by itself, as one line of a record's windows; `record` is the record's name.
    public mutating func writeData(of event: Event, record: String) {
        text.clear()
        text.data(of: event, record: record)
    }

    private mutating func write(_ event: Event, in envelope: Envelope?, of run: String?) {
        key.clear()
        key.key(event.key, of: run)
        SHA256.digest(of: key.bytes, into: &digest)
        text.clear()
        text.object { text in
            text.name("data")
            text.data(of: event, record: nil)
            if let envelope {
                text.name("datacontenttype")
                text.string("application/json")
                text.name("durable")
                text.bool(envelope.place != nil)
                if let place = envelope.place {
                    text.name("epoch")
                    text.string(place.epochText)
                }
            }
            text.name("id")
            text.id(digest)
            if let envelope {
                if let latency = envelope.latencyMilliseconds {
                    text.name("latencyms")
                    text.integer(Int64(Int32(clamping: latency)))
                }
                text.name("run")
                text.string(envelope.run)
                if let place = envelope.place {
                    text.name("sequence")
                    text.string(place.sequenceText)
                }
                text.name("source")
                text.string(envelope.source)
                text.name("specversion")
                text.string("1.0")
            }
            text.name("subject")
            text.string(event.sender?.patient ?? "_")
            text.name("time")
            text.time(event.time)
            if let envelope {
                text.name("topicsequence")
                text.quoted { $0.digits(envelope.topicSequence, atLeast: 16) }
            }
            text.name("type")
            text.quoted { $0.type(of: EventFormat.kind(of: event)) }
            if let envelope {
                text.name("ward")
                text.string(envelope.ward)
            }
        }
    }

    /// The event's id: the first 32 hex digits of the SHA-256 of its key.
    static func id(of eventKey: EventKey, run: String?) -> String {
        var key = CanonicalWriter()
        key.key(eventKey, of: run)
        return String(SHA256.hex(key.bytes).prefix(EventWriter.idDigits))
    }

    /// Hex digits of an id.
    fileprivate static let idDigits = 32
}

// MARK: what every event has

extension CanonicalWriter {
    /// Writes the key as the array that is hashed.
    ///
    /// Facts about senders and endpoints are counted anew in each run, so the run is part of their key. Those of a stream are
    /// named by its samples: whoever sends the stream to another daemon gets the same ids.
    fileprivate mutating func key(_ key: EventKey, of run: String?) {
        array { text in
            switch key {
            case .diagnosis(let stream, let firstSample, let revisions, let joinedAt):
                text.string(EventKind.diagnosis.rawValue)
                text.streamName(stream)
                text.integer(firstSample)
                text.string(revisions.model)
                text.string(revisions.bank)
                text.string(revisions.catalogue)
                if joinedAt != 0 { text.integer(joinedAt) }
            case .alarm(let alarm, let phase, let ordinal):
                text.string(EventKind.alarm.rawValue)
                text.streamName(alarm.stream)
                text.string(alarm.statement)
                text.integer(alarm.onset)
                text.string(phase.rawValue)
                text.integer(Int64(ordinal))
            case .vitals(let stream, let second):
                text.string(EventKind.vitals.rawValue)
                text.streamName(stream)
                text.integer(second)
            case .technical(let subject, let code, let firstSample, let phase, let ordinal):
                text.string(EventKind.tech.rawValue)
                text.subject(subject)
                text.string(code.rawValue)
                text.integer(firstSample)
                text.string(phase.rawValue)
                text.integer(Int64(ordinal))
                if let run, !subject.isStream { text.string(run) }
            }
        }
    }

    private mutating func subject(_ subject: TechnicalEvent.Subject) {
        switch subject {
        case .stream(let stream): streamName(stream)
        case .sender(let sender, let endpoint):
            quoted { text in
                text.escaped(endpoint)
                text.plain(" ")
                text.escaped(sender.patient)
                text.plain(".")
                text.escaped(sender.device)
            }
        case .endpoint(let endpoint): string(endpoint)
        }
    }

    mutating func streamName(_ stream: StreamIdentity) {
        quoted { text in
            text.escaped(stream.patient)
            text.plain(".")
            text.escaped(stream.device)
            text.plain(".")
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                text.hexadecimal(UInt8(truncatingIfNeeded: stream.epoch >> shift))
            }
        }
    }

    fileprivate mutating func id(_ digest: [UInt8]) {
        quoted { text in
            for byte in digest.prefix(EventWriter.idDigits / 2) { text.hexadecimal(byte) }
        }
    }

    fileprivate mutating func type(of kind: EventKind) {
        plain("shinden.")
        plain(kind.rawValue)
        plain(".v1")
    }

    fileprivate mutating func data(of event: Event, record: String?) {
        switch event.content {
        case .diagnosis(let stream, let diagnosis): window(diagnosis, of: stream, record)
        case .alarm(let alarm): self.alarm(alarm, record)
        case .vitals(let stream, let signs): vitals(signs, of: stream, record)
        case .technical(let technical): fact(technical, event, record)
        }
    }

    /// Writes the members from `patient` to `stream`, where nothing else stands between them.
    mutating func record(_ record: String?, schemaOf stream: StreamIdentity?) {
        if let record {
            name("record")
            string(record)
        }
        name("schema")
        integer(EventFormat.schema)
        name("stream")
        if let stream { streamName(stream) } else { null() }
    }
}

// MARK: diagnoses

extension CanonicalWriter {
    private mutating func window(
        _ diagnosis: WindowDiagnosis,
        of stream: StreamIdentity,
        _ record: String?
    ) {
        object { text in
            text.name("bank")
            text.string(diagnosis.revisions.bank)
            text.name("calibration")
            text.string(diagnosis.fittedLeads)
            text.name("catalogue")
            text.string(diagnosis.revisions.catalogue)
            text.name("coverage")
            text.decimal(diagnosis.coverage, places: 4)
            text.name("delayed")
            text.bool(false)
            text.name("device")
            text.string(stream.device)
            text.leads(of: diagnosis)
            text.name("model")
            text.string(diagnosis.revisions.model)
            text.name("patient")
            text.string(stream.patient)
            text.name("quality")
            text.string(diagnosis.quality.rawValue)
            text.record(record, schemaOf: stream)
            text.statements(of: diagnosis)
        }
    }

    private mutating func leads(of diagnosis: WindowDiagnosis) {
        name("leads")
        array { text in
            for lead in diagnosis.leads { text.lead(lead) }
        }
        name("leads_used")
        array { text in
            for lead in diagnosis.leads where lead.isUsed { text.string(lead.lead.name) }
        }
    }

    private mutating func lead(_ lead: LeadCoverage) {
        object { text in
            text.name("coverage")
            text.decimal(lead.share, places: 4)
            text.name("lead")
            text.string(lead.lead.name)
            if let reason = lead.reason {
                text.name("reason")
                text.string(reason.rawValue)
            }
            text.name("source")
            text.string(lead.source.rawValue)
        }
    }

    /// Writes the members from `top` to `withheld`.
    private mutating func statements(of diagnosis: WindowDiagnosis) {
        name("top")
        array { text in
            for ranked in diagnosis.top { text.statement(ranked) }
        }
        name("window")
        object { text in
            text.name("end")
            text.time(diagnosis.end)
            text.name("first_sample")
            text.integer(diagnosis.firstSample)
            text.name("sample_count")
            text.integer(Int64(Grid.windowSamples))
            text.name("start")
            text.time(diagnosis.start)
        }
        name("window_withheld")
        string(diagnosis.windowWithheld?.rawValue)
        name("withheld")
        array { text in
            for withheld in diagnosis.withheld { text.statement(withheld) }
        }
    }

    private mutating func statement(_ ranked: RankedStatement) {
        object { text in
            text.name("en")
            text.string(ranked.statement.english)
            text.name("id")
            text.string(ranked.statement.id)
            text.name("ja")
            text.string(ranked.statement.japanese)
            text.name("probability")
            text.decimal(ranked.probability, places: 4)
            text.name("similarity")
            text.decimal(ranked.similarity, places: 4)
        }
    }

    private mutating func statement(_ withheld: WithheldStatement) {
        object { text in
            text.name("id")
            text.string(withheld.statement.id)
            text.name("needs")
            text.string(withheld.statement.minimumLeads.text)
            text.name("reason")
            text.string(withheld.reason.rawValue)
        }
    }
}

// MARK: technical facts

extension CanonicalWriter {
    private mutating func fact(_ technical: TechnicalEvent, _ event: Event, _ record: String?) {
        object { text in
            text.name("code")
            text.string(technical.code.rawValue)
            text.name("count")
            text.integer(Int64(technical.count))
            text.name("detail")
            text.string(technical.detail)
            text.name("device")
            text.string(event.sender?.device)
            switch technical.subject {
            case .stream: break
            case .sender(_, let endpoint), .endpoint(let endpoint):
                text.name("endpoint")
                text.string(endpoint)
            }
            text.name("first_sample")
            text.integer(technical.firstSample)
            text.name("patient")
            text.string(event.sender?.patient ?? "_")
            text.name("phase")
            text.string(technical.phase.rawValue)
            text.name("priority")
            text.string(technical.priority.rawValue)
            text.record(record, schemaOf: event.stream)
        }
    }
}
