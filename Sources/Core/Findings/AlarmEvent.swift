public import ECGSignal

/// What happened to one alarm: the value behind an `alarm` row of the wire.
///
/// The words of phase and state are IHE ACM's, the order of priorities is IEC 60601-1-8's; no conformance is claimed.

/// One step in the life of an alarm.
public struct AlarmEvent: Sendable, Equatable, Codable {
    /// What an alarm is about.
    public enum Class: String, Sendable, Codable {
        /// It is about the heart.
        case physiological
        /// The signal: analysis is impaired.
        case technical
    }

    /// Where an event stands in the alarm's life.
    public enum Phase: String, Sendable, CaseIterable, Codable {
        /// The alarm begins.
        case start
        /// The alarm stands, and is signalled again.
        case `continue`
        /// Something about the alarm changed: its signal, its state, its figure or its evidence.
        case update
        /// Its priority rose.
        case escalate
        /// Its priority fell.
        case deescalate
        /// The alarm is over.
        case end
        /// Something is told once and does not stand.
        case timePoint = "tpoint"
    }

    /// Whether what it says holds.
    public enum State: String, Sendable, Codable {
        /// It does not, and nobody has to know any longer.
        case inactive
        /// It holds, or held when it could last be judged.
        case active
        /// It no longer holds or can no longer be judged; it stays until it is acknowledged.
        case latched
    }

    /// How urgent it is: high, medium, low or info.
    public typealias Priority = TechnicalEvent.Priority

    /// Whether it is to be signalled.
    public enum Signal: String, Sendable, Codable {
        /// It is to be seen and heard.
        case on
        /// Somebody has acknowledged it.
        case acknowledged
        /// It is to be seen and not heard, until the pause ends.
        case audioPaused = "audio_paused"
        /// It is recorded and not signalled, until the pause ends.
        case alarmPaused = "alarm_paused"
        /// It is not signalled.
        case off
    }

    /// Why the event was made.
    public enum Reason: String, Sendable, CaseIterable, Codable {
        /// The finding holds.
        case began
        /// What was silenced by an alarm higher in its chain holds on after that one's end.
        case resumed
        /// The finding holds again before it was seen to be over.
        case seenAgain = "seen_again"
        /// The finding no longer holds.
        case over
        /// An alarm higher in its chain speaks for it.
        case superseded
        /// A new episode began while the alarm of the old one was latched.
        case newEpisode = "new_episode"
        /// Nothing can be judged any longer.
        case analysisLost = "analysis_lost"
        /// The figure, the leads or the evidence is another one.
        case changed
        /// It has stood so long that its priority is another one.
        case stood
        /// Somebody acknowledged it.
        case acknowledged
        /// Somebody paused the signals, or ended the pause.
        case paused
        /// A pause has ended, and what stands is signalled again.
        case pauseOver = "pause_over"
        /// The patient is on standby, or no longer.
        case standby
        /// The finding was accepted as this patient's baseline.
        case baseline
        /// The patient was discharged.
        case discharged
    }

    /// The alarm that the event is about.
    public let alarm: AlarmIdentity
    /// About the heart, or about the signal.
    public let kind: Class
    /// Where the event stands in the alarm's life.
    public let phase: Phase
    /// How many events of this phase the statement has had in the stream of the alarm's onset, this one included.
    public let ordinal: Int
    /// Whether what it says holds.
    public let state: State
    /// How urgent it is.
    public let priority: Priority
    /// Whether it is to be signalled.
    public let signal: Signal
    /// Why the event was made.
    public let reason: Reason
    /// The onset's sample, in the stream of the alarm's identity, and its UTC.
    public let onset: StreamMoment
    /// When this happened: the sample up to which the patient's current stream was judged, and the event's UTC.
    public let at: StreamMoment
    /// A rule, or a rule with which the model agrees.
    public let evidence: Statement.Evidence
    /// What was measured, where the finding rests on a figure.
    public let figure: Figure?
    /// The leads concerned, where only some are.
    public let leads: [Lead]
    /// Who acknowledged, paused or accepted; nil where nobody did.
    public let by: String?

    /// Makes an event of these values.
    public init(
        alarm: AlarmIdentity,
        kind: Class,
        phase: Phase,
        ordinal: Int,
        state: State,
        priority: Priority,
        signal: Signal,
        reason: Reason,
        onset: StreamMoment,
        at: StreamMoment,
        evidence: Statement.Evidence,
        figure: Figure?,
        leads: [Lead],
        by: String?
    ) {
        self.alarm = alarm
        self.kind = kind
        self.phase = phase
        self.ordinal = ordinal
        self.state = state
        self.priority = priority
        self.signal = signal
        self.reason = reason
        self.onset = onset
        self.at = at
        self.evidence = evidence
        self.figure = figure
        self.leads = leads
        self.by = by
    }
}
