internal import BeatEvaluation
internal import Findings
internal import Wire

/// The figures of alarms on annotated recordings, for people and for programs.
struct AlarmsPage {
    private static let priorities: [AlarmEvent.Priority] = [.high, .medium, .low, .info]

    private let scores: [AlarmScore]
    private let hours: Double

    init(_ scores: [AlarmScore]) {
        self.scores = scores
        hours = scores.reduce(0) { $0 + $1.seconds } / 3_600
    }

    private var alarms: [AlarmScore.Alarm] { scores.flatMap(\.alarms) }

    private func number(_ alarms: [AlarmScore.Alarm], _ priority: AlarmEvent.Priority, isTrue: Bool?) -> Int {
        alarms.count { $0.priority == priority && $0.isTrue == isTrue }
    }

    /// A table of text: each record, the sums, what was false or missed, and the times to alarm.
    var lines: [String] {
        var lines = [
            "record   true and false alarms of high, medium, low and info priority; missed; flapping"
        ]
        for score in scores {
            let counts = AlarmsPage.priorities.map { priority in
                let right = number(score.alarms, priority, isTrue: true)
                return "\(right) + \(number(score.alarms, priority, isTrue: false))"
            }
            lines.append(
                "\(score.name)  \(counts.joined(separator: ", "));  \(score.missed.count);  \(score.flapping)"
            )
        }
        for priority in AlarmsPage.priorities {
            let right = number(alarms, priority, isTrue: true)
            let wrong = number(alarms, priority, isTrue: false)
            let hourly = JSONValue.decimal(Double(right + wrong) / max(hours, 1e-9), places: 2).canonicalText
            lines.append("\(priority.rawValue): \(right) true, \(wrong) false, \(hourly) an hour")
        }
        return lines + statementLines + faults + delayLines
    }

    /// What was true, false and missed of each statement.
    private var statementLines: [String] {
        let missed = scores.flatMap(\.missed).map(\.statement)
        return Set(alarms.map(\.statement) + missed).sorted().map { statement in
            func number(_ isTrue: Bool) -> Int {
                alarms.count { $0.statement == statement && $0.isTrue == isTrue }
            }
            let lost = missed.count { $0 == statement }
            return "\(statement): \(number(true)) true, \(number(false)) false, \(lost) missed"
        }
    }

    private var faults: [String] {
        scores.flatMap { score in
            let wrong = score.alarms.filter { $0.isTrue == false }.map { alarm in
                let urgency = alarm.priority.rawValue
                return "false: \(score.name) \(tenths(alarm.seconds)) s \(urgency) \(alarm.statement)"
            }
            return wrong
                + score.missed.map { "missed: \(score.name) \(tenths($0.seconds)) s \($0.statement)" }
        }
    }

    private var delayLines: [String] {
        delays.map { statement, delays in
            "time to \(statement): \(delays.count), median \(tenths(delays[delays.count / 2])) s, "
                + "longest \(tenths(delays[delays.count - 1])) s"
        }
    }

    /// Times to alarm by statement, ascending.
    private var delays: [(String, [Double])] {
        var found: [String: [Double]] = [:]
        for delay in scores.flatMap(\.delays) { found[delay.statement, default: []].append(delay.seconds) }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    private func tenths(_ seconds: Double) -> String { JSONValue.decimal(seconds, places: 1).canonicalText }

    /// The same as one object.
    var json: JSONValue {
        .object(["hours": .decimal(hours, places: 4), "records": .array(scores.map(AlarmsPage.record))])
    }

    private static func record(_ score: AlarmScore) -> JSONValue {
        func place(_ statement: String, _ seconds: Double) -> JSONValue {
            .object(["statement": .string(statement), "seconds": .decimal(seconds, places: 3)])
        }
        return .object([
            "name": .string(score.name), "seconds": .decimal(score.seconds, places: 3),
            "flapping": .integer(Int64(score.flapping)),
            "alarms": .array(score.alarms.map(alarm)),
            "missed": .array(score.missed.map { place($0.statement, $0.seconds) }),
            "delays": .array(score.delays.map { place($0.statement, $0.seconds) }),
        ])
    }

    private static func alarm(_ alarm: AlarmScore.Alarm) -> JSONValue {
        .object([
            "statement": .string(alarm.statement), "priority": .string(alarm.priority.rawValue),
            "seconds": .decimal(alarm.seconds, places: 3), "true": alarm.isTrue.map { .bool($0) } ?? .null,
        ])
    }
}
