public import ECGSignal
public import Findings

/// What of one patient and device outlives a restart: alarms that stand or are latched, with their ids, who acknowledged
/// them, pauses, and what a ward set.
///
/// It is a value apart from the policy's own state, so that the policy may change inside and what was stored by an earlier
/// version is still understood. Statements stand in it by their ids, times by the wall clock. What must be seen again in any
/// case is left out: findings that no alarm stands for, what the model's windows said, how many beats came in a row.
public struct PatientMemory: Sendable, Equatable, Codable {
    /// The version of this form.
    public static let version = 1

    /// A place on a stream's time line.
    struct Moment: Sendable, Equatable, Codable {
        /// The epoch of the stream, 16 hex digits; patient and device are those of the memory.
        let epoch: String
        let sample: Int64
        let time: Int64
    }

    /// An alarm's identity.
    struct Identity: Sendable, Equatable, Codable {
        let epoch: String
        let statement: String
        let onset: Int64
        let ordinal: Int
    }

    /// The newest event of an alarm, as far as the alarm itself does not tell it.
    struct Newest: Sendable, Equatable, Codable {
        let kind: String
        let phase: String
        let ordinal: Int
        let state: String
        let priority: String
        let signal: String
        let reason: String
        let at: Moment
        let figure: Double?
        let unit: String?
        let leads: [String]
        let by: String?
    }

    /// An alarm that stands.
    struct Alarm: Sendable, Equatable, Codable {
        let identity: Identity
        let onset: Moment
        let began: Int64
        let state: String
        let priority: String
        let stepsTaken: Int
        let acknowledgedBy: String?
        let soundings: Int
        let isNew: Bool
        let isRecordedOnly: Bool
        let needsBeats: Bool
        let newest: Newest
    }

    /// What is known of one statement.
    struct Line: Sendable, Equatable, Codable {
        let statement: String
        let isRaised: Bool
        let lastEnd: Int64?
        let baselineBy: String?
        /// The stream of the newest onset, and how many events of each phase there were in it.
        let countedEpoch: String?
        let counts: [String: Int]
        let alarm: Alarm?
    }

    let version: Int
    /// The patient's id.
    public let patient: String
    /// The device's id.
    public let device: String
    /// What the signal clock read, samples of 2 ms, and where that was.
    let clock: Int64
    let moment: Moment?
    let lines: [Line]
    let ended: [Identity]
    /// Until when sounds and alarms are paused, and when the first pause began, by the wall clock.
    let audioUntil: Int64?
    let alarmUntil: Int64?
    let pausedSince: Int64?
    let standbyBy: String?
    /// The four limits in rising order; nil where nobody set them.
    let limits: [Int]?
    /// The change of ST that alarms, microvolts, and the levels that a user set, by lead; nil where the defaults hold.
    let stChange: Int?
    let stBaseline: [String: Int]?

    /// The limits that people set; nil where they set none, or what they set cannot hold any longer.
    fileprivate var limitOrder: LimitOrder? {
        guard limits != nil || stChange != nil else { return nil }
        let levels = (stBaseline ?? [:]).sorted { $0.key < $1.key }.compactMap { name, level in
            Lead(name: name).map { (lead: $0, level: level) }
        }
        guard let st = try? STLimits(change: stChange ?? STLimits.standard.change, baseline: levels) else {
            return nil
        }
        guard let limits else { return LimitOrder(st: st) }
        guard limits.count == 4 else { return nil }
        return try? LimitOrder(
            PatientLimits(
                extremeLow: limits[0],
                low: limits[1],
                high: limits[2],
                extremeHigh: limits[3],
                st: st
            )
        )
    }

    /// The patient and device that it is about.
    public var sender: Sender { Sender(patient: patient, device: device) }

    /// Whether this program understands it.
    public var isKnown: Bool {
        version == PatientMemory.version && StreamIdentity.isValidID(patient)
            && StreamIdentity.isValidID(device)
    }
}

// MARK: what a policy remembers

