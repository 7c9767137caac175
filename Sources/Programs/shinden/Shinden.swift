internal import ArgumentParser

/// The one program: parse, call, print.
@main
struct Shinden: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shinden",
        abstract: "Watches the ECG of many patients at once. Research software, not a medical device.",
        discussion: """
            EXAMPLES
              shinden doctor                             whether a daemon would run here
              shinden serve                              a daemon on loopback
              shinden replay Fixtures/ptbxl/00017_hr     a recording as a live patient
              shinden watch                              the events as they come
              shinden dashboard                          the pages that people look at, in a browser
              shinden status                             how the daemon is, what it refused
              shinden streams                            its streams, what each waits for
              shinden snapshot                           the alarms that stand
              shinden ack ALARM_ID                       silence one of them
              shinden pause --patient p0001 --seconds 60 no sounds for a minute
              shinden limits --patient p0001 --high 130  other limits of the heart rate for one patient
              shinden keys generate icu-1                a key for a gateway on another machine
              shinden labels list                        what can be said, and what cannot
              shinden classify Fixtures/ptbxl/00017_hr   a recording without sockets
              shinden explain mitdb/207 --at 45          why there was an alarm, or none
              shinden compare LOGS --policy default --policy ward.yaml   what another policy would have alarmed
              shinden model verify Models/default        whether a model folder can be run
              shinden evaluate --beats mitdb             the beats found, against annotated ones
              shinden bench Fixtures/ptbxl/00017_hr      how many patients this machine can watch

            A flag goes before its environment variable: SHINDEN_EVENTS for --events, SHINDEN_MODEL for --model.

            EXIT CODES
              0 done  1 failed  64 usage  65 bad data  66 no input  69 unavailable
              74 I/O  78 configuration  130 interrupted
            """,
        version: "shinden 0.1.0 (research software, not a medical device)",
        subcommands: [
            Serve.self, DoctorCommand.self, Replay.self, Watch.self, DashboardCommand.self, Status.self,
            Streams.self,
            Snapshot.self, Acknowledge.self, Pause.self, StandbyCommand.self, Baseline.self, Limits.self,
            Discharge.self, Roster.self, Keys.self, Labels.self, Classify.self,
            ExplainCommand.self, CompareCommand.self, Inspect.self, Evaluate.self, Train.self,
            ModelCommands.self, Bench.self,
        ]
    )

    /// Parses, runs and exits by the documented codes.
    static func main() {
        Output.prepare()
        CrashReports.leaveToSystem()
        do {
            var command = try parseAsRoot()
            do { try command.run() } catch let error as ValidationError {
                refuse(error, by: type(of: command))
            }
        } catch { exit(withError: error) }
    }

    /// Says what is wrong with the use of a subcommand that found it while it ran; the library alone would name the usage of the
    /// whole program there.
    private static func refuse(_ error: ValidationError, by command: any ParsableCommand.Type) -> Never {
        Output.words("Error: \(error.message)")
        Output.words("Usage: \(usageString(for: command))")
        let names = usageString(for: command).split(separator: " ").prefix {
            !"<[-(".contains($0.first ?? "-")
        }
        Output.words("  See '\(names.joined(separator: " ")) --help' for more information.")
        exit(withError: Failure.usage)
    }
}
