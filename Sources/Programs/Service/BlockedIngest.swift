internal import ECGSignal
internal import Findings
internal import Pipeline

/// Tells that the sockets could not be read for a second, because what had been read was not taken yet.
struct BlockedIngest: Sendable {
    /// A wait as long as this is told.
    static let longest: MonotonicNanoseconds = 1_000_000_000
    /// Without such a wait for so long it is over.
    static let calm: MonotonicNanoseconds = 10_000_000_000

    private var counter = TechnicalCounter(.endpoint("ingest"))
    private var lastLong: MonotonicNanoseconds?

    /// An entry was handed on from `begin` to `end`; the event to publish, if it shows something new.
    mutating func note(from begin: MonotonicNanoseconds, to end: Arrival) -> Event? {
        if end.monotonic - begin >= BlockedIngest.longest {
            let isNew = lastLong == nil
            lastLong = end.monotonic
            return isNew
                ? report(
                    .start,
                    .medium,
                    "the sockets were not read for 1 s; give fewer streams or more cores",
                    end
                ) : nil
        }
        guard let last = lastLong, end.monotonic - last >= BlockedIngest.calm else { return nil }
        lastLong = nil
        return report(.end, .info, "the sockets are read without a wait again", end)
    }

    private mutating func report(
        _ phase: TechnicalEvent.Phase,
        _ priority: TechnicalEvent.Priority,
        _ detail: String,
        _ now: Arrival
    ) -> Event {
        counter.report(.overload, phase, priority: priority, firstSample: nil, detail: detail, at: now)
    }
}
