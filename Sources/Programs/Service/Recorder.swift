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
    private let hasFailed = SharedFlag()
    private let outbox: EventQueue
    private let state: DaemonState
    private let clocks: Clocks
    private let log: Logger

    init(outbox: EventQueue, state: DaemonState, clocks: Clocks, log: Logger) {
        self.outbox = outbox
        self.state = state
        self.clocks = clocks
        self.log = log
    }

    /// Takes the next entry; called by the one thread that decides, in the order in which it does.
    func take(_ entry: LoggedEntry<RawMessage>) {
        guard !hasFailed.isSet else { return }
        var weight = 64
        if case .frame(let message, _, _) = entry.content { weight += message.byteCount }
        if !queue.push(entry, weight: weight, within: Recorder.patience), !hasFailed.isSet {
            fail("the disk has taken nothing for 2 s")
        }
    }

    /// No further entries come.
    func close() { queue.close() }

    /// Writes what comes until the recorder is closed and empty; `opened` hears whether it could begin.
    func write(
        to folder: String,
        _ header: FrameLogHeader,
        _ limits: FrameLogLimits,
        opened: BoundedQueue<FrameLogError?>
    ) {
        var hasOpened = false
        do throws(FrameLogError) {
            var writer = try FrameLogWriter(folder, header: header, limits: limits)
            hasOpened = opened.push(nil)
            while let entries = queue.pop(limit: 256), !hasFailed.isSet {
                for entry in entries { try writer.append(entry) }
                try writer.flush()
            }
            try writer.finish()
        } catch {
            if hasOpened { fail("\(error)") } else { _ = opened.push(error) }
            while queue.pop(limit: 256) != nil {}
        }
    }

    /// The recording ends here; the first reason counts.
    private func fail(_ reason: String) {
        guard !hasFailed.isSet else { return }
        hasFailed.isSet = true
        state.update { if $0.recordFault == nil { $0.recordFault = reason } }
        var counter = TechnicalCounter(.endpoint("record"))
        let event = counter.report(
            .recordFailed,
            .start,
            priority: .medium,
            firstSample: nil,
            detail: "the frame log ends here: \(reason); what was recorded until now can be replayed",
            at: clocks.now
        )
        outbox.push(event, frame: nil)
    }
}
