internal import ArgumentParser
internal import Messaging
internal import Wire
internal import ZeroMQ

/// `--control` and `--json`, and how a question to the daemon ends where nobody answers.
struct ControlOption: ParsableArguments {
    @Option(
        help: "The daemon's control endpoint (default $SHINDEN_CONTROL, else \(DefaultEndpoints.control))."
    ) var control: String?
    @Flag(help: "Print the facts as JSON, one object a line.") var json = false

    /// How long a daemon may take to answer: it does so within a fraction of a second even under load.
    static let patience = Duration.seconds(5)

    /// The endpoint in force.
    func endpoint() throws -> Endpoint {
        try EndpointOption.local(
            Environment.value(control, "CONTROL", or: DefaultEndpoints.control),
            "control"
        )
    }

    /// What the daemon answers to `question`; ends the program with the reason where it does not.
    func answer<Answer>(
        _ command: String,
        _ question: (inout ControlAsker) throws -> Answer
    ) throws -> Answer {
        let endpoint = try endpoint()
        do {
            var asker = try ControlAsker(endpoint, in: try Context())
            return try question(&asker)
        } catch ControlAsker.Failure.silent {
            Output.words(
                "shinden \(command): no daemon answers at \(endpoint) within \(ControlOption.patience.asSeconds) s; "
                    + "start shinden serve, or give --control"
            )
            throw Failure.unavailable
        } catch ControlAsker.Failure.refused(let problem) {
            Output.words(
                "shinden \(command): the daemon refuses the request: \(problem.code), \(problem.detail)"
            )
            throw ExitCode(1)
        } catch ControlAsker.Failure.unreadable {
            Output.words(
                "shinden \(command): what answers at \(endpoint) is no shinden daemon; give --control"
            )
            throw Failure.unavailable
        }
    }
}
