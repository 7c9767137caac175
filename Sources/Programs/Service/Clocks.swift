internal import ECGSignal
private import Foundation

/// The two clocks of this machine; the only place of the daemon that reads them for decisions.
struct Clocks: Sendable {
    private let start = ContinuousClock.now
    /// What the clock read when the daemon began.
    private let begin: MonotonicNanoseconds

    /// The clocks of a run after one whose newest entry came at `end`: they go on from there by as much as the wall clock says
    /// has passed, at most a day.
    init(after end: Arrival? = nil) {
        let passed = end.map { min(max(0, Clocks.utc - $0.utc), 86_400_000_000_000) } ?? 0
        begin = (end?.monotonic ?? 0) + passed
    }

    /// Both at this moment.
    var now: Arrival { Arrival(utc: Clocks.utc, monotonic: monotonic) }

    /// Nanoseconds of a clock that never falls, in the run at hand and from the one before on.
    var monotonic: MonotonicNanoseconds { begin + sinceStart }

    /// Nanoseconds since the daemon began.
    var sinceStart: MonotonicNanoseconds {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The wall clock, to the microsecond.
    static var utc: UTCNanoseconds { UTCNanoseconds(Date().timeIntervalSince1970 * 1e6) * 1_000 }
}
