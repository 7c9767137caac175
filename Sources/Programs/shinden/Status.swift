internal import ArgumentParser
internal import Messaging
internal import Wire

/// One page about a running daemon: what it does, what it refused, and what waits for what.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how a running daemon is, what it refused and what its streams wait for.",
        usage: "shinden status [<options>]",
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
        let (first, senders) = try option.answer("status") { asker in
            let first = try asker.ask(.status, patience: ControlOption.patience)
            guard option.json, first.hasMore else { return (first, nil as [JSONObject]?) }
            let list = StatusReport.pagedList
            return (first, try asker.askAllPages(.status, list, patience: ControlOption.patience))
        }
        if option.json {
            Output.data(JSONValue.object(first.withWholeList(StatusReport.pagedList, senders)).canonicalText)
        } else {
            for line in ControlPage.status(StatusReport(first), hasMore: first.hasMore) { Output.page(line) }
        }
    }
}
