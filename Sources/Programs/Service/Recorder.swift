internal import ECGSignal
internal import Findings
internal import FrameLog
internal import Logging
internal import Pipeline
private import Synchronization

/// The recording of a run: takes entries from the thread that decides and hands them to the one that writes.
///
/// Monitoring goes on whatever becomes of the disk. Where it takes nothing for two seconds, or refuses, the recording
/// ends, because a log with a hole would replay as something that never was: what was written until then is a log that
/// ends there. It is said at once, and by the daemon's exit code at its end.
final class Recorder: Sendable {
    /// Entries that wait for the disk.
    private static let entriesMax = 8_192
    /// Bytes of those entries.
    static let bytesMax = 16_000_000
    /// How long the disk is waited for; then the gateways' frames are more urgent.
    private static let patience: MonotonicNanoseconds = 2_000_000_000

    private let queue = BoundedQueue<LoggedEntry<RawMessage>>(
        countMax: Recorder.entriesMax,
        weightMax: Recorder.bytesMax
    )
    private let failed = SharedFlag()
    /// Entries that were taken, and those of them that are kept as the level asks for it.
    private let taken = Atomic(0)
    private let kept = Atomic(0)
    /// What an entry survives that counts as kept.
    private let level: AcknowledgementLevel
    /// Syncs of the disk lie apart at least so far, so that many entries share one.
    private static let syncInterval: MonotonicNanoseconds = 20_000_000
    private let outbox: EventQueue
    private let state: DaemonState
    private let clocks: Clocks
    private let log: Logger

    /// What else ends with the log, for the event that says so.
    private let consequence: String

    /// `level` is what an entry survives once it counts as kept, where gateways wait for it; only `power` syncs the disk.
    init(
        outbox: EventQueue,
        state: DaemonState,
        clocks: Clocks,
        log: Logger,
        level: AcknowledgementLevel? = nil
    ) {
        self.level = level ?? .process
        consequence =
            level == nil
            ? "" : "; nothing more is acknowledged as durable, so gateways keep what they send from now on"
        self.outbox = outbox
        self.state = state
        self.clocks = clocks
        self.log = log
    }

    /// Whether nothing is kept any more.
    var hasFailed: Bool { failed.isSet }

    /// Every entry up to this position is kept.
    var keptThrough: Int { kept.load(ordering: .acquiring) }

    /// Takes the next entry; called by the one thread that decides, in the order in which it does.
    /// - Returns: Its position in the log, from 1 on; nil where nothing is kept any more.
    @discardableResult func take(_ entry: LoggedEntry<RawMessage>) -> Int? {
        guard !failed.isSet else { return nil }
        var weight = 64
        if case .frame(let message, _, _) = entry.content { weight += message.byteCount }
        guard queue.push(entry, weight: weight, within: Recorder.patience) else {
            if !failed.isSet { fail("the disk has taken nothing for 2 s") }
            return nil
        }
        return taken.add(1, ordering: .relaxed).newValue
    }

    /// No further entries come.
    func close() { queue.close() }

    /// What the writer found when it began.
    struct Beginning: Sendable {
        /// What the folder remembers of acknowledged chunks; nil where that was not asked for.
        let receipts: LoggedReceipts?
        /// What has to be said: why not all of it could be read, why no log could be begun.
        let faults: [FrameLogError]
    }

    /// Writes what comes until the recorder is closed and empty; `opened` hears what it began with.
    ///
    /// The folder is this daemon's until then, whatever becomes of the log. A disk that takes nothing stops no daemon: then
    /// nothing is recorded from the beginning, and only what was on the disk for certain counts as durable.
    func write(
        to folder: String,
        _ header: FrameLogHeader,
        _ limits: FrameLogLimits,
        receiptsMax: Int? = nil,
        opened: BoundedQueue<Result<Beginning, FrameLogError>>
    ) {
        do throws(FrameLogError) {
            let claim = try FolderClaim(folder, receiptsMax: receiptsMax)
            write(in: claim, header, limits, opened)
        } catch {
            _ = opened.push(.failure(error))
            drain()
        }
    }

    private func write(
        in claim: borrowing FolderClaim,
        _ header: FrameLogHeader,
        _ limits: FrameLogLimits,
        _ opened: BoundedQueue<Result<Beginning, FrameLogError>>
    ) {
        let faults = [claim.recoveryFault].compactMap(\.self)
        var hasBegun = false
        do throws(FrameLogError) {
            var writer = try FrameLogWriter(in: claim, header: header, limits: limits)
            hasBegun = opened.push(.success(Beginning(receipts: claim.receipts, faults: faults)))
            try write(by: &writer)
        } catch {
            if hasBegun {
                fail("\(error)")
            } else if error.kind == .disk {
                failed.isSet = true
                _ = opened.push(.success(Beginning(receipts: claim.synced, faults: faults + [error])))
                // Not before readers have had time to come.
                _ = queue.pop(limit: 1, within: Recorder.readersCome)
                report("no frame log is kept in this run: \(error)")
            } else {
                _ = opened.push(.failure(error))
            }
        }
        drain()
    }

    /// How long after the start readers have come in again.
    private static let readersCome: MonotonicNanoseconds = 3_000_000_000

    private func drain() { while queue.pop(limit: 256) != nil {} }

    private func write(by writer: inout FrameLogWriter) throws(FrameLogError) {
        var written = 0
        var lastSync = clocks.monotonic - Recorder.syncInterval
        while true {
            let isAllKept = kept.load(ordering: .relaxed) == written
            let left = max(0, lastSync + Recorder.syncInterval - clocks.monotonic)
            guard let entries = isAllKept ? queue.pop(limit: 256) : queue.pop(limit: 256, within: left),
                !failed.isSet
            else { break }
            for entry in entries { try writer.append(entry) }
            try writer.flush()
            written += entries.count
            if level == .power {
                guard clocks.monotonic - lastSync >= Recorder.syncInterval else { continue }
                try writer.sync()
                lastSync = clocks.monotonic
            }
            kept.store(written, ordering: .releasing)
        }
        try writer.sync()
        if !failed.isSet { kept.store(written, ordering: .releasing) }
    }

    /// The recording ends here; the first reason counts.
    private func fail(_ reason: String) {
        guard !failed.isSet else { return }
        failed.isSet = true
        report("the frame log ends here: \(reason); what was recorded until now can be replayed")
    }

    private func report(_ words: String) {
        state.update { if $0.recordFault == nil { $0.recordFault = words } }
        var counter = TechnicalCounter(.endpoint("record"))
        let event = counter.report(
            .recordFailed,
            .start,
            priority: .medium,
            firstSample: nil,
            detail: words + consequence,
            at: clocks.now
        )
        outbox.push(event, frame: nil)
    }
}
