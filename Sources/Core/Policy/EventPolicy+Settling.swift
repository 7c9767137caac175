internal import ECGSignal
internal import Findings

/// What follows from the conditions of all statements together.
extension EventPolicy {
    /// For so long a finding that was unseen may be seen again before it counts as over, samples of 2 ms: 10 s.
    static let seenAgainSamples: Int64 = 5_000

    /// The earliest reading of the signal clock at which something changes by the passing of time alone.
    var nextDeadline: Int64? {
        var earliest: Int64?
        for line in lines {
            guard let due = deadline(of: line) else { continue }
            earliest = min(earliest ?? due, due)
        }
        return earliest
    }

    private func deadline(of line: AlarmLine) -> Int64? {
        let row = table.rows[line.row]
        var due: Int64?
        switch line.condition {
        case .holding: if !line.isRaised { due = line.since + row.onsetSamples }
        case .absent: if line.isRaised { due = line.since + row.endSamples }
        case .unseen: if isAnalysable { due = analysableSince + EventPolicy.seenAgainSamples }
        }
        if let alarm = line.alarm, alarm.state == .active, alarm.stepsTaken < row.steps.count {
            let step = alarm.began + row.steps[alarm.stepsTaken].afterSamples
            due = min(due ?? step, step)
        }
        return due
    }

    /// Draws the consequences of what was noted, at the moment at which the signal clock stands.
    mutating func settle(into events: inout [AlarmEvent]) {
        guard isUnsettled, let moment = clock.moment else { return }
        isUnsettled = false
        for index in lines.indices { raise(index) }
        for index in lines.indices where lines[index].alarm != nil && !lines[index].isRaised {
            close(index, at: moment, into: &events)
        }
        for index in lines.indices where lines[index].condition == .holding && speaks(index) {
            open(index, at: moment, into: &events)
        }
        for index in lines.indices where lines[index].alarm?.state == .active && isSpokenFor(index) {
            lines[index].wasSuperseded = true
            end(index, .superseded, at: moment, into: &events)
        }
        for index in lines.indices where lines[index].alarm?.state == .active {
            step(index, at: moment, into: &events)
            if lines[index].hasNews { emit(.update, .changed, of: index, at: moment, into: &events) }
        }
    }

    /// Whether the condition has lasted long enough to count, or to count no longer.
    private mutating func raise(_ index: Int) {
        let row = table.rows[lines[index].row]
        switch lines[index].condition {
        case .holding:
            if clock.now >= lines[index].since + row.onsetSamples { lines[index].isRaised = true }
        case .absent:
            if clock.now >= lines[index].since + row.endSamples { lower(index) }
        case .unseen:
            guard isAnalysable, clock.now >= analysableSince + EventPolicy.seenAgainSamples else { return }
            lines[index].condition = .absent
            lower(index)
        }
    }

    private mutating func lower(_ index: Int) {
        if lines[index].wasInformed {
            lines[index].wasInformed = false
            lines[index].lastEnd = clock.now
        }
        lines[index].isRaised = false
        lines[index].wasSuperseded = false
    }

    // MARK: who speaks

    /// The priority with which a line speaks, or would.
    private func priority(of line: AlarmLine) -> AlarmEvent.Priority {
        line.alarm?.priority ?? table.rows[line.row].priority
    }

    /// Whether a line counts and nothing that is higher in a chain, and at least as urgent, speaks for it.
    private func speaks(_ index: Int) -> Bool {
        lines[index].isRaised && lines[index].baselineBy == nil && !hasSuperior(index)
    }

    /// Whether a line counts, and another one speaks for it.
    private func isSpokenFor(_ index: Int) -> Bool { lines[index].isRaised && hasSuperior(index) }

    private func hasSuperior(_ index: Int) -> Bool { superior(of: lines[index]) != nil }

    /// The row that speaks for a line: higher in a chain, at least as urgent, and counting; nil where there is none.
    func superior(of line: AlarmLine) -> Int? {
        let superiors = table.superiors[line.row]
        guard !superiors.isEmpty else { return nil }
        let own = priority(of: line).urgency
        return lines.first { other in
            other.speaksForOthers && other.baselineBy == nil && superiors.contains(other.row)
                && priority(of: other).urgency >= own
        }?.row
    }

    // MARK: begin, end, latch

    /// The finding holds, and speaks: an alarm begins, where none stands for this episode.
    private mutating func open(_ index: Int, at moment: StreamMoment, into events: inout [AlarmEvent]) {
        let row = table.rows[lines[index].row]
        if row.priority == .info {
            inform(index, at: moment, into: &events)
            return
        }
        if let alarm = lines[index].alarm {
            guard alarm.state == .latched else { return }
            end(index, .newEpisode, at: moment, into: &events)
        }
        let onset = lines[index].sinceMoment ?? moment
        lines[index].counts.begin(onset.stream)
        let ordinal = lines[index].counts.next(.start)
        var alarm = StandingAlarm(
            identity: AlarmIdentity(
                stream: onset.stream,
                statement: row.statement,
                onset: onset.sample,
                ordinal: ordinal
            ),
            onset: onset,
            began: clock.now,
            priority: row.priority
        )
        let isResumed = lines[index].wasSuperseded
        if !isResumed, row.priority != .high, let last = lines[index].lastEnd {
            alarm.isRecordedOnly = clock.now - last < row.rearmSamples
        }
        lines[index].wasSuperseded = false
        lines[index].alarm = alarm
        emit(.start, isResumed ? .resumed : .began, of: index, ordinal: ordinal, at: moment, into: &events)
        quoteModel(for: alarm, lines[index].row, at: moment, into: &events)
    }

    /// The finding is over: the alarm ends, or waits to be acknowledged.
    private mutating func close(_ index: Int, at moment: StreamMoment, into events: inout [AlarmEvent]) {
        guard let alarm = lines[index].alarm else { return }
        if alarm.state == .latched {
            if alarm.acknowledgedBy != nil, !alarm.needsBeats { end(index, .over, at: moment, into: &events) }
        } else if hasSuperior(index) {
            end(index, .superseded, at: moment, into: &events)
        } else if table.rows[lines[index].row].latches, alarm.acknowledgedBy == nil {
            lines[index].alarm?.state = .latched
            emit(.update, .over, of: index, at: moment, into: &events)
        } else {
            lines[index].lastEnd = clock.now
            end(index, .over, at: moment, into: &events)
        }
    }

    /// Another priority for an alarm that has stood for long.
    private mutating func step(_ index: Int, at moment: StreamMoment, into events: inout [AlarmEvent]) {
        let steps = table.rows[lines[index].row].steps
        guard let alarm = lines[index].alarm, alarm.stepsTaken < steps.count,
            clock.now >= alarm.began + steps[alarm.stepsTaken].afterSamples
        else { return }
        let priority = steps[alarm.stepsTaken].priority
        lines[index].alarm?.stepsTaken += 1
        guard priority != alarm.priority else { return }
        lines[index].alarm?.priority = priority
        guard priority.urgency > alarm.priority.urgency else {
            emit(.deescalate, .stood, of: index, at: moment, into: &events)
            return
        }
        soundAnew(index)
        emit(.escalate, .stood, of: index, at: moment, into: &events)
    }

    /// What was acknowledged, paused or only recorded is signalled again: it is another matter now.
    mutating func soundAnew(_ index: Int) {
        lines[index].alarm?.acknowledgedBy = nil
        lines[index].alarm?.isNew = true
        lines[index].alarm?.isRecordedOnly = false
        lines[index].alarm?.soundings += 1
    }
}
