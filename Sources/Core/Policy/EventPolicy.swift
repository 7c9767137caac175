public import ECGSignal
public import Findings

/// The alarms of one patient as one device tells of them: a pure state machine that outlives epochs, gaps and closes.
///
/// Two clocks drive it, and both come in as values of logged entries, so that the same log gives the same events:
/// - *signal time*, the samples of the patient's streams, drives everything that depends on the heart: delays of onset
///   and end, the 10 s of beats, the 15 s of the model's agreement. `take` and `pass(to:)` move it.
/// - *entry time*, the monotonic clock of the logged entries, drives what people set: pauses. `pass(at:)` moves it.
///
/// Observations of one sample are judged together, once the signal clock goes past that sample: whoever gives
/// observations calls `pass(to:)` after each piece of the stream. Memory is bounded: one line for each statement ever
/// observed, and the newest `endedMax` alarms that ended.
public struct EventPolicy: Sendable, Equatable, Codable {
    /// How many alarms that ended are remembered, so that a late acknowledgement learns of it.
    static let endedMax = 64

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case clock, lines, ended, isUnsettled, isAnalysable, analysableSince, beats, voices, pauses,
            standby, limits
    }

    /// What is done with which statement.
    public var table = PolicyTable.standard
    var clock = SignalClock()
    /// One line for each statement that was ever observed, in the order of the catalogue.
    var lines: [AlarmLine] = []
    /// Alarms that ended, the newest last.
    var ended: [AlarmIdentity] = []
    /// Whether observations came whose consequences are not yet drawn.
    var isUnsettled = false
    /// Whether the signal can be judged.
    var isAnalysable = true
    /// What the signal clock read when the signal could be judged again.
    var analysableSince: Int64 = 0
    var beats = BeatRun()
    /// What the model says of the newest streams, in the order in which they were first judged.
    var voices: [ModelVoice] = []
    var pauses = Pauses()
    /// Who put the patient on standby, and whether signal has been away since.
    var standby: Standby?
    /// The limits that people set for this patient; nil for the defaults.
    public internal(set) var limits: LimitOrder?

    /// A policy of a patient of whom nothing is known.
    public init(table: PolicyTable = .standard) { self.table = table }

    /// The newest event of each alarm that stands: the most urgent first, then by onset.
    public var standing: [AlarmEvent] {
        let newest = lines.compactMap { $0.alarm?.newest }
        return newest.sorted { one, other in
            one.priority == other.priority
                ? one.onset.time < other.onset.time : one.priority.urgency > other.priority.urgency
        }
    }

    /// Takes an observation; what follows from it is appended once the clock goes past its sample.
    public mutating func take(_ observation: Observation, into events: inout [AlarmEvent]) {
        if case .window(let statements) = observation.content {
            quote(statements, at: observation.at, into: &events)
            return
        }
        guard reach(observation.at, into: &events) else { return }
        switch observation.content {
        case .finding(let finding): note(finding, at: observation.at, into: &events)
        case .beat: note(beatAt: clock.now)
        case .analysis(let isPossible):
            if isPossible {
                regain(at: observation.at, into: &events)
            } else {
                lose(at: observation.at, into: &events)
            }
        case .window: break
        }
        isUnsettled = true
    }

    /// The patient's stream has been judged up to `moment`: observations and delays take effect.
    public mutating func pass(to moment: StreamMoment, into events: inout [AlarmEvent]) {
        guard reach(moment, into: &events) else { return }
        settle(into: &events)
    }

    /// A logged entry came at `arrival`: pauses that are over end.
    public mutating func pass(at arrival: Arrival, into events: inout [AlarmEvent]) {
        guard pauses.end(at: arrival.monotonic), let moment = moment(of: arrival) else { return }
        signalAgain(.continue, .pauseOver, at: moment, into: &events)
    }

    /// Brings the signal clock to `moment`, and draws the consequences on the way; false where the moment belongs to a
    /// stream that a newer one has replaced.
    private mutating func reach(_ moment: StreamMoment, into events: inout [AlarmEvent]) -> Bool {
        switch clock.turn(at: moment) {
        case .replaced: return false
        case .newStream:
            settle(into: &events)
            if let end = clock.moment { lose(at: end, isStreamOver: true, into: &events) }
            clock.advance(to: moment)
            regain(at: moment, into: &events)
            isUnsettled = true
        case .onward:
            let target = clock.reading(at: moment)
            if target > clock.now {
                settle(into: &events)
                while let due = nextDeadline, due < target, let then = clock.moment(at: due) {
                    clock.advance(to: then)
                    isUnsettled = true
                    settle(into: &events)
                }
            }
            clock.advance(to: moment)
            if let due = nextDeadline, due <= clock.now { isUnsettled = true }
        }
        hear(moment.stream)
        return true
    }

    /// The line of a row of the table, made where there is none.
    mutating func lineIndex(of row: Int) -> Int {
        let place = lines.firstIndex { $0.row >= row } ?? lines.count
        if place == lines.count || lines[place].row != row { lines.insert(AlarmLine(row: row), at: place) }
        return place
    }
}
