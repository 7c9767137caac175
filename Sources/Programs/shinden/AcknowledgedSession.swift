internal import ArgumentParser
internal import ECGSignal
internal import Gateway
internal import ZeroMQ

/// One replay of which nothing is lost, from the first word to the last acknowledgement.
struct AcknowledgedSession {
    let endpoint: Endpoint
    let speed: Replayer.Speed
    /// How long it waits for anything to be acknowledged.
    let patience: Duration
    let isQuiet: Bool

    /// Sends the plan; returns nil where all is acknowledged, else the exit code, after the reason was printed.
    func run(_ plan: ReplayPlan, in context: Context, _ interruption: Interruption) throws -> ExitCode? {
        var plan = plan
        var replayer = AcknowledgedReplayer(speed: speed, patience: patience)
        let start = ContinuousClock.now
        var bar = ProgressLine(isQuiet: isQuiet)
        let total = plan.duration.map { Double($0) / 1e9 }
        let outcome: AcknowledgedReplayer.Outcome
        do {
            outcome = try replayer.run(
                &plan,
                to: endpoint,
                in: context,
                isInterrupted: { interruption.hasCome },
                report: { bar.show(Double($0.elapsed) / 1e9, of: total, "") }
            )
        } catch {
            bar.clear()
            guard let code = ReplayFault.report(error) else { throw error }
            return code
        }
        bar.clear()
        let progress = replayer.progress
        if !isQuiet {
            Output.words(
                "\(progress.durable) of \(progress.chunks) messages with \(progress.samples) samples of "
                    + "\(plan.streams.count == 1 ? "1 patient" : "\(plan.streams.count) patients") acknowledged in "
                    + "\(start.duration(to: .now).asSeconds) s; \(progress.resent) sent again, \(progress.reconnects) new "
                    + "connections."
            )
        }
        if !isQuiet, let reason = progress.pauseReason {
            Output.words(
                "The daemon put messages off \(progress.pauses == 1 ? "once" : "\(progress.pauses) times"), and they were "
                    + "sent again (\(reason))."
            )
        }
        if let refusal = progress.refusal {
            Output.words("shinden replay: the daemon refused messages: \(refusal)")
        }
        return code(of: outcome)
    }

    private func code(of outcome: AcknowledgedReplayer.Outcome) -> ExitCode? {
        switch outcome {
        case .acknowledged: return nil
        case .interrupted: return Failure.interrupted
        case .refused(let reason):
            Output.words("shinden replay: the daemon refuses a stream: \(reason)")
            return ExitCode(1)
        case .unacknowledged(_, isHeard: false):
            Output.words(
                "shinden replay: no daemon answers at \(endpoint) for \(patience.asSeconds) s; start shinden serve with "
                    + "--ingest and --state, or give --publish and --wait-seconds"
            )
            return Failure.unavailable
        case .unacknowledged(let chunks, isHeard: true):
            Output.words(
                "shinden replay: the daemon is there, and \(chunks) messages are not acknowledged; nothing was for "
                    + "\(patience.asSeconds) s: look at its disk and at its record_failed"
            )
            return ExitCode(1)
        }
    }
}
