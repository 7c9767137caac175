internal import ArgumentParser
internal import ECGSignal
internal import Findings
internal import FrameLog
internal import Pipeline
internal import Presentation
internal import Service
internal import Wire

/// What `classify` does with a frame log: the recorded run is gone through again, and its events are printed.
struct LogClassification {
    let form: WindowPrinter.Form
    let lines: FindingLines
    private var writer = EventWriter()
    /// The line of each stream, for a summary; streams in the order of their first window.
    private var totals: [(stream: String, total: RecordingSummary)] = []
    private var places: [String: Int] = [:]
    /// The run whose log it is; ids of facts about senders and endpoints hold it.
    private var recordedRun: String?

    init(form: WindowPrinter.Form, lines: FindingLines) {
        self.form = form
        self.lines = lines
    }

    /// Goes through the log of that path with `model`; the exit code where that fails, after the reason was printed.
    mutating func run(_ path: String, _ model: Model, isQuiet: Bool) -> ExitCode? {
        var bar = ProgressLine(isQuiet: isQuiet)
        do {
            var replay = try LogReplay(try FrameLogReader(path), model: model)
            recordedRun = replay.reader.header.run
            while let events = try replay.next() { take(events, under: &bar) }
            finish(under: &bar)
            for remark in FrameLogPage.remarks(replay.reader) { Output.words("\(path): \(remark)") }
            return nil
        } catch let error as FrameLogError {
            finish(under: &bar)
            Output.words("shinden classify: \(error)")
            return Failure.code(of: error)
        } catch {
            Output.words("shinden classify: \(path): \(error)")
            return Failure.configuration
        }
    }

    private mutating func take(_ events: [Event], under bar: inout ProgressLine) {
        for event in events {
            if form == .events {
                print(
                    [String(decoding: EventFormat.canonical(event, run: recordedRun), as: UTF8.self)],
                    under: &bar
                )
            }
            guard case .diagnosis(let stream, let diagnosis) = event.content else { continue }
            switch form {
            case .events: break
            case .lines:
                bar.clear()
                Output.people(lines.line(of: stream.name, diagnosis))
            case .json:
                writer.writeData(of: event, record: stream.name)
                print([String(decoding: writer.bytes, as: UTF8.self)], under: &bar)
            case .csv: print(DiagnosisTable.rows(of: stream.name, diagnosis), under: &bar)
            case .summary: add(diagnosis, of: stream.name)
            }
        }
    }

    private mutating func add(_ diagnosis: WindowDiagnosis, of stream: String) {
        let place = places[stream] ?? totals.count
        if place == totals.count {
            places[stream] = place
            totals.append((stream, RecordingSummary(lines)))
        }
        totals[place].total.add(WindowForPeople(diagnosis))
    }

    private func finish(under bar: inout ProgressLine) {
        bar.clear()
        for (stream, total) in totals { Output.people(total.line(of: stream)) }
    }

    private func print(_ lines: [String], under bar: inout ProgressLine) {
        guard !lines.isEmpty else { return }
        bar.clear()
        for line in lines { Output.data(line) }
    }
}
