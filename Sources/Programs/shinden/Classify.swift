internal import ArgumentParser
private import Diagnosis
internal import ECGSignal
internal import Findings
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
        discussion: """
            The stream is (record name, file, hash of the signals); windows are 10 s, a hop apart. Research software,
            not a medical device.

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
    @Flag(help: "Print one line a recording: mean similarity over the windows that rank a statement.")
    var summary = false
    @Option(help: "Statements to print of each window, 1 to 10.") var top = 3
    @Option(
        help: "Grid samples (1/500 s) between windows; a multiple of 32 (default $SHINDEN_HOP, else 512)."
    )
    var hop: Int?
    @Option(help: "Take only these leads: I,II.") var leads: String?
    @Option(help: "Name the channels in file order: I,V1.") var nameLeads: String?
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        guard (1...10).contains(top) else { throw ValidationError("--top \(top): give 1 to 10") }
        guard [json, events, summary].filter(\.self).count <= 1 else {
            throw ValidationError("give one of --json, --events and --summary")
        }
        do { _ = try hop.map { try Hop(samples: $0) } } catch { throw ValidationError("--\(error)") }
    }

    func run() throws {
        let hop = try hopInForce()
        let (model, _) = try modelOption.load()
        var failure: ExitCode?
        Output.words("Research software, not a medical device.")
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
        let windows = found.compactMap { event -> (Event, WindowDiagnosis)? in
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
        if json {
            for (event, _) in windows {
                let object = EventFormat.dataObject(event).with(["record": .string(recording.name)])
                Output.data(JSONValue.object(object).canonicalText)
            }
        } else if summary {
            Output.data(
                FindingLines(count: top, thresholds: model.ranker.model.thresholds).summary(
                    recording.name,
                    windows.map(\.1)
                )
            )
        } else if !events {
            let presentation = FindingLines(count: top, thresholds: model.ranker.model.thresholds)
            for (_, diagnosis) in windows { Output.data(presentation.window(recording.name, diagnosis)) }
        }
    }
}
