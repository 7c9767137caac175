internal import Wire

/// The alarms that stand, as lines for people.
enum SnapshotPage {
    /// The alarms by priority, and those of one priority by the time of their onset.
    static func mostUrgentFirst(_ alarms: [JSONObject]) -> [JSONObject] {
        let order = ["high", "medium", "low"]
        func rank(_ alarm: JSONObject) -> Int {
            order.firstIndex(of: alarm["priority"]?.text ?? "") ?? order.count
        }
        func time(_ alarm: JSONObject) -> String { alarm["onset"]?.object?["time"]?.text ?? "" }
        return alarms.sorted { rank($0) == rank($1) ? time($0) < time($1) : rank($0) < rank($1) }
    }

    /// One line an alarm, then what people set, then the ward's rates where its policy sets them, then the notice.
    static func lines(_ alarms: [JSONObject], _ settings: [JSONObject], ward: JSONObject?) -> [String] {
        var lines = alarms.isEmpty ? ["no alarm stands"] : ControlPage.table([head] + alarms.map(row))
        for setting in settings { lines += SnapshotPage.words(of: setting) }
        if let ward {
            lines.append("by the ward's policy limits are \(rates(of: ward))/min where none are set")
        }
        return lines + [ServiceFacts.notice]
    }

    private static func rates(of limits: JSONObject) -> String {
        ["extreme_low", "low", "high", "extreme_high"].compactMap { limits[$0]?.whole.map { "\($0)" } }
            .joined(separator: ", ")
    }

    private static let head = [
        "PRIORITY", "PATIENT", "DEVICE", "STATEMENT", "SINCE", "STATE", "SIGNAL", "ID",
    ]

    private static func row(_ alarm: JSONObject) -> [String] {
        func text(_ name: String) -> String { alarm[name]?.text ?? "-" }
        let signal = text("signal") + (alarm["by"]?.text.map { " (\($0))" } ?? "")
        return [
            text("priority").uppercased(), text("patient"), text("device"), "\(text("en")) \(text("ja"))",
            alarm["onset"]?.object?["time"]?.text ?? "-", text("state"), signal, text("alarm_id"),
        ]
    }

    private static func words(of setting: JSONObject) -> [String] {
        var words: [String] = []
        if let seconds = setting["audio_paused_seconds"]?.whole {
            words.append("sounds paused for \(seconds) s")
        }
        if let seconds = setting["alarm_paused_seconds"]?.whole {
            words.append("alarms paused for \(seconds) s")
        }
        if let name = setting["standby_by"]?.text { words.append("standby (\(name))") }
        let baseline = setting["baseline"]?.array?.compactMap(\.text) ?? []
        if !baseline.isEmpty { words.append("baseline: \(baseline.joined(separator: ", "))") }
        if let limits = setting["limits"]?.object {
            let isWards = setting["rates_by"]?.text.map { $0 != "order" } ?? false
            words.append("limits \(rates(of: limits))/min" + (isWards ? " (the ward's)" : ""))
            if let change = limits["st_change_uv"]?.whole { words.append("ST change \(change) uV") }
            let levels = limits["st_baseline_uv"]?.object?.members ?? []
            let leads = levels.map { "\($0.name) \($0.value.canonicalText)" }.joined(separator: ", ")
            if !levels.isEmpty { words.append("ST baseline \(leads) uV") }
        }
        let who = [setting["patient"]?.text, setting["device"]?.text].compactMap(\.self).joined(
            separator: " "
        )
        return words.map { "\(who)  \($0)" }
    }
}
