public import ECGSignal
public import Findings

/// Until when signals are paused, by the monotonic clock of the logged entries.
struct Pauses: Sendable, Equatable, Codable {
    /// Nobody can pause for longer, neither at once nor by asking again: 600 s from the begin of the first pause.
    static let secondsMax = 600

    private(set) var audioUntil: MonotonicNanoseconds?
    private(set) var alarmUntil: MonotonicNanoseconds?
    private(set) var began: MonotonicNanoseconds?

    /// Nothing is paused.
    init() {}

    /// Pauses that were set before a restart, by the wall clock; none lasts longer than it may, whatever the clock did since.
    init(
        audioUntil: UTCNanoseconds?,
        alarmUntil: UTCNanoseconds?,
        began: UTCNanoseconds?,
        at arrival: Arrival
    ) {
        let most = MonotonicNanoseconds(Pauses.secondsMax) * 1_000_000_000
        func end(_ until: UTCNanoseconds?) -> MonotonicNanoseconds? {
            guard let until, until > arrival.utc else { return nil }
            return arrival.monotonic + min(until - arrival.utc, most)
        }
        self.audioUntil = end(audioUntil)
        self.alarmUntil = end(alarmUntil)
        guard self.audioUntil != nil || self.alarmUntil != nil else { return }
        let since = min(max(0, arrival.utc - (began ?? arrival.utc)), most)
        self.began = arrival.monotonic - since
    }

    /// Pauses for `seconds` from `now`, or ends the pause where they are 0; when it ends.
    mutating func set(
        _ kind: EventPolicy.PauseKind,
        seconds: Int,
        at now: MonotonicNanoseconds
    ) -> MonotonicNanoseconds? {
        let first = began ?? now
        let most = first + MonotonicNanoseconds(Pauses.secondsMax) * 1_000_000_000
        let asked = now + MonotonicNanoseconds(seconds) * 1_000_000_000
        let until = seconds == 0 ? nil : min(asked, most)
        switch kind {
        case .audio: audioUntil = until
        case .alarm: alarmUntil = until
        }
        began = audioUntil == nil && alarmUntil == nil ? nil : first
        return until
    }

    /// Ends the pauses that are over; whether one was.
    mutating func end(at now: MonotonicNanoseconds) -> Bool {
        let isAudioOver = audioUntil.map { $0 <= now } ?? false
        let isAlarmOver = alarmUntil.map { $0 <= now } ?? false
        if isAudioOver { audioUntil = nil }
        if isAlarmOver { alarmUntil = nil }
        if audioUntil == nil, alarmUntil == nil { began = nil }
        return isAudioOver || isAlarmOver
    }
}

/// Who put a patient on standby, and whether the signal has been away since.
struct Standby: Sendable, Equatable, Codable {
    let by: String
    var hasSignalBeenAway: Bool
}

/// What people do about alarms.
extension EventPolicy {
    /// What an acknowledgement came to.
    public enum Acknowledgement: Sendable, Equatable {
        /// The alarm is silenced.
        case done
        /// It had been acknowledged before, and by whom.
        case already(by: String)
        /// The alarm is over.
        case ended
        /// The patient never had such an alarm, or it ended long ago.
        case unknown
        /// The alarm was signalled anew after what the user had seen.
        case changedSince
    }

    /// What is paused.
    public typealias PauseKind = OperatorCommand.PauseKind

    /// What a pause came to.
    public enum PauseOutcome: Sendable, Equatable {
        /// It lasts until then, by the monotonic clock of the logged entries; nil where it is over.
        case until(MonotonicNanoseconds?)
        /// More than 600 s, or less than none, were asked for.
        case refused
    }

    /// What the acceptance of a baseline came to.
    public enum BaselineOutcome: Sendable, Equatable {
        /// The finding no longer alarms or informs, or does so again.
        case done
        /// High alarms and technical ones can be nobody's baseline.
        case refused
        /// The catalogue has no such statement.
        case unknown
    }

    /// Somebody acknowledges an alarm: this one alone is silenced, until it is signalled anew.
    ///
    /// `soundings` says how often the alarm had been signalled anew in what the user saw: its start is 1, and each
    /// escalation and each `seen_again` adds one. Nil where the user does not say.
    public mutating func acknowledge(
        _ identity: AlarmIdentity,
        seen soundings: Int? = nil,
        by name: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) -> Acknowledgement {
        settle(into: &events)
        guard let index = lines.firstIndex(where: { $0.alarm?.identity == identity }),
            let alarm = lines[index].alarm, let moment = moment(of: arrival)
        else { return ended.contains(identity) ? .ended : .unknown }
        if let first = alarm.acknowledgedBy { return .already(by: first) }
        if let soundings, soundings < alarm.soundings { return .changedSince }
        lines[index].alarm?.acknowledgedBy = name
        if alarm.state == .latched, !alarm.needsBeats {
            end(index, .acknowledged, at: moment, into: &events)
        } else {
            emit(.update, .acknowledged, of: index, at: moment, into: &events)
        }
        return .done
    }

    /// Somebody pauses the patient's signals for `seconds`, at most 600; 0 ends the pause.
    ///
    /// Who asks again while it is paused gets no more than 600 s from the begin of the first pause.
    public mutating func pause(
        _ kind: PauseKind,
        seconds: Int,
        by name: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) -> PauseOutcome {
        guard (0...Pauses.secondsMax).contains(seconds) else { return .refused }
        settle(into: &events)
        pass(at: arrival, into: &events)
        let before = pauses
        let until = pauses.set(kind, seconds: seconds, at: arrival.monotonic)
        guard let moment = moment(of: arrival) else { return .until(until) }
        if seconds == 0 {
            // Where nothing was paused there is nothing to tell.
            guard pauses != before else { return .until(nil) }
            signalAgain(.continue, .pauseOver, at: moment, by: name, into: &events)
        } else {
            for index in lines.indices { lines[index].alarm?.isNew = false }
            refreshSignals(.paused, at: moment, by: name, into: &events)
        }
        return .until(until)
    }

