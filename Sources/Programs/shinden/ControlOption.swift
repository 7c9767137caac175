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
    @OptionGroup var keys: KeyOption

    /// How long a daemon may take to answer: it does so within a fraction of a second even under load.
    static let patience = Duration.seconds(5)

    /// The endpoint in force, and what a socket to it proves.
    func place() throws -> (endpoint: Endpoint, security: Security) {
        let security = try keys.security()
        let endpoint = try EndpointOption.checked(
            Environment.value(control, "CONTROL", or: DefaultEndpoints.control),
            "control",
            security
        )
        return (endpoint, security)
    }

    /// What the daemon answers to `question`; ends the program with the reason where it does not.
    func answer<Answer>(
        _ command: String,
        _ question: (inout ControlAsker) throws -> Answer
    ) throws -> Answer {
        let (endpoint, security) = try place()
        do {
            var asker = try ControlAsker(endpoint, in: try Context(security: security))
            return try question(&asker)
        } catch ControlAsker.Failure.silent {
            Output.words(
                "shinden \(command): no daemon answers at \(endpoint) within \(ControlOption.patience.asSeconds) s; "
                    + "start shinden serve, or give --control"
                    + (security.isNone
                        ? "; one that asks for keys answers nobody without --key and --server-key"
                        : "; or its key is not the one that --server-key names")
            )
            throw Failure.unavailable
        } catch ControlAsker.Failure.unknownKey {
            Output.words(
                "shinden \(command): the daemon at \(endpoint) does not let this key in: it is not authorised there, or was "
                    + "revoked; shinden keys authorise it on the daemon's machine"
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
