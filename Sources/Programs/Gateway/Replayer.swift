public import ECGSignal
internal import Findings
public import Messaging
internal import Wire
internal import ZeroMQ

/// Sends a plan at a pace; the plan has decided what is sent and when.
///
/// It never drops: where the daemon has no room it asks again, so at full speed the daemon's pace is the flow control.
public struct Replayer {
    /// How fast stream time passes.
    public enum Speed: Sendable, Equatable {
        /// This many times as fast as the patients' own time.
        case times(Double)
        /// As fast as the daemon takes the messages.
        case max
    }

    /// How far it has come.
    public struct Progress: Sendable, Equatable {
        /// How many messages are sent.
        public var chunks = 0
        /// How many samples are sent, over all leads.
        public var samples = 0
        /// How many nanoseconds of the plan are sent.
        public var elapsed: MonotonicNanoseconds = 0
        /// Whether the daemon had no room for the message at hand.
        public var isHeldUp = false
    }

    /// How a replay ended.
    public enum Outcome: Sendable, Equatable {
        /// Everything was sent.
        case finished
        /// It was told to stop.
        case interrupted
    }

    private let speed: Speed
    /// How far it has come.
    public private(set) var progress = Progress()

    /// Makes a replayer of a speed.
    public init(speed: Speed) { self.speed = speed }

    /// Sends what `plan` has left; paced on a monotonic clock by sample index, so that no delay adds up.
    ///
    /// `isInterrupted` is asked, and `report` told, at least every 200 ms.
    /// - Throws: `ZeroMQError`; `Refusal` where a chunk cannot stand on the wire; `RecordingError` where a recording
    ///   cannot be read any more.
    public mutating func run(
        _ plan: inout ReplayPlan,
        over socket: inout GatewaySocket,
        isInterrupted: () -> Bool,
        report: (Progress) -> Void
    ) throws -> Outcome {
        let pace = Pace(speed)
        while let step = try plan.next() {
            let frames = try ChunkEncoder.frames(step.chunk)
            while let ahead = pace.timeUntil(step.due) {
                if isInterrupted() { return .interrupted }
                report(progress)
                try socket.rest(min(ahead, .milliseconds(100)))
            }
            if isInterrupted() { return .interrupted }
            while try !socket.send(frames) {
                if isInterrupted() { return .interrupted }
                progress.isHeldUp = true
                report(progress)
            }
            progress.isHeldUp = false
            progress.chunks += 1
            progress.samples += step.chunk.leads.reduce(0) { $0 + $1.samples.count }
            progress.elapsed = step.due
            report(progress)
        }
        return .finished
    }
}
