internal import ArgumentParser
internal import Messaging
internal import Wire

/// One page about a running daemon: what it does, what it refused, and what waits for what.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how a running daemon is, what it refused and what its streams wait for.",
        discussion: """
            Research software, not a medical device.

            EXAMPLES
              shinden status
              shinden status --json | python3 -m json.tool
              shinden status --control tcp://127.0.0.1:9003

            EXIT CODES
              0 done  64 usage  69 no daemon answers  78 endpoint refused
            """
    )

    @OptionGroup var option: ControlOption

    func run() throws {
        let status = try option.answer("status") { asker in
            let first = try asker.ask("STATUS", patience: ControlOption.patience)
            guard option.json, first["more"] == .bool(true) else { return first }
            let all = try asker.askAllPages("STATUS", "refused_senders", patience: ControlOption.patience)
            return first.with(["refused_senders": .array(all.map(JSONValue.object)), "more": .bool(false)])
        }
        if option.json {
            Output.data(JSONValue.object(status).canonicalText)
        } else {
            for line in ControlPage.status(status) { Output.data(line) }
        }
    }
}
