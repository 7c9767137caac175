public import ECGSignal

/// One published fact.
///
/// Its content and its time are functions of the input alone; Wire turns it into canonical JSON.
public struct Event: Sendable, Equatable {
    /// What an event says.
    public enum Content: Sendable, Equatable {
        /// What was found in one window of a stream.
        case diagnosis(StreamIdentity, WindowDiagnosis)
        /// A step in the life of an alarm.
        case alarm(AlarmEvent)
        /// What was measured of a stream's heart, once a second.
        case vitals(StreamIdentity, VitalSigns)
        /// A fact about input, a stream or the service.
        case technical(TechnicalEvent)
    }

    /// What an event says.
    public let content: Content
    /// The time in UTC: the end of a diagnosis' window or of a second of vital signs, the sample with which an alarm
    /// changed, or the logged entry that made a technical event.
    public let time: UTCNanoseconds
    /// The time at which the frame came that made the window whole or the alarm change; latency is counted from it.
    ///
    /// It is nil where no frame did, and for technical events. It is no part of the canonical event.
    public let completedBy: Arrival?

    /// Makes an event of a fact and its time.
    public init(_ content: Content, time: UTCNanoseconds, completedBy: Arrival? = nil) {
        self.content = content
        self.time = time
        self.completedBy = completedBy
    }

    /// Whether two events say the same, whenever their frames came.
    public static func == (left: Event, right: Event) -> Bool {
        left.content == right.content && left.time == right.time
    }

    /// The patient and device concerned, where they are known.
    public var sender: Sender? {
        if case .technical(let event) = content, case .sender(let sender, _) = event.subject { return sender }
        return stream.map { Sender(of: $0) }
    }

    /// The stream concerned, where one is.
    public var stream: StreamIdentity? {
        switch content {
        case .diagnosis(let stream, _): stream
        case .alarm(let alarm): alarm.at.stream
        case .vitals(let stream, _): stream
        case .technical(let event):
            if case .stream(let stream) = event.subject { stream } else { nil }
        }
    }

    /// The key that the event's id is the hash of; it never holds the result, so that one id with two contents is
    /// noticed.
    public var key: EventKey {
        switch content {
        case .diagnosis(let stream, let diagnosis):
            .diagnosis(
                stream: stream,
                firstSample: diagnosis.firstSample,
                revisions: diagnosis.revisions,
                joinedAt: diagnosis.joinedAt
            )
        case .alarm(let event): .alarm(event.alarm, phase: event.phase, ordinal: event.ordinal)
        case .vitals(let stream, let signs): .vitals(stream: stream, second: signs.second)
        case .technical(let event):
            .technical(
                subject: event.subject,
                code: event.code,
                firstSample: event.firstSample,
                phase: event.phase,
                ordinal: event.ordinal
            )
        }
    }

    /// The sample that places it in the canonical order of a stream: the end of its window or second, the sample with
    /// which an alarm changed, or the sample that it refers to.
    public var orderingSample: GridIndex {
        switch content {
        case .diagnosis(_, let diagnosis): diagnosis.firstSample + Int64(Grid.windowSamples)
        case .alarm(let event): event.at.sample
        case .vitals(_, let signs): signs.sample
        case .technical(let event): event.firstSample ?? 0
        }
    }
}

/// The identity of an event, from which its id is derived.
public enum EventKey: Sendable, Hashable {
    /// `joinedAt` is part of the id where it is not 0.
    case diagnosis(stream: StreamIdentity, firstSample: GridIndex, revisions: Revisions, joinedAt: GridIndex)
    /// `ordinal` counts from 1 for the statement, its stream of onset and the phase; that of the identity is no part of it.
    case alarm(AlarmIdentity, phase: AlarmEvent.Phase, ordinal: Int)
    /// One event for each second of a stream.
    case vitals(stream: StreamIdentity, second: Int64)
    /// `ordinal` counts from 1 for the code and subject within the log; where the subject is no stream, the run of the log is
    /// part of the id too.
    case technical(
        subject: TechnicalEvent.Subject,
        code: TechnicalEvent.Code,
        firstSample: GridIndex?,
        phase: TechnicalEvent.Phase,
        ordinal: Int
    )
}
