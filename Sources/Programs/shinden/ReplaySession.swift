internal import ArgumentParser
internal import ECGSignal
internal import Gateway
internal import Messaging
internal import Recordings
internal import Wire
internal import ZeroMQ

/// One replay from the daemon's subscription to the last word.
struct ReplaySession {
    let endpoint: Endpoint
    /// Where the daemon tells that it has a stream to its end.
    let events: Endpoint
    let patience: Duration
    let replayer: Replayer
    let isQuiet: Bool

    /// Nil where all was sent; else the exit code, the reason having been said.
    func run(_ plan: ReplayPlan, in context: Context, _ interruption: Interruption) throws -> ExitCode? {
        var plan = plan
        var replayer = replayer
        var socket = try GatewaySocket(endpoint, in: context)
        let topics = plan.streams.compactMap { Topic(patient: $0.patient, device: $0.device)?.text }
        var wasInterrupted = false
        let missing = try socket.waitForSubscription(to: topics, timeout: patience) {
            wasInterrupted = wasInterrupted || interruption.hasCome
            return wasInterrupted
        }
        if wasInterrupted { return Failure.interrupted }
        guard missing.isEmpty else {
            Output.words(
                "shinden replay: \(missing.count) of \(topics.count) patients have no subscriber at \(endpoint) after "
                    + "\(patience.asSeconds) s; start shinden serve, or give --publish and --wait-seconds"
            )
            return Failure.unavailable
        }
        var receipt = try Receipt(of: plan.streams, at: events, in: context)
        let start = ContinuousClock.now
        var bar = ProgressLine(isQuiet: isQuiet)
        let total = plan.duration.map { Double($0) / 1e9 }
        let outcome: Replayer.Outcome
        do {
            outcome = try replayer.run(
                &plan,
                over: &socket,
                isInterrupted: { interruption.hasCome },
                report: { bar.show($0, of: total) }
            )
        } catch let refusal as Refusal {
            bar.clear()
            Output.words(
                "shinden replay: \(refusal.detail) (\(refusal.code.rawValue)); choose another --encoding"
            )
            return Failure.data
        } catch let error as RecordingError {
            bar.clear()
            Output.words("shinden replay: \(error)")
            return Failure.code(of: error)
        }
        bar.clear()
        if !isQuiet {
            let progress = replayer.progress
            let seconds = start.duration(to: .now).asSeconds
            let signal = Duration.nanoseconds(progress.elapsed).asSeconds
            Output.words(
                "\(outcome == .finished ? "Sent" : "Interrupted; sent") \(progress.chunks) messages with "
                    + "\(progress.samples) samples of \(plan.streams.count == 1 ? "1 patient" : "\(plan.streams.count) patients"), \(signal) s of signal in \(seconds) s."
            )
        }
        guard outcome == .finished else { return Failure.interrupted }
        let end = try receipt.wait(patience: .seconds(30)) { interruption.hasCome }
        try socket.rest(.zero)  // connected until here, so that nothing is cut off
        return say(end, of: plan.streams.count)
    }

    private func say(_ end: Receipt.Outcome, of count: Int) -> ExitCode? {
        switch end {
        case .complete:
            if !isQuiet {
                Output.words("The daemon has closed \(count == 1 ? "the stream" : "all \(count) streams").")
            }
            return nil
        case .unknown:
            if !isQuiet { Output.words("No events at \(events): what the daemon has taken is not known.") }
            return nil
        case .open(let open):
            Output.words(
                "shinden replay: the daemon has not closed \(open) of \(count) streams; see its STREAMS"
            )
            return ExitCode(1)
        }
    }
}

extension ProgressLine {
    /// Draws how far a replay has come of `total` seconds.
    fileprivate mutating func show(_ progress: Replayer.Progress, of total: Double?) {
        show(
            Double(progress.elapsed) / 1e9,
            of: total,
            progress.isHeldUp ? "  (the daemon has no room; waiting)" : ""
        )
    }
}

extension Duration {
    /// Seconds with one decimal.
    var asSeconds: String {
        let (seconds, attoseconds) = components
        return "\(seconds).\(attoseconds / 100_000_000_000_000_000)"
    }
}
