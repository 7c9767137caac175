internal import ArgumentParser
internal import FrameLog
internal import Gateway
internal import Messaging
internal import Wire
internal import ZeroMQ

/// What `replay` does with a frame log: its messages are sent again.
struct LogResending {
    let endpoint: Endpoint
    let patience: Duration
    let speed: Replayer.Speed
    let isQuiet: Bool

    /// How long the link is kept after the last message, so that a busy daemon still reads it.
    private static let stay = Duration.seconds(3)

    /// Sends the log; nil where all was sent, else the exit code, after the reason was printed.
    func run(_ path: String, in context: Context, _ interruption: Interruption) throws -> ExitCode? {
        var bar = ProgressLine(isQuiet: isQuiet)
        var resender = LogResender(speed: speed)
        do {
            var log = try FrameLogReader(path)
            var socket = try GatewaySocket(endpoint, in: context)
            var wasInterrupted = false
            let missing = try socket.waitForSubscription(to: [Topic.allData], timeout: patience) {
                wasInterrupted = wasInterrupted || interruption.hasCome
                return wasInterrupted
            }
            if wasInterrupted { return Failure.interrupted }
            guard missing.isEmpty else {
                Output.words(
                    "shinden replay: nobody subscribes to \(Topic.allData) at \(endpoint) after \(patience.asSeconds) s; start "
                        + "shinden serve, or give --publish and --wait-seconds"
                )
                return Failure.unavailable
            }
            let outcome = try resender.run(
                &log,
                over: &socket,
                isInterrupted: { interruption.hasCome },
                report: { bar.show(Double($0.elapsed) / 1e9, of: nil) }
            )
            bar.clear()
            try socket.rest(LogResending.stay)
            if !isQuiet {
                Output.words(
                    "\(outcome == .finished ? "Sent" : "Interrupted; sent") \(resender.progress.chunks) messages of the log; "
                        + "shinden streams shows what the daemon has taken"
                )
                for remark in FrameLogPage.remarks(log) { Output.words("\(path): \(remark)") }
            }
            return outcome == .finished ? nil : Failure.interrupted
        } catch let error as FrameLogError {
            bar.clear()
            Output.words("shinden replay: \(error)")
            return Failure.code(of: error)
        }
    }
}
