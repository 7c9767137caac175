internal import ArgumentParser
private import Doctor
internal import Service
private import Wire

/// Looks at what `serve` rests on, before it is started.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract:
            "Look at what serve needs before it is started, and say what to mend. Research software, not a medical device.",
        discussion: """
            It takes the flags, the variables and the file of serve. A line for each thing says pass, warn or fail, and \
            what to do: processor and libraries, the clock, open files, memory, the configuration, model, policy, keys, \
            the folder of the frame log, the journal, each endpoint, and the dashboard's users where --users names their file.

            Endpoints are opened and closed again, and a file is written into the folder of the log and taken away. So a \
            daemon that runs already shows as endpoints that are taken.

            EXAMPLES
              shinden doctor
              shinden doctor --config shinden.yaml
              shinden doctor --keys KEYS --events 'tcp://*:7202' --record LOGS
              shinden doctor --json | python3 -m json.tool

            EXIT CODES
              0 nothing fails, though there may be warnings  1 something fails  64 usage
            """
    )

    @OptionGroup var keys: ConfigurationFlags
    @Option(help: "A YAML file of these keys (default $SHINDEN_CONFIG).", completion: .file()) var config:
        String?
    @OptionGroup var people: UsersOption
    @Flag(help: "Write one JSON object: findings, and how many fail and warn.") var json = false

    func run() throws {
        let settings: Result<Configuration, Configuration.Refused>
        do throws(Configuration.Refused) {
            settings = .success(try keys.layered(over: config))
        } catch { settings = .failure(error) }
        let findings = Examination(settings, users: try people.path()).findings()
        let count = { (grade: Finding.Grade) in findings.count { $0.grade == grade } }
        if json {
            let object: JSONObject = [
                "findings": .array(findings.map { .object($0.object) }),
                "fail": .integer(Int64(count(.fail))), "warn": .integer(Int64(count(.warn))),
            ]
            Output.data(JSONValue.object(object).canonicalText)
        } else {
            for finding in findings { tell(finding) }
            Output.words("shinden doctor: \(count(.fail)) fail, \(count(.warn)) warn, \(count(.pass)) pass")
        }
        if count(.fail) > 0 { throw ExitCode(1) }
    }

    /// One line, and one below it where something is to be done.
    private func tell(_ finding: Finding) {
        let room = 16
        let subject = finding.subject + String(repeating: " ", count: max(1, room - finding.subject.count))
        Output.people("\(finding.grade.rawValue)  \(subject)\(finding.words)", indent: 6 + room)
        if let remedy = finding.remedy {
            Output.people(String(repeating: " ", count: 6 + room) + "do: \(remedy)", indent: 10 + room)
        }
    }
}
