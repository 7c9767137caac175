internal import ECGSignal
public import Findings
internal import Pipeline
public import Recordings

/// PR, QRS and QT that are measured in one recording beside what its annotators marked.
public struct IntervalScore: Sendable {
    /// One interval.
    public struct Pair: Sendable {
        /// What was measured, milliseconds, or why it is not known.
        public let found: VitalSigns.Reading
        /// What was marked, milliseconds; nil where the marks do not say.
        public let marked: Double?

        /// How much longer it was measured than marked, milliseconds; nil where one of the two is not known.
        public var error: Double? {
            guard let marked, let found = found.value else { return nil }
            return found - marked
        }
    }

    /// The record's name.
    public let name: String
    /// From the beginning of P to that of QRS.
    public let pr: Pair
    /// From the beginning of QRS to its end.
    public let qrs: Pair
    /// From the beginning of QRS to the end of T.
    public let qt: Pair
    /// How many beats the measures rest on.
    public let beats: Int

    /// Sends the record at `path` through the rhythm lane; what is known at the last whole second counts.
    ///
    /// - Parameters:
    ///   - path: The record, with or without `.hea`; beside it a file of annotations for each lead, `NAME.ii` for lead ii.
    ///   - leads: `II,V1`: only these; all without it.
    /// - Throws: `RecordingError` where record, annotations or leads cannot be used.
    public init(path: String, leads: String? = nil) throws(RecordingError) {
        let recording = try Recording.load(path)
        let signs = try IntervalScore.lastSigns(of: recording, leads: leads)
        let assignment = try LeadAssignment(of: recording.channels, leads: leads)
        let marked = try MarkedIntervals(
            recording,
            leads: assignment.assignments,
            before: signs.map { Double($0.second) } ?? recording.seconds
        )
        let waves = signs?.waves ?? WaveIntervals(unknown: .noSignal)
        name = recording.name
        pr = Pair(found: waves.pr, marked: marked.pr)
        qrs = Pair(found: waves.qrs, marked: marked.qrs)
        qt = Pair(found: waves.qt, marked: marked.qt)
        beats = waves.beats
    }

    private static func lastSigns(
        of recording: Recording,
        leads: String?
    ) throws(RecordingError) -> VitalSigns? {
        let (stream, _) = try RecordedStream.read(recording, leads: leads)
        var chunks = stream.chunks
        guard let first = try chunks.next(), let table = PolyphaseTableReference(rate: first.rate) else {
            return nil
        }
        var timeline = StreamTimeline()
        var rhythm = RhythmStream(first: first, at: Arrival(utc: stream.start, monotonic: 0))
        rhythm.take(timeline.place(first), table: table)
        var last = rhythm.vitals.last
        while let chunk = try chunks.next() {
            let own = chunk.rate == first.rate ? table : PolyphaseTableReference(rate: chunk.rate)
            guard let own else {
                throw RecordingError(.unsupported, "\(chunk.rate.hertz) Hz", "cannot be resampled")
            }
            rhythm.take(timeline.place(chunk), table: own)
            last = rhythm.vitals.last ?? last
        }
        timeline.tick()
        rhythm.close(timeline.front)
        return rhythm.vitals.last ?? last
    }
}
