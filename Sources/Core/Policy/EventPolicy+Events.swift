internal import ECGSignal
internal import Findings

/// How the events of alarms are made.
extension EventPolicy {
    /// How an alarm is to be signalled now.
    func signal(of alarm: StandingAlarm, _ row: PolicyTable.Row) -> AlarmEvent.Signal {
        if alarm.acknowledgedBy != nil { return .acknowledged }
        if alarm.isRecordedOnly { return .off }
        if standby != nil, alarm.priority != .high { return .off }
        let breaksThrough = alarm.priority == .high && alarm.isNew
        guard row.isPausable, !breaksThrough else { return .on }
        if pauses.alarmUntil != nil { return .alarmPaused }
        return pauses.audioUntil != nil ? .audioPaused : .on
    }

    /// Appends an event of the alarm that stands in a line.
    mutating func emit(
        _ phase: AlarmEvent.Phase,
        _ reason: AlarmEvent.Reason,
        of index: Int,
        ordinal: Int? = nil,
        at moment: StreamMoment,
        by: String? = nil,
        into events: inout [AlarmEvent]
    ) {
        guard let alarm = lines[index].alarm else { return }
        let row = table.rows[lines[index].row]
        let number = ordinal ?? lines[index].counts.next(phase)
        let isOver = phase == .end
        let event = AlarmEvent(
            alarm: alarm.identity,
            kind: row.kind,
            phase: phase,
            ordinal: number,
            state: isOver ? .inactive : alarm.state,
            priority: isOver && row.endsAsInfo ? .info : alarm.priority,
            signal: isOver ? .off : signal(of: alarm, row),
            reason: reason,
            onset: alarm.onset,
            at: moment,
            evidence: .rule,
            figure: lines[index].figure,
            leads: lines[index].leads,
            by: by ?? alarm.acknowledgedBy
        )
        lines[index].hasNews = false
        lines[index].alarm?.newest = event
        events.append(event)
    }

    /// Ends the alarm of a line.
    mutating func end(
        _ index: Int,
        _ reason: AlarmEvent.Reason,
        at moment: StreamMoment,
        by: String? = nil,
        into events: inout [AlarmEvent]
    ) {
        guard let alarm = lines[index].alarm else { return }
        emit(.end, reason, of: index, at: moment, by: by, into: &events)
        for voice in voices.indices { voices[voice].noteEnd(of: alarm.identity, at: moment) }
        lines[index].alarm = nil
        if ended.count == EventPolicy.endedMax { ended.removeFirst() }
        ended.append(alarm.identity)
    }

    /// Tells once of a finding that never alarms.
    mutating func inform(_ index: Int, at moment: StreamMoment, into events: inout [AlarmEvent]) {
        let row = table.rows[lines[index].row]
        let isAgain = lines[index].wasInformed
        lines[index].wasInformed = true
        if isAgain { return }
        if let last = lines[index].lastEnd, clock.now - last < row.rearmSamples { return }
        let onset = lines[index].sinceMoment ?? moment
        lines[index].counts.begin(onset.stream)
        let ordinal = lines[index].counts.next(.timePoint)
        let identity = AlarmIdentity(
            stream: onset.stream,
            statement: row.statement,
            onset: onset.sample,
            ordinal: ordinal
        )
        events.append(
            told(
                identity,
                row,
                priority: .info,
                onset: onset,
                at: moment,
                evidence: .rule,
                lines[index].figure
            )
        )
    }

    /// An event that tells of something once.
    func told(
        _ identity: AlarmIdentity,
        _ row: PolicyTable.Row,
        priority: AlarmEvent.Priority,
        onset: StreamMoment,
        at moment: StreamMoment,
        evidence: Statement.Evidence,
        _ figure: Figure? = nil
    ) -> AlarmEvent {
        AlarmEvent(
            alarm: identity,
            kind: row.kind,
            phase: .timePoint,
            ordinal: identity.ordinal,
            state: .active,
            priority: priority,
            signal: .off,
            reason: evidence == .both ? .changed : .began,
            onset: onset,
            at: moment,
            evidence: evidence,
            figure: figure,
            leads: [],
            by: nil
        )
    }
}
