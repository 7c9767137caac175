/// A request of the control socket that changes a decision, such as the acknowledgement of an alarm.
///
/// It is an entry of the log: it takes effect between the frame before it and the frame after it, so a log that is
/// replayed decides the same.
public struct OperatorCommand: Sendable, Equatable {
    /// What a pause concerns.
    public enum PauseKind: String, Sendable, CaseIterable {
        /// Sounds: events go on, and any new high alarm sounds.
        case audio
        /// Signals of medium and low alarms: they are recorded; any new high alarm is signalled.
        case alarm
    }

    /// What is to be done.
    public enum Order: Sendable, Equatable {
        /// Silence one alarm.
        ///
        /// `soundings` says how often it had been signalled anew in what the user saw; nil where the user does not say.
        case acknowledge(AlarmIdentity, soundings: Int?)
        /// Pause signals for so many seconds; 0 ends the pause.
        case pause(PauseKind, seconds: Int)
        /// Put on standby, or end it.
        case standby(Bool)
        /// Accept a statement as the patient's baseline, or take that back.
        case baseline(statement: String, isAccepted: Bool)
        /// Set the rates beyond which the patient alarms, what ST is compared with, or both; nil sets the defaults.
        case limits(LimitOrder?)
        /// End all alarms, and forget what was set.
        case discharge
    }

    /// Whom a command concerns.
    public enum Target: Sendable, Equatable {
        /// All devices of one patient.
        case patient(String)
        /// The patients who are in that ward when it is carried out; sounds alone can be paused for a ward.
        case ward(String)
        /// Every patient; sounds alone can be paused for all.
        case everyone

        /// Whether it is one patient's alone.
        public var isOnePatient: Bool { if case .patient = self { true } else { false } }
    }

    /// What is to be done.
    public let order: Order
    /// Whom it concerns; an acknowledgement concerns the patient of its alarm.
    public let target: Target
    /// Who asks: the person whom the request names, else `local`, until there are keys.
    public let by: String
    /// The number by which the asker is answered; it decides nothing.
    public let ticket: Int

    /// Makes a command.
    public init(_ order: Order, target: Target, by: String, ticket: Int) {
        self.order = order
        self.target = target
        self.by = by
        self.ticket = ticket
    }
}
