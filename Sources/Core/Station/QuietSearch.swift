public import ECGSignal

/// Tells an empty socket from one that libzmq has not filled yet, after the daemon itself was held up.
public struct QuietSearch: Sendable {
    /// No look for so long: the daemon was stopped, or waited for room in the ring.
    public static let heldUpNanoseconds: MonotonicNanoseconds = 200_000_000
    /// What libzmq is then given to read what waits in the kernel.
    public static let graceNanoseconds: MonotonicNanoseconds = 200_000_000

    private var lastLook: MonotonicNanoseconds?
    private var heldUpUntil: MonotonicNanoseconds = 0

    /// Has not looked yet.
    public init() {}

    /// Whether nothing waited at `time`; busy sockets are empty many times a second too.
    public mutating func look(at time: MonotonicNanoseconds, isEmpty: Bool) -> Bool {
        if let lastLook, time - lastLook > QuietSearch.heldUpNanoseconds { heldUpUntil = time }
        lastLook = time
        return isEmpty && time - heldUpUntil > QuietSearch.graceNanoseconds
    }
}
