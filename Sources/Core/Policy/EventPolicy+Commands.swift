public import ECGSignal
public import Findings

/// What a command came to.
public enum CommandOutcome: Sendable, Equatable {
    /// What was asked for is done.
    case done
    /// What was to be ended or taken back was not set.
    case unchanged
    /// It is done, and lasts until then by the monotonic clock of the logged entries.
    case until(MonotonicNanoseconds)
    /// The alarm had been acknowledged before, and by whom.
    case already(by: String)
    /// The alarm is over.
    case ended
    /// There is no such alarm, patient or statement.
    case unknown
    /// The alarm was signalled anew after what the user had seen.
    case changedSince
    /// It may not be done; what may be, one sentence.
    case refused(String)
}

extension EventPolicy {
    /// Does what a command asks for; `isSending` is whether the device has an open stream.
    public mutating func perform(
        _ command: OperatorCommand,
        at arrival: Arrival,
        isSending: Bool = true,
        into events: inout [AlarmEvent]
    ) -> CommandOutcome {
        switch command.order {
        case .acknowledge(let alarm, let soundings):
            switch acknowledge(alarm, seen: soundings, by: command.by, at: arrival, into: &events) {
            case .done: return .done
            case .already(let first): return .already(by: first)
            case .ended: return .ended
            case .unknown: return .unknown
            case .changedSince: return .changedSince
            }
        case .pause(let kind, let seconds):
            if kind == .alarm, !command.target.isOnePatient, seconds > 0 {
                return .refused("alarms are paused for one patient at a time; sounds can be paused for all")
            }
            let until = kind == .audio ? audioPausedUntil : alarmPausedUntil
            let wasPaused = until.map { $0 > arrival.monotonic } ?? false
            switch pause(kind, seconds: seconds, by: command.by, at: arrival, into: &events) {
            case .until(let end): return end.map { .until($0) } ?? (wasPaused ? .done : .unchanged)
            case .refused: return .refused("a pause lasts 0 to \(Pauses.secondsMax) seconds")
            }
        case .standby(let isOn):
            let wasOn = standbyBy != nil
            setStandby(isOn, by: command.by, at: arrival, into: &events)
            return isOn || wasOn ? .done : .unchanged
        case .baseline(let statement, let isAccepted):
            let wasAccepted = baseline.contains(statement)
            let outcome = accept(
                statement,
                asBaseline: isAccepted,
                by: command.by,
                at: arrival,
                into: &events
            )
            switch outcome {
            case .done: return isAccepted || wasAccepted ? .done : .unchanged
            case .unknown: return .unknown
            case .refused: return .refused("nothing high and nothing technical can be a baseline")
            }
        case .limits(let limits):
            set(limits)
            return .done
        case .discharge:
            discharge(by: command.by, at: arrival, isSending: isSending, into: &events)
            return .done
        }
    }
}
