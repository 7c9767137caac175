internal import ECGSignal

/// Watches whether the wall clock is set while the daemon runs, beside the monotonic one, which nobody can set.
///
/// Nothing is decided by the wall clock, but events are labelled by it: whoever reads the log is to know why times leap. It is
/// told at most every ten seconds, however often the clock is set.
struct WallWatch {
    /// By how much the clocks may part between two looks, nanoseconds; what slews a clock stays far below it.
    static let leap: Int64 = 2_000_000_000
    private static let pause: MonotonicNanoseconds = 10_000_000_000

    /// What the wall clock was ahead of the monotonic one when it was told last, or at first.
    private var ahead: Int64?
    private var quietUntil: MonotonicNanoseconds = .min

    /// The sentence about a clock that was set since the last one; nil where none was, or it was told just now.
    mutating func look(at now: Arrival) -> String? {
        let (offset, isTooFar) = now.utc.subtractingReportingOverflow(now.monotonic)
        guard !isTooFar else { return nil }
        guard let before = ahead else {
            ahead = offset
            return nil
        }
        let (step, isBeyond) = offset.subtractingReportingOverflow(before)
        guard !isBeyond, step.magnitude >= WallWatch.leap.magnitude else {
            // A clock that is slewed drifts off in small steps.
            if !isBeyond { ahead = offset }
            return nil
        }
        guard now.monotonic >= quietUntil else { return nil }
        ahead = offset
        quietUntil = now.monotonic + WallWatch.pause
        let direction = step < 0 ? "back" : "forward"
        return
            "the wall clock was set \(direction) by \(step.magnitude / 1_000_000_000) s; streams that are open keep their time "
            + "line, what comes new is labelled by the clock as it is now"
    }
}
