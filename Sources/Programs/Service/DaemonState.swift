internal import ECGSignal
internal import Findings
internal import Station
private import Synchronization
internal import Wire

/// What the threads tell of themselves, for STATUS and STREAMS: each writes its part, the publisher reads all.
final class DaemonState: Sendable {
    /// One moment of the daemon.
    struct Snapshot: Sendable {
        var isReady = false
        var openStreams = 0
        var refused: [(endpoint: String, code: TechnicalEvent.Code, count: Int)] = []
        var refusedSenders: [RefusedSender] = []
        var shards: [[Shard.Status]]
        /// What the streams came to that the workers have let go of, by worker.
        var past: [StreamTotals]
        var framesReceived = 0
        var linksDropped = 0
        /// What became of links, by endpoint.
        var links: [StatusReport.Endpoint] = []
        var peers = 0
        /// Where waveforms are to be had; nil until the socket is open.
        var waves: String?
        /// Patients of whom what outlived the last run is back.
        var restoredMemories = 0
        /// Those of them for whom their worker has no room.
        var forgottenMemories = 0
        /// Workers that have gone through what there was of the former run.
        var recoveredShards = 0
        /// Why the frame log ends before the run does.
        var recordFault: String?
        /// What ended a thread that should have gone on.
        var fault: String?
    }

    /// The alarms that stand, and what people set.
    let alarms = AlarmBoard()
    /// What the threads count of their work.
    let meters: Meters
    /// The peers that are connected.
    let peers: PeerWatch
    /// The wish that endpoints be opened anew.
    let reopening = Reopening()
    private let snapshot: Mutex<Snapshot>

    /// A daemon of that many workers, whose doorkeepers ask `peers`.
    init(workers: Int, peers: PeerWatch = PeerWatch()) {
        self.peers = peers
        meters = Meters(workers: workers)
        snapshot = Mutex(
            Snapshot(
                shards: Array(repeating: [], count: workers),
                past: Array(repeating: StreamTotals(), count: workers)
            )
        )
    }

    /// Changes a part of what is told.
    func update(_ change: (inout sending Snapshot) -> Void) { snapshot.withLock { change(&$0) } }

    /// Tells of the streams of one worker.
    ///
    /// What was told before is let go of outside the lock: freeing a thousand streams takes longer than an answer may.
    func report(_ statuses: [Shard.Status], past: StreamTotals, ofShard number: Int) {
        var statuses = statuses
        snapshot.withLock {
            swap(&$0.shards[number], &statuses)
            $0.past[number] = past
        }
    }

    /// A thread ended that nobody asked to: the daemon ends too, since half of one would be silent.
    func fail(_ words: String) {
        update { if $0.fault == nil { $0.fault = words } }
        TerminationSignals.raise()
    }

    /// All of it now.
    var current: Snapshot { snapshot.withLock { $0 } }
}
