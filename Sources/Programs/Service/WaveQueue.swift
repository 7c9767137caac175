internal import Findings
private import Synchronization
internal import ZeroMQ

/// Waveforms on their way to those who look, and back the word who looks at whom.
///
/// A full queue drops what comes, because a picture may never stop the analysis; a reader sees the gap by the grid index.
final class WaveQueue: Sendable {
    private struct Wishes: Sendable {
        var wishes = TraceWishes()
        var version = 0
    }

    private let queue = BoundedQueue<TraceBlock>(
        countMax: MemoryBound.waveBlocks,
        weightMax: MemoryBound.waveBytes
    )
    private let wishes = Mutex(Wishes())
    /// The version of the wishes, so that a worker that has them does not lock.
    private let version = Atomic(0)
    /// Wakes the thread that sends.
    let wakeUp: WakeUp

    /// A queue that signals `wakeUp`.
    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    /// Puts in what has room; blocks that have none are lost.
    func offer(_ blocks: [TraceBlock]) {
        guard !blocks.isEmpty else { return }
        for block in blocks { _ = queue.offer(block, weight: 2 * block.values.count) }
        wakeUp.signal()
    }

    /// At most `limit` of what is there now; nil once closed and empty.
    func take(limit: Int) -> [TraceBlock]? { queue.pop(limit: limit, within: 0) }

    /// Tells the workers who looks at whom.
    func tell(_ wanted: TraceWishes) {
        let newest = wishes.withLock { state in
            state.wishes = wanted
            state.version += 1
            return state.version
        }
        version.store(newest, ordering: .releasing)
    }

    /// The wishes where they have changed since version `seen`, which becomes theirs; nil where they have not.
    func newWishes(since seen: inout Int) -> TraceWishes? {
        guard version.load(ordering: .acquiring) != seen else { return nil }
        let state = wishes.withLock { $0 }
        seen = state.version
        return state.wishes
    }

    /// Blocks that wait.
    var count: Int { queue.load.count }

    /// From now on nothing more comes.
    func close() {
        queue.close()
        wakeUp.signal()
    }
}
