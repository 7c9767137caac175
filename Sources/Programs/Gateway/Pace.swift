internal import ECGSignal

/// When stream time is due, from the moment that this value was made.
struct Pace {
    private let speed: Replayer.Speed
    private let start = ContinuousClock.now

    /// Begins at stream time 0, now.
    init(_ speed: Replayer.Speed) { self.speed = speed }

    /// How long it is until `due` nanoseconds of stream time; nil where that is past already.
    func timeUntil(_ due: MonotonicNanoseconds) -> Duration? {
        guard case .times(let factor) = speed else { return nil }
        let ahead = ContinuousClock.now.duration(to: start + .nanoseconds(due) / factor)
        return ahead > .zero ? ahead : nil
    }
}
