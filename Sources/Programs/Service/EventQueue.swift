internal import ECGSignal
internal import Findings
internal import Journal
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

    /// What one input made: the journal keeps all of it or nothing.
    struct Parcel: Sendable {
        var items: [Item]
        /// What of patients outlives a restart, once these events have happened.
        var states: [JournalState] = []
        /// What is known of streams once these events have happened.
        var checkpoints: [JournalCheckpoint] = []
        /// Whether the former run's entries come again from here on, or are over; nil where that does not change.
        var recovery: Recovery?
        /// Patients of whom a stream goes on that was open before, each as often as that.
        var goingOn: [String] = []
        /// The newest entry of this run's log that all of it follows from; nil where it follows from none.
        var position: Int?
        /// Done by the publisher once all of it is out.
        var then: (@Sendable () -> Void)?

        /// What is true of the events that follow.
        enum Recovery: Sendable {
            /// They follow from entries of the former run; those with these ids are told no second time.
            case begins(told: [String])
            /// They are of this run.
            case ends
        }
    }

    private let queue = BoundedQueue<Parcel>(countMax: 4_096, weightMax: 4_096)
    private let wakeUp: WakeUp

    /// A queue that signals `wakeUp`.
    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    /// Waits for room: the publisher never waits for a reader, so this is short.
    func push(_ event: Event, frame: Arrival?) { push(Parcel(items: [Item(event: event, frame: frame)])) }

    /// Waits for room, as above.
    func push(_ parcel: Parcel) {
        _ = queue.push(parcel, weight: max(1, parcel.items.count))
        wakeUp.signal()
    }

    /// At most `limit` of the parcels that are there now; nil once closed and empty.
    func take(limit: Int) -> [Parcel]? { queue.pop(limit: limit, within: 0) }

    /// Events that wait.
    var count: Int { queue.load.weight }

    /// From now on nothing more comes.
    func close() {
        queue.close()
        wakeUp.signal()
    }
}
