internal import Findings
internal import Journal

/// What is still to be written into the journal: parcels in their order, bounded, and of each patient and device the newest
/// state, which is never let go of.
///
/// While a disk fails this grows to its bound, and then the oldest events go: they have been published, as not durable.
struct JournalBacklog {
    /// Events that are held at most.
    static let eventsMax = 4_096

    /// The events, oldest first.
    private(set) var entries: [JournalDesk.Entry] = []
    /// The newest states.
    private var states: [Sender: JournalState] = [:]
    /// Checkpoints that go with what is written next; a disk that fails takes none.
    private(set) var checkpoints: [JournalCheckpoint] = []
    /// Events that were let go of since the journal could last be written.
    private(set) var lost = 0
    /// Events that were let go of since writing was last tried.
    private var lostSinceTry = 0

    /// Whether there is nothing to write.
    var isEmpty: Bool { entries.isEmpty && states.isEmpty && checkpoints.isEmpty }

    /// Takes events and states.
    mutating func take(
        _ new: [JournalDesk.Entry],
        _ newStates: [JournalState],
        _ newCheckpoints: [JournalCheckpoint] = []
    ) {
        entries += new
        checkpoints += newCheckpoints
        for state in newStates {
            states[Sender(patient: state.patient, device: state.device)] = state
        }
    }

    /// All states, by patient and device.
    var newestStates: [JournalState] {
        states.values.sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }
    }

    /// Everything is on the disk.
    mutating func wasWritten() {
        entries.removeAll(keepingCapacity: true)
        states.removeAll()
        checkpoints.removeAll(keepingCapacity: true)
        lost = 0
    }

    /// Writing is tried now.
    mutating func willBeTried() { lostSinceTry = 0 }

    /// What goes beyond the bound is let go of.
    mutating func bound() {
        checkpoints.removeAll()
        let over = entries.count - JournalBacklog.eventsMax
        guard over > 0 else { return }
        entries.removeFirst(over)
        lost += over
        lostSinceTry += over
    }

    /// The journal was opened anew and has `count` events more than were known of: the transaction that was tried last is in
    /// it, although it ended in an error, and its events were the oldest ones.
    mutating func found(_ count: Int64) {
        let there = Int(clamping: count) - lostSinceTry
        if there > 0 { entries.removeFirst(min(there, entries.count)) }
        lostSinceTry = 0
    }
}
