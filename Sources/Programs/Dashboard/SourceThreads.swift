internal import ECGSignal
private import Foundation
internal import Messaging
internal import Threads
internal import Wire
internal import ZeroMQ

/// The threads that read one daemon: its events, its waveforms, what it answers, and its journal.
///
/// They read as any program on the wire does. Each owns its socket, and a daemon that is gone is waited for.
struct SourceThreads: Sendable {
    let number: Int
    let daemon: Dashboard.Daemon
    let hub: Hub
    /// Words for the operator.
    let say: @Sendable (String) -> Void

    /// Milliseconds between two questions to the daemon.
    private static let askEvery = Duration.seconds(2)
    /// How long an answer may take.
    private static let patience = Duration.seconds(2)
    /// How long a thread waits before it looks whether the dashboard ends.
    private static let wait = Duration.milliseconds(200)

    /// Starts them; they end soon after the hub stops.
    func start() throws -> [WorkerThread] {
        [
            try WorkerThread.start(name: "events-\(number)") { attempt("events") { try readEvents() } },
            try WorkerThread.start(name: "waves-\(number)") { attempt("waveforms") { try readWaves() } },
            try WorkerThread.start(name: "asker-\(number)") { attempt("control") { try askOn() } },
            try WorkerThread.start(name: "history-\(number)") {
                attempt("journal") { try SourceHistory(number: number, daemon: daemon, hub: hub).askOn() }
            },
        ]
    }

    private func attempt(_ what: String, _ body: () throws -> Void) {
        do { try body() } catch {
            say(
                "\(what) of daemon \(number + 1) cannot be read any more: \(error); start the dashboard again"
            )
        }
    }

    private func readEvents() throws {
        let kinds: [EventKind] = [.diagnosis, .alarm, .vitals, .tech, .status]
        let context = try Context(security: daemon.security)
        var reader = try EventReader(
            daemon.events,
            prefixes: kinds.map { Topic.allEvents(of: $0) } + [Topic.event(kind: .heartbeat)],
            wards: context.isSecured ? .readable : .one("_"),
            in: context
        )
        while !hub.isStopping {
            let read = try reader.next(timeout: SourceThreads.wait)
            hub.change { board, now in
                reader.rights = board.sources[number].rights
                if let read {
                    if let place = read.journal { board.take(journal: place, from: number) }
                    board.take(event: read.event, missed: read.missed, run: read.run, from: number, at: now)
                }
                board.pass(at: now)
            }
        }
    }

    private func readWaves() throws {
        let context = try Context(security: daemon.security)
        while !hub.isStopping {
            // Where waveforms are to be had is asked for anew whenever the daemon began anew.
            guard let (endpoint, run) = try waves() else {
                Thread.sleep(forTimeInterval: 0.5)
                continue
            }
            var reader = try WaveReader(endpoint, in: context, wakeUp: hub.wakeUps[number])
            while !hub.isStopping, hub.read({ $0.sources[number].run }) == run {
                try reader.look(at: hub.wantedWaves(of: number, asksKeys: context.isSecured))
                try reader.wait(SourceThreads.wait)
                _ = hub.wakeUps[number].reset()
                while let read = try reader.next() { take(read) }
            }
        }
    }

    private func take(_ read: WaveReader.Read) {
        let text = Data(read.bytes).base64EncodedString()
        hub.change { board, now in
            board.take(wave: read.message, of: read.patient, text: text, from: number, at: now)
        }
    }

