private import Access
internal import ECGSignal
internal import FrameLog
internal import Journal
internal import Logging
internal import Machine
internal import Messaging
internal import Pipeline
internal import Policy
internal import Station
internal import Threads
internal import Wire
internal import ZeroMQ

/// The daemon's threads and what they share: contexts, queues, flags and clocks.
///
/// It starts each thread and hands it the part that it needs.
struct DaemonThreads: Sendable {
    /// A thread that says which endpoints it has opened.
    typealias Opened = BoundedQueue<Result<[Endpoint], ZeroMQError>>

    let limits: Admission.Limits
    /// Who may do what; nil where no keys are asked for.
    let access: AccessDesk?
    private let eventsAReader: Int
    private let account: MemoryGuard.Account
    let clocks: Clocks
    /// The logs of the runs before, and where they end; nil where no state is kept.
    let formerLogs: LoggedRuns?
    let formerEnd: LoggedRuns.End?
    let log: Logger
    let state: DaemonState
    let outbox: EventQueue
    let waves: WaveQueue
    let isStopping = SharedFlag()
    private let progress: ProgressWatch
    /// Wakes the ingest thread to stop.
    let stop: WakeUp
    private let wakeUp: WakeUp
    private let controlStop: WakeUp
    let desk: AnswerDesk
    private let isControlStopping = SharedFlag()
    private let ingestContext: Context
    private let eventsContext: Context
    private let controlContext: Context
    private let wavesContext: Context
    private let ring = BoundedQueue<LoggedEntry<RawMessage>>(
        countMax: MemoryBound.ringMessages,
        weightMax: MemoryBound.ringBytes
    )
    let queues: [BoundedQueue<ShardInput>]
    private let links: LinkWatch
    /// Nil where nothing is recorded.
    let recorder: Recorder?
    /// Where acknowledged gateways send, and what is to be told them; nil where there are none.
    private let acknowledged: (endpoint: Endpoint, name: String, context: Context, answers: GatewayAnswers)?
    private let receiptLimits: ReceiptBook.Limits
    /// What goes between the publisher and the journal; nil where no events are kept.
    let journal: JournalDesk?
    /// What is asked of the journal; nil where there is none.
    let history: HistoryDesk?

    /// All of it, nothing started; four contexts, so that ingest, events, waveforms and control requests cannot stall
    /// each other: threads that send through one context take turns at its locks.
    init(
        _ configuration: Configuration,
        _ access: AccessDesk?,
        _ ingest: Endpoint?,
        _ manager: ServiceManager?,
        _ log: Logger
    ) throws(ZeroMQError) {
        formerLogs = configuration.state.isEmpty ? nil : LoggedRuns(in: configuration.logFolder)
        formerEnd = log.timing("the end of the logs") { [formerLogs] in formerLogs?.end() }
        clocks = Clocks(after: formerEnd?.arrival)
        progress = ProgressWatch(workers: configuration.workers, manager: manager)
        self.access = access
        self.log = log
        limits = Admission.Limits(configuration)
        eventsAReader = MemoryBound(configuration).eventsAReader
        state = DaemonState(workers: configuration.workers, peers: access?.peers ?? PeerWatch())
        account = MemoryGuard.Account(configuration)
        stop = try WakeUp()
        wakeUp = try WakeUp()
        controlStop = try WakeUp()
        desk = AnswerDesk(wakeUp: controlStop)
        outbox = EventQueue(wakeUp: wakeUp)
        journal = configuration.journalFolder.isEmpty ? nil : JournalDesk(wakeUp: wakeUp)
        history = journal == nil ? nil : HistoryDesk()
        waves = WaveQueue(wakeUp: try WakeUp())
        ingestContext = try Context(security: access?.security(of: .frames) ?? .none)
        eventsContext = try Context(security: access?.security(of: .events) ?? .none)
        controlContext = try Context(security: access?.security(of: .control) ?? .none)
        wavesContext = try Context(security: access?.security(of: .waves) ?? .none)
        queues = (0..<configuration.workers).map { _ in
            BoundedQueue<ShardInput>(
                countMax: MemoryBound.shardInputs,
                weightMax: MemoryBound.shardMilliseconds
            )
        }
        links = LinkWatch(clocks: clocks)
        recorder =
            configuration.logFolder.isEmpty
            ? nil
            : Recorder(
                outbox: outbox,
                state: state,
                clocks: clocks,
                log: log,
                level: ingest == nil ? nil : configuration.ack
            )
        if let ingest {
            let context = try Context(security: access?.security(of: .ingest) ?? .none)
            acknowledged = (ingest, configuration.ingestName, context, try GatewayAnswers())
        } else {
            acknowledged = nil
        }
        var receiptLimits = ReceiptBook.Limits()
        receiptLimits.streamsMax = MemoryBound.receiptStreams(configuration.streamsMax)
        receiptLimits.idle = MonotonicNanoseconds(configuration.idleSeconds) * 1_000_000_000
        receiptLimits.level = configuration.ack
        self.receiptLimits = receiptLimits
    }