    /// Somebody puts the patient on standby, or ends it; it ends by itself when signal comes after it was away.
    ///
    /// Until then nothing below `high` is signalled; what is found is recorded.
    public mutating func setStandby(
        _ isOn: Bool,
        by name: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) {
        settle(into: &events)
        standby = isOn ? Standby(by: name, hasSignalBeenAway: !isAnalysable) : nil
        guard let moment = moment(of: arrival) else { return }
        refreshSignals(.standby, at: moment, by: name, into: &events)
    }

    /// Somebody accepts a finding as this patient's baseline, or takes that back.
    public mutating func accept(
        _ statement: String,
        asBaseline isBaseline: Bool,
        by name: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) -> BaselineOutcome {
        guard let row = table.index(of: statement) else { return .unknown }
        guard table.rows[row].kind == .physiological, table.rows[row].priority != .high else {
            return .refused
        }
        settle(into: &events)
        let index = lineIndex(of: row)
        if isBaseline {
            lines[index].baseline = AlarmLine.Baseline(by: name, from: clock.moment)
        } else {
            withdrawBaseline(of: index)
        }
        if isBaseline, let moment = moment(of: arrival) {
            end(index, .baseline, at: moment, by: name, into: &events)
        }
        isUnsettled = true
        settle(into: &events)
        return .done
    }

    /// The patient is discharged: alarms end, also latched ones, and all that people set is forgotten.
    ///
    /// What still holds, because the device goes on sending, alarms anew; where it sends no more (`isSending` false), nothing
    /// begins.
    public mutating func discharge(
        by name: String,
        at arrival: Arrival,
        isSending: Bool = true,
        into events: inout [AlarmEvent]
    ) {
        settle(into: &events)
        if let moment = moment(of: arrival) {
            for index in lines.indices { end(index, .discharged, at: moment, by: name, into: &events) }
        }
        forgetPatient()
        pauses = Pauses()
        standby = nil
        limits = nil
        guard isSending else { return }
        isUnsettled = true
        settle(into: &events)
    }

    private mutating func withdrawBaseline(of index: Int) {
        lines[index].baseline?.isOver = true
        lines[index].baseline?.until = clock.moment
    }

    /// What still holds stays; windows that ended before are still judged by what was set then.
    private mutating func forgetPatient() {
        for index in lines.indices {
            // What is only remembered, because nothing can be judged, goes; an electrode that is off is still off.
            let condition = lines[index].condition
            let stays = condition == .holding || (isAnalysable && condition == .unseen)
            if !stays {
                var line = AlarmLine(row: lines[index].row)
                line.baseline = lines[index].baseline
                lines[index] = line
            }
            if lines[index].baselineBy != nil { withdrawBaseline(of: index) }
            lines[index].wasInformed = false
            lines[index].lastEnd = nil
        }
        if let moment = clock.moment, let voice = voices.firstIndex(where: { $0.stream == moment.stream }) {
            // The window that ends there, exclusive, is of rows that were judged before.
            voices[voice].isNewFrom = moment.sample + 1
        }
    }

    /// Sets the limits of this patient; nil for the defaults.
    ///
    /// Whoever measures the rate and ST judges by them from now on; rates that are set go before those of the ward's policy.
    public mutating func set(_ limits: LimitOrder?) { self.limits = limits }

    /// Another table takes effect; what stands, stands with the priority that it has.
    public mutating func adopt(_ table: PolicyTable, into events: inout [AlarmEvent]) {
        settle(into: &events)
        self.table = table
        isUnsettled = true
        settle(into: &events)
    }

    /// Until when sounds are paused, by the monotonic clock of the logged entries; nil where they are not.
    public var audioPausedUntil: MonotonicNanoseconds? { pauses.audioUntil }

    /// Until when alarms are paused; nil where they are not.
    public var alarmPausedUntil: MonotonicNanoseconds? { pauses.alarmUntil }

    /// Who put the patient on standby; nil where nobody did.
    public var standbyBy: String? { standby?.by }

    /// The statements that were accepted as this patient's baseline.
    public var baseline: [String] {
        lines.filter { $0.baselineBy != nil }.map { table.rows[$0.row].statement }
    }

    /// The moment of an event that an entry makes: the sample up to which the stream was judged, and the entry's UTC.
    func moment(of arrival: Arrival) -> StreamMoment? {
        clock.moment.map { StreamMoment(stream: $0.stream, sample: $0.sample, time: arrival.utc) }
    }

    /// Tells of every alarm whose signal is another one now.
    private mutating func refreshSignals(
        _ reason: AlarmEvent.Reason,
        at moment: StreamMoment,
        by name: String,
        into events: inout [AlarmEvent]
    ) {
        for index in lines.indices {
            guard let alarm = lines[index].alarm,
                alarm.newest?.signal != signal(of: alarm, table.rows[lines[index].row])
            else { continue }
            emit(.update, reason, of: index, at: moment, by: name, into: &events)
        }
    }

    /// Tells of every alarm that stands, with its signal as it is now.
    mutating func signalAgain(
        _ phase: AlarmEvent.Phase,
        _ reason: AlarmEvent.Reason,
        at moment: StreamMoment,
        by name: String? = nil,
        into events: inout [AlarmEvent]
    ) {
        for index in lines.indices where lines[index].alarm != nil {
            emit(phase, reason, of: index, at: moment, by: name, into: &events)
        }
    }
}
