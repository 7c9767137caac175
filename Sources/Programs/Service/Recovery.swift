internal import ECGSignal
internal import Findings
internal import FrameLog
internal import Journal
internal import Pipeline
internal import Station
internal import Wire

/// What checkpoints of a run have to be of, and the run.
struct CheckpointTerms: Sendable {
    let model: Revisions
    let hop: Hop
    let run: String

    /// The checkpoint that bytes stand for; nil where it cannot be used.
    func state(of bytes: [UInt8]) -> StreamState? { try? StreamState(bytes, model: model, hop: hop) }
}

/// How a run goes on from the one before: the entries of the former log that are gone through once more, in their order.
struct Recovery: Sendable {
    private var plan: RecoveryPlan
    private var tail: LogTail?
    private var decoder = ChunkDecoder()
    /// Ids of the events that the former run has published.
    let told: [String]
    /// What people have to know.
    private(set) var remarks: [String]
    private var newest: Arrival
    private var copied = 0
    private var hasBegun = false
    private var isOver = false

    /// Milliseconds by which the journal may have been written after the newest entry of the log.
    private static let aheadMax: UTCNanoseconds = 10_000_000_000

    /// A recovery from what the journal held when it was opened; nil where no stream was open.
    ///
    /// `logs` are those of the runs before, which end at `end`.
    init?(
        _ journal: JournalThread.Beginning,
        _ logs: LoggedRuns,
        end: LoggedRuns.End?,
        _ terms: CheckpointTerms,
        streamsMax: Int
    ) {
        guard let end, !journal.checkpoints.isEmpty else { return nil }
        // A log that ended long before the daemon did tells nothing of what came after it. What a run wrote while it was on
        // its way follows from the logs.
        let written = journal.newest.map(\.written).first { $0 < end.unfinishedSince ?? .max }
        let isOld = written.map { $0 - end.arrival.utc > Recovery.aheadMax } ?? false
        let checkpoints = journal.checkpoints.compactMap { kept in
            kept.place.map {
                RecoveryPlan.Checkpoint(
                    stream: kept.stream,
                    place: $0,
                    ready: kept.ready,
                    bytes: kept.bytes,
                    written: kept.written
                )
            }
        }
        plan = RecoveryPlan(
            isOld ? [] : checkpoints,
            runs: logs.names,
            former: RecoveryPlan.Former(
                run: end.run,
                begun: end.begun,
                since: end.since,
                end: end.arrival.utc
            ),
            model: terms.model,
            hop: terms.hop,
            streamsMax: streamsMax
        )
        let reasons = Dictionary(grouping: plan.refused, by: \.reason).mapValues(\.count)
        remarks = reasons.sorted { $0.key < $1.key }.map { "joined under way: \($1) streams, \($0)" }
        if isOld { remarks.append("joined under way: all streams, the log ended before the daemon did") }
        told = journal.newest.compactMap { try? JSONValue(parsing: $0.event).object?["id"]?.text }
        tail = plan.first.map { LogTail(logs, from: $0) }
        newest = end.arrival
        // So that what it begins with is stamped no later than the first of its entries.
        var ahead = tail
        begin = ahead?.next()?.entry.arrival ?? end.arrival
        guard plan.count > 0 || !remarks.isEmpty else { return nil }
    }

    /// When the first entry that is gone through once more came.
    let begin: Arrival

    /// The next entries, and where in the former log they stand; nil where all have been given.
    mutating func next(at now: Arrival) -> (place: LogPlace?, entries: [LoggedEntry<RawMessage>])? {
        guard hasBegun else {
            hasBegun = true
            return (nil, [LoggedEntry(.recovery(.begins(told: told)), at: begin)])
        }
        while let placed = tail?.next() {
            newest = placed.entry.arrival
            let entries = plan.take(placed.entry, at: placed.place, of: stream(of: placed.entry))
            guard !entries.isEmpty else { continue }
            copied += 1
            return (placed.place, entries)
        }
        guard !isOver else { return nil }
        isOver = true
        if let fault = tail?.fault { remarks.append("\(fault); streams go on from what comes before") }
        let last = plan.finish(RawMessage.self, at: newest)
        return (nil, last + [LoggedEntry(.recovery(.ends), at: now)])
    }

    private mutating func stream(of entry: LoggedEntry<RawMessage>) -> StreamIdentity? {
        guard case .frame(let message, _, _) = entry.content else { return nil }
        switch decoder.judge(message) {
        case .success(let chunk): return chunk.stream
        case .failure(let refusal): return refusal.stream
        }
    }

    /// That nothing is to be kept of the streams that do not go on.
    var refused: [JournalCheckpoint] {
        plan.refused.map { JournalCheckpoint(stream: $0.stream, place: nil, ready: 0, bytes: []) }
    }

    /// The patients of the streams that go on.
    var goingOn: [String] { plan.goingOn.map(\.patient) }

    /// What came of it, for people.
    var summary: String {
        "\(plan.goingOn.count) of \(plan.count) streams go on from checkpoints; \(copied) entries of the former log were gone "
            + "through once more"
    }
}
