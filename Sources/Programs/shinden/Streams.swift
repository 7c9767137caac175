internal import ArgumentParser
internal import ECGSignal
internal import Messaging
internal import Wire

/// The streams of a running daemon with their state and their ledger.
struct Streams: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the streams of a running daemon: their state, their leads and what was not analysed.",
        usage: "shinden streams [<options>]",
        discussion: """
            The column LOG is the stream's name in the daemon's log, where patients are not named. Samples are summed \
            over the leads; --json gives each lead's own ledger. Research software, not a medical device.

            EXAMPLES
              shinden streams
              shinden streams --patient p0001
              shinden streams --json

            EXIT CODES
              0 done  1 no such stream  64 usage  69 no daemon answers  78 endpoint refused
            """
    )

    @Option(help: "Only this patient's streams.") var patient: String?
    @OptionGroup var option: ControlOption

    func validate() throws {
        guard patient.map({ StreamIdentity.isValidID($0) }) ?? true else {
            throw ValidationError("--patient \(patient ?? ""): 1 to 64 letters, digits, - and _")
        }
    }

    func run() throws {
        let all = try option.answer("streams") {
            try $0.askAllPages(.streams, StreamReport.list, patience: ControlOption.patience)
        }
        let streams = all.filter { patient == nil || StreamReport($0).patient == patient }
        if let patient, streams.isEmpty {
            Output.words(
                "shinden streams: no stream of \(patient); \(all.count) streams of other patients are known"
            )
            throw ExitCode(1)
        }
        if option.json {
            for stream in streams { Output.data(JSONValue.object(stream).canonicalText) }
        } else {
            for line in ControlPage.streams(streams.map(StreamReport.init)) { Output.page(line) }
        }
    }
}
