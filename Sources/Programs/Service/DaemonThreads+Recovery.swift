internal import ECGSignal
internal import Logging
internal import Station
internal import Threads

/// What a daemon waits for before it takes frames: all that outlived the run before.
extension DaemonThreads {
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
        log.timing("checkpoints", clocks) {
            Recovery(
                held,
                folder: configuration.logFolder,
                end: formerEnd,
                checkpoints,
                streamsMax: limits.streamsMax
            )
        }
    }

    /// Waits until all that is gone through once more of the former run is behind the workers.
    func awaitRecovery(_ recovery: Recovery?) {
        guard recovery != nil else { return }
        log.timing("the former run's log", clocks) {
            let pause = BoundedQueue<Void>(countMax: 1)
            while state.current.recoveredShards < queues.count, state.current.fault == nil {
                _ = pause.pop(limit: 1, within: 2_000_000)
            }
        }
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
