internal import ECGSignal
internal import Wire

/// Decides when the daemon beats and which beats name every topic.
///
/// Readers count what they missed from these two promises: a beat a second, and among any
/// `ServiceEventFormat.beatsAFullOne` beats in a row one that names every topic with its newest number.
struct HeartbeatSchedule: Sendable {
    /// What a beat names.
    enum Beat: Sendable, Equatable {
        /// Every topic of the run.
        case full
        /// The topics that had news since the beat before.
        case news
    }

    /// Nanoseconds from one beat to the next.
    static let interval: MonotonicNanoseconds = 1_000_000_000

    private var next: MonotonicNanoseconds = 0
    private var beats = 0

    /// Nanoseconds until the next beat is due; 0 where it is due already.
    func wait(at now: MonotonicNanoseconds) -> MonotonicNanoseconds { max(0, next - now) }

    /// The beat that is due; nil where none is.
    ///
    /// `isLast` makes one due, so that the end names what is new.
    mutating func beat(at now: MonotonicNanoseconds, isLast: Bool = false) -> Beat? {
        guard isLast || now >= next else { return nil }
        next = now + HeartbeatSchedule.interval
        defer { beats += 1 }
        return beats.isMultiple(of: ServiceEventFormat.beatsAFullOne) ? .full : .news
    }
}
