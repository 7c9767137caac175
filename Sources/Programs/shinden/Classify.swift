internal import ArgumentParser
private import Diagnosis
internal import ECGSignal
internal import Gateway
internal import Pipeline
internal import Presentation
internal import Recordings
internal import Station
internal import Wire

/// Ranks the windows of recordings by the same pipeline that the daemon runs.
struct Classify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank the statements of recordings, window by window, without sockets.",
        usage: "shinden classify [<options>] <records> ...",
        discussion: """
            Each line names the window, what it rests on (which of the twelve standard leads, and how much of a whole \
            12-lead window they are), and the statements that reach the model's threshold, the most probable first. \
            Windows last 10 s and begin a hop apart.

            --summary prints one line a recording: each statement that was found in a window, with its mean \
            probability over all windows and the number of windows in which it was found. A window that is withheld, \
            or that does not rank the statement among its first ten, counts as 0 %.

            Research software, not a medical device.

            EXAMPLES
              shinden classify Fixtures/ptbxl/00017_hr
              shinden classify Fixtures/*/*.hea --summary
              shinden classify Fixtures/mitdb/100_0000 --json | head -1
              shinden classify RECORD --leads I,II --events
            """
    )

    @Argument(help: "WFDB records: RECORD or RECORD.hea.") var records: [String]
    @Flag(help: "Print one object a window: the diagnosis event's data, plus the record.") var json = false
    @Flag(help: "Print every canonical event, one JSON object a line.") var events = false
    @Flag(help: "Print one line a recording: means over all its windows.") var summary = false
    @Option(
        help: """
            Print so many statements of each window, 1 to 10; those below their threshold are marked (default: only \
            those that reach it).
            """
    ) var top: Int?
    @Option(
        help: "Grid samples (1/500 s) between windows; a multiple of 32 (default $SHINDEN_HOP, else 512)."
    )
    var hop: Int?
    @Option(help: "Take only these leads: I,II.") var leads: String?
    @Option(help: "Name the channels in file order: I,V1.") var nameLeads: String?
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        if let top, !(1...10).contains(top) { throw ValidationError("--top \(top): give 1 to 10") }
        guard [json, events, summary].filter(\.self).count <= 1 else {
            throw ValidationError("give one of --json, --events and --summary")
        }
        do { _ = try hop.map { try Hop(samples: $0) } } catch { throw ValidationError("--\(error)") }
    }

    func run() throws {
        let hop = try hopInForce()
        let (model, _) = try modelOption.load()
        var failure: ExitCode?
        Output.notice(model.ranker.notLookedFor.sentence)
        for record in records {
            do throws(RecordingError) {
                try classify(record, model, hop)
            } catch {
                Output.words("shinden classify: \(error)")
                failure = failure ?? Failure.code(of: error)
            }
        }
        if let failure { throw failure }
    }

    private func hopInForce() throws -> Hop {
        do { return try Hop(samples: Environment.value(hop, "HOP", or: Hop.standard.samples)) } catch let
            refused as Hop.Refused
        {
            Output.words("shinden classify: SHINDEN_HOP: \(refused)")
            throw Failure.configuration
        }
    }

    private func classify(_ path: String, _ model: Model, _ hop: Hop) throws(RecordingError) {
        let recording = try Recording.load(path)
        let (stream, remarks) = try RecordedStream.read(recording, leads: leads, nameLeads: nameLeads)
        for remark in remarks { Output.words("\(recording.name): \(remark)") }
        var station = OfflineStation(model: model, hop: hop)
        let found = station.events(of: stream.chunks, start: stream.start)
        let windows = found.compactMap { event -> (Event, Diagnosis)? in
            if case .diagnosis(_, let diagnosis) = event.content { (event, diagnosis) } else { nil }
        }
        if events { for event in EventFormat.inCanonicalOrder(found) { Output.data(event) } }
        guard !windows.isEmpty else {
            throw RecordingError(
                .mismatch,
                recording.path,
                "\(recording.sampleCount) samples at \(stream.rate.hertz) Hz give no window; 9 s at least are needed"
            )
        }
        let lines = FindingLines(count: top, thresholds: model.ranker.model.thresholds)
        if json {
            for (event, _) in windows {
                let object = EventFormat.dataObject(event).with(["record": .string(recording.name)])
                Output.data(JSONValue.object(object).canonicalText)
            }
        } else if summary {
            var summary = RecordingSummary(lines)
            for (_, diagnosis) in windows { summary.add(WindowForPeople(diagnosis)) }
            Output.people(summary.line(of: recording.name))
        } else if !events {
            for (_, diagnosis) in windows { Output.people(lines.line(of: recording.name, diagnosis)) }
        }
    }
}
