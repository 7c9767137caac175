internal import ECGSignal
internal import Findings
internal import Journal
internal import Logging
internal import Station
internal import Wire

/// The thread that owns the journal: it writes what the publisher hands over, many parcels in one transaction.
///
/// Whatever the disk does, this thread alone waits for it. Where writing fails it says so at once, lets go of the file, and
/// tries to open it again twice a second; what could not be written waits in a bounded backlog and is written then. A file that
/// turns out to be damaged is set aside and another one is begun, under another epoch.
struct JournalThread: Sendable {
    /// What the journal held when the daemon began.
    struct Beginning: Sendable {
        /// What of patients outlives a restart.
        var states: [JournalState] = []
        /// What was known of streams.
        var checkpoints: [JournalCheckpoint] = []
        /// The newest events, the newest first.
        var newest: [JournalRow] = []
        /// What people have to know: that a damaged file was set aside, that states could not be read, that the disk fails.
        var remarks: [String] = []
    }

    let folder: String
    let limits: JournalLimits
    let desk: JournalDesk
    /// The newest entry that the log has for certain; nil where no log is kept.
    let loggedThrough: @Sendable () -> Int?
    let clocks: Clocks
    let log: Logger

    /// How long after a failure the file is opened again.
    private static let retry: MonotonicNanoseconds = 500_000_000
    /// How often the limits are looked at.
    private static let trimInterval: MonotonicNanoseconds = 10_000_000_000
    /// So many of the newest events are told no second time, and all since the newest checkpoints.
    private static let eventsTold = 5_000
    /// How long the log is waited for; a log that takes longer is about to end.
    private static let logPatience: MonotonicNanoseconds = 2_000_000_000
    /// Parcels that are written in one transaction at most.
    private static let parcelsTaken = 256

    /// Opens the journal, says what it held, and writes until the desk is closed and empty.
    func run(opened: BoundedQueue<Result<Beginning, JournalError>>) {
        var work = Work(folder: folder, desk: desk)
        do throws(JournalError) {
            _ = opened.push(.success(try begin(&work)))
        } catch {
            desk.parcels.close()
            _ = opened.push(.failure(error))
            return
        }
        var nextTrim = clocks.monotonic + JournalThread.trimInterval
        while let parcels = desk.parcels.pop(
            limit: JournalThread.parcelsTaken,
            within: work.isFailing ? JournalThread.retry : JournalThread.trimInterval
        ) {
            // What waited before these parcels comes before them.
            if work.isFailing { reopen(&work, at: clocks.now) }
            for parcel in parcels { work.take(parcel) }
            awaitLog(of: parcels)
            write(&work, parcels)
            guard !work.isFailing, clocks.monotonic >= nextTrim else { continue }
            nextTrim = clocks.monotonic + (trim(&work) ? 0 : JournalThread.trimInterval)
        }
        // What was refused before is tried once more, at the end.
        work.nextTry = 0
        if work.isFailing { reopen(&work, at: clocks.now) }
    }

    /// What the thread works with.
    private struct Work {
        let folder: String
        let desk: JournalDesk
        var backlog = JournalBacklog()
        /// The newest state of each patient and device, for a journal that begins anew.
        var states: [Sender: JournalState] = [:]
        /// Nil while the file cannot be used.
        var writer: JournalWriter?
        /// What was written of the journal of that epoch when it was last open.
        var known: JournalPlace?
        /// When the file is opened again.
        var nextTry: MonotonicNanoseconds = 0

        var isFailing: Bool { writer == nil }

        /// Takes what a parcel holds.
        mutating func take(_ parcel: JournalDesk.Parcel) {
            backlog.take(parcel.entries, parcel.states, parcel.checkpoints)
            note(parcel.states)
        }

        /// The newest state of each patient and device, by their names.
        var newestStates: [JournalState] {
            states.values.sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }
        }

