internal import ECGSignal
internal import Findings

/// Beats without a break of 4 s between them.
struct BeatRun: Sendable, Equatable, Codable {
    /// For so long beats must be seen before a latched alarm may end, samples of 2 ms: 10 s.
    static let enough: Int64 = 5_000
    /// A longer silence between two beats begins the count anew: 4 s, as asystole does.
    static let silenceMax: Int64 = 2_000

    private var first: Int64?
    private var newest: Int64 = 0

    /// A beat was seen when the signal clock read `now`; whether there are enough.
    mutating func take(beatAt now: Int64) -> Bool {
        if first == nil || now - newest > BeatRun.silenceMax { first = now }
        newest = now
        return now - (first ?? now) >= BeatRun.enough
    }

    /// What comes now is no heart that beats.
    mutating func restart() { first = nil }
}

/// What producers report, noted down; `settle` draws the consequences.
extension EventPolicy {
    /// Notes a finding.
    mutating func note(
        _ finding: Observation.Finding,
        at moment: StreamMoment,
        into events: inout [AlarmEvent]
    ) {
        guard let row = table.index(of: finding.statement) else { return }
        let index = lineIndex(of: row)
        let wasHolding = lines[index].condition == .holding
        let holds = finding.holds
        if holds {
            if wasHolding, lines[index].figure != finding.figure || lines[index].leads != finding.leads {
                lines[index].hasNews = true
            }
            lines[index].figure = finding.figure
            lines[index].leads = finding.leads
        }
        guard holds != wasHolding else { return }
        if holds {
            hold(index, since: finding.since, at: moment, into: &events)
        } else if !isAnalysable, table.rows[row].kind == .physiological {
            // Nobody can see that it is over.
            unsee(index, at: moment, into: &events)
        } else {
            lines[index].condition = .absent
            lines[index].since = clock.reading(at: min(finding.since, moment.sample))
        }
    }

    private mutating func hold(
        _ index: Int,
        since: GridIndex,
        at moment: StreamMoment,
        into events: inout [AlarmEvent]
    ) {
        let wasUnseen = lines[index].condition == .unseen
        lines[index].condition = .holding
        if !lines[index].isRaised || lines[index].alarm == nil {
            let reading = clock.reading(at: min(since, moment.sample))
            lines[index].since = reading
            lines[index].sinceMoment = clock.moment(at: reading)
        }
        guard wasUnseen, lines[index].alarm?.state == .latched, lines[index].isRaised else { return }
        // It may be another episode, so it is signalled again, whoever acknowledged it.
        lines[index].alarm?.state = .active
        lines[index].alarm?.needsBeats = false
        soundAnew(index)
        emit(.update, .seenAgain, of: index, at: moment, into: &events)
    }

    /// Notes a beat; where enough of them were seen, latched alarms no longer wait for them.
    mutating func note(beatAt now: Int64) {
        // What beats in a fibrillation or a tachycardia is no recovery.
        let isDangerous = lines.contains { $0.condition == .holding && table.rows[$0.row].latches }
        guard isAnalysable, !isDangerous else {
            beats.restart()
            return
        }
        guard beats.take(beatAt: now) else { return }
        for index in lines.indices { lines[index].alarm?.needsBeats = false }
    }

    /// Analysis became impossible at `moment`; where the stream is over, nothing of it can be seen any longer.
    mutating func lose(
        at moment: StreamMoment,
        isStreamOver: Bool = false,
        into events: inout [AlarmEvent]
    ) {
        settle(into: &events)
        let wasAnalysable = isAnalysable
        isAnalysable = false
        beats.restart()
        standby?.hasSignalBeenAway = true
        for index in lines.indices {
            let isTechnical = table.rows[lines[index].row].kind == .technical
            // Technical findings are about the signal itself, and go on being seen as long as there is a stream.
            if isTechnical ? isStreamOver : wasAnalysable { unsee(index, at: moment, into: &events) }
        }
    }

    /// What counts stays as it is, what was about to count is forgotten, and what must not be missed is latched.
    private mutating func unsee(_ index: Int, at moment: StreamMoment, into events: inout [AlarmEvent]) {
        lines[index].condition = lines[index].isRaised ? .unseen : .absent
        guard table.rows[lines[index].row].latchesUnseen, lines[index].alarm?.state == .active else { return }
        lines[index].alarm?.state = .latched
        lines[index].alarm?.needsBeats = true
        emit(.update, .analysisLost, of: index, at: moment, into: &events)
    }

    /// Analysis is possible again; where the patient was on standby, that is over.
    mutating func regain(at moment: StreamMoment, into events: inout [AlarmEvent]) {
        if !isAnalysable {
            isAnalysable = true
            analysableSince = clock.now
        }
        guard standby?.hasSignalBeenAway == true else { return }
        standby = nil
        signalAgain(.update, .standby, at: moment, into: &events)
    }
}
