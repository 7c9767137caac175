internal import ArgumentParser
internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import FrameLog
internal import Gateway
internal import Pipeline
internal import Presentation
internal import Recordings
internal import Station
internal import Wire

/// Ranks the windows of recordings by the same pipeline that the daemon runs.
struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank the statements of recordings or frame logs, window by window, without sockets.",
        usage: "shinden classify [<options>] <records> ...",
        discussion: """
            Each line names the window, what it rests on (which of the twelve standard leads, and how much of a whole \
            12-lead window they are), and the statements that reach the model's threshold, the most probable first. \
            Windows last 10 s and begin a hop apart. Between them stands a line for each alarm that rules raise from the \
            beats: when, how urgent (HIGH, MEDIUM, LOW, INFO), what, since when, and the figure that raised it.

            --summary prints one line a recording: each statement that was found in a window, with its mean \
            probability over all windows and the number of windows in which it was found. A window that is withheld, \
            or that does not rank the statement among its first ten, counts as 0 %.

            A frame log (shinden serve --record) is known by its first bytes: the recorded run is gone through again, \
            with the hop and the limits that it had, and --events prints the canonical events that the daemon \
            published, byte for byte, in the order in which they follow from the log. It needs the model that it \
            was recorded with.

            The stream that events of a recording name is (record name, file, hash of what the samples are and mean).

            Research software, not a medical device.

            EXAMPLES
              shinden classify Fixtures/ptbxl/00017_hr
              shinden classify Fixtures/ptbxl Fixtures/mitdb --summary
              shinden classify DATABASE/RECORDS --csv > windows.csv
              shinden classify Fixtures/mitdb/100_0000 --json | head -1
              shinden classify RECORD --leads I,II --events
              shinden classify LOGS --events
            """
    )

    @Argument(
        help: "WFDB records (RECORD or RECORD.hea), folders of them, and lists (RECORDS); or frame logs.",
        completion: .file(extensions: ["hea"])
    ) var records: [String]
    @Flag(
        help:
            "Print one object a window and one a step of an alarm (it has alarm_id): the event's data, plus the record."
    ) var json = false
    @Flag(help: "Print a table: one row a statement of a window, columns named in the first row.") var csv =
        false
    @Flag(help: "Print every canonical event, one JSON object a line.") var events = false
    @Flag(help: "Print one line a recording: means over all its windows.") var summary = false
    @Option(
        help: """
            Print so many statements of each window, 1 to 10; those below their threshold are marked (default: only \
            those that reach it).
            """
    ) var top: Int?
    @Option(
        help:
            "Grid samples (1/500 s) between windows; a multiple of 32, 32 to 4992 (default $SHINDEN_HOP, else 512)."
    )
    var hop: Int?
    @Option(help: "Take only these leads: I,II.") var leads: String?
    @Option(help: "Name the channels in file order: I,V1,none; none leaves a channel out.") var nameLeads:
        String?
    @Flag(help: "Print nothing on stderr but errors and what is odd about a recording.") var quiet = false
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        if let top, !(1...10).contains(top) { throw ValidationError("--top \(top): give 1 to 10") }
        guard [json, csv, events, summary].filter(\.self).count <= 1 else {
            throw ValidationError("give one of --json, --csv, --events and --summary")
        }
        try LeadOption.check(leads)
        do { _ = try hop.map { try Hop(samples: $0) } } catch { throw ValidationError("--\(error)") }
    }

    func run() throws {
        let logs = records.filter(FrameLogReader.isLog)
        if !logs.isEmpty { return try run(logs: logs) }
        let hop = try hopInForce()
        let (model, _) = try modelOption.load()
        var failure: ExitCode?
        if !quiet { Output.notice(model.lookedForSentences) }
        if csv { Output.data(DiagnosisTable.header) }
        let list: RecordList
        do throws(RecordingError) { list = try RecordList(records) } catch {
            Output.words("shinden classify: \(error)")
            throw Failure.code(of: error)
        }
        var bar = ProgressLine(isQuiet: quiet)
        for (number, entry) in list.entries.enumerated() {
            do throws(RecordingError) {
                if let fault = entry.fault { throw fault }
                let recording = try Recording.load(entry.path)
                let (stream, remarks) = try RecordedStream.read(recording, leads: leads, nameLeads: nameLeads)
                for remark in recording.remarks + remarks { Output.words("\(entry.label): \(remark)") }
                var run = RecordedRun(model: model, hop: hop, start: stream.start)
                var printer = WindowPrinter(
                    form: form,
                    label: entry.label,
                    lines: FindingLines(
                        count: top,
                        thresholds: model.ranker.model.thresholds,
                        catalogue: model.ranker.catalogue
                    )
                )
                var chunks = stream.chunks
                while let chunk = try chunks.next() {
                    printer.take(run.take(chunk), under: &bar)
                    bar.show(
                        Double(chunk.endSample) / chunk.rate.hertz,
                        of: recording.seconds,
                        list.entries.count > 1
                            ? "  \(entry.label), \(number + 1) of \(list.entries.count)" : ""
                    )
                }
                printer.take(run.finish(), under: &bar)
                try printer.finish(recording, under: &bar)
            } catch {
                bar.clear()
                Output.words("shinden classify: \(error.named(entry.label))\(entry.origin)")
                failure = failure ?? Failure.code(of: error)
            }
        }
        bar.clear()
        if let failure { throw failure }
    }

    /// Goes through recorded runs again.
    private func run(logs: [String]) throws {
        guard logs.count == records.count else {
            throw ValidationError("frame logs and recordings at once: give one kind")
        }
        guard hop == nil, leads == nil, nameLeads == nil else {
            throw ValidationError(
                "--hop, --leads and --name-leads are not for frame logs: a log says what it had"
            )
        }
        let (model, _) = try modelOption.load()
        if !quiet { Output.notice(model.lookedForSentences) }
        if csv { Output.data(DiagnosisTable.header) }
        var failure: ExitCode?
        for path in logs {
            let lines = FindingLines(
                count: top,
                thresholds: model.ranker.model.thresholds,
                catalogue: model.ranker.catalogue
            )
            var log = LogClassification(form: form, lines: lines)
            let code = log.run(path, model, isQuiet: quiet)
            failure = failure ?? code
        }
        if let failure { throw failure }
    }

    private var form: WindowPrinter.Form {
        if json {
            .json
        } else if csv {
            .csv
        } else if events {
            .events
        } else if summary {
            .summary
        } else {
            .lines
        }
    }

    private func hopInForce() throws -> Hop {
        do { return try Hop(samples: Environment.value(hop, "HOP", or: Hop.standard.samples)) } catch let
            refused as Hop.Refused
        {
            Output.words("shinden classify: SHINDEN_HOP: \(refused)")
            throw Failure.configuration
        }
    }
}
