internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Policy
internal import Station

/// A worker: owns one shard of streams, takes their inputs and encodes what is due in batches.
struct ShardThread: Sendable {
    let number: Int
    let inputs: BoundedQueue<ShardInput>
    let outbox: EventQueue
    let waves: WaveQueue
    let model: Model
    let hop: Hop
    let policy: PolicyTable
    let state: DaemonState
    let desk: AnswerDesk
    let clocks: Clocks

    /// A worker whose newest ranking is further behind its frame than this reports `overload`.
    private static let overloadNanoseconds: MonotonicNanoseconds = 2_000_000_000

    /// The least time between two reports of the worker's streams, which STREAMS reads.
    private static let reportNanoseconds: MonotonicNanoseconds = 200_000_000

    /// Works until the inputs are closed and everything is encoded.
    func run() {
        var shard = Shard(model: model, hop: hop, policy: policy)
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
                take(input, &shard)
            }
            if !shard.wishes.isEmpty { waves.offer(shard.takeTraces()) }
            while let events = shard.step() {
                send(events)
                let worst = events.compactMap(\.completedBy).map(\.monotonic).min()
                if let worst { report(&overload, &isOverloaded, late: clocks.monotonic - worst) }
            }
            // What has no more rankings to make is in time again, whether or not another stream comes.
            if isOverloaded, inputs.load.count == 0 { report(&overload, &isOverloaded, late: 0) }
            hasNews = hasNews || !batch.isEmpty
            // Not after every chunk: writing down the state of 1,000 streams takes longer than a chunk does.
            if hasNews, clocks.monotonic - lastReport > ShardThread.reportNanoseconds {
                lastReport = clocks.monotonic
                hasNews = false
                report(shard)
            }
        }
        report(shard)
    }

    private func take(_ input: ShardInput, _ shard: inout Shard) {
        switch input.content {
        case .stream(let slot, let content): send(shard.take(content, for: slot, at: input.arrival))
        case .command(let command, let known):
            let (events, outcomes) = shard.perform(command, known: known, at: input.arrival)
            send(events)
            state.alarms.set(shard.settings, ofShard: number)
            desk.answer(outcomes, for: command.ticket)
        case .policy(let policy): send(shard.adopt(policy))
        }
    }

    private func report(_ shard: Shard) {
        state.report(shard.statuses, ofShard: number)
        state.alarms.set(shard.settings, ofShard: number)
    }

    /// Whoever sees the event of an alarm finds the alarm on the board.
    private func send(_ events: [Event]) {
        for event in events {
            if case .alarm(let alarm) = event.content { state.alarms.take(alarm) }
            outbox.push(event, frame: event.completedBy)
        }
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