extension EventPolicy {
    /// What outlives a restart, as of `arrival`, of the policy of that sender.
    public func memory(of sender: Sender, at arrival: Arrival) -> PatientMemory {
        func wall(_ moment: MonotonicNanoseconds?) -> UTCNanoseconds? {
            moment.map { arrival.utc &+ ($0 - arrival.monotonic) }
        }
        return PatientMemory(
            version: PatientMemory.version,
            patient: sender.patient,
            device: sender.device,
            clock: clock.now,
            moment: clock.moment.map { PatientMemory.Moment($0) },
            lines: lines.map { line in
                PatientMemory.Line(line, statement: table.rows[line.row].statement)
            }.filter(\.isWorthKeeping),
            ended: ended.map { PatientMemory.Identity($0) },
            audioUntil: wall(pauses.audioUntil),
            alarmUntil: wall(pauses.alarmUntil),
            pausedSince: wall(pauses.began),
            standbyBy: standby?.by,
            limits: limits?.rates.map { $0.map(\.value) },
            stChange: limits?.st.change,
            stBaseline: limits.map { limits in
                Dictionary(uniqueKeysWithValues: limits.st.baseline.map { ($0.lead.name, $0.level) })
            }
        )
    }

    /// The policy that goes on from what was remembered: all that stood, stands, with the same identities.
    ///
    /// The time without the daemon counts as time without signal. What stood is as if its stream had ended; the signal clock
    /// goes on once signal comes. A statement that the catalogue has no longer is left out.
    public init(table: PolicyTable, _ memory: PatientMemory, at arrival: Arrival) {
        self.init(table: table)
        let stream = { (epoch: String) in
            StreamIdentity(
                patient: memory.patient,
                device: memory.device,
                epoch: UInt64(epoch, radix: 16) ?? 0
            )
        }
        clock = SignalClock(resumingAt: memory.clock, memory.moment?.moment(in: stream))
        for line in memory.lines {
            guard let row = table.index(of: line.statement) else { continue }
            lines[lineIndex(of: row)] = AlarmLine(row: row, line, stream)
        }
        ended = memory.ended.map { $0.identity(in: stream) }
        pauses = Pauses(
            audioUntil: memory.audioUntil,
            alarmUntil: memory.alarmUntil,
            began: memory.pausedSince,
            at: arrival
        )
        standby = memory.standbyBy.map { Standby(by: $0, hasSignalBeenAway: true) }
        limits = memory.limitOrder
    }

    /// How often the alarm of an identity was signalled anew, its start included; nil where it does not stand.
    public func soundings(of alarm: AlarmIdentity) -> Int? {
        lines.first { $0.alarm?.identity == alarm }?.alarm?.soundings
    }
}

// MARK: from values and back

extension PatientMemory.Moment {
    fileprivate init(_ moment: StreamMoment) {
        self.init(epoch: hexadecimal16(moment.stream.epoch), sample: moment.sample, time: moment.time)
    }

    fileprivate func moment(in stream: (String) -> StreamIdentity) -> StreamMoment {
        StreamMoment(stream: stream(epoch), sample: sample, time: time)
    }
}

extension PatientMemory.Identity {
    fileprivate init(_ alarm: AlarmIdentity) {
        self.init(
            epoch: hexadecimal16(alarm.stream.epoch),
            statement: alarm.statement,
            onset: alarm.onset,
            ordinal: alarm.ordinal
        )
    }

    fileprivate func identity(in stream: (String) -> StreamIdentity) -> AlarmIdentity {
        AlarmIdentity(stream: stream(epoch), statement: statement, onset: onset, ordinal: ordinal)
    }
}

extension PatientMemory.Line {
    fileprivate init(_ line: AlarmLine, statement: String) {
        var counts: [String: Int] = [:]
        for (phase, number) in zip(AlarmEvent.Phase.allCases, line.counts.numbers) where number > 0 {
            counts[phase.rawValue] = number
        }
        self.init(
            statement: statement,
            isRaised: line.isRaised && line.alarm != nil,
            lastEnd: line.lastEnd,
            baselineBy: line.baselineBy,
            countedEpoch: line.counts.stream.map { hexadecimal16($0.epoch) },
            counts: counts,
            alarm: line.alarm.flatMap { PatientMemory.Alarm($0) }
        )
    }

    fileprivate var isWorthKeeping: Bool {
        alarm != nil || baselineBy != nil || lastEnd != nil || countedEpoch != nil
    }
}

