internal import ArgumentParser
internal import Messaging
internal import Wire

/// The beds of a running daemon's authorisation file, with the names that are shown.
struct Roster: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who lies in which bed, as a running daemon's authorisation file has it.",
        discussion: """
            Beds and names stand in the authorisation file of the daemon's keys (docs/NETWORK.md). Patients are admitted, \
            transferred and discharged there; a running daemon reads it again at SIGHUP. The key needs the right to read \
            roster. Research software, not a medical device.

            EXAMPLES
              shinden roster
              shinden roster --ward 3
              shinden roster --json

            EXIT CODES
              0 done  1 the key has no right to it  64 usage  69 no daemon answers
              78 endpoint refused
            """
    )

    @Option(help: "Only this ward's beds.") var ward: String?
    @OptionGroup var option: ControlOption

    func validate() throws { try WardOption.check(ward) }

    func run() throws {
        let beds = try option.answer("roster") {
            try $0.askAllPages(.roster, RosterReport.list, ward: ward, patience: ControlOption.patience)
        }
        if option.json {
            for bed in beds { Output.data(JSONValue.object(bed).canonicalText) }
        } else {
            for line in ControlPage.roster(beds.map(RosterReport.init)) { Output.page(line) }
        }
    }
}
