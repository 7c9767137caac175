public import ECGSignal
public import Findings

/// The events in canonical order: by sample, findings before facts, then by code and ordinal.
public func canonical(_ events: [Event]) -> [Event] {
    events.enumerated().sorted { left, right in
        let (a, b) = (order(left.element), order(right.element))
        return a == b ? left.offset < right.offset : a < b
    }.map(\.element)
}

private func order(_ event: Event) -> (GridIndex, String, Int) {
    switch event.content {
    case .diagnosis: (event.orderingSample, "", 0)
    case .alarm(let alarm):
        (event.orderingSample, "alarm \(alarm.alarm.statement) \(alarm.phase.rawValue)", alarm.ordinal)
    case .vitals: (event.orderingSample, "vitals", 0)
    case .technical(let fact): (event.orderingSample, fact.code.rawValue, fact.ordinal)
    }
}

/// The events in canonical order without the times at which they are labelled, which arrival tells.
public func timeless(_ events: [Event]) -> [Event] {
    canonical(
        events.map { event in
            switch event.content {
            case .technical, .vitals: Event(event.content, time: 0)
            case .alarm(let alarm): Event(.alarm(alarm.timeless), time: 0)
            case .diagnosis(let stream, let finding):
                Event(
                    .diagnosis(
                        stream,
                        WindowDiagnosis(
                            firstSample: finding.firstSample,
                            joinedAt: finding.joinedAt,
                            leads: finding.leads,
                            top: finding.top,
                            withheld: finding.withheld,
                            windowWithheld: finding.windowWithheld,
                            quality: finding.quality,
                            revisions: finding.revisions,
                            start: 0,
                            end: 0
                        )
                    ),
                    time: 0
                )
            }
        }
    )
}

extension AlarmEvent {
    /// The same without the times at which it is labelled.
    fileprivate var timeless: AlarmEvent {
        func bare(_ moment: StreamMoment) -> StreamMoment {
            StreamMoment(stream: moment.stream, sample: moment.sample, time: 0)
        }
        return AlarmEvent(
            alarm: alarm,
            kind: kind,
            phase: phase,
            ordinal: ordinal,
            state: state,
            priority: priority,
            signal: signal,
            reason: reason,
            onset: bare(onset),
            at: bare(at),
            evidence: evidence,
            figure: figure,
            leads: leads,
            by: by
        )
    }
}

extension Event {
    /// The finding, where the event is one.
    public var diagnosis: WindowDiagnosis? {
        if case .diagnosis(_, let diagnosis) = content { diagnosis } else { nil }
    }

    /// The step of an alarm, where the event is one.
    public var alarm: AlarmEvent? { if case .alarm(let alarm) = content { alarm } else { nil } }

    /// The fact, where the event is one.
    public var fact: TechnicalEvent? { if case .technical(let fact) = content { fact } else { nil } }
}

extension Sequence<Event> {
    /// The findings among the events.
    public var diagnoses: [WindowDiagnosis] { compactMap(\.diagnosis) }

    /// The steps of alarms among the events.
    public var alarms: [AlarmEvent] { compactMap(\.alarm) }

    /// The facts of that code.
    public func facts(_ code: TechnicalEvent.Code) -> [TechnicalEvent] {
        compactMap(\.fact).filter { $0.code == code }
    }
}

/// The arrival at `seconds` of both clocks.
public func arrival(_ seconds: Double) -> Arrival {
    let nanoseconds = Int64(seconds * 1e9)
    return Arrival(utc: 1_700_000_000_000_000_000 + nanoseconds, monotonic: nanoseconds)
}
