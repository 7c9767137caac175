internal import ECGSignal
internal import Logging
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
        guard case .chunk(let chunk, _) = input else { return 0 }
        return Int(Double(chunk.sampleCount) / chunk.rate.hertz * 1_000)
    }
}

/// Runs the one admission table in arrival order and shares the streams out over the workers.
struct AdmissionThread: Sendable {
    let ring: BoundedQueue<IncomingMessage>
    let shards: [BoundedQueue<ShardInput>]
    let outbox: EventQueue
    let limits: Admission.Limits
    let isQuiet: QuietTime
    let links: LinkWatch
    let state: DaemonState
    let clocks: Clocks
    let log: Logger

    /// Until the ring is closed and empty; then every stream is closed.
    func run() {
        var admission = Admission(limits: limits)
        var linkReport = LinkReport()
        var received = 0
        var nextTick = clocks.monotonic + 1_000_000_000
        while true {
            let wait = max(0, nextTick - clocks.monotonic)
            guard let messages = ring.pop(limit: 64, within: wait) else { break }
            for message in messages {
                received += 1
                perform(
                    admission.admit(Self.judge(message), from: message.arrived.endpoint, at: message.arrival),
                    at: message.arrival
                )
            }
            let now = clocks.now
            // Gateways may send in step with the tick: what has just come is judged before it, within half a second.
            let mayWait = ring.load.count > 0 && now.monotonic < nextTick + 500_000_000
            guard now.monotonic >= nextTick, !mayWait else { continue }
            nextTick += 1_000_000_000
            let nothingWaits = isQuiet.isQuiet(at: now.monotonic) && ring.load.count == 0
            perform(admission.tick(at: now, isQuiet: nothingWaits), at: now)
            report(links.takeNotices(at: now.monotonic), &linkReport, at: now)
            report(admission, received: received)
        }
        let now = clocks.now
        perform(admission.shutDown(at: now), at: now)
        report(admission, received: received)
        for shard in shards { shard.close() }
    }

    private static func judge(_ message: IncomingMessage) -> Result<LeadChunk, Refusal> {
        switch message.arrived.received {
        case .message(let parts):
            do throws(Refusal) { return .success(try ChunkDecoder.decode(parts: parts)) } catch {
                return .failure(error)
            }
        case .tooManyParts(let count):
            return .failure(Refusal(.frames, "\(count) frames; a data message has 2 or 3"))
        case .nothing:
            return .failure(Refusal(.frames, "no frame"))
        }
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
        state.update {
            $0.openStreams = admission.openCount
            $0.refused = admission.refusedCounts
            $0.framesReceived = received
            $0.peers = counts.peers
            $0.linksDropped = counts.dropped
        }
    }
}
