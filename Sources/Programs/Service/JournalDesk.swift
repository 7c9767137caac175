internal import ECGSignal
internal import Journal
internal import Station
private import Synchronization
internal import Wire
internal import ZeroMQ

/// What goes between the publisher and the thread that owns the journal.
///
/// The publisher hands parcels over and never waits: where there is no room, what is in the parcel is not kept. The journal's
/// thread settles each parcel, in their order, and wakes the publisher.
final class JournalDesk: Sendable {
    /// An event on its way into the journal.
    struct Entry: Sendable {
        let topic: String
        let patient: String
        /// The JSON of the event once its place is known, without latency.
        let write: @Sendable (JournalPlace) -> [UInt8]
    }

    /// What is kept together or not at all.
    struct Parcel: Sendable {
        let ticket: Int
        let entries: [Entry]
        let states: [JournalState]
        let checkpoints: [JournalCheckpoint]
        /// The newest entry of the log that it follows from; nil where it follows from none.
        let position: Int?
    }

    /// What the journal's thread tells.
    enum Word: Sendable {
        /// A parcel is on the disk; the number of its first event, in the journal of that epoch.
        case kept(ticket: Int, first: Int64)
        /// A parcel is not on the disk, for this reason.
        case refused(ticket: Int, JournalRefusal)
        /// The journal can be written again.
        case recovered
    }

    /// What is known of the journal from outside.
    struct State: Sendable {
        /// The newest place; nil before the journal was first opened.
        var place: JournalPlace?
        /// Bytes of the file that hold something.
        var bytes = 0
        /// Events that were made durable in this run.
        var kept = 0
        /// Why events are not durable now; nil where they are.
        var fault: String?
        /// Whether the publisher waits for the journal.
        var isTrusted = true
    }

    /// Parcels that wait for the disk at most.
    static let parcelsMax = 4_096
    /// Bytes of their events, as they are reckoned.
    static let bytesMax = 16_000_000
    /// Bytes that an event is reckoned with.
    private static let entryBytes = 4_000

    let parcels = BoundedQueue<Parcel>(countMax: parcelsMax, weightMax: bytesMax)
    private let words = Mutex<[Word]>([])
    private let state = Mutex(State())
    private let wakeUp: WakeUp
    /// Tickets given out; the publisher alone asks for them.
    private let tickets = Atomic(0)

    /// A desk that wakes the publisher by `wakeUp`.
    init(wakeUp: WakeUp) { self.wakeUp = wakeUp }

    /// Hands a parcel over; its ticket, or nil where there is no room and nothing of it is kept.
    func offer(
        _ entries: [Entry],
        _ states: [JournalState],
        _ checkpoints: [JournalCheckpoint] = [],
        after position: Int? = nil
    ) -> Int? {
        let ticket = tickets.add(1, ordering: .relaxed).newValue
        let weight =
            entries.count * JournalDesk.entryBytes + states.reduce(0) { $0 + $1.bytes.count }
            + checkpoints.reduce(0) { $0 + $1.bytes.count }
        let parcel = Parcel(
            ticket: ticket,
            entries: entries,
            states: states,
            checkpoints: checkpoints,
            position: position
        )
        return parcels.offer(parcel, weight: weight) ? ticket : nil
    }

    /// Tells the publisher.
    func tell(_ new: [Word]) {
        guard !new.isEmpty else { return }
        words.withLock { $0 += new }
        wakeUp.signal()
    }

    /// What was told since the last call, in its order.
    func takeWords() -> [Word] {
        words.withLock { words in
            defer { words.removeAll() }
            return words
        }
    }

    /// What is known now.
    var current: State { state.withLock { $0 } }

    /// Changes what is known.
    func update(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }
}
