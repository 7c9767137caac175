private import ECGSignal
public import Findings
public import Wire

/// One step of an alarm as a person reads it, from the step itself or from its event; both give the same words.
///
///     HIGH Ventricular Fibrillation / 心室細動, since 40.7 s
///     MEDIUM Tachycardia / 頻脈, over, since 12.1 s, 118/min
public struct AlarmForPeople: Sendable {
    private let priority: String
    private let names: String
    private let phase: String
    private let reason: String
    private let state: String
    private let evidence: String
    private let figure: String?
    private let leads: [String]
    private let by: String?
    /// The UTC of the onset, as the event has it.
    private let onsetTime: String
    /// The onset in seconds of its stream, with one decimal.
    private let onsetSeconds: String

    /// The line of a daemon's event: priority, statement, since when in UTC, figure.
    public var text: String { words(since: onsetTime) }

    /// The line of a recording's event: the second at which it happened, priority, statement, since which second, figure.
    public static func line(of recording: String, _ alarm: AlarmEvent) -> String {
        let words = AlarmForPeople(alarm)
        return "\(recording)  \(seconds(alarm.at.sample)) s  \(words.words(since: words.onsetSeconds + " s"))"
    }

    /// Priority and statement of an alarm.
    static func names(of alarm: AlarmEvent) -> String {
        let words = AlarmForPeople(alarm)
        return "\(words.priority.uppercased()) \(words.names)"
    }

    private func words(since onset: String) -> String {
        var parts = ["\(priority.uppercased()) \(names)"]
        if let what { parts.append(what) }
        parts.append("since \(onset)")
        if let figure { parts.append(figure) }
        if !leads.isEmpty { parts.append(LeadWords.list(leads)) }
        if evidence == "both" { parts.append("the model agrees") }
        if let by { parts.append("by \(by)") }
        return parts.joined(separator: ", ")
    }

    /// What happened to the alarm; nil where it simply begins.
    private var what: String? {
        switch (phase, reason) {
        case ("start", "began"): nil
        case (_, "resumed"): "holds on"
        case (_, "seen_again"): "seen again"
        case (_, "new_episode"): "a new episode"
        case ("end", "superseded"): "a higher alarm speaks for it"
        case ("end", _): "over"
        case (_, "over"): state == "latched" ? "over, stays until it is acknowledged" : "over"
        case (_, "analysis_lost"): "stays, since nothing can be analysed"
        case ("escalate", _): "escalated"
        case ("deescalate", _): "de-escalated"
        case (_, "acknowledged"): "acknowledged"
        case (_, "pause_over"): "signalled again"
        default: reason
        }
    }

    private static func seconds(_ index: GridIndex) -> String {
        let tenths = index / 50
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension AlarmForPeople {
    /// The step of an alarm event's data; a member that is missing reads as `?`.
    public init(_ data: JSONObject) {
        func text(_ name: String) -> String { data[name]?.text ?? "?" }
        let onset = data["onset"]?.object
        priority = text("priority")
        names = "\(text("en")) / \(text("ja"))"
        phase = text("phase")
        reason = text("reason")
        state = text("state")
        evidence = text("evidence")
        by = data["by"]?.text
        leads = (data["leads"]?.array ?? []).compactMap(\.text)
        onsetTime = onset?["time"]?.text ?? "?"
        onsetSeconds = onset?["sample"]?.whole.map(AlarmForPeople.seconds) ?? "?"
        figure = data["figure"]?.object.map { figure in
            "\(figure["value"]?.canonicalText ?? "?")\(figure["unit"]?.text ?? "")"
        }
    }

    /// The step itself, with the figures as its event has them.
    public init(_ alarm: AlarmEvent) {
        let id = alarm.alarm.statement
        let statement = Catalogue.shipped.index(of: id).map { Catalogue.shipped.statements[$0] }
        priority = alarm.priority.rawValue
        names = "\(statement?.english ?? "?") / \(statement?.japanese ?? "?")"
        phase = alarm.phase.rawValue
        reason = alarm.reason.rawValue
        state = alarm.state.rawValue
        evidence = alarm.evidence.rawValue
        by = alarm.by
        leads = alarm.leads.map(\.name)
        onsetTime = timestamp(alarm.onset.time)
        onsetSeconds = AlarmForPeople.seconds(alarm.onset.sample)
        figure = alarm.figure.map { figure in
            let value = JSONValue.decimal(figure.value, places: AlarmNames.places(of: figure.unit))
            return value.canonicalText + figure.unit.rawValue
        }
    }
}
