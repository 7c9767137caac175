internal import ECGSignal
internal import Findings
internal import ZeroMQ

/// Events on their way to the publisher, which sleeps in a poll and is woken.
final class EventQueue: Sendable {
    /// An event, and when the frame that completed its window was due.
    struct Item: Sendable {
        let event: Event
        /// Nil where no frame did.
        let frame: Arrival?

        /// Whole milliseconds from that frame to `now`; nil where no frame completed a window.
        func latencyMilliseconds(at now: MonotonicNanoseconds) -> Int64? {
            frame.map { max(0, now - $0.monotonic) / 1_000_000 }
        }
    }

    private let queue = BoundedQueue<Item>(countMax: 4_096)
    private let wakeUp: WakeUp

    /// A queue that signals `wakeUp`.
    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    /// Waits for room: the publisher never waits for a reader, so this is short.
    func push(_ event: Event, frame: Arrival?) {
        _ = queue.push(Item(event: event, frame: frame))
        wakeUp.signal()
    }

    /// At most `limit` of what is there now; nil once closed and empty.
    func take(limit: Int) -> [Item]? { queue.pop(limit: limit, within: 0) }

    /// Events that wait.
    var count: Int { queue.load.count }

    /// Nothing more comes.
    func close() {
        queue.close()
        wakeUp.signal()
    }
}
