internal import ArgumentParser
private import Dashboard
private import Foundation
internal import Messaging
internal import ZeroMQ

/// Serves the pages that people look at.
struct DashboardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract:
            "Serve the pages that people look at, to browsers on this machine. Research software, not a medical device.",
        discussion: """
            A central station with a tile for each patient, a 12-lead paper for one, and lists of alarms and of technical \
            facts, in English and Japanese. It reads daemons by their endpoints as any program does, so a browser never reaches a \
            daemon. Give --events and --control again for each further daemon.

            Sounds are off until somebody turns them on in a page. It serves this machine only; --public names where a proxy \
            with TLS shows it to others. Without --users everybody on this machine may look and nobody change anything; with \
            --users people log in, acknowledge and pause alarms and, where they may, set limits, in their name. GET /healthz says how it is, /readyz whether every daemon is heard, /metrics what they count, for Prometheus.

            EXAMPLES
              shinden dashboard
              shinden dashboard --http 127.0.0.1:8080
              shinden dashboard users add kana --users users && shinden dashboard --users users
              shinden dashboard --events tcp://127.0.0.1:9002 --control tcp://127.0.0.1:9003
              shinden dashboard --users users --public https://ward.example.org
              shinden dashboard --events tcp://daemon:7202 --control tcp://daemon:7203 \\
                --key desk.key --server-key daemon.pub

            EXIT CODES
              0 ended by Ctrl-C or SIGTERM  64 usage  69 the address is taken
              78 endpoint, public address or file of users refused
            """,
        subcommands: [DashboardUsers.self]
    )

    @Option(help: "A daemon's endpoint of events (default \(DefaultEndpoints.events)); may be given again.")
    var events: [String] = []
    @Option(help: "A daemon's control endpoint (default \(DefaultEndpoints.control)), one for each --events.")
    var control: [String] = []
    @Option(
        help: "The file of this dashboard's key (default $SHINDEN_KEY).",
        completion: .file(extensions: ["key"])
    ) var key: String?
    @Option(
        help:
            "The daemons' public key, or a file with it (default $SHINDEN_SERVER_KEY); once for all, or once for each --events."
    ) var serverKey: [String] = []
    @Option(
        help:
            "Where browsers are served: an address of this machine with its port (default 127.0.0.1:7280); port 0 takes any free one."
    ) var http: String?
    @Option(
        name: .customLong("public"),
        help:
            "Where a proxy with TLS on this machine shows the pages, as https://ward.example.org; needs --users."
    ) var front: String?
    /// The commands below take the same group, so that their --users is not lost to this one.
    @OptionGroup var people: UsersOption
    @Flag(help: "Let the log name patients as they are, not as hashes.") var logPlainIds = false

    func validate() throws {
        guard events.count == control.count else {
            throw ValidationError(
                "\(events.count) --events and \(control.count) --control: each daemon needs both"
            )
        }
        guard serverKey.count <= 1 || serverKey.count == events.count else {
            throw ValidationError(
                "\(serverKey.count) --server-key and \(events.count) --events: give one for all, or one for each"
            )
        }
    }

    func run() throws {
        let daemons = try daemons()
        let text = try Environment.value(http, "HTTP", or: "127.0.0.1:7280")
        guard let address = Dashboard.Address(text) else {
            Output.words(
                "shinden dashboard: --http \(text): give an address of this machine with its port, as 127.0.0.1:7280; "
                    + "no others are served"
            )
            throw Failure.configuration
        }
        let front = try Environment.value(front, "PUBLIC", or: "")
        let place = Dashboard.Front(front)
        guard front.isEmpty || place != nil else {
            Output.words(
                "shinden dashboard: --public \(front): give https:// and the name of the proxy, in small letters, "
                    + "as https://ward.example.org"
            )
            throw Failure.configuration
        }
        let interruption = Interruption()
        defer { interruption.end() }
        Output.notice(nil)
        let dashboard: Dashboard
        do {
            dashboard = try Dashboard(
                daemons: daemons,
                at: address,
                people: Dashboard.People(file: try people.path(), namesPatients: logPlainIds, front: place)
            ) {
                Output.words("shinden dashboard: \($0)")
            }
        } catch let failure as Dashboard.StartFailure {
            Output.words("shinden dashboard: \(failure)")
            if case .users = failure { throw Failure.configuration }
            throw Failure.unavailable
        }
        let users =
            dashboard.userCount.map { count in
                count == 0
                    ? "nobody may log in yet: add a user"
                    : "\(count) \(count == 1 ? "user" : "users") may log in"
            } ?? "there are no users, so nothing can be changed by it"
        Output.words(
            "shinden dashboard: open \(dashboard.address) in a browser on this machine; \(users); Ctrl-C ends it"
        )
        while !interruption.hasCome { Thread.sleep(forTimeInterval: 0.1) }
        dashboard.stop()
    }

    private func daemons() throws -> [Dashboard.Daemon] {
        let key = try Environment.value(key, "KEY", or: "")
        var servers = serverKey
        if servers.isEmpty { servers = [try Environment.value(nil, "SERVER_KEY", or: "")] }
        var places = Array(zip(events, control))
        if places.isEmpty {
            places = [
                (
                    try Environment.value(nil, "EVENTS", or: DefaultEndpoints.events),
                    try Environment.value(nil, "CONTROL", or: DefaultEndpoints.control)
                )
            ]
        }
        return try places.enumerated().map { number, place in
            let security = try KeyOption.security(key, servers.count == 1 ? servers[0] : servers[number])
            return Dashboard.Daemon(
                events: try EndpointOption.checked(place.0, "events", security),
                control: try EndpointOption.checked(place.1, "control", security),
                security: security
            )
        }
    }
}
