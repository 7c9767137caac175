public import ECGSignal
internal import Messaging
internal import Wire
public import ZeroMQ

/// Learns from the daemon's events that the streams which were sent have reached it to their end.
///
/// A gateway on the PUB path has no acknowledgement, and one that leaves while the daemon is held up can lose its tail
/// (Protocols/README.md, "Leave late"). So a replay stays connected until the daemon says `stream_closed` of each.
public struct ClosingWatch: ~Copyable {
    /// How it ended.
    public enum Outcome: Sendable, Equatable {
        /// The daemon has closed every stream.
        case complete
        /// So many streams are not closed, although the daemon is there.
        case open(Int)
        /// No events came: nobody tells.
        case unknown
    }

    /// Subscriptions to single patients at most; beyond it the technical events of all are read.
    private static let prefixesMax = 500
    private var reader: EventReader
    private var open: Set<String>

    /// Begins to listen at the daemon's events for the end of `streams`.
    public init(of streams: [StreamIdentity], at events: Endpoint, in context: Context) throws(ZeroMQError) {
        let patients = Set(streams.map(\.patient)).sorted()
        let prefixes =
            patients.count > ClosingWatch.prefixesMax ? [Topic.allEvents(of: .tech)] : patients.map { Topic.event(kind: .tech, patient: $0) }
        reader = try EventReader(events, prefixes: prefixes, in: context)
        open = Set(streams.map(\.name))
    }

    /// Waits for the end of every stream: `patience` from the last one that ended, 3 s where no event comes at all.
    public mutating func wait(
        patience: Duration,
        isInterrupted: () -> Bool
    ) throws(ZeroMQError) -> Outcome {
        var lastEnd = ContinuousClock.now
        var lastHeard: ContinuousClock.Instant?
        let begin = lastEnd
        while !open.isEmpty, !isInterrupted() {
            let now = ContinuousClock.now
            if lastHeard ?? begin < now - .seconds(3) { return .unknown }
            if lastEnd < now - patience { return .open(open.count) }
            guard let read = try reader.next(timeout: .milliseconds(100)) else { continue }
            lastHeard = .now
            guard let data = read.event["data"]?.object, data["code"]?.text == "stream_closed",
                let stream = data["stream"]?.text, open.remove(stream) != nil
            else { continue }
            lastEnd = .now
        }
        return open.isEmpty ? .complete : .open(open.count)
    }
}
