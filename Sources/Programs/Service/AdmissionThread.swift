internal import Access
internal import ECGSignal
internal import Findings
internal import Logging
internal import Machine
internal import Mathematics
internal import Messaging
internal import Pipeline
internal import Policy
internal import Station
internal import Wire
internal import ZeroMQ

/// An input of a shard with the entry that caused it.
struct ShardInput: Sendable {
    /// What a worker is given.
    enum Content: Sendable {
        /// The next input of the stream in that slot.
        case stream(slot: Int, StreamInput)
        /// A command, with the senders it concerns as far as admission knows them.
        case command(OperatorCommand, known: [Sender])
        /// The policy that is in force from here on.
        case policy(PolicyTable)
        /// What shows that the worker gets through its queue.
        case token(Int)
        /// What was remembered of one of its patients.
        case memory(PatientMemory)
        /// A command of the former run, which has been answered.
        case pastCommand(OperatorCommand, known: [Sender])
        /// Entries of the former run come again, or are over.
        case recovering(Bool)
        /// The stream of that checkpoint begins with its next chunk.
        case expect(StreamState)
    }

    let content: Content
    let arrival: Arrival
    /// Where the entry stands in the log; nil where it is not kept.
    var place: LogPlace?

    /// Whether it changes nothing of any stream.
    var isToken: Bool { if case .token = content { true } else { false } }

