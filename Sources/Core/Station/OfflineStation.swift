public import ECGSignal
public import Findings
public import Pipeline

/// Admission and one shard in one place and one thread: what `classify`, the tests and a log's replay run.
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

    /// Takes one message; all events that follow from it.
    public mutating func take(
        _ message: Result<LeadChunk, Refusal>,
        from endpoint: String = "file",
        at arrival: Arrival
    ) -> [Event] {
        perform(admission.admit(message, from: endpoint, at: arrival), at: arrival)
    }

    /// A second has passed.
    public mutating func tick(at arrival: Arrival, isQuiet: Bool = false) -> [Event] {
        perform(admission.tick(at: arrival, isQuiet: isQuiet), at: arrival)
    }

    /// The end: every stream is closed.
    public mutating func shutDown(at arrival: Arrival) -> [Event] {
        perform(admission.shutDown(at: arrival), at: arrival)
    }

    /// All events of a recording's chunks, as if they had come in real time from `start` on.
    ///
    /// `start` is the UTC of the recording's first sample.
    public mutating func events(of chunks: some Sequence<LeadChunk>, start: UTCNanoseconds) -> [Event] {
        var events: [Event] = []
        var nextTick: MonotonicNanoseconds = 1_000_000_000
        var now = Arrival(utc: start, monotonic: 0)
        for chunk in chunks {
            let elapsed = MonotonicNanoseconds(clamping: chunk.rate.time(of: chunk.endSample - 1).nanoseconds)
            now = Arrival(utc: start &+ elapsed, monotonic: elapsed)
            while nextTick <= elapsed {
                events += tick(at: Arrival(utc: start &+ nextTick, monotonic: nextTick))
                nextTick += 1_000_000_000
            }
            events += take(.success(chunk), at: now)
        }
        return events + shutDown(at: now)
    }

    private mutating func perform(_ actions: [Admission.Action], at arrival: Arrival) -> [Event] {
        var events: [Event] = []
        for action in actions {
            switch action {
            case .publish(let event): events.append(event)
            case .deliver(let slot, let input): events += shard.take(input, for: slot, at: arrival)
            }
        }
        while let more = shard.step() { events += more }
        return events
    }
}