extension PatientMemory.Alarm {
    fileprivate init?(_ alarm: StandingAlarm) {
        guard let newest = alarm.newest else { return nil }
        self.init(
            identity: PatientMemory.Identity(alarm.identity),
            onset: PatientMemory.Moment(alarm.onset),
            began: alarm.began,
            state: alarm.state.rawValue,
            priority: alarm.priority.rawValue,
            stepsTaken: alarm.stepsTaken,
            acknowledgedBy: alarm.acknowledgedBy,
            soundings: alarm.soundings,
            isNew: alarm.isNew,
            isRecordedOnly: alarm.isRecordedOnly,
            needsBeats: alarm.needsBeats,
            newest: PatientMemory.Newest(
                kind: newest.kind.rawValue,
                phase: newest.phase.rawValue,
                ordinal: newest.ordinal,
                state: newest.state.rawValue,
                priority: newest.priority.rawValue,
                signal: newest.signal.rawValue,
                reason: newest.reason.rawValue,
                at: PatientMemory.Moment(newest.at),
                figure: newest.figure?.value,
                unit: newest.figure?.unit.rawValue,
                leads: newest.leads.map(\.name),
                by: newest.by
            )
        )
    }

    /// The alarm; nil where a word in it is none that this program knows.
    fileprivate func alarm(in stream: (String) -> StreamIdentity) -> StandingAlarm? {
        guard let state = AlarmEvent.State(rawValue: state),
            let priority = AlarmEvent.Priority(rawValue: priority),
            let newest = newest(in: stream)
        else { return nil }
        var alarm = StandingAlarm(
            identity: identity.identity(in: stream),
            onset: onset.moment(in: stream),
            began: began,
            priority: priority
        )
        alarm.state = state
        alarm.stepsTaken = stepsTaken
        alarm.acknowledgedBy = acknowledgedBy
        alarm.soundings = soundings
        alarm.isNew = isNew
        alarm.isRecordedOnly = isRecordedOnly
        alarm.needsBeats = needsBeats
        alarm.newest = newest
        return alarm
    }

    private func newest(in stream: (String) -> StreamIdentity) -> AlarmEvent? {
        guard let kind = AlarmEvent.Class(rawValue: newest.kind),
            let phase = AlarmEvent.Phase(rawValue: newest.phase),
            let state = AlarmEvent.State(rawValue: newest.state),
            let priority = AlarmEvent.Priority(rawValue: newest.priority),
            let signal = AlarmEvent.Signal(rawValue: newest.signal),
            let reason = AlarmEvent.Reason(rawValue: newest.reason)
        else { return nil }
        let unit = newest.unit.flatMap { Figure.Unit(rawValue: $0) }
        return AlarmEvent(
            alarm: identity.identity(in: stream),
            kind: kind,
            phase: phase,
            ordinal: newest.ordinal,
            state: state,
            priority: priority,
            signal: signal,
            reason: reason,
            onset: onset.moment(in: stream),
            at: newest.at.moment(in: stream),
            evidence: .rule,
            figure: newest.figure.flatMap { value in unit.map { Figure(value, $0) } },
            leads: newest.leads.compactMap { Lead(name: $0) },
            by: newest.by
        )
    }
}

extension AlarmLine {
    /// The line that was remembered.
    fileprivate init(row: Int, _ line: PatientMemory.Line, _ stream: (String) -> StreamIdentity) {
        self.init(row: row)
        alarm = line.alarm.flatMap { $0.alarm(in: stream) }
        if let alarm, line.isRaised {
            isRaised = true
            // The clock's first moment is a begin, and then nothing that stood counts as seen.
            condition = alarm.state == .latched ? .unseen : .holding
        }
        figure = alarm?.newest?.figure
        leads = alarm?.newest?.leads ?? []
        lastEnd = line.lastEnd
        baseline = line.baselineBy.map { Baseline(by: $0, from: nil) }
        guard let epoch = line.countedEpoch else { return }
        counts = Counts(
            stream: stream(epoch),
            AlarmEvent.Phase.allCases.map { line.counts[$0.rawValue] ?? 0 }
        )
    }
}