        /// Remembers states that are or will be in the file.
        mutating func note(_ new: [JournalState]) {
            for state in new {
                let sender = Sender(patient: state.patient, device: state.device)
                states[sender] = state.bytes.isEmpty ? nil : state
            }
        }
    }

    /// Waits until the log has what these parcels follow from: a journal that is ahead of its log would know, after a kill, of
    /// alarms that nothing leads to.
    private func awaitLog(of parcels: [JournalDesk.Parcel]) {
        guard let position = parcels.compactMap(\.position).max() else { return }
        let end = clocks.monotonic + JournalThread.logPatience
        let pause = BoundedQueue<Void>(countMax: 1)
        while let through = loggedThrough(), through < position, clocks.monotonic < end {
            _ = pause.pop(limit: 1, within: 1_000_000)
        }
    }

    /// A foreign file stops the daemon; a damaged one is set aside, and a disk that fails is tried again later.
    private func begin(_ work: inout Work) throws(JournalError) -> Beginning {
        var beginning = Beginning()
        do throws(JournalError) {
            try open(&work)
        } catch {
            switch error.kind {
            case .foreign: throw error
            case .damaged:
                // What can still be read of the states is taken over.
                if let saved = (try? JournalReader(folder).states())
                    ?? (try? RescuedStates.read(from: folder))
                {
                    work.note(saved.states)
                }
                beginning.states = work.newestStates
                do throws(JournalError) {
                    beginning.remarks.append(try setAside(error))
                    try open(&work)
                } catch {
                    // On a full disk it is tried again, as it is in the middle of a run.
                    refuse(&work, error)
                    beginning.remarks.append("\(error); events are not durable")
                }
                return beginning
            case .inputOutput: return rescue(&work, error)
            }
        }
        do throws(JournalError) {
            let (states, damaged) = try work.writer?.states() ?? ([], 0)
            work.note(states)
            beginning.states = work.newestStates
            if damaged > 0 { beginning.remarks.append(remark(of: damaged)) }
            if let (checkpoints, damaged) = try work.writer?.checkpoints() {
                beginning.checkpoints = checkpoints
                if damaged > 0 {
                    beginning.remarks.append(
                        "\(folder): \(damaged) checkpoints of streams are damaged and left out"
                    )
                }
            }
            // Those of each stream come in their order.
            let newest = Dictionary(beginning.checkpoints.map { ($0.stream, $0.written) }) { $1 }
            if let oldest = newest.values.min() {
                beginning.newest =
                    try work.writer?.newestEvents(JournalThread.eventsTold, since: oldest) ?? []
            }
            return beginning
        } catch {
            work.writer = nil
            return rescue(&work, error)
        }
    }

    /// The disk fails: what stood is read as well as it can be, and events are not durable until the file can be opened.
    private func rescue(_ work: inout Work, _ error: JournalError) -> Beginning {
        var beginning = Beginning()
        desk.update { $0.fault = "\(error)" }
        do throws(JournalError) {
            let (states, damaged) = try RescuedStates.read(from: folder)
            work.note(states)
            beginning.states = work.newestStates
            beginning.remarks.append("\(error); events are not durable")
            if damaged > 0 { beginning.remarks.append(remark(of: damaged)) }
        } catch {
            beginning.remarks.append("\(error); alarms that stood are not known, events are not durable")
        }
        return beginning
    }

    private func remark(of damaged: Int) -> String {
        "\(folder): what \(damaged) patients had set and which alarms stood is damaged and left out"
    }

    private func open(_ work: inout Work) throws(JournalError) {
        let writer = try JournalWriter(folder, at: Clocks.utc, afterFailure: work.known != nil)
        if work.known?.epoch == writer.epoch {
            work.backlog.found(writer.newest - (work.known?.sequence ?? 0))
        } else {
            work.backlog.take([], Array(work.states.values))
        }
        work.known = JournalPlace(epoch: writer.epoch, sequence: writer.newest)
        work.writer = writer
        report(writer)
    }

    /// What was done about a damaged file.
    private func setAside(_ error: JournalError) throws(JournalError) -> String {
        let aside = try DamagedJournal.setAside(in: folder, at: Clocks.utc)
        return "\(error); it was moved to \(aside), and another journal begins"
    }

    private func reopen(_ work: inout Work, at now: Arrival) {
        guard now.monotonic >= work.nextTry else { return }
        work.nextTry = now.monotonic + JournalThread.retry
        do throws(JournalError) {
            do throws(JournalError) {
                try open(&work)
                _ = try append(&work)
            } catch  where error.kind == .damaged {
                work.writer = nil
                let words = try setAside(error)
                log.error("\(words)")
                try open(&work)
                _ = try append(&work)
            }
            desk.update { $0.fault = nil }
            desk.tell([.recovered])
        } catch {
            refuse(&work, error)
        }
    }

    /// Writes what waits and settles the parcels.
    private func write(_ work: inout Work, _ parcels: [JournalDesk.Parcel]) {
        var first = (work.writer?.newest ?? 0) + 1
        do throws(JournalError) {
            guard try append(&work) else {
                let refusal = JournalRefusal(desk.current.fault ?? "the journal cannot be written")
                desk.tell(parcels.map { .refused(ticket: $0.ticket, refusal) })
                work.backlog.bound()
                return
            }
            var words: [JournalDesk.Word] = []
            for parcel in parcels {
                words.append(.kept(ticket: parcel.ticket, first: first))
                first += Int64(parcel.entries.count)
            }
            desk.tell(words)
        } catch {
            refuse(&work, error)
            let refusal = JournalRefusal("\(error)")
            desk.tell(parcels.map { .refused(ticket: $0.ticket, refusal) })
        }
    }

    /// Appends the backlog in one transaction; false where there is no writer.
    private func append(_ work: inout Work) throws(JournalError) -> Bool {
        guard let writer = work.writer else { return false }
        guard !work.backlog.isEmpty else { return true }
        work.backlog.willBeTried()
        let now = Clocks.utc
        let rows = work.backlog.entries.enumerated().map { offset, entry in
            let place = JournalPlace(epoch: writer.epoch, sequence: writer.newest + 1 + Int64(offset))
            return JournalRow(
                sequence: place.sequence,
                topic: entry.topic,
                patient: entry.patient,
                written: now,
                event: entry.write(place)
            )
        }
        let checkpoints = work.backlog.checkpoints.map { checkpoint in
            var written = checkpoint
            written.written = now
            return written
        }
        try writer.append(rows, work.backlog.newestStates, checkpoints)
        work.backlog.wasWritten()
        work.known = JournalPlace(epoch: writer.epoch, sequence: writer.newest)
        desk.update { $0.kept += rows.count }
        report(writer)
        return true
    }

    private func refuse(_ work: inout Work, _ error: JournalError) {
        work.writer = nil
        work.backlog.bound()
        work.nextTry = clocks.monotonic + JournalThread.retry
        desk.update { $0.fault = "\(error)" }
    }

    private func report(_ writer: JournalWriter) {
        let place = JournalPlace(epoch: writer.epoch, sequence: writer.newest)
        desk.update { $0.place = place }
    }

    /// Takes away what the limits do not let stay; whether there may be more.
    private func trim(_ work: inout Work) -> Bool {
        guard let writer = work.writer else { return false }
        do throws(JournalError) {
            let hasMore = try writer.trim(to: limits, at: Clocks.utc)
            let bytes = try writer.usedBytes()
            desk.update { $0.bytes = bytes }
            return hasMore
        } catch {
            refuse(&work, error)
            return false
        }
    }
}
