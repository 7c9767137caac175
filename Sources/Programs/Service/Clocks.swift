internal import ECGSignal
private import Foundation

/// The two clocks of this machine; the only place of the daemon that reads them for decisions.
struct Clocks: Sendable {
    private let start = ContinuousClock.now

    /// Both at this moment.
    var now: Arrival { Arrival(utc: Clocks.utc, monotonic: monotonic) }

    /// Nanoseconds since the daemon began.
    var monotonic: MonotonicNanoseconds {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The wall clock, to the microsecond.
    static var utc: UTCNanoseconds { UTCNanoseconds(Date().timeIntervalSince1970 * 1e6) * 1_000 }
}
