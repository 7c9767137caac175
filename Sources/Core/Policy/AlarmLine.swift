internal import ECGSignal
internal import Findings

/// An alarm that stands.
struct StandingAlarm: Sendable, Equatable, Codable {
    let identity: AlarmIdentity
    let onset: StreamMoment
    /// What the signal clock read when it began.
    let began: Int64
    var state: AlarmEvent.State = .active
    var priority: AlarmEvent.Priority
    /// How many of its row's steps have been taken.
    var stepsTaken = 0
    var acknowledgedBy: String?
    /// How often it was signalled anew, its start included.
    var soundings = 1
    /// Whether it is new since the pause began: a high one breaks through.
    var isNew = true
    /// Whether it came so soon after the last that it is recorded and not signalled.
    var isRecordedOnly = false
    /// Whether 10 s of beats must be seen before it may end.
    var needsBeats = false
    var newest: AlarmEvent?
}

/// Everything known of one statement of one patient.
struct AlarmLine: Sendable, Equatable, Codable {
    /// What the producers last said.
    enum Condition: Sendable, Equatable, Codable {
        /// It does not hold.
        case absent
        /// The finding holds.
        case holding
        /// It held when analysis became impossible; nobody can tell.
        case unseen
    }

    /// How many events of each phase there were in the stream of the newest onset.
    struct Counts: Sendable, Equatable, Codable {
        var stream: StreamIdentity?
        /// In the order of all phases.
        private(set) var numbers = [Int](repeating: 0, count: AlarmEvent.Phase.allCases.count)

        mutating func next(_ phase: AlarmEvent.Phase) -> Int {
            let index = AlarmEvent.Phase.allCases.firstIndex(of: phase) ?? 0
            numbers[index] += 1
            return numbers[index]
        }

        /// Begins to count for another stream.
        mutating func begin(_ stream: StreamIdentity) {
            if self.stream != stream { self = Counts(stream: stream) }
        }

        /// Goes on from so many events of each phase, in the order of all phases.
        init(stream: StreamIdentity, _ numbers: [Int]) {
            self.stream = stream
            self.numbers = numbers
        }

        private init(stream: StreamIdentity?) { self.stream = stream }
        init() {}
    }

    /// Somebody's word that a finding is what this patient always has.
    ///
    /// It concerns the windows of the model that end after the rows which were judged when it was said: those are on their
    /// way, and when they come depends on the encoder's pace.
    struct Baseline: Sendable, Equatable, Codable {
        /// Who said so of the finding.
        let by: String
        /// Up to where the patient was judged then; nil where nothing had come.
        let from: StreamMoment?
        /// Whether it was taken back.
        var isOver = false
        /// Up to where the patient was judged when it was taken back.
        var until: StreamMoment?
    }

    /// The row of the table.
    let row: Int
    var condition = Condition.absent
    /// Whether the condition has lasted as long as the row's delays ask: only then it counts.
    var isRaised = false
    /// What the signal clock read where the condition began.
    var since: Int64 = 0
    /// Where in the stream that was.
    var sinceMoment: StreamMoment?
    var figure: Figure?
    var leads: [Lead] = []
    /// Whether the figure or the leads changed since the newest event.
    var hasNews = false
    var alarm: StandingAlarm?
    var counts = Counts()
    /// What the signal clock read at the end of the last alarm, or when it last informed.
    var lastEnd: Int64?
    /// Whether a finding that never alarms was told since it holds.
    var wasInformed = false
    /// Whether the newest alarm ended because another one speaks for it.
    var wasSuperseded = false
    /// That it is this patient's baseline; the newest such word, also when it was taken back.
    var baseline: Baseline?

    init(row: Int) { self.row = row }

    /// Who accepted it as this patient's baseline; nil where nobody did, or it was taken back.
    var baselineBy: String? { baseline.flatMap { $0.isOver ? nil : $0.by } }

    /// Whether it counts and may still be observed, so that it may speak for others.
    var speaksForOthers: Bool { isRaised && condition != .unseen }
}
