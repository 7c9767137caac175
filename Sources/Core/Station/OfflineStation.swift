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
            case .command(let command, let known):
                events += shard.perform(command, known: known, at: entry.arrival).events
            case .deliver(let slot, let input): events += shard.take(input, for: slot, at: entry.arrival)
            }
        }
        while let more = shard.step() { events += more }
        return events
    }
}