    /// Signal in it, milliseconds: what it costs a worker.
    var milliseconds: Int {
        guard case .stream(_, .chunk(let placed)) = content else { return 0 }
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
    /// Who may send for whom; nil where no keys are asked for.
    let access: AccessDesk?
    /// Nil where nothing is recorded.
    let recorder: Recorder?
    /// What makes the desk of acknowledged gateways; nil where there are none.
    let acknowledged: (@Sendable () -> AcknowledgedDesk)?
    let clocks: Clocks
    let state: DaemonState
    let desk: AnswerDesk
    let progress: ProgressWatch
    /// The memory that is accounted for.
    let account: MemoryGuard.Account
    /// Wakes those who own endpoints.
    let wakeOwners: @Sendable () -> Void
    let log: Logger
    /// What model and hop checkpoints have to be of, and the run whose log this is; nil where none are made.
    let checkpoints: CheckpointTerms?
    /// The first entries: what outlived the former run.
    let memories: [LoggedEntry<RawMessage>]
    /// How this run goes on from the former one; none where it does not.
    let recovery: Handover<Recovery>

    /// How long an acknowledgement that is due waits at most for something to come.
    private static let turnNanoseconds: MonotonicNanoseconds = 20_000_000

    /// Until the ring is closed and empty; its last entry is the shutdown, which closes every stream.
    func run() {
        var desk = acknowledged?()
        var admission = Admission(
            limits: limits,
            access: access?.first,
            readAccess: AccessDesk.table(of:),
            readSender: { PatientMemoryFormat.memory(parsing: $0)?.sender },
            readState: { [checkpoints] in checkpoints?.state(of: $0) }
        )
        admission.makesCheckpoints = checkpoints != nil && recorder != nil
        var linkReport = LinkReport(acknowledged: desk?.endpoint)
        var decoder = ChunkDecoder()
        var received = 0
        var files = OpenFilesWatch()
        var memory = MemoryGuard()
        var wall = WallWatch()
        var owners: [Int: Int] = [:]
        begin(&admission, &decoder, &owners)
        while let entries = desk == nil
            ? ring.pop(limit: 64) : ring.pop(limit: 64, within: AdmissionThread.turnNanoseconds)
        {
            for entry in entries {
                if case .frame(.parts(let parts), let endpoint, let peer) = entry.content,
                    desk?.endpoint == endpoint
                {
                    received += 1
                    let start = clocks.monotonic
                    take(parts, by: peer, &desk, &admission, &decoder, &owners, at: entry.arrival)
                    state.meters.took(.admission, clocks.monotonic - start)
                    continue
                }
                let position = recorder?.take(entry)
                let start = clocks.monotonic
                let actions = admission.take(entry.reading { decoder.judge($0) })
                let end = clocks.monotonic
                perform(actions, &owners, at: entry.arrival, place(position))
                if case .frame = entry.content {
                    received += 1
                    state.meters.took(.admission, end - start)
                } else {
                    let notices =
                        links.takeNotices(at: entry.arrival.monotonic) + (access?.takeNotices() ?? [])
                    report(notices, &linkReport, at: entry.arrival)
                    if case .tick = entry.content {
                        let token = ShardInput(content: .token(progress.give()), arrival: entry.arrival)
                        for shard in shards { _ = shard.push(token) }
                        if let line = wall.look(at: entry.arrival) { log.warning("\(line)") }
                        if let event = files.look(at: OpenFiles.now, entry.arrival) {
                            outbox.push(event, frame: nil)
                        }
                    }
                    if case .tick = entry.content { look(at: &memory, admission, at: entry.arrival) }
                    report(admission, desk, received: received)
                }
            }
            for event in desk?.turn(at: clocks.now) ?? [] { outbox.push(event, frame: nil) }
        }
        recorder?.close()
        for shard in shards { shard.close() }
    }

    /// Takes what came from an acknowledged gateway: a chunk that is new is logged and admitted, in that order.
    private func take(
        _ parts: [[UInt8]],
        by peer: String,
        _ desk: inout AcknowledgedDesk?,
        _ admission: inout Admission,
        _ decoder: inout ChunkDecoder,
        _ owners: inout [Int: Int],
        at arrival: Arrival
    ) {
        guard let chunk = desk?.take(parts, by: peer, admission, at: arrival) else { return }
        let entry = LoggedEntry(
            LoggedEntry<RawMessage>.Content.frame(
                .parts(chunk.parts),
                endpoint: desk?.endpoint ?? "",
                peer: peer
            ),
            at: arrival
        )
        let judged = entry.reading { decoder.judge($0) }
        var gatewayTime: MonotonicNanoseconds?
        if case .frame(.success(let read), _, _) = judged.content {
            gatewayTime = read.gatewayTime
            if let refusal = desk?.deferral(of: chunk, read, admission, at: arrival) {
                desk?.postpone(chunk, to: parts[0], refusal, at: arrival)
                return
            }
        }
        let position = recorder?.take(entry)
        perform(admission.take(judged), &owners, at: arrival, place(position))
        desk?.receive(
            chunk,
            from: parts[0],
            gatewayTime: gatewayTime,
            position: position,
            admission.refusal,
            at: arrival
        )
    }

    /// Takes what outlived the former run, then what of its log is gone through once more.
    private func begin(
        _ admission: inout Admission,
        _ decoder: inout ChunkDecoder,
        _ owners: inout [Int: Int]
    ) {
        for entry in memories {
            recorder?.take(entry)
            perform(admission.take(entry.reading { decoder.judge($0) }), &owners, at: entry.arrival)
        }
        guard var recovery = recovery.take() else { return }
        state.alarms.expect(told: recovery.told)
        outbox.push(
            EventQueue.Parcel(
                items: [],
                checkpoints: recovery.refused,
                recovery: .begins(told: recovery.told)
            )
        )
        while let (place, entries) = recovery.next(at: clocks.now) {
            for entry in entries {
                recorder?.take(entry)
                let actions = admission.take(entry.reading { decoder.judge($0) })
                perform(actions, &owners, at: entry.arrival, place, isPast: true)
            }
        }
        outbox.push(EventQueue.Parcel(items: [], goingOn: recovery.goingOn))
        for line in recovery.remarks { log.warning("\(line)") }
        log.info("\(recovery.summary)")
    }

    /// The place of an entry of this run; nil where it is not kept.
    private func place(_ position: Int?) -> LogPlace? {
        guard let checkpoints, let position else { return nil }
        return LogPlace(run: checkpoints.run, entry: position)
    }

    /// Hands each input to the worker that owns the stream's patient and device, which `owners` remembers by slot.
    ///
    /// `isPast` says that the entry at `place` is one of the former run.
    private func perform(
        _ actions: [Admission.Action],
        _ owners: inout [Int: Int],
        at arrival: Arrival,
        _ place: LogPlace? = nil,
        isPast: Bool = false
    ) {
        for action in actions {
            switch action {
            case .recovering(let isRecovering):
                for shard in shards {
                    _ = shard.push(ShardInput(content: .recovering(isRecovering), arrival: arrival))
                }
            case .expect(let later):
                let owner = Sender(of: later.identity).owner(among: shards.count)
                _ = shards[owner].push(ShardInput(content: .expect(later), arrival: arrival))
            case .command(let command, let known) where isPast:
                for (number, shard) in shards.enumerated() {
                    let owned = known.filter { $0.owner(among: shards.count) == number }
                    _ = shard.push(
                        ShardInput(content: .pastCommand(command, known: owned), arrival: arrival)
                    )
                }
            case .publish(let event): outbox.push(event, frame: nil)
            case .policy(let bytes):
                // Whoever had it logged has read it before, so it can be read.
                guard let policy = WardPolicy.table(of: bytes) else { continue }
                for shard in shards {
                    _ = shard.push(ShardInput(content: .policy(policy), arrival: arrival, place: place))
                }
            case .memory(let bytes):
                guard let memory = PatientMemoryFormat.memory(parsing: bytes) else {
                    state.update { $0.restoredMemories += 1 }
                    continue
                }
                let owner = memory.sender.owner(among: shards.count)
                _ = shards[owner].push(ShardInput(content: .memory(memory), arrival: arrival))
            case .command(let command, let known):
                desk.expect(shards.count, for: command.ticket)
                for (number, shard) in shards.enumerated() {
                    let owned = known.filter { $0.owner(among: shards.count) == number }
                    let content = ShardInput.Content.command(command, known: owned)
                    _ = shard.push(ShardInput(content: content, arrival: arrival, place: place))
                }
            case .deliver(let slot, let input):
                let entry = ShardInput(content: .stream(slot: slot, input), arrival: arrival, place: place)
                if let sender = input.newSender { owners[slot] = sender.owner(among: shards.count) }
                // A worker lets go of what comes for a slot that it does not know.
                let owner = owners[slot] ?? 0
                if case .forget = input { owners[slot] = nil }
                _ = shards[owner].push(entry, weight: entry.milliseconds)
            }
        }
    }

    /// Where more memory is held than is accounted for, every endpoint is opened anew, and it is told.
    private func look(at memory: inout MemoryGuard, _ admission: Admission, at now: Arrival) {
        let event = memory.look(
            resident: Memory.residentBytes,
            openStreams: admission.openCount,
            readers: state.peers.count(at: .events),
            published: state.meters.published.events.values.reduce(0, +),
            keys: state.peers.keys,
            account,
            at: now
        )
        guard let event else { return }
        state.reopening.ask()
        wakeOwners()
        outbox.push(event, frame: nil)
    }

    private func report(_ notices: [LinkTable.Notice], _ linkReport: inout LinkReport, at now: Arrival) {
        for notice in notices {
            let (event, line) = linkReport.take(notice, at: now)
            if let event { outbox.push(event, frame: nil) }
            if let line { log.write(line) }
        }
        for event in linkReport.flush(at: now) { outbox.push(event, frame: nil) }
        for line in linkReport.leftOut(at: now.monotonic) { log.write(line) }
        if !notices.isEmpty { state.update { [totals = linkReport.totals] in $0.links = totals } }
    }

    private func report(_ admission: Admission, _ desk: AcknowledgedDesk?, received: Int) {
        let counts = links.counts
        let senders = admission.refusedSenders
        let refused = admission.refusedCounts + (desk?.refusedCounts ?? [])
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
