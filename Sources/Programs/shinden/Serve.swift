internal import ArgumentParser
private import Foundation
internal import Messaging
internal import Service

/// Runs the daemon until SIGINT or SIGTERM.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Run the daemon: take lead frames, publish diagnosis events. Research software, not a medical device.",
        discussion: """
            Flags go before SHINDEN_ variables, those before --config FILE (YAML), that before the defaults. Only \
            loopback and ipc endpoints are served until connections are authenticated.

            EXAMPLES
              shinden serve
              shinden serve --hop 160 --streams-max 50
              shinden serve --bind-subscribe tcp://127.0.0.1:9001 \\
                --events tcp://127.0.0.1:9002 --control tcp://127.0.0.1:9003
              shinden serve --print-config > shinden.yaml
              shinden serve --config shinden.yaml
            """
    )

    @Option(help: "Connect to publishers at this endpoint; may be given again.") var subscribe: [String] = []
    @Option(help: "Endpoint that gateways connect to (default \(DefaultEndpoints.frames)).")
    var bindSubscribe: String?
    @Option(help: "Endpoint of the events (default \(DefaultEndpoints.events)).") var events: String?
    @Option(help: "Endpoint of control requests (default \(DefaultEndpoints.control)).") var control: String?
    @Option(help: "The folder of the model (default Models/default).") var model: String?
    @Option(help: "Grid samples (1/500 s) between windows; a multiple of 32 (default 512).") var hop: String?
    @Option(help: "Open streams at most (default 1000).") var streamsMax: String?
    @Option(help: "Seconds without a frame after which a stream is closed (default 60).") var idleSeconds:
        String?
    @Option(help: "Threads that encode (default: one a core).") var workers: String?
    @Option(help: "Name of this node in the events' source (default local).") var node: String?
    @Option(help: "error, warning, info or debug (default info).") var logLevel: String?
    @Option(help: "A YAML file of these keys.") var config: String?
    @Flag(help: "Print the configuration in force as YAML and end.") var printConfig = false

    func run() throws {
        let settings: Configuration
        do { settings = try layered() } catch {
            Output.words("shinden serve: \(error)")
            throw Failure.configuration
        }
        if printConfig {
            Output.data(settings.yaml)
            return
        }
        let signals = TerminationSignals()
        let (model, name) = try ModelOption.load(settings.model)
        let log = Log(level: settings.logLevel)
        let daemon: Daemon
        do throws(Daemon.StartFailure) {
            daemon = try Daemon(settings, model: model, named: name, log: log)
        } catch {
            Output.words("shinden serve: \(error)")
            switch error {
            case .unavailable: throw Failure.unavailable
            case .configuration: throw Failure.configuration
            }
        }
        signals.wait()
        log.say(.info, "stopping: what was received is analysed and sent")
        guard signals.finish(within: .milliseconds(4_500), { daemon.drain() }) else {
            log.say(.error, "not everything received was analysed within 4.5 s")
            Shinden.exit(withError: ExitCode(1))
        }
        if let fault = daemon.fault {
            log.say(.error, "\(fault); start it again")
            throw ExitCode(1)
        }
    }

    private func layered() throws -> Configuration {
        var settings = Configuration()
        let environment = ProcessInfo.processInfo.environment
        if let file = config ?? environment[Configuration.environmentPrefix + "CONFIG"] {
            try settings.read(file: file)
        }
        try settings.read(environment: environment)
        let flags: [(String, String?)] = [
            ("subscribe", subscribe.isEmpty ? nil : subscribe.joined(separator: ",")),
            ("bind-subscribe", bindSubscribe), ("events", events), ("control", control), ("model", model),
            ("hop", hop), ("streams-max", streamsMax), ("idle-seconds", idleSeconds), ("workers", workers),
            ("node", node), ("log-level", logLevel),
        ]
        for case (let key, let text?) in flags { try settings.set(key, to: text, source: "--\(key)") }
        return settings
    }
}
