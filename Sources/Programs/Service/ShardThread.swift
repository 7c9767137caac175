internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Station

/// A worker: owns one shard of streams, takes their inputs and encodes what is due in batches.
struct ShardThread: Sendable {
    let number: Int
    let inputs: BoundedQueue<ShardInput>
    let outbox: EventQueue
    let waves: WaveQueue
    let model: Model
    let hop: Hop
    let state: DaemonState
    let clocks: Clocks

    /// A worker whose newest ranking is further behind its frame than this reports `overload`.
    private static let overloadNanoseconds: MonotonicNanoseconds = 2_000_000_000

    /// The least time between two reports of the worker's streams, which STREAMS reads.
    private static let reportNanoseconds: MonotonicNanoseconds = 200_000_000

    /// Works until the inputs are closed and everything is encoded.
    func run() {
        var shard = Shard(model: model, hop: hop)
        var overload = TechnicalCounter(.endpoint("worker-\(number)"))
        var isOverloaded = false
        var lastReport: MonotonicNanoseconds = 0
        var hasNews = false
        var wishesSeen = 0
        while true {
            let taken =
                hasNews
                ? inputs.pop(limit: 256, within: ShardThread.reportNanoseconds) : inputs.pop(limit: 256)
            guard let batch = taken else { break }
            if let wishes = waves.newWishes(since: &wishesSeen) { shard.wishes = wishes }
            for input in batch {
                send(shard.take(input.input, for: input.slot, at: input.arrival))
            }
            if !shard.wishes.isEmpty { waves.offer(shard.takeTraces()) }
            while let events = shard.step() {
                send(events)
                let worst = events.compactMap(\.completedBy).map(\.monotonic).min()
                if let worst { report(&overload, &isOverloaded, late: clocks.monotonic - worst) }
            }
            hasNews = hasNews || !batch.isEmpty
            // Not after every chunk: writing down the state of 1,000 streams takes longer than a chunk does.
            if hasNews, clocks.monotonic - lastReport > ShardThread.reportNanoseconds {
                lastReport = clocks.monotonic
                hasNews = false
                state.report(shard.statuses, ofShard: number)
            }
        }
        state.report(shard.statuses, ofShard: number)
    }

    private func send(_ events: [Event]) {
        for event in events { outbox.push(event, frame: event.completedBy) }
    }

    /// Reports that the worker falls behind, or has caught up again.
    private func report(
        _ counter: inout TechnicalCounter,
        _ isOverloaded: inout Bool,
        late: MonotonicNanoseconds
    ) {
        guard (late > ShardThread.overloadNanoseconds) != isOverloaded else { return }
        isOverloaded.toggle()
        let now = clocks.now
        let event = counter.report(
            .overload,
            isOverloaded ? .start : .end,
            priority: isOverloaded ? .medium : .info,
            firstSample: nil,
            detail: isOverloaded
                ? "rankings come more than 2 s after their frames; give fewer streams or more cores"
                : "rankings are within 2 s of their frames again",
            at: now
        )
        outbox.push(event, frame: nil)
    }
}
