public import ECGSignal
public import Findings
public import Pipeline

/// Admission and one shard in one place and one thread: what `classify`, the tests and the replay of a log run.
///
/// The daemon runs the same two on threads of their own; what they decide is the same.
public struct OfflineStation {
    private var admission: Admission
    /// The streams.
    public private(set) var shard: Shard

    /// An empty station.
    public init(model: Model, hop: Hop = .standard, limits: Admission.Limits = .init()) {
        admission = Admission(limits: limits)
        shard = Shard(model: model, hop: hop)
    }

    /// Takes the next entry of a log; all events that follow from it.
    public mutating func take(_ entry: LoggedEntry<JudgedMessage>) -> [Event] {
        var events: [Event] = []
        for action in admission.take(entry) {
            switch action {
            case .publish(let event): events.append(event)
            case .deliver(let slot, let input): events += shard.take(input, for: slot, at: entry.arrival)
            }
        }
        while let more = shard.step() { events += more }
        return events
    }

    /// All events of a recording's chunks, as if they had come in real time from `start` on.
    ///
    /// `start` is the UTC of the recording's first sample.
    public mutating func events(of chunks: some Sequence<LeadChunk>, start: UTCNanoseconds) -> [Event] {
        var events: [Event] = []
        var nextTick: MonotonicNanoseconds = 1_000_000_000
        var elapsed: MonotonicNanoseconds = 0
        for chunk in chunks {
            let end = MonotonicNanoseconds(clamping: chunk.rate.time(of: chunk.endSample - 1).nanoseconds)
            elapsed = max(elapsed, end)
            while nextTick <= elapsed {
                events += take(LoggedEntry(.tick(isQuiet: false), at: moment(nextTick, after: start)))
                nextTick += 1_000_000_000
            }
            let entry = LoggedEntry<JudgedMessage>.Content.frame(.success(chunk), endpoint: "file")
            events += take(LoggedEntry(entry, at: moment(elapsed, after: start)))
        }
        return events + take(LoggedEntry(.shutdown, at: moment(elapsed, after: start)))
    }

    private func moment(_ elapsed: MonotonicNanoseconds, after start: UTCNanoseconds) -> Arrival {
        Arrival(utc: start &+ elapsed, monotonic: elapsed)
    }
}
