internal import ECGSignal
internal import Findings
internal import Logging
internal import Mathematics
internal import Messaging
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
    /// Nil where nothing is recorded.
    let recorder: Recorder?
    let state: DaemonState
    let log: Logger

    /// Until the ring is closed and empty; its last entry is the shutdown, which closes every stream.
    func run() {
        var admission = Admission(limits: limits)
        var linkReport = LinkReport()
        var decoder = ChunkDecoder()
        var received = 0
        var owners: [Int: Int] = [:]
        while let entries = ring.pop(limit: 64) {
            for entry in entries {
                recorder?.take(entry)
                perform(admission.take(entry.reading { decoder.judge($0) }), &owners, at: entry.arrival)
                if case .frame = entry.content {
                    received += 1
                } else {
                    let notices = links.takeNotices(at: entry.arrival.monotonic)
                    report(notices, &linkReport, at: entry.arrival)
                    report(admission, received: received)
                }
            }
        }
        recorder?.close()
        for shard in shards { shard.close() }
    }

    /// Hands each input to the worker that owns the stream's patient and device, which `owners` remembers by slot.
    private func perform(_ actions: [Admission.Action], _ owners: inout [Int: Int], at arrival: Arrival) {
        for action in actions {
            switch action {
            case .publish(let event): outbox.push(event, frame: nil)
            case .deliver(let slot, let input):
                let entry = ShardInput(slot: slot, input: input, arrival: arrival)
                if case .open(let first) = input {
                    owners[slot] = Sender(of: first.stream).owner(among: shards.count)
                }
                // A worker lets go of what comes for a slot that it does not know.
                let owner = owners[slot] ?? 0
                if case .forget = input { owners[slot] = nil }
                _ = shards[owner].push(entry, weight: entry.milliseconds)
            }
        }
    }

    private func report(_ notices: [LinkTable.Notice], _ linkReport: inout LinkReport, at now: Arrival) {
        for notice in notices {
            let (event, line) = linkReport.take(notice, at: now)
            if let event { outbox.push(event, frame: nil) }
            if let line { log.write(line) }
        }
        for event in linkReport.flush(at: now) { outbox.push(event, frame: nil) }
        for line in linkReport.leftOut(at: now.monotonic) { log.write(line) }
    }

    private func report(_ admission: Admission, received: Int) {
        let counts = links.counts
        let senders = admission.refusedSenders
        let refused = admission.refusedCounts
        let openStreams = admission.openCount
        state.update {
            $0.openStreams = openStreams
            $0.refused = refused
            $0.refusedSenders = senders
            $0.framesReceived = received
            $0.peers = counts.peers
            $0.linksDropped = counts.dropped
        }
    }
}
