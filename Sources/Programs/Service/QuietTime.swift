internal import ECGSignal
private import Synchronization

/// When the sockets were last seen empty; a daemon that was itself stopped has not looked for that long.
final class QuietTime: Sendable {
    /// An empty socket is believed for so long: many times what a poll takes.
    private static let validNanoseconds: MonotonicNanoseconds = 500_000_000
    private static let never = MonotonicNanoseconds.min / 2
    private let last = Atomic(QuietTime.never)

    /// Nothing was there at `time`.
    func note(_ time: MonotonicNanoseconds) { last.store(time, ordering: .releasing) }

    /// Something came.
    func end() { last.store(QuietTime.never, ordering: .releasing) }

    /// Whether nothing waited a moment before `time`.
    func isQuiet(at time: MonotonicNanoseconds) -> Bool {
        time - last.load(ordering: .acquiring) < QuietTime.validNanoseconds
    }
}