    /// The endpoint of waveforms in the run that is heard; nil where the daemon does not say.
    private func waves() throws -> (Endpoint, run: String)? {
        guard let run = hub.read({ $0.sources[number].run }) else { return nil }
        do {
            var asker = try ControlAsker(daemon.control, in: try Context(security: daemon.security))
            let hello = try asker.ask(.hello, patience: SourceThreads.patience)
            let rights = HelloReport.readableWaves(in: hello)
            hub.change { board, _ in board.sources[number].waveRights = rights }
            // Where its key reads no waveforms, the daemon would tell of a stranger at that door.
            guard rights?.isEmpty != true, let text = HelloReport.waves(in: hello),
                let endpoint = try? Endpoint(text)
            else { return nil }
            // A daemon that serves every address of its machine is reached where its control is.
            return (daemon.control.host.map { endpoint.reached(at: $0) } ?? endpoint, run)
        } catch is ControlAsker.Failure {
            return nil
        }
    }

    private func askOn() throws {
        let context = try Context(security: daemon.security)
        var asker = try ControlAsker(daemon.control, in: context)
        var run: String?
        while !hub.isStopping {
            do {
                let hello = try asker.ask(.hello, patience: SourceThreads.patience)
                let (rights, waveRights) = (
                    HelloReport.readable(in: hello), HelloReport.readableWaves(in: hello)
                )
                hub.change { board, _ in
                    board.sources[number].rights = rights
                    board.sources[number].waveRights = waveRights
                }
                try askWhatStands(&asker)
                let status = StatusReport(try asker.ask(.status, patience: SourceThreads.patience))
                let streams = try asker.askAllPages(
                    .streams,
                    StreamReport.list,
                    patience: SourceThreads.patience
                )
                hub.change { board, now in
                    board.take(status: status.service, from: number)
                    board.take(streams: streams.map(StreamReport.init), from: number, at: now)
                }
                try askMetrics(&asker)
                if HelloReport.mayReadRoster(in: hello) {
                    try askRoster(&asker)
                } else {
                    hub.change { board, _ in board.take(roster: [], from: number) }
                }
                let heard = hub.read { $0.sources[number].run }
                if heard != run {
                    let labels = try DaemonLabels.ask(&asker, patience: SourceThreads.patience)
                    hub.change { board, _ in
                        board.take(
                            labels: labels.entries,
                            thresholds: labels.thresholds,
                            notLookedFor: labels.notLookedFor,
                            from: number
                        )
                    }
                    run = heard
                }
            } catch is ControlAsker.Failure {
                // Nobody answers: the heartbeats say whether the daemon is there.
                asker = try ControlAsker(daemon.control, in: context)
            }
            rest()
        }
    }

    /// Asks what the daemon counts; one of an earlier version does not know the question, and is asked no less.
    private func askMetrics(_ asker: inout ControlAsker) throws {
        do {
            let told = try asker.askAllPages(
                .metrics,
                MetricsReport.list,
                patience: SourceThreads.patience
            )
            hub.change { board, now in
                board.take(metrics: MetricsReport.metrics(told), from: number, at: now)
            }
        } catch ControlAsker.Failure.refused {}
    }

    /// Asks who lies in which bed; a key without the right to it, or a daemon that does not know the question, tells none.
    private func askRoster(_ asker: inout ControlAsker) throws {
        var beds: [JSONObject] = []
        do {
            beds = try asker.askAllPages(.roster, RosterReport.list, patience: SourceThreads.patience)
        } catch ControlAsker.Failure.refused {}
        hub.change { board, _ in board.take(roster: beds, from: number) }
    }

    /// Asks which alarms stand and what people set.
    private func askWhatStands(_ asker: inout ControlAsker) throws {
        // Events go on meanwhile; what is heard from here on is applied to the answer by its number.
        hub.change { board, _ in board.askStanding(of: number) }
        let pages = try asker.askAllPages(.snapshot, patience: SourceThreads.patience).map(\.object)
        hub.change { board, now in board.take(snapshot: pages, from: number, at: now) }
    }

    /// Rests until the next question is due, or until alarms may be missing.
    private func rest() {
        let end = ContinuousClock.now + SourceThreads.askEvery
        repeat {
            Thread.sleep(forTimeInterval: 0.1)
        } while ContinuousClock.now < end && !hub.isStopping && !hub.read({ $0.mustAskStanding(of: number) })
    }
}
