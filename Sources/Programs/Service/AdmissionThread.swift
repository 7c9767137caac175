internal import ECGSignal
internal import Pipeline
internal import Station
internal import Wire
internal import ZeroMQ

/// An input of a shard with the entry that caused it.
struct ShardInput: Sendable {
    let slot: Int
    let input: StreamInput
    let arrival: Arrival

    /// Signal in it, milliseconds: what it costs a worker.
    var milliseconds: Int {
        guard case .chunk(let placed) = input else { return 0 }
        return Int(Double(placed.chunk.sampleCount) / placed.chunk.rate.hertz * 1_000)
    }
}

/// Runs the one admission table over the entries of the log and shares the streams out over the workers.
struct AdmissionThread: Sendable {
    let ring: BoundedQueue<LoggedEntry<RawMessage>>
    let shards: [BoundedQueue<ShardInput>]
    let outbox: EventQueue
    let limits: Admission.Limits
    let links: LinkWatch
    let state: DaemonState

    /// Until the ring is closed and empty; its last entry is the shutdown, which closes every stream.
    func run() {
        var admission = Admission(limits: limits)
        var linkCounter = TechnicalCounter(.endpoint("frames"))
        var linksSaid = 0
        var received = 0
        while let entries = ring.pop(limit: 64) {
            for entry in entries {
                perform(admission.take(entry.reading(ChunkDecoder.judge)), at: entry.arrival)
                if case .frame = entry.content {
                    received += 1
                } else {
                    linksSaid = sayLinks(after: linksSaid, &linkCounter, at: entry.arrival)
                    report(admission, received: received)
                }
            }
        }
        for shard in shards { shard.close() }
    }

    private func perform(_ actions: [Admission.Action], at arrival: Arrival) {
        for action in actions {
            switch action {
            case .publish(let event): outbox.push(event, frame: nil)
            case .deliver(let slot, let input):
                let entry = ShardInput(slot: slot, input: input, arrival: arrival)
                _ = shards[slot % shards.count].push(entry, weight: entry.milliseconds)
            }
        }
    }

    private func sayLinks(after said: Int, _ counter: inout TechnicalCounter, at now: Arrival) -> Int {
        let dropped = links.counts.dropped
        for _ in said..<max(said, dropped) {
            let event = counter.count(
                .linkDropped,
                firstSample: nil,
                detail: "a peer's link broke and came back at once; a frame above 256 KiB does that",
                at: now
            )
            if let event { outbox.push(event, frame: nil) }
        }
        for event in counter.flush(at: now) { outbox.push(event, frame: nil) }
        return max(said, dropped)
    }

    private func report(_ admission: Admission, received: Int) {
        let counts = links.counts
        let senders = admission.refusedSenders
        state.update {
            $0.openStreams = admission.openCount
            $0.refused = admission.refusedCounts
            $0.refusedSenders = senders
            $0.framesReceived = received
            $0.peers = counts.peers
            $0.linksDropped = counts.dropped
        }
    }
}