    /// What tells how many elements wait in each queue now.
    var queueLoads: @Sendable () -> [(name: String, count: Int)] {
        { [ring, queues, outbox, waves, journal] in
            var loads: [(name: String, count: Int)] = [("frames", ring.load.count)]
            for (number, queue) in queues.enumerated() {
                loads.append(("worker-\(number)", queue.load.count))
            }
            loads.append(("events", outbox.count))
            loads.append(("waves", waves.count))
            if let journal { loads.append(("journal", journal.parcels.load.count)) }
            return loads
        }
    }

    func startPublisher(
        _ events: Endpoint,
        _ replies: ControlReplies
    ) throws -> (thread: WorkerThread, endpoints: [Endpoint]) {
        let opened = Opened(countMax: 1)
        let publisher = PublisherThread(
            events: events,
            context: eventsContext,
            outbox: outbox,
            wakeUp: wakeUp,
            replies: replies,
            eventsAReader: eventsAReader,
            journal: journal,
            clocks: clocks,
            progress: progress,
            log: log,
            opened: opened
        )
        let thread = try WorkerThread.start(name: "publisher") { publisher.run() }
        return (thread, try opened.pop(limit: 1)?.first?.get() ?? [])
    }

    func startWaves(_ endpoint: Endpoint) throws -> (thread: WorkerThread, endpoints: [Endpoint]) {
        let opened = Opened(countMax: 1)
        let showing = WaveThread(
            endpoint: endpoint,
            context: wavesContext,
            queue: waves,
            access: access,
            state: state,
            log: log,
            opened: opened
        )
        let thread = try WorkerThread.start(name: "waves") { showing.run() }
        return (thread, try opened.pop(limit: 1)?.first?.get() ?? [])
    }

    func startControl(
        _ control: Endpoint,
        _ replies: ControlReplies
    ) throws -> (thread: WorkerThread, endpoints: [Endpoint]) {
        let opened = Opened(countMax: 1)
        let answering = ControlThread(
            control: control,
            context: controlContext,
            replies: replies,
            stop: controlStop,
            isStopping: isControlStopping,
            opened: opened
        )
        let thread = try WorkerThread.start(name: "control") { answering.run() }
        return (thread, try opened.pop(limit: 1)?.first?.get() ?? [])
    }

    /// Wakes those who send, so that they see at once that somebody may read less.
    func wakeSenders() {
        wakeUp.signal()
        waves.wakeUp.signal()
    }

    /// Wakes everybody who owns an endpoint and may sleep.
    private var wakeOwners: @Sendable () -> Void {
        { [wakeUp, waves, controlStop] in
            wakeUp.signal()
            waves.wakeUp.signal()
            controlStop.signal()
        }
    }

    /// Ends the thread that answers control requests.
    func stopControl() {
        isControlStopping.isSet = true
        controlStop.signal()
    }

    func startShards(_ model: Model, _ hop: Hop, _ policy: PolicyTable) throws(ThreadError) -> [WorkerThread]
    {
        var threads: [WorkerThread] = []
        state.alarms.set(wardRates: policy.rates)
        for (number, inputs) in queues.enumerated() {
            let shard = ShardThread(
                number: number,
                inputs: inputs,
                outbox: outbox,
                waves: waves,
                model: model,
                hop: hop,
                policy: policy,
                streamsMax: limits.streamsMax,
                state: state,
                desk: desk,
                progress: progress,
                clocks: clocks,
                keepsMemories: journal != nil
            )
            threads.append(try WorkerThread.start(name: "shard-\(number)") { shard.run() })
        }
        return threads
    }

