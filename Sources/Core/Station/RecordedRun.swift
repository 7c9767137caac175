public import ECGSignal
public import Findings
public import Pipeline

/// A recording's way through an offline station, chunk by chunk, as if it came in real time.
///
/// Whoever reads a long recording gives each chunk as it is read and has each event as soon as its window is complete; the
/// memory does not grow with the recording.
public struct RecordedRun {
    private(set) var station: OfflineStation
    private let start: UTCNanoseconds
    private var nextTick: MonotonicNanoseconds = 1_000_000_000
    private var elapsed: MonotonicNanoseconds = 0

    /// A run of one recording; `start` is the UTC of its first sample.
    public init(model: Model, hop: Hop = .standard, start: UTCNanoseconds) {
        station = OfflineStation(model: model, hop: hop)
        self.start = start
    }

    /// Takes the next chunk; all events that follow from it.
    public mutating func take(_ chunk: LeadChunk) -> [Event] {
        let end = MonotonicNanoseconds(clamping: chunk.rate.time(of: chunk.endSample - 1).nanoseconds)
        let events = pass(to: end)
        let frame = LoggedEntry<JudgedMessage>.Content.frame(.success(chunk), endpoint: "file")
        return events + station.take(LoggedEntry(frame, at: moment(elapsed)))
    }

    /// Does what somebody asked for so many nanoseconds after the begin; all events that follow from it.
    public mutating func perform(_ command: OperatorCommand, at time: MonotonicNanoseconds) -> [Event] {
        let events = pass(to: time)
        return events + station.take(LoggedEntry(.command(command), at: moment(elapsed)))
    }

    private mutating func pass(to time: MonotonicNanoseconds) -> [Event] {
        elapsed = max(elapsed, time)
        var events: [Event] = []
        while nextTick <= elapsed {
            events += station.take(LoggedEntry(.tick(isQuiet: false), at: moment(nextTick)))
            nextTick += 1_000_000_000
        }
        return events
    }

    /// What is known now of the patient whose stream it is.
    public func readings(of patient: String) -> PatientReadings { station.shard.readings(of: patient) }

    /// Up to when the patient's streams have been judged; nil where no row has been final.
    public func judged(of patient: String) -> UTCNanoseconds? { station.shard.judged(of: patient) }

    /// The recording is over; the events that were still to come.
    public mutating func finish() -> [Event] {
        station.take(LoggedEntry(.shutdown, at: moment(elapsed)))
    }

    private func moment(_ elapsed: MonotonicNanoseconds) -> Arrival {
        Arrival(utc: start &+ elapsed, monotonic: elapsed)
    }
}
