public import ECGSignal
private import Findings
internal import Messaging
internal import Wire
public import ZeroMQ

/// Learns from the daemon's events that the streams which were sent have reached it to their end.
///
/// A gateway on the PUB path has no acknowledgement, and one that leaves while the daemon is held up can lose its tail
/// (Protocols/README.md, "Leave late"). So a replay stays connected until the daemon says `stream_closed` of each.
public struct ClosingWatch: ~Copyable {
    /// How the wait for the closing ended.
    public enum Outcome: Sendable, Equatable {
        /// The daemon has had the last message of every stream.
        case complete
        /// The daemon is there and has not had the last message of every stream: so many are not at their end, and others
        /// were closed for these reasons.
        case incomplete(open: Int, closedFor: [String])
        /// No events came, or no more of them, so that nothing is known.
        case unknown

        /// Whether the daemon has said nothing of what is not at its end.
        public var saysNothing: Bool {
            switch self {
            case .complete: false
            case .incomplete(_, closedFor: let reasons): reasons.isEmpty
            case .unknown: true
            }
        }
    }

    /// The most patients that are subscribed to one by one; with more the technical events of all are read.
    private static let prefixesMax = 500
    private var reader: EventReader
    private var open: Set<String>
    private let patients: Set<String>
    /// What the daemon first refused of these patients, in its words, where it has no stream to tell it of.
    public private(set) var refusal: String?
    private var otherReasons: [String] = []
    /// How many messages of the streams the daemon has found missing.
    public private(set) var missingChunks: Int64 = 0
    /// How many messages of the streams the daemon has refused since they came faster than it takes them for long.
    public private(set) var floodedChunks: Int64 = 0

    /// Begins to listen at the daemon's events for the end of `streams`.
    public init(of streams: [StreamIdentity], at events: Endpoint, in context: Context) throws(ZeroMQError) {
        patients = Set(streams.map(\.patient))
        let prefixes =
            patients.count > ClosingWatch.prefixesMax
            ? [Topic.allEvents(of: .tech)] : patients.sorted().map { Topic.event(kind: .tech, patient: $0) }
        // Whoever asks for keys may have put patients into wards, and gives a gateway what its patients are told.
        reader = try EventReader(
            events,
            prefixes: prefixes,
            wards: context.isSecured ? .readable : .one("_"),
            in: context
        )
        open = Set(streams.map(\.name))
    }

    /// Waits for the end of every stream: for `patience` from the last one that ended, and for as long while no
    /// event comes at all, as from a daemon that is stopped and may go on.
    public mutating func wait(
        patience: Duration,
        isInterrupted: () -> Bool
    ) throws(ZeroMQError) -> Outcome {
        var lastEnd = ContinuousClock.now
        var lastHeard: ContinuousClock.Instant?
        let begin = lastEnd
        while !open.isEmpty, !isInterrupted() {
            let now = ContinuousClock.now
            // One that was never heard has no events for us; one that was heard may be held up.
            let silence = lastHeard == nil ? min(patience, .seconds(3)) : patience
            if lastHeard ?? begin < now - silence { return .unknown }
            // The end itself may have been refused for its speed, and is not waited for so long then.
            if lastEnd < now - (floodedChunks > 0 ? min(patience, .seconds(10)) : patience) { break }
            guard let read = try reader.next(timeout: .milliseconds(100)) else { continue }
            // A daemon that was stopped has not spent the time that it was given.
            if let heard = lastHeard, now - heard > .seconds(2) { lastEnd = .now }
            lastHeard = .now
            if let facts = TechnicalFacts(of: read.event) {
                if note(facts) { lastEnd = .now }
            } else {
                noteRefusal(read.event)
            }
        }
        return open.isEmpty && otherReasons.isEmpty
            ? .complete : .incomplete(open: open.count, closedFor: otherReasons.sorted())
    }

    /// Keeps the first refusal of one of the patients that names no stream: none was opened then.
    private mutating func noteRefusal(_ event: JSONObject) {
        guard refusal == nil, let patient = event["subject"]?.text, patients.contains(patient),
            let data = event["data"]?.object, let code = data["code"]?.text,
            let detail = data["detail"]?.text
        else { return }
        refusal = "\(code): \(detail)"
    }

    /// Takes what an event says of one of the streams; whether it says that it has ended.
    private mutating func note(_ facts: TechnicalFacts) -> Bool {
        guard open.contains(facts.stream) else { return false }
        if facts.code == .chunksMissing { missingChunks += facts.count }
        if facts.code == .flood { floodedChunks += facts.count }
        guard let reason = facts.closeReason else { return false }
        open.remove(facts.stream)
        if reason != CloseReason.last.rawValue { otherReasons.append(reason) }
        return true
    }
}
