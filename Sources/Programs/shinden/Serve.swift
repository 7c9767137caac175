internal import ArgumentParser
private import Foundation
private import Logging
private import Machine
internal import Messaging
internal import Service

/// Runs the daemon until SIGINT, SIGTERM, or SIGHUP where no files are to be read again.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run the daemon: take lead frames, publish diagnosis events. Research software, not a medical device.",
        discussion: """
            Flags go before SHINDEN_ variables (--streams-max is SHINDEN_STREAMS_MAX; an empty variable counts as not \
            set), those before --config FILE (YAML), that before the defaults. Without --keys only loopback and ipc \
            endpoints are served, and whoever reaches them is let in.

            The log on stderr has a line for each stream that opens, closes or falls silent, for input that is \
            refused (the first at once, then every 10 s with counts) and for each link that is lost. Patients and \
            devices stand in it as hashes that hold for one run; shinden streams shows which is whose.

            SIGTERM, Ctrl-C or the end of its terminal (SIGHUP; not under nohup) stops it: what was received is \
            analysed and sent within --stop-seconds. A second signal, later than 0.2 s after the first, ends it at once.

            --policy FILE is what a ward sets for its alarms. With it, SIGHUP does not stop the daemon: it reads the file \
            again. Alarms that stand, stand on; where the file is refused, the log says why and the policy that was in \
            force stays.

            --keys DIR holds the daemon's key and the file of who may come in (shinden keys). With it every endpoint is \
            encrypted and asks for a key, on loopback too, and any address may be served. Before it is ready the daemon \
            knocks at each endpoint with a key that nobody knows, and does not start where it is let in. SIGHUP reads \
            the file again: no stream is lost, and a key that was revoked is cut off.

            --ingest ENDPOINT takes gateways whose chunks are acknowledged, with --state DIR, where the log of them is \
            kept: a chunk that was acknowledged outlives the daemon (--ack process) or a loss of power too (--ack power). \
            After a restart with the same folder the daemon knows what it has, and gateways send the rest. A disk that \
            fails ends the acknowledgements, not the daemon.

            --record keeps what came, in the order in which it was decided on: shinden classify goes through it \
            again and gives the same events, shinden inspect shows what is in it, shinden replay sends it. A \
            12-lead patient takes 1.04 GB a day at 500 Hz as INT16. Files are readable by their owner alone, and \
            patients' names and signals stand in them as they are. A disk that fails ends the log, not the daemon: \
            a technical event says so, and the daemon ends with 74 when it is stopped.

            Started by systemd (Type=notify) it tells that it is ready and, with WatchdogSec=, once a second that what comes \
            in goes all the way to the events; SIGHUP then never stops it.

            shinden doctor with the same flags tells what of all that stands in the way.

            EXAMPLES
              shinden serve
              shinden serve --hop 160 --streams-max 50
              shinden serve --bind-subscribe tcp://127.0.0.1:9001 \\
                --events tcp://127.0.0.1:9002 --control tcp://127.0.0.1:9003
              shinden serve --print-config > shinden.yaml
              shinden serve --config shinden.yaml
              shinden serve --log-format json 2>> shinden.log
              shinden serve --record LOGS --record-hours 2
              shinden serve --state STATE --ingest \(DefaultEndpoints.ingest)
              shinden serve --policy ward.yaml           kill -HUP PID reads it again
              shinden serve --keys KEYS --bind-subscribe 'tcp://*:7201' \\
                --events 'tcp://*:7202' --control 'tcp://*:7203'

            EXIT CODES
              0 stopped, all analysed  1 not all, a part failed, or a stranger was let in
              64 usage
              69 endpoint taken  74 frame log not written to its end
              78 configuration, model, keys or log folder
            """
    )

    @OptionGroup var keys: ConfigurationFlags
    @Option(help: "A YAML file of these keys (default $SHINDEN_CONFIG).", completion: .file()) var config:
        String?
    @Flag(help: "Print the configuration in force as YAML and end.") var printConfig = false

    func run() throws {
        let settings: Configuration
        do { settings = try keys.layered(over: config) } catch {
            Output.words("shinden serve: \(error)")
            throw Failure.configuration
        }
        if printConfig {
            Output.data(settings.yaml)
            return
        }
        let signals = TerminationSignals()
        OpenFiles.raise()
        let begin = ContinuousClock.now
        let (model, name) = try ModelOption.load(settings.model)
        let loading = begin.duration(to: .now)
        let words = LineWriter()
        let log = LineLogHandler.logger(
            level: settings.logLevel,
            format: settings.logFormat,
            writer: words
        )
        log.debug("start: model \(Int(loading / .milliseconds(1))) ms")
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let daemon = try started {
            () throws(Daemon.StartFailure) in
            try Daemon(settings, model: model, named: name, log: log, words: words, manager: manager)
        }
        // A manager has words of its own for the end, so its SIGHUP is never one.
        let hasFiles = !settings.policy.isEmpty || !settings.keys.isEmpty || manager != nil
        while signals.wait() == .hangUp, hasFiles { daemon.reload() }
        log.info("stopping: what was received is analysed and sent")
        // A tenth is kept back for the end of the process itself.
        let limit = Duration.seconds(settings.stopSeconds) * 9 / 10
        switch signals.finish(within: limit, { daemon.drain() }) {
        case .finished: break
        case .outOfTime:
            log.error(
                "not everything received was analysed within \(limit.asSeconds) s; raise --stop-seconds"
            )
            Shinden.exit(withError: ExitCode(1))
        case .secondSignal:
            log.error("ended at once by a second signal; not everything received was analysed")
            Shinden.exit(withError: ExitCode(1))
        }
        if let fault = daemon.fault {
            log.error("\(fault); start it again")
            throw ExitCode(1)
        }
        if let fault = daemon.recordFault {
            log.error("not all was recorded: \(fault)")
            throw Failure.inputOutput
        }
    }

    /// The daemon, or the exit code of why it did not start, after that was said.
    private func started(_ start: () throws(Daemon.StartFailure) -> Daemon) throws -> Daemon {
        do throws(Daemon.StartFailure) { return try start() } catch {
            Output.words("shinden serve: \(error)")
            switch error {
            case .unavailable: throw Failure.unavailable
            case .configuration: throw Failure.configuration
            case .insecure: throw ExitCode(1)
            }
        }
    }
}
