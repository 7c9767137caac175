internal import ECGSignal

/// Which frame made a window whole: when it was due is what the window's latency is counted from.
///
/// A frame may make several windows whole, and newer frames may have come before they are encoded; so each advance of
/// the rows that are final is kept with the frame that caused it until the windows up to there have been cut.
struct CompletingFrames: Sendable, Codable {
    private struct Advance: Sendable, Codable {
        let ready: GridIndex
        /// Nil where a silence or a close caused it and no frame did.
        let frame: Arrival?
    }

    /// How far each frame brought the stream, in ascending order.
    private var advances: [Advance] = []
    private var newestReady: GridIndex = 0
    private var newestFrame: Arrival?
    private var newestFrameDue: Arrival?
    private var newestCause: Arrival?

    /// Rows below `ready` are final after the frame of `arrival` was taken, which was due at `due` or then.
    mutating func note(frameAt arrival: Arrival, due: MonotonicNanoseconds, ready: GridIndex) {
        newestFrame = arrival
        newestFrameDue = Arrival(utc: arrival.utc, monotonic: min(due, arrival.monotonic))
        note(newestFrameDue, ready)
    }

    /// Rows below `ready` are final after a silence or a close at `arrival`; a close may be a frame's own doing.
    mutating func note(endAt arrival: Arrival, ready: GridIndex) {
        note(arrival == newestFrame ? newestFrameDue : nil, ready)
    }

    private mutating func note(_ cause: Arrival?, _ ready: GridIndex) {
        newestCause = cause
        guard ready > newestReady else { return }
        newestReady = ready
        advances.append(Advance(ready: ready, frame: cause))
    }

    /// No window ends before `end` any more.
    mutating func forget(before end: GridIndex) {
        let kept = advances.firstIndex { $0.ready >= end } ?? advances.count
        advances.removeFirst(kept)
    }

    /// Nothing that was noted completes a window.
    mutating func forgetAll() { advances.removeAll(keepingCapacity: true) }

    /// The stream begins anew.
    mutating func restart() { self = CompletingFrames() }

    /// How many advances are kept.
    var count: Int { advances.count }

    /// The frame that made the window up to `end` whole; a window that is judged although it is not whole was made
    /// so by what came last.
    func frame(completing end: GridIndex) -> Arrival? {
        guard let advance = advances.first(where: { $0.ready >= end }) else { return newestCause }
        return advance.frame
    }
}
