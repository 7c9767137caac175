internal import ECGSignal
internal import FrameLog
internal import Journal
internal import Logging
internal import Station
internal import Threads
internal import Wire

/// What a daemon waits for before it takes frames: all that outlived the run before.
extension DaemonThreads {
    /// Opens the journal where one is kept.
    /// - Returns: its threads, that which writes first, and what of patients outlives a restart.
    func startJournal(
        _ configuration: Configuration
    ) throws -> (threads: [WorkerThread], held: JournalThread.Beginning) {
        guard let journal, let history else { return ([], JournalThread.Beginning()) }
        let opened = BoundedQueue<Result<JournalThread.Beginning, JournalError>>(countMax: 1)
        var limits = JournalLimits()
        limits.hours = configuration.journalHours
        limits.bytesMax = configuration.journalBytesMax
        let folder = configuration.journalFolder
        let writing = JournalThread(
            folder: folder,
            limits: limits,
            desk: journal,
            loggedThrough: { [recorder] in
                recorder.flatMap { $0.hasFailed ? nil : $0.keptThrough }
            },
            clocks: clocks,
            log: log
        )
        let thread = try WorkerThread.start(name: "journal") { writing.run(opened: opened) }
        let beginning = try log.timing("journal") { try opened.pop(limit: 1)?.first?.get() }
        for remark in beginning?.remarks ?? [] { log.error("\(remark)") }
        if formerEnd != nil, journal.current.place?.sequence == 0 {
            let words =
                "the journal is new, and the frame log beside it knows of an earlier run; alarms that stood then are not "
                + "known, and events are numbered anew"
            log.error("\(folder): \(words)")
        }
        let reading = HistoryThread(folder: folder, questions: history, answers: desk, journal: journal)
        let answering = try WorkerThread.start(name: "history") { reading.run() }
        return ([thread, answering], beginning ?? JournalThread.Beginning())
    }

    /// Starts to decide, with all that outlived the former run: its thread, and how the run goes on.
    func goOn(
        _ configuration: Configuration,
        _ recorder: (thread: WorkerThread, receipts: LoggedReceipts?)?,
        _ held: JournalThread.Beginning,
        _ checkpoints: CheckpointTerms
    ) throws(ThreadError) -> (admission: WorkerThread, recovery: Recovery?) {
        let recovery = recorder == nil ? nil : self.recovery(configuration, held, checkpoints)
        return (try startAdmission(recorder?.receipts, held.states, recovery, checkpoints), recovery)
    }

    /// How the run goes on from the former one, by what the journal held when it was opened; nil where it does not.
    private func recovery(
        _ configuration: Configuration,
        _ held: JournalThread.Beginning,
        _ checkpoints: CheckpointTerms
    ) -> Recovery? {
        guard let formerLogs else { return nil }
        return log.timing("checkpoints") {
            Recovery(
                held,
                formerLogs.stillThere,
                end: formerEnd,
                checkpoints,
                streamsMax: limits.streamsMax
            )
        }
    }

    /// Waits until all that is gone through once more of the former run is behind the workers.
    func awaitRecovery(_ recovery: Recovery?) {
        guard recovery != nil else { return }
        log.timing("the former run's log") {
            let pause = BoundedQueue<Void>(countMax: 1)
            while state.current.recoveredShards < queues.count, state.current.fault == nil {
                _ = pause.pop(limit: 1, within: 2_000_000)
            }
        }
        state.alarms.expect(told: [])
        outbox.push(EventQueue.Parcel(items: [], recovery: .ends))
    }

    /// Waits until everything that outlived the last run is back: nobody may be told of half of the alarms that stand.
    func awaitMemories(_ count: Int) {
        let pause = BoundedQueue<Void>(countMax: 1)
        let end = clocks.monotonic + DaemonThreads.memoriesMax
        while state.current.restoredMemories < count, clocks.monotonic < end {
            _ = pause.pop(limit: 1, within: 2_000_000)
        }
    }

    /// How long what outlived the last run is waited for at most; 100,000 patients take a few seconds.
    private static let memoriesMax: MonotonicNanoseconds = 30_000_000_000
}
