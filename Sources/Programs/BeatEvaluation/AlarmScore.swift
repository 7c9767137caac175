internal import BeatScoring
internal import ECGSignal
public import Findings
internal import Pipeline
internal import Policy
public import Recordings

/// The alarms of one annotated record beside what should have alarmed.
public struct AlarmScore: Sendable {
    /// An alarm that began.
    public struct Alarm: Sendable {
        /// The statement's id.
        public let statement: String
        /// How urgent it was.
        public let priority: AlarmEvent.Priority
        /// When it was raised, seconds of the record.
        public let seconds: Double
        /// Whether the annotated beats bear it out; nil where they cannot tell (signal
        /// quality, intervals).
        public let isTrue: Bool?
    }

    /// A stretch that should have alarmed and did not.
    public struct Missed: Sendable {
        /// The statement's id.
        public let statement: String
        /// Where it began, seconds of the record.
        public let seconds: Double
    }

    /// The record's name.
    public let name: String
    /// How long it is, seconds.
    public let seconds: Double
    /// The alarms in order.
    public private(set) var alarms: [Alarm] = []
    /// What was missed, in order.
    public private(set) var missed: [Missed] = []
    /// From the begin of what should alarm to its alarm, seconds, by statement; in order.
    public private(set) var delays: [(statement: String, seconds: Double)] = []
    /// Alarms that began within a minute of the end of one of the same statement.
    public private(set) var flapping = 0

    /// Statements of which annotated beats say nothing.
    private static let untold = ["prolonged_qt"]
    /// How near an alarm must be to a true stretch, seconds.
    private static let reach = 10.0

    /// Sends the record at `path`, which has an `.atr` beside it, through rhythm lane and policy.
    ///
    /// - Parameters:
    ///   - path: The record, with or without `.hea`.
    ///   - leads: `II,V1`: only these; all without it.
    /// - Throws: `RecordingError` where record, annotations or leads cannot be used.
    public init(path: String, leads: String? = nil) throws(RecordingError) {
        let record = try AnnotatedRecord(path: path)
        name = record.recording.name
        seconds = record.recording.seconds
        let events = try AlarmScore.events(of: record, leads: leads)
        score(events, AlarmTruth(record).stretches)
    }

    private static func events(
        of record: AnnotatedRecord,
        leads: String?
    ) throws(RecordingError) -> [AlarmEvent] {
        let (stream, _) = try RecordedStream.read(record.recording, leads: leads)
        var chunks = stream.chunks
        guard let first = try chunks.next(), let table = PolyphaseTableReference(rate: first.rate) else {
            return []
        }
        var timeline = StreamTimeline()
        var rhythm = RhythmStream(first: first, at: Arrival(utc: stream.start, monotonic: 0))
        var policy = EventPolicy()
        var events: [AlarmEvent] = []
        func judge() {
            for observation in rhythm.observations { policy.take(observation, into: &events) }
            if let moment = rhythm.judged { policy.pass(to: moment, into: &events) }
        }
        rhythm.take(timeline.place(first), table: table)
        judge()
        while let chunk = try chunks.next() {
            let own = chunk.rate == first.rate ? table : PolyphaseTableReference(rate: chunk.rate)
            guard let own else {
                throw RecordingError(.unsupported, "\(chunk.rate.hertz) Hz", "cannot be resampled")
            }
            rhythm.take(timeline.place(chunk), table: own)
            judge()
        }
        timeline.tick()
        rhythm.close(timeline.front)
        judge()
        return events
    }

    private mutating func score(_ events: [AlarmEvent], _ truth: [AlarmTruth.Stretch]) {
        var raised: [(statement: String, from: Double, to: Double)] = []
        var places: [AlarmIdentity: Int] = [:]
        for event in events {
            let time = Double(event.at.sample) / 500
            let id = event.alarm.statement
            if event.phase == .start {
                let isAgain = raised.contains { $0.statement == id && time - $0.to < 60 && $0.to < time }
                places[event.alarm] = raised.count
                raised.append((id, time, seconds))
                // What speaks again after a higher alarm is no new one.
                guard event.reason != .resumed else { continue }
                if isAgain { flapping += 1 }
                let canTell = event.kind != .technical && !AlarmScore.untold.contains(id)
                let isTrue = canTell ? AlarmScore.isTrue(id, at: time, truth) : nil
                alarms.append(Alarm(statement: id, priority: event.priority, seconds: time, isTrue: isTrue))
            } else if event.reason == .seenAgain {
                // It was latched while nothing could be judged, and holds.
                places[event.alarm] = raised.count
                raised.append((id, time, seconds))
            } else if event.phase == .end || event.state == .latched, let place = places[event.alarm] {
                raised[place].to = min(raised[place].to, time)
            }
        }
        for stretch in truth where stretch.isAsked {
            let heard = raised.filter { alarm in
                AlarmScore.satisfies(alarm.statement, stretch.statement)
                    && alarm.from <= stretch.to + AlarmScore.reach
                    && alarm.to >= stretch.from - AlarmScore.reach
            }
            guard let first = heard.map(\.from).min() else {
                missed.append(Missed(statement: stretch.statement, seconds: stretch.from))
                continue
            }
            delays.append((stretch.statement, max(0, first - stretch.from)))
        }
    }

    private static func isTrue(_ id: String, at time: Double, _ truth: [AlarmTruth.Stretch]) -> Bool {
        truth.contains { stretch in
            // What is true higher in a chain bears out what is lower in it.
            satisfies(stretch.statement, id) && time >= stretch.from - reach && time <= stretch.to + reach
        }
    }

    /// Whether `one` speaks for `other`: it is the same, or stands higher in a chain.
    private static func satisfies(_ one: String, _ other: String) -> Bool {
        one == other
            || chains.contains { chain in
                guard let above = chain.firstIndex(of: one), let below = chain.firstIndex(of: other) else {
                    return false
                }
                return above < below
            }
    }

    private static let chains = [
        [
            "ventricular_fibrillation", "ventricular_tachycardia", "extreme_tachycardia",
            "ventricular_short_run",
            "tachycardia",
        ],
        ["ventricular_fibrillation", "asystole", "extreme_bradycardia", "pause", "bradycardia"],
    ]
}
