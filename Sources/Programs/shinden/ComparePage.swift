internal import Findings
internal import Service
internal import Wire

/// The alarms of two policies beside each other, for people and for programs.
struct ComparePage {
    private let comparison: AlarmComparison
    private let policies: [String]
    private let hasAll: Bool

    init(_ comparison: AlarmComparison, policies: [String], hasAll: Bool) {
        self.comparison = comparison
        self.policies = policies
        self.hasAll = hasAll
    }

    private static let words = ["kept", "moved", "lost", "gained"]

    private func changes(_ word: String) -> [AlarmComparison.Change] {
        comparison.changes.filter { $0.word == word }
    }

    /// How many there are of each kind, then a table of those that differ.
    var lines: [String] {
        let counts = ComparePage.words.map { "\($0) \(changes($0).count)" }.joined(separator: ", ")
        let shown = comparison.changes.filter { hasAll || $0.word != "kept" }
        let head = "from \(policies[0]) to \(policies[1]): \(counts)"
        guard !shown.isEmpty else { return [head, ServiceFacts.notice] }
        let titles = [
            "", "PATIENT", "DEVICE", "PRIORITY", "STATEMENT", "BEGAN", "LASTED", "WHAT IS OTHERWISE",
        ]
        return [head] + ControlPage.table([titles] + shown.map(row)) + [ServiceFacts.notice]
    }

    private func row(_ change: AlarmComparison.Change) -> [String] {
        let alarm = change.alarm
        return [
            change.word, alarm.sender.patient, alarm.sender.device, alarm.priority.rawValue.uppercased(),
            alarm.statement, timestamp(alarm.began), ComparePage.length(alarm),
            ComparePage.difference(change),
        ]
    }

    private static func length(_ alarm: AlarmComparison.Alarm) -> String {
        alarm.ended.map { "\(seconds($0 - alarm.began)) s" } ?? "to the end"
    }

    /// What is otherwise under the second policy.
    private static func difference(_ change: AlarmComparison.Change) -> String {
        guard case .moved(let one, let other) = change else { return "" }
        var words: [String] = []
        if other.priority != one.priority { words.append(other.priority.rawValue) }
        if other.isSignalled != one.isSignalled {
            words.append(other.isSignalled ? "signalled" : "recorded only")
        }
        if other.began != one.began {
            let later = other.began > one.began
            words.append("begins \(seconds(abs(other.began - one.began))) s \(later ? "later" : "earlier")")
        }
        switch (one.ended, other.ended) {
        case (let end?, let own?) where end != own:
            words.append("ends \(seconds(abs(own - end))) s \(own > end ? "later" : "earlier")")
        case (nil, .some): words.append("ends")
        case (.some, nil): words.append("stands to the end")
        default: break
        }
        return words.joined(separator: ", ")
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        JSONValue.decimal(Double(nanoseconds) / 1e9, places: 1).canonicalText
    }

    /// The same as one object; `kept` too.
    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("policies", .array(policies.map { .string($0) })), ("notice", .string(ServiceFacts.notice)),
        ]
        for word in ComparePage.words {
            members.append((word, .array(changes(word).map(ComparePage.object))))
        }
        return .object(JSONObject(members))
    }

    private static func object(_ change: AlarmComparison.Change) -> JSONValue {
        let first = object(change.alarm)
        guard case .moved(_, let other) = change else { return .object(first) }
        return .object(first.with(["to": .object(object(other))]))
    }

    private static func object(_ alarm: AlarmComparison.Alarm) -> JSONObject {
        [
            "patient": .string(alarm.sender.patient), "device": .string(alarm.sender.device),
            "statement": .string(alarm.statement), "priority": .string(alarm.priority.rawValue),
            "signalled": .bool(alarm.isSignalled), "began": .string(timestamp(alarm.began)),
            "ended": alarm.ended.map { .string(timestamp($0)) } ?? .null,
        ]
    }
}
