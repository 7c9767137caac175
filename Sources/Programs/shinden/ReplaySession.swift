internal import ArgumentParser
internal import ECGSignal
internal import Gateway
internal import Messaging
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
    /// A daemon whose link has been away for so long at the end has gone.
    private static let awayMax = Duration.seconds(10)

    /// Sends the plan; returns nil where all was sent, else the exit code, after the reason was printed.
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
        guard missing.isEmpty else { return report(missing.count, of: topics.count, socket.isRefused) }
        var closing = try ClosingWatch(of: plan.streams, at: events, in: context)
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
        } catch {
            bar.clear()
            guard let code = ReplayFault.report(error) else { throw error }
            return code
        }
        bar.clear()
        report(outcome, replayer.progress, of: plan.streams.count, since: start)
        guard outcome == .finished else { return Failure.interrupted }
        let link = socket.link
        var away: ContinuousClock.Instant?
        let end = try closing.wait(patience: .seconds(30)) {
            away = link.stands ? nil : away ?? .now
            return interruption.hasCome
                || away.map { ContinuousClock.now - $0 > ReplaySession.awayMax } ?? false
        }
        try socket.rest(.zero)  // connected until here, so that nothing is cut off
        report(lostLinks: socket.lostLinks, missing: closing.missingChunks)
        if end.saysNothing, !link.stands, !interruption.hasCome {
            Output.words(
                "shinden replay: the daemon at \(endpoint) has gone; what it had taken until then is not known"
            )
            return Failure.unavailable
        }
        let code = report(end, of: plan.streams.count, refusal: closing.refusal)
        return report(flooded: closing.floodedChunks) ?? code
    }

    /// Prints why no daemon takes what would be sent; the exit code.
    private func report(_ missing: Int, of patients: Int, _ isRefused: Bool) -> ExitCode {
        Output.words(
            isRefused
                ? "shinden replay: the daemon at \(endpoint) does not let this key in to send: it is not authorised for "
                    + "that, or was revoked; shinden keys authorise it on the daemon's machine"
                : "shinden replay: \(missing) of \(patients) patients have no subscriber at \(endpoint) after "
                    + "\(patience.asSeconds) s; start shinden serve, or give --publish and --wait-seconds, and to a daemon that "
                    + "asks for keys --key and --server-key"
        )
        return Failure.unavailable
    }

    /// Prints what came faster than the daemon takes it; the exit code where anything did.
    private func report(flooded count: Int64) -> ExitCode? {
        guard count > 0 else { return nil }
        Output.words(
            "shinden replay: the daemon refused \(count) of the messages, which came faster than it takes them for long "
                + "(FLOOD), and has not analysed them; choose a lower --speed, or start it with --ingest-speed-max max"
        )
        return ExitCode(1)
    }

    /// Prints what was sent.
    private func report(
        _ outcome: Replayer.Outcome,
        _ progress: Replayer.Progress,
        of patients: Int,
        since start: ContinuousClock.Instant
    ) {
        if isQuiet { return }
        let seconds = start.duration(to: .now).asSeconds
        let signal = Duration.nanoseconds(progress.elapsed).asSeconds
        Output.words(
            "\(outcome == .finished ? "Sent" : "Interrupted; sent") \(progress.chunks) messages with "
                + "\(progress.samples) samples of \(patients == 1 ? "1 patient" : "\(patients) patients"), "
                + "\(signal) s of signal in \(seconds) s."
        )
    }

    /// Prints what may have been lost on the way.
    private func report(lostLinks: Int, missing: Int64) {
        if lostLinks > 0 {
            Output.words(
                "shinden replay: the link to the daemon was lost \(lostLinks == 1 ? "once" : "\(lostLinks) times"); "
                    + "what was on its way then may be lost: shinden streams shows what the daemon has"
            )
        }
        if missing > 0 { Output.words("shinden replay: the daemon misses \(missing) of the messages") }
    }

    /// Prints whether the daemon has had the end of each stream; returns the exit code where it has not.
    private func report(_ end: ClosingWatch.Outcome, of count: Int, refusal: String?) -> ExitCode? {
        switch end {
        case .complete:
            if !isQuiet {
                let streams = count == 1 ? "the stream" : "each of the \(count) streams"
                Output.words("The daemon has had the last message of \(streams).")
            }
            return nil
        case .unknown:
            if !isQuiet { Output.words("No events at \(events): what the daemon has taken is not known.") }
            return nil
        case .incomplete(let open, let reasons):
            var parts: [String] = []
            if open > 0 { parts.append("\(open) are not at their end there") }
            for reason in Set(reasons).sorted() {
                parts.append("\(reasons.count { $0 == reason }) were closed for another reason (\(reason))")
            }
            Output.words(
                "shinden replay: the daemon has not had the last message of \(open + reasons.count) of \(count) streams: "
                    + "\(parts.joined(separator: ", ")). All was sent; shinden streams shows what has arrived, "
                    + "shinden status what was refused"
            )
            if let refusal { Output.words("shinden replay: the daemon refused messages: \(refusal)") }
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