    /// Begins the recording where one is wanted; `header` says what it rests on.
    /// - Returns: Its thread, and what the folder remembers of acknowledged chunks.
    func startRecorder(
        _ configuration: Configuration,
        _ header: FrameLogHeader
    ) throws -> (thread: WorkerThread, receipts: LoggedReceipts?)? {
        guard let recorder else { return nil }
        let opened = BoundedQueue<Result<Recorder.Beginning, FrameLogError>>(countMax: 1)
        var limits = FrameLogLimits()
        limits.hours = configuration.recordHours
        limits.bytesMax = configuration.recordBytesMax
        let (folder, kept) = (configuration.logFolder, limits)
        let receiptsMax = acknowledged == nil ? nil : receiptLimits.streamsMax
        let thread = try WorkerThread.start(name: "recorder") {
            recorder.write(to: folder, header, kept, receiptsMax: receiptsMax, opened: opened)
        }
        let beginning = try log.timing("frame log") { try opened.pop(limit: 1)?.first?.get() }
        for fault in beginning?.faults ?? [] {
            let words =
                fault.kind == .disk
                ? "no frame log is kept" : "what was acknowledged behind that place is not remembered"
            log.error("\(fault); \(words), and gateways are asked for what was not durable again")
        }
        return (thread, beginning?.receipts)
    }

    /// Nothing more is written into the journal, and nothing more is asked of it.
    func closeJournal() {
        journal?.parcels.close()
        history?.close()
    }

    /// Ends what was started of a daemon that does not become one: a recording that got no entries, and those who send.
    func abandon() {
        ring.close()
        recorder?.close()
        stopControl()
        waves.close()
        outbox.close()
        closeJournal()
    }

    /// `receipts` is what the log remembers of acknowledged chunks, `memories` what outlived the last run: the first entries
    /// of the log, before those of `recovery`.
    func startAdmission(
        _ receipts: LoggedReceipts?,
        _ memories: [JournalState],
        _ recovery: Recovery?,
        _ checkpoints: CheckpointTerms
    ) throws(ThreadError) -> WorkerThread {
        let begin = recovery?.begin ?? clocks.now
        var makeDesk: (@Sendable () -> AcknowledgedDesk)?
        if let acknowledged, let recorder, let receipts {
            let limits = receiptLimits
            makeDesk = {
                AcknowledgedDesk(
                    endpoint: acknowledged.name,
                    receipts,
                    limits: limits,
                    answers: acknowledged.answers,
                    recorder: recorder
                )
            }
        }
        let table = AdmissionThread(
            ring: ring,
            shards: queues,
            outbox: outbox,
            limits: limits,
            links: links,
            access: access,
            recorder: recorder,
            acknowledged: makeDesk,
            clocks: clocks,
            state: state,
            desk: desk,
            progress: progress,
            account: account,
            wakeOwners: wakeOwners,
            log: log,
            checkpoints: journal == nil ? nil : checkpoints,
            memories: memories.map { LoggedEntry(.memory($0.bytes), at: begin) },
            recovery: Handover(recovery)
        )
        let thread = try WorkerThread.start(name: "admission") { table.run() }
        log.timing("\(memories.count) memories of patients") {
            awaitMemories(memories.count)
        }
        let forgotten = state.current.forgottenMemories
        if forgotten > 0 {
            let words =
                "alarms and settings of \(forgotten) patients of the run before are forgotten, since there is no room for "
                + "them; raise --streams-max or --workers"
            log.error("\(words)")
        }
        return thread
    }

    /// Starts to take frames once all of `recovery` is behind the workers; the endpoints are those that were opened, of acknowledged gateways apart.
    func startIngest(
        _ subscribe: [Endpoint],
        binding bind: Endpoint,
        after recovery: Recovery?
    ) throws -> (thread: WorkerThread, frames: [String], acknowledged: String?) {
        awaitRecovery(recovery)
        let opened = Opened(countMax: 1)
        let receiver = IngestThread(
            subscribe: subscribe,
            bind: bind,
            context: ingestContext,
            ring: ring,
            stop: stop,
            isStopping: isStopping,
            state: state,
            links: links,
            clocks: clocks,
            outbox: outbox,
            opened: opened,
            acknowledged: acknowledged,
            requests: desk.entries
        )
        let thread = try WorkerThread.start(name: "ingest") { receiver.run() }
        let endpoints = try opened.pop(limit: 1)?.first?.get().map(\.text) ?? []
        guard acknowledged != nil else { return (thread, endpoints, nil) }
        return (thread, Array(endpoints.dropLast()), endpoints.last)
    }

    func close() {
        ingestContext.close()
        acknowledged?.context.close()
        eventsContext.close()
        controlContext.close()
        wavesContext.close()
    }
}

extension Admission.Limits {
    /// Those that the operator has set.
    fileprivate init(_ configuration: Configuration) {
        self.init()
        streamsMax = configuration.streamsMax
        idleSeconds = configuration.idleSeconds
        ingestSpeedMax = configuration.ingestSpeedMax
    }
}
