import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport

@testable import Station

/// Admission and one shard put through a log, with the checkpoints that they make.
struct CheckpointRun {
    typealias Entry = LoggedEntry<JudgedMessage>

    /// A checkpoint that was made, and how many events had come out before it.
    struct Made {
        let kept: RecoveryPlan.Checkpoint
        let isOver: Bool
        let eventsBefore: Int
    }

    static let run = "0000000000000001"

    private(set) var admission: Admission
    private(set) var shard: Shard
    /// All events, in the order they came out.
    private(set) var events: [Event] = []
    private(set) var made: [Made] = []
    private let model: Model

    init(_ model: Model = NarrowModel.shared, hop: Hop = .standard, policy: PolicyTable = .standard) {
        self.model = model
        admission = Admission(readState: { try? StreamState($0, model: model.revisions, hop: hop) })
        admission.makesCheckpoints = true
        shard = Shard(model: model, hop: hop, policy: policy)
        shard.noteChanges()
    }

    /// Takes an entry at its place; where `isLazy`, what it completes waits.
    mutating func take(_ entry: Entry, at number: Int, isLazy: Bool = false) {
        for action in admission.take(entry) {
            switch action {
            case .publish(let event): events.append(event)
            case .deliver(let slot, let input):
                events += shard.take(input, for: slot, at: entry.arrival)
                note(number, entry.arrival)
            case .command(let command, let known):
                events += shard.perform(command, known: known, at: entry.arrival).events
            case .recovering(let isRecovering): shard.recover(isRecovering)
            case .expect(let later): shard.expect(later)
            case .policy, .memory: break
            }
        }
        guard !isLazy else { return }
        while let more = shard.step() { events += more }
    }

    private mutating func note(_ number: Int, _ arrival: Arrival) {
        for kept in shard.takeCheckpoints() {
            var (ready, bytes): (GridIndex, [UInt8]) = (0, [])
            if case .state(let row, let state) = kept.content { (ready, bytes) = (row, state) }
            let checkpoint = RecoveryPlan.Checkpoint(
                stream: kept.stream,
                place: LogPlace(run: CheckpointRun.run, entry: number),
                ready: ready,
                bytes: bytes,
                written: arrival.utc
            )
            made.append(Made(kept: checkpoint, isOver: kept.content == .over, eventsBefore: events.count))
        }
    }

    /// The newest four checkpoints of each stream that are in force after entry `number`.
    func kept(after number: Int) -> [Made] {
        var kept: [StreamIdentity: [Made]] = [:]
        for each in made where each.kept.place.entry <= number {
            if each.isOver || each.kept.bytes.isEmpty { kept[each.kept.stream] = [] }
            if !each.isOver { kept[each.kept.stream, default: []].append(each) }
        }
        return kept.values.flatMap { $0.suffix(4) }
    }

    /// A run that goes on from the former one after its entry `number`, and is given the rest of its log.
    static func resumed(
        from former: CheckpointRun,
        _ log: [Entry],
        after number: Int,
        hop: Hop = .standard,
        policy: PolicyTable = .standard
    ) -> (run: CheckpointRun, plan: RecoveryPlan) {
        var run = CheckpointRun(former.model, hop: hop, policy: policy)
        var plan = RecoveryPlan(
            former.kept(after: number).map(\.kept),
            runs: [CheckpointRun.run],
            former: RecoveryPlan.Former(
                run: CheckpointRun.run,
                begun: log[0].arrival.utc,
                since: log[0].arrival.utc,
                end: log[number - 1].arrival.utc
            ),
            model: former.model.revisions,
            hop: hop,
            streamsMax: 100
        )
        let first = log[0].arrival
        run.take(Entry(.recovery(.begins(told: [])), at: first), at: 0)
        for (index, entry) in log.prefix(number).enumerated() {
            let place = LogPlace(run: CheckpointRun.run, entry: index + 1)
            for copy in plan.take(entry, at: place, of: stream(of: entry)) { run.take(copy, at: index + 1) }
        }
        let last = log[number - 1].arrival
        for copy in plan.finish(JudgedMessage.self, at: last) { run.take(copy, at: number) }
        run.take(Entry(.recovery(.ends), at: last), at: number)
        for (index, entry) in log.enumerated().dropFirst(number) { run.take(entry, at: index + 1) }
        return (run, plan)
    }

    static func stream(of entry: Entry) -> StreamIdentity? {
        guard case .frame(let judged, _, _) = entry.content else { return nil }
        switch judged {
        case .success(let chunk): return chunk.stream
        case .failure(let refusal): return refusal.stream
        }
    }

    /// The log of streams whose chunks come in order, each when its last sample came, with a tick a second.
    ///
    /// `delay` is how much later a chunk comes, nanoseconds; nil where it never does.
    static func log(
        _ chunks: [LeadChunk],
        delay: (LeadChunk) -> MonotonicNanoseconds? = { _ in 0 }
    ) -> [Entry] {
        let start: UTCNanoseconds = 1_700_000_000_000_000_000
        var entries: [(time: MonotonicNanoseconds, content: Entry.Content)] = []
        for chunk in chunks {
            guard let late = delay(chunk) else { continue }
            let time = MonotonicNanoseconds(chunk.rate.time(of: chunk.endSample).nanoseconds) + late
            entries.append((time, .frame(.success(chunk), endpoint: "gateways")))
        }
        let end = entries.map(\.time).max() ?? 0
        for second in stride(from: MonotonicNanoseconds(1_000_000_001), through: end, by: 1_000_000_000) {
            entries.append((second, .tick(isQuiet: true)))
        }
        return entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map {
                Entry(
                    $0.element.content,
                    at: Arrival(utc: start + $0.element.time, monotonic: $0.element.time)
                )
            }
    }
}
