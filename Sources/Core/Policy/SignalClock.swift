internal import ECGSignal
internal import Findings

/// The signal time of one patient: the samples of the patient's streams, one after the other.
///
/// A new epoch counts its samples from a new origin; the clock goes on where it stood, because nobody knows how long the
/// time between two epochs was. The wall clock is never read, so its jumps move labels only.
struct SignalClock: Sendable, Equatable, Codable {
    /// What a moment is to the clock.
    enum Turn: Equatable {
        /// The stream goes on.
        case onward
        /// A newer stream of the device begins.
        case newStream
        /// The moment belongs to a stream that a newer one has replaced.
        case replaced
    }

    /// Samples of 2 ms that have passed.
    private(set) var now: Int64 = 0
    /// The newest moment; nil before the first.
    private(set) var moment: StreamMoment?
    private var replaced: StreamIdentity?
    /// Whether nobody has followed the stream since the newest moment, so that what comes next is a begin.
    private var isInterrupted = false

    /// A clock before the first moment.
    init() {}

    /// A clock that goes on from what it read; the time until the next moment counts as none.
    init(resumingAt now: Int64, _ moment: StreamMoment?) {
        self.now = now
        self.moment = moment
        isInterrupted = moment != nil
    }

    /// What `moment` is to the clock.
    func turn(at moment: StreamMoment) -> Turn {
        guard let newest = self.moment else { return .onward }
        guard newest.stream != moment.stream else { return isInterrupted ? .newStream : .onward }
        return moment.stream == replaced ? .replaced : .newStream
    }

    /// How far the clock stands once it has come to `moment` of the stream it follows.
    func reading(at moment: StreamMoment) -> Int64 {
        guard let newest = self.moment, newest.stream == moment.stream, !isInterrupted else { return now }
        return now + max(0, moment.sample - newest.sample)
    }

    /// Goes on to `moment`.
    mutating func advance(to moment: StreamMoment) {
        if let newest = self.moment {
            if newest.stream != moment.stream {
                replaced = newest.stream
            } else if moment.sample < newest.sample, !isInterrupted {
                return
            }
        }
        now = reading(at: moment)
        self.moment = moment
        isInterrupted = false
    }

    /// The moment at which the clock read, or will read, `reading`, in the stream that it follows.
    func moment(at reading: Int64) -> StreamMoment? {
        guard let moment else { return nil }
        let passed = reading - now
        return StreamMoment(
            stream: moment.stream,
            sample: moment.sample + passed,
            // A grid sample lasts 2 ms.
            time: moment.time &+ passed &* 2_000_000
        )
    }

    /// What the clock read at a sample of the stream that it follows.
    func reading(at sample: GridIndex) -> Int64 {
        guard let moment else { return now }
        return now - (moment.sample - sample)
    }
}
