internal import ECGSignal
internal import Findings
internal import Presentation
internal import Recordings
internal import Wire

/// Prints what `classify` finds in one recording, each window and each step of an alarm as soon as it is there.
struct WindowPrinter {
    /// What is printed of a window.
    enum Form {
        /// A line for people, and one for each step of an alarm.
        case lines
        /// The data of each window's and each alarm's event, and the record.
        case json
        /// Rows of a table.
        case csv
        /// Every canonical event, in canonical order.
        case events
        /// One line for the whole recording.
        case summary
    }

    let form: Form
    /// The name of the recording in every line.
    let label: String
    /// Writes windows in words.
    let lines: FindingLines
    private var windowCount = 0
    private var sequence = CanonicalSequence()
    private var writer = EventWriter()
    private var total: RecordingSummary

    init(form: Form, label: String, lines: FindingLines) {
        self.form = form
        self.label = label
        self.lines = lines
        total = RecordingSummary(lines)
    }

    /// Prints what the next events say; the progress bar makes room first.
    mutating func take(_ events: [Event], under bar: inout ProgressLine) {
        if form == .events { print(sequence.take(events), under: &bar) }
        for event in events {
            if case .alarm(let alarm) = event.content { print(alarm, event, under: &bar) }
            guard case .diagnosis(_, let diagnosis) = event.content else { continue }
            windowCount += 1
            switch form {
            case .lines: print(lines.line(of: label, diagnosis), under: &bar)
            case .json: print(data(of: event), under: &bar)
            case .csv: print(DiagnosisTable.rows(of: label, diagnosis), under: &bar)
            case .summary: total.add(WindowForPeople(diagnosis))
            case .events: break
            }
        }
    }

    /// Prints what is left at the recording's end; refuses one that gave no window.
    mutating func finish(_ recording: Recording, under bar: inout ProgressLine) throws(RecordingError) {
        print(sequence.finish(), under: &bar)
        guard windowCount > 0 else {
            let isShort = Double(recording.frameCount) < 9 * recording.rate.hertz
            throw RecordingError(
                .mismatch,
                recording.path,
                "\(recording.frameCount) samples at \(recording.rate.hertz) Hz give no window; "
                    + (isShort
                        ? "9 s at least are needed"
                        : "in its \(Int(recording.seconds)) s the leads that were taken hold no sample: all are marked as invalid")
            )
        }
        if form == .summary { print(total.line(of: label), under: &bar) }
    }

    /// Prints a step of an alarm among the windows, where windows have a line each.
    private mutating func print(_ alarm: AlarmEvent, _ event: Event, under bar: inout ProgressLine) {
        switch form {
        case .lines: print(AlarmForPeople.line(of: label, alarm), under: &bar)
        case .json: print(data(of: event), under: &bar)
        case .summary: total.add(alarm)
        case .csv, .events: break
        }
    }

    private mutating func data(of event: Event) -> [String] {
        writer.writeData(of: event, record: label)
        return [String(decoding: writer.bytes, as: UTF8.self)]
    }

    /// Prints a line for people.
    private func print(_ line: String, under bar: inout ProgressLine) {
        bar.clear()
        Output.people(line)
    }

    private func print(_ lines: [String], under bar: inout ProgressLine) {
        guard !lines.isEmpty else { return }
        bar.clear()
        for line in lines { Output.data(line) }
    }
}
