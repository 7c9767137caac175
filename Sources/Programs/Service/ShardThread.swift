internal import ECGSignal
private import Foundation
internal import Pipeline
internal import Station

/// A worker: owns one shard of streams, takes their inputs and encodes what is due in batches.
struct ShardThread: Sendable {
    let number: Int
    let inputs: BoundedQueue<ShardInput>
    let outbox: EventQueue
    let model: Model
    let hop: Hop
    let state: DaemonState
    let clocks: Clocks

    /// Newest ranking more than this behind its frame is `overload`.
    private static let overloadNanoseconds: MonotonicNanoseconds = 2_000_000_000

    /// Statuses are written anew so often at most: they cost more than a hop where streams are many.
    private static let reportNanoseconds: MonotonicNanoseconds = 200_000_000

    /// Until the inputs are closed and everything is encoded.
    func run() {
        var shard = Shard(model: model, hop: hop)
        var arrivals: [StreamIdentity: Arrival] = [:]
        var overload = TechnicalCounter(.endpoint("worker-\(number)"))
        var isOverloaded = false
        var lastReport: MonotonicNanoseconds = 0
        var isStale = false
        while let batch = inputs.pop(limit: 256, until: isStale ? Date(timeIntervalSinceNow: 0.25) : nil) {
            for input in batch {
                if case .chunk(let chunk, _) = input.input { arrivals[chunk.stream] = input.arrival }
                let events = shard.take(input.input, for: input.slot, at: input.arrival)
                send(events, arrivals, or: input.arrival)
                if case .forget(let stream) = input.input { arrivals[stream] = nil }
            }
            while let events = shard.step() {
                send(events, arrivals, or: batch.last?.arrival ?? clocks.now)
                let worst = events.compactMap { $0.stream.flatMap { arrivals[$0] } }.map(\.monotonic).min()
                if let worst { say(&overload, &isOverloaded, late: clocks.monotonic - worst) }
            }
            isStale = true
            if clocks.monotonic - lastReport > ShardThread.reportNanoseconds {
                lastReport = clocks.monotonic
                isStale = false
                state.update { $0.shards[number] = shard.statuses }
            }
        }
    }

    private func send(_ events: [Event], _ arrivals: [StreamIdentity: Arrival], or other: Arrival) {
        for event in events { outbox.push(event, arrival: event.stream.flatMap { arrivals[$0] } ?? other) }
    }

    private func say(
        _ counter: inout TechnicalCounter,
        _ isOverloaded: inout Bool,
        late: MonotonicNanoseconds
    ) {
        guard (late > ShardThread.overloadNanoseconds) != isOverloaded else { return }
        isOverloaded.toggle()
        let now = clocks.now
        let event = counter.say(
            .overload,
            isOverloaded ? .start : .end,
            priority: isOverloaded ? .medium : .info,
            firstSample: nil,
            detail: isOverloaded
                ? "rankings come more than 2 s after their frames; give fewer streams or more cores"
                : "rankings are within 2 s of their frames again",
            at: now
        )
        outbox.push(event, arrival: now)
    }
}
