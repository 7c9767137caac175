public import ECGSignal
public import Findings

/// The alarms of one patient as one device tells of them: a pure state machine that outlives epochs, gaps and closes.
///
/// Two clocks drive it, and both come in as values of logged entries, so that the same log gives the same events:
/// - *signal time*, the samples of the patient's streams, drives everything that depends on the heart: delays of onset
///   and end, the 10 s of beats, the 15 s of the model's agreement. `take` and `pass(to:)` move it.
/// - *entry time*, the monotonic clock of the logged entries, drives what people set: pauses. `pass(at:)` moves it.
public struct EventPolicy: Sendable, Equatable {
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
        /// The alarm rose in priority, or was signalled anew, after what the user had seen.
        case changedSince
    }

    /// What is paused.
    public enum PauseKind: String, Sendable {
        /// Sounds: events go on, and any new high alarm sounds.
        case audio
        /// Signals of medium and low alarms: they are recorded; any new high alarm is signalled.
        case alarm
    }

    /// What a pause came to.
    public enum PauseOutcome: Sendable, Equatable {
        /// It lasts until then, by the monotonic clock of the logged entries; nil where nothing is paused any longer.
        case until(MonotonicNanoseconds?)
        /// More than 600 s, or less than none, were asked for.
        case refused
    }

    /// The newest event of each alarm that stands: the most urgent first, then by onset.
    public private(set) var standing: [AlarmEvent] = []

    /// A policy of a patient of whom nothing is known.
    public init() {}

    /// Takes an observation, and appends what follows from it.
    public mutating func take(_ observation: Observation, into events: inout [AlarmEvent]) {}

    /// The patient's stream has been judged up to `moment`: delays that have passed take effect.
    public mutating func pass(to moment: StreamMoment, into events: inout [AlarmEvent]) {}

    /// A logged entry came at `arrival`: pauses that are over end.
    public mutating func pass(at arrival: Arrival, into events: inout [AlarmEvent]) {}

    /// Somebody acknowledges an alarm; `seen` is the newest event of it that the user knows, where the user says so.
    public mutating func acknowledge(
        _ alarm: AlarmIdentity,
        seen: AlarmEvent? = nil,
        by: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) -> Acknowledgement { .unknown }

    /// Somebody pauses the patient's signals for `seconds`, at most 600; 0 ends the pause.
    public mutating func pause(
        _ kind: PauseKind,
        seconds: Int,
        by: String,
        at arrival: Arrival,
        into events: inout [AlarmEvent]
    ) -> PauseOutcome { .refused }
}
