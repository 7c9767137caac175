internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Policy
internal import Service
internal import Station
internal import Wire

extension PatientReadings.Stream {
    /// Whether the stream had ended before that time, so that what its rules said last says nothing of then.
    fileprivate func hasEnded(before time: UTCNanoseconds) -> Bool {
        guard case .closed = status.state else { return false }
        return (readings?.moment.time ?? .min) < time
    }
}

/// Why there is an alarm at a second, or none, in sentences.
struct ExplainAnswer {
    /// The sentences, the most important first.
    let sentences: [String]

    init(_ explanation: Explanation) {
        let lines = explanation.readings.devices.flatMap(\.policy.lines)
        let standing = lines.filter { $0.alarm != nil }
        var sentences = standing.map(ExplainAnswer.standing)
        if sentences.isEmpty { sentences.append("No alarm stands.") }
        sentences += lines.filter { $0.alarm == nil }.map(ExplainAnswer.waiting)
        if !explanation.isJudged {
            sentences.append(
                "No sample of this second had come, so the rules stand where the newest sample left them."
            )
        }
        let open = explanation.readings.streams.filter { !$0.hasEnded(before: explanation.asked) }
        if open.isEmpty, !explanation.readings.streams.isEmpty {
            sentences.append(
                "Every stream of this patient had ended by then, so nothing new is found; what stood stays until it is acknowledged."
            )
            self.sentences = sentences
            return
        }
        let readings = open.compactMap(\.readings)
        if explanation.readings.devices.contains(where: { !$0.policy.isAnalysable }) {
            sentences.append(
                "The signal cannot be judged: nothing new is found, what stood stands, and after 10 s that is an alarm of its own."
            )
        }
        let isSeen = readings.contains {
            $0.vitals?.heartRate.value != nil && $0.quality?.grade != .unanalysable
        }
        if lines.isEmpty, explanation.isJudged, !isSeen {
            sentences.append("Too little of a heart was seen to say that no rule holds.")
        } else if lines.isEmpty, explanation.isJudged {
            let near = readings.flatMap(\.rules).filter(\.isNear)
            sentences.append(
                near.isEmpty
                    ? "No rule holds, and none is near its limit."
                    : "No rule holds; the nearest: " + near.map(ExplainPage.text).joined(separator: " | ")
            )
        }
        if readings.contains(where: { !$0.areBeatsTrusted }) {
            sentences.append(
                "The newest beats do not resemble each other, so no run, tachycardia, pause or atrial fibrillation begins."
            )
        }
        self.sentences = sentences
    }

    /// What stands, how it is signalled and what silences it.
    private static func standing(_ line: PolicyReading.Line) -> String {
        guard let alarm = line.alarm else { return "" }
        var text =
            "\(ExplainPage.name(line.statement)) alarms (\(line.priority.rawValue)) since \(timestamp(alarm.onset.time))"
        text +=
            alarm.state == .latched ? ", is over or cannot be judged and stays until it is acknowledged" : ""
        switch line.signal {
        case .on, nil: text += "; it is signalled"
        case .acknowledged: text += "; silenced: acknowledged by \(alarm.by ?? "somebody")"
        case .audioPaused: text += "; not heard: sounds are paused"
        case .alarmPaused: text += "; recorded only: alarms are paused"
        case .off: text += "; not signalled: standby, or it came again too soon after the last"
        }
        if line.needsBeats { text += "; it waits for 10 s of beats" }
        if !line.counts || line.condition == .absent, let seconds = line.remainingSeconds {
            text += "; it ends in \(ExplainPage.plain(seconds, 1)) s unless it comes back"
        }
        return text + "."
    }

    /// What holds or counts and has no alarm.
    private static func waiting(_ line: PolicyReading.Line) -> String {
        let name = ExplainPage.name(line.statement)
        if let by = line.baselineBy { return "\(name) is this patient's baseline (\(by)): it never alarms." }
        if let other = line.spokenForBy {
            return "\(name) has no alarm of its own: \(ExplainPage.name(other)) speaks for it."
        }
        if line.priority == .info { return "\(name) holds; it informs once and does not stand." }
        if line.condition == .holding, let seconds = line.remainingSeconds {
            return
                "\(name) holds, but not long enough yet: it alarms in \(ExplainPage.plain(seconds, 1)) s if it goes on."
        }
        let rearm = line.rearmSeconds.map {
            "; one that began now would be recorded only, for \(ExplainPage.plain($0, 0)) s more"
        }
        let what =
            switch line.condition {
            case .holding: "holds"
            case .unseen: "held when the signal was lost, which nobody can tell now,"
            case .absent: "is over"
            }
        return "\(name) \(what) and has no alarm\(rearm ?? "")."
    }

    /// One line of the policy as it is.
    static func words(of line: PolicyReading.Line) -> String {
        var parts = [ExplainPage.name(line.statement) + ": " + line.condition.rawValue]
        parts.append(line.counts ? "counts" : "does not count yet")
        if let seconds = line.remainingSeconds {
            let what = line.condition == .holding ? "counts in" : "counts no longer in"
            parts.append("\(what) \(ExplainPage.plain(seconds, 1)) s")
        }
        if let alarm = line.alarm {
            parts.append(
                "alarm \(line.priority.rawValue), \(alarm.state.rawValue), signal \(line.signal?.rawValue ?? "-")"
            )
        }
        if let other = line.spokenForBy { parts.append("\(ExplainPage.name(other)) speaks for it") }
        if let by = line.baselineBy { parts.append("baseline (\(by))") }
        return parts.joined(separator: ", ")
    }
}
