internal import ECGSignal
public import FrameLog
public import Messaging
internal import Wire
internal import ZeroMQ

/// Sends the messages of a frame log again, as they came and in the order in which they came.
///
/// They keep their ids, epochs and numbers, so a daemon takes them for the same streams; one that knows these streams
/// already takes them for repetitions. A message of too many parts is sent as one of as many empty parts, because a log
/// keeps only the number.
public struct LogResender {
    private let speed: Replayer.Speed
    /// How many messages are sent, and how far into the log they reach.
    public private(set) var progress = Replayer.Progress()

    /// Makes a resender of a speed.
    public init(speed: Replayer.Speed) { self.speed = speed }

    /// Sends what `log` has left, paced by the times at which it came.
    ///
    /// `isInterrupted` is asked, and `report` told, at least every 200 ms.
    /// - Throws: `ZeroMQError`; `FrameLogError` where the log cannot be read any more.
    public mutating func run(
        _ log: inout FrameLogReader,
        over socket: inout GatewaySocket,
        isInterrupted: () -> Bool,
        report: (Replayer.Progress) -> Void
    ) throws -> Replayer.Outcome {
        let pace = Pace(speed)
        var first: MonotonicNanoseconds?
        while let entry = try log.next() {
            guard case .frame(let message, _, _) = entry.content else { continue }
            let begin = first ?? entry.arrival.monotonic
            first = begin
            let due = entry.arrival.monotonic - begin
            while let ahead = pace.timeUntil(due) {
                if isInterrupted() { return .interrupted }
                report(progress)
                try socket.rest(min(ahead, .milliseconds(100)))
            }
            if isInterrupted() { return .interrupted }
            let parts = LogResender.parts(of: message)
            while try !socket.send(parts) {
                if isInterrupted() { return .interrupted }
                progress.isHeldUp = true
                report(progress)
            }
            progress.isHeldUp = false
            progress.chunks += 1
            progress.elapsed = due
            report(progress)
        }
        return .finished
    }

    /// What is sent for a message of the log.
    static func parts(of message: RawMessage) -> [[UInt8]] {
        switch message {
        case .parts(let parts): AcknowledgedChunk(parts: parts)?.unacknowledged ?? parts
        case .tooManyParts(let count):
            [Array(Topic.allData.utf8)] + Array(repeating: [], count: min(max(count, 1), 1_000) - 1)
        }
    }
}
