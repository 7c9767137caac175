internal import ECGSignal
internal import Findings
internal import Journal
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
    let streamsMax: Int
    let state: DaemonState
    let desk: AnswerDesk
    let progress: ProgressWatch
    let clocks: Clocks
    /// Whether what outlives a restart is kept.
    let keepsMemories: Bool

    /// A worker whose newest ranking is further behind its frame than this reports `overload`.
    private static let overloadNanoseconds: MonotonicNanoseconds = 2_000_000_000

    /// The least time between two reports of the worker's streams, which STREAMS reads.
    private static let reportNanoseconds: MonotonicNanoseconds = 200_000_000

    /// Works until the inputs are closed and everything is encoded.
    func run() {
        var shard = Shard(model: model, hop: hop, policy: policy, streamsMax: streamsMax)
        if keepsMemories { shard.noteChanges() }
        var overload = TechnicalCounter(.endpoint("worker-\(number)"))
        var isOverloaded = false
        var lastReport: MonotonicNanoseconds = 0
        var hasNews = false
        var wishesSeen = 0
        var position: Int?
        while true {
            let taken =
                hasNews
                ? inputs.pop(limit: 256, within: ShardThread.reportNanoseconds) : inputs.pop(limit: 256)
            guard let batch = taken else { break }
            if let wishes = waves.newWishes(since: &wishesSeen) { shard.wishes = wishes }
            for input in batch {
                position = shard.isRecovering ? nil : input.place?.entry ?? position
                take(input, &shard, position)
            }
            if !shard.wishes.isEmpty { waves.offer(shard.takeTraces()) }
            while let events = step(&shard) {
                send(events, &shard, after: position)
                let worst = events.compactMap(\.completedBy).map(\.monotonic).min()
                if let worst, !shard.isRecovering {
                    report(&overload, &isOverloaded, late: clocks.monotonic - worst)
                }
            }
            // What has no more rankings to make is in time again, whether or not another stream comes.
            let isIdle = inputs.load.count == 0
            if isOverloaded, isIdle { report(&overload, &isOverloaded, late: 0) }
            if isIdle { state.meters.lags(0, worker: number) }
            hasNews = hasNews || batch.contains { !$0.isToken }
            // Not after every chunk: writing down the state of 1,000 streams takes longer than a chunk does.
            if hasNews, clocks.monotonic - lastReport > ShardThread.reportNanoseconds {
                lastReport = clocks.monotonic
                hasNews = false
                report(shard)
            }
        }
        report(shard)
    }

    /// Takes an input; `position` is the newest entry of this run's log that it follows from.
    private func take(_ input: ShardInput, _ shard: inout Shard, _ position: Int?) {
        switch input.content {
        case .stream(let slot, let content):
            guard case .chunk = content else {
                let events = shard.take(content, for: slot, at: input.arrival)
                return send(events, &shard, at: input.place, after: position)
            }
            guard !shard.isRecovering else {
                return send(shard.take(content, for: slot, at: input.arrival), &shard)
            }
            let start = clocks.monotonic
            let waited = start - input.arrival.monotonic
            state.meters.took(.waiting, waited)
            state.meters.lags(waited, worker: number)
            let events = shard.take(content, for: slot, at: input.arrival)
            state.meters.took(.conditioning, clocks.monotonic - start)
            send(events, &shard, after: position)
        case .command(let command, let known):
            let (events, outcomes) = shard.perform(command, known: known, at: input.arrival)
            state.alarms.set(shard.settings, ofShard: number)
            let answer: @Sendable () -> Void = { [desk] in desk.answer(outcomes, for: command.ticket) }
            // Where it is to outlive a restart, whoever asked hears of it once it is kept, or cannot be.
            send(events, &shard, after: position, then: keepsMemories ? answer : nil)
            if !keepsMemories { answer() }
        case .pastCommand(let command, let known):
            send(shard.perform(command, known: known, at: input.arrival).events, &shard)
            state.alarms.set(shard.settings, ofShard: number)
        case .recovering(let isRecovering):
            // The windows of the former run's rows are part of what came again.
            while let events = step(&shard) { send(events, &shard) }
            shard.recover(isRecovering)
            if !isRecovering { state.update { $0.recoveredShards += 1 } }
        case .expect(let later): shard.expect(later)
        case .policy(let policy):
            send(shard.adopt(policy), &shard, after: position)
            state.alarms.set(wardRates: shard.wardRates)
        case .token(let token): progress.pass(token, worker: number)
        case .memory(let memory):
            let restored = shard.restore(memory, at: input.arrival)
            for (event, soundings) in restored ?? [] { state.alarms.restore(event, soundings: soundings) }
            state.alarms.set(shard.settings, ofShard: number)
            state.update {
                $0.restoredMemories += 1
                if restored == nil { $0.forgottenMemories += 1 }
            }
        }
    }

    /// One step of the encoder; nil where no stream is due.
    private func step(_ shard: inout Shard) -> [Event]? {
        let start = clocks.monotonic
        let events = shard.step()
        if let events, !events.isEmpty { state.meters.took(.encoding, clocks.monotonic - start) }
        return events
    }

    private func report(_ shard: Shard) {
        state.report(shard.statuses, past: shard.past, ofShard: number)
        state.alarms.set(shard.settings, ofShard: number)
    }

    /// Hands events to the publisher.
    ///
    /// Whoever sees the event of an alarm finds the alarm on the board; what outlives a restart goes with the events that
    /// changed it, and `then` is done once all is out. `place` is where the entry stands that asked for a checkpoint, and
    /// `position` the newest entry of this run's log that all of it follows from.
    private func send(
        _ events: [Event],
        _ shard: inout Shard,
        at place: LogPlace? = nil,
        after position: Int? = nil,
        then: (@Sendable () -> Void)? = nil
    ) {
        for event in events {
            if case .alarm(let alarm) = event.content { state.alarms.take(alarm) }
        }
        let states = shard.takeMemories(at: clocks.now).map { sender, memory in
            JournalState(
                patient: sender.patient,
                device: sender.device,
                bytes: memory.map(PatientMemoryFormat.bytes(of:)) ?? []
            )
        }
        let checkpoints =
            keepsMemories
            ? shard.takeCheckpoints().map { ShardThread.checkpoint($0, at: place) } : []
        guard !events.isEmpty || !states.isEmpty || !checkpoints.isEmpty || then != nil else { return }
        // How late a frame of the former run is says nothing of this one.
        let isPast = shard.isRecovering
        let items = events.map { EventQueue.Item(event: $0, frame: isPast ? nil : $0.completedBy) }
        outbox.push(
            EventQueue.Parcel(
                items: items,
                states: states,
                checkpoints: checkpoints,
                position: position,
                then: then
            )
        )
    }

    /// What the journal keeps of a checkpoint that was made after the entry at `place`; where the log does not have that, nothing
    /// is kept of the stream any more, since nothing could go on from it.
    private static func checkpoint(_ kept: KeptCheckpoint, at place: LogPlace?) -> JournalCheckpoint {
        switch kept.content {
        case .opening where place != nil:
            JournalCheckpoint(stream: kept.stream, place: place, ready: -1, bytes: [])
        case .state(let ready, let bytes) where place != nil:
            JournalCheckpoint(stream: kept.stream, place: place, ready: ready, bytes: bytes)
        case .over, .opening, .state:
            JournalCheckpoint(stream: kept.stream, place: nil, ready: 0, bytes: [])
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
