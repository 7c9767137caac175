internal import ArgumentParser
internal import ECGSignal
private import FoundationEssentials
internal import FrameLog
internal import Pipeline
internal import Recordings
internal import Service
internal import Wire

/// Says what was known and decided at one second of a log or a recording.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Say for one second why there was an alarm, or none. Research software, not a medical device.",
        usage: "shinden explain <path> --at <time> [--patient <patient>] [<options>]",
        discussion: """
            It goes through a frame log (shinden serve --record) or a recording up to that second and prints what each part \
            of the way then said: the samples and the leads in use, the quality of the signal, every rule with the figure \
            that decides it and how far it is from its limit, the model's newest window, and the alarm policy: what stands, \
            what counts towards an alarm and for how long still, what is silenced and by what. The last lines answer the \
            question in words.

            TIME is a number of seconds of signal from the begin of the log or the recording (75.5), minutes and seconds (1:15), \
            or a time in UTC (2026-01-02T03:04:05Z), which of a folder with the logs of several runs finds the right one. A log \
            needs the model that it was recorded with; where it holds several \
            patients give --patient. The state is that with which the second's last sample became final, which of a log is at most one \
            chunk later; where no such sample has come within 4 s, it is that of then.

            A log holds what people did. Of a recording --commands says it: a JSON object a line, as the control socket takes \
            it, with at, the second: {"at": 20, "op": "PAUSE", "patient": "207", "kind": "audio", "seconds": 60}.

            EXAMPLES
              shinden explain LOGS --at 2026-01-02T03:04:05Z --patient p0001
              shinden explain mitdb/207 --at 45
              shinden explain mitdb/207 --at 45 --json | jq .answer
              shinden explain mitdb/207 --at 90 --commands acknowledged.jsonl

            EXIT CODES
              0 done  64 usage  65 bad data, no such second or patient  66 no such file  74 cannot be read  78 model
            """
    )

    @Argument(
        help: "A frame log, or a WFDB record (RECORD or RECORD.hea).",
        completion: .file(extensions: ["hea"])
    ) var path: String
    @Option(help: "The second: 75.5, 1:15 or 2026-01-02T03:04:05Z.") var at: String
    @Option(help: "The patient; needed for a log of several.") var patient: String?
    @Option(help: "Take only these leads of a recording: I,II.") var leads: String?
    @Option(help: "What people did during a recording: requests with at, one a line.", completion: .file())
    var commands: String?
    @Flag(help: "Print one JSON object.") var json = false
    @Flag(help: "Print nothing on stderr but errors.") var quiet = false
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        try LeadOption.check(leads)
        guard AskedTime(at) != nil else {
            throw ValidationError("--at \(at): give seconds (75.5), 1:15 or 2026-01-02T03:04:05Z")
        }
    }

    func run() throws {
        if !quiet { Output.words("Research software, not a medical device.") }
        guard let time = AskedTime(at) else { throw Failure.usage }
        let isLog = FrameLogReader.isLog(path)
        if isLog, leads != nil { throw ValidationError("--leads is for recordings; a log says what it had") }
        if isLog, commands != nil {
            throw ValidationError("--commands is for recordings; a log holds what people did")
        }
        let (model, _) = try modelOption.load()
        let page = ExplainPage(try isLog ? ofLog(time, model) : ofRecording(time, model), of: model)
        if json { return Output.data(page.json.canonicalText) }
        for line in page.lines { Output.people(line, indent: 12) }
    }

    private func ofLog(_ time: AskedTime, _ model: Model) throws -> Explanation {
        do {
            let log = try log(at: time)
            var replay = try LogReplay(try FrameLogReader(log), model: model)
            let end = try FrameLogReader.end(of: log) ?? replay.reader.header.arrival.utc
            return try replay.explain(try patient ?? onlyPatient(of: log), at: time, end: end)
        } catch let error as ValidationError {
            throw error
        } catch let error as FrameLogError {
            Output.words("shinden explain: \(error)")
            throw Failure.code(of: error)
        } catch let error as ExplanationFault {
            Output.words("shinden explain: \(path): \(error)")
            throw Failure.data
        } catch {
            Output.words("shinden explain: \(path): \(error)")
            throw Failure.configuration
        }
    }

    /// The log at the path; where its folder holds those of several runs, the one that had begun at that time.
    private func log(at time: AskedTime) throws -> String {
        guard case .utc(let asked) = time else { return path }
        let logs = try FrameLogReader.logs(path)
        guard logs.count > 1 else { return path }
        // What another run has left may be damaged.
        return logs.last { (try? FrameLogReader($0)).map { $0.header.arrival.utc <= asked } ?? false }
            ?? logs[0]
    }

    /// The patient of a log that has no other.
    private func onlyPatient(of log: String) throws -> String {
        let patients = try FrameLogPage(log).patients.sorted()
        guard let patient = patients.first, patients.count == 1 else {
            let some = patients.prefix(10).joined(separator: ", ") + (patients.count > 10 ? ", ..." : "")
            throw ValidationError(
                patients.isEmpty
                    ? "\(log): no patient is in this log"
                    : "--patient is missing: the log holds \(patients.count) patients: \(some)"
            )
        }
        return patient
    }

    private func ofRecording(_ time: AskedTime, _ model: Model) throws -> Explanation {
        do {
            let recording = try Recording.load(path)
            let (stream, remarks) = try RecordedStream.read(recording, leads: leads)
            if !quiet { for remark in recording.remarks + remarks { Output.words("\(path): \(remark)") } }
            let own = stream.identity.patient
            if let patient, patient != own {
                throw ExplanationFault.unknownPatient(patient, known: [own])
            }
            var run = RecordingExplanation(
                patient: own,
                at: time,
                start: stream.start,
                hop: .standard,
                model: model,
                script: try script()
            )
            var chunks = stream.chunks
            while let chunk = try chunks.next() {
                if let explanation = try run.take(chunk) { return explanation }
            }
            return try run.finish()
        } catch let error as RecordingError {
            Output.words("shinden explain: \(error)")
            throw Failure.code(of: error)
        } catch let error as ExplanationFault {
            Output.words("shinden explain: \(path): \(error)")
            throw Failure.data
        } catch let error as CommandScript.Refused {
            Output.words("shinden explain: \(error)")
            throw Failure.data
        }
    }

    private func script() throws -> CommandScript {
        guard let commands else { return CommandScript() }
        guard let bytes = FileManager.default.contents(atPath: commands) else {
            Output.words("shinden explain: \(commands): no file that can be read")
            throw Failure.noInput
        }
        return try CommandScript(Array(bytes))
    }
}
