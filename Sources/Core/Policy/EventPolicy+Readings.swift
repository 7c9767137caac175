public import ECGSignal
public import Findings

/// What the policy of one patient and device makes of everything it was told.
public struct PolicyReading: Sendable {
    /// What producers last said of a statement.
    public enum Condition: String, Sendable {
        /// It does not hold.
        case absent
        /// The finding holds.
        case holding
        /// It held when analysis became impossible; nobody can tell.
        case unseen
    }

    /// One statement that holds, counts, stands or waits.
    public struct Line: Sendable {
        /// The statement's id.
        public let statement: String
        /// What producers last said of it.
        public let condition: Condition
        /// The priority of its alarms, or of the one that stands.
        public let priority: AlarmEvent.Priority
        /// Whether it has lasted long enough to count, or not yet long enough to count no longer.
        public let counts: Bool
        /// Seconds of signal until that changes; nil where nothing counts down.
        public let remainingSeconds: Double?
        /// The newest event of its alarm; nil where none stands.
        public let alarm: AlarmEvent?
        /// How the alarm is to be signalled now; nil where none stands.
        public let signal: AlarmEvent.Signal?
        /// The statement that speaks for it; nil where none does.
        public let spokenForBy: String?
        /// Who accepted it as the patient's baseline; nil where nobody did.
        public let baselineBy: String?
        /// Seconds for which an alarm that began now would only be recorded; nil where it would be signalled.
        public let rearmSeconds: Double?
        /// Whether its alarm waits for 10 s of beats before it may end.
        public let needsBeats: Bool
        /// The figure that it rests on, where there is one.
        public let figure: Figure?
    }

    /// Whether the signal can be judged.
    public let isAnalysable: Bool
    /// Until when sounds are paused, by the monotonic clock of the entries; nil where they are not.
    public let audioPausedUntil: MonotonicNanoseconds?
    /// Until when alarms are paused; nil where they are not.
    public let alarmPausedUntil: MonotonicNanoseconds?
    /// Who put the patient on standby; nil where nobody did.
    public let standbyBy: String?
    /// The statements about which there is something to say, in the order of the catalogue.
    public let lines: [Line]
}

extension EventPolicy {
    /// What stands, what counts towards an onset or an end, and what is silenced by what.
    public var reading: PolicyReading {
        PolicyReading(
            isAnalysable: isAnalysable,
            audioPausedUntil: audioPausedUntil,
            alarmPausedUntil: alarmPausedUntil,
            standbyBy: standbyBy,
            lines: lines.filter(\.isWorthTelling).map(reading(of:))
        )
    }

    private func reading(of line: AlarmLine) -> PolicyReading.Line {
        let row = table.rows[line.row]
        let condition: PolicyReading.Condition
        let due: Int64?
        switch line.condition {
        case .absent:
            condition = .absent
            due = line.isRaised ? line.since + row.endSamples : nil
        case .holding:
            condition = .holding
            due = line.isRaised ? nil : line.since + row.onsetSamples
        case .unseen:
            condition = .unseen
            due = isAnalysable ? analysableSince + EventPolicy.seenAgainSamples : nil
        }
        let rearm = line.lastEnd.map { $0 + row.rearmSamples - clock.now } ?? 0
        return PolicyReading.Line(
            statement: row.statement,
            condition: condition,
            priority: line.alarm?.priority ?? row.priority,
            counts: line.isRaised,
            remainingSeconds: due.map { Double(max(0, $0 - clock.now)) / Double(Grid.rate) },
            alarm: line.alarm?.newest,
            signal: line.alarm.map { signal(of: $0, row) },
            spokenForBy: superior(of: line).map { table.rows[$0].statement },
            baselineBy: line.baselineBy,
            rearmSeconds: rearm > 0 ? Double(rearm) / Double(Grid.rate) : nil,
            needsBeats: line.alarm?.needsBeats ?? false,
            figure: line.condition == .absent ? nil : line.figure
        )
    }
}

extension AlarmLine {
    fileprivate var isWorthTelling: Bool { condition != .absent || isRaised || alarm != nil }
}
