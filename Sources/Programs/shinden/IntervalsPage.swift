internal import BeatEvaluation
internal import Findings
internal import Wire

/// The figures of measured intervals, for people and for programs.
struct IntervalsPage {
    private struct Row {
        let name: String
        let pairs: [IntervalScore.Pair]

        /// Found less marked, milliseconds, in the order of the records.
        var errors: [Double] { pairs.compactMap(\.error) }
        /// Marked, but not found.
        var missed: Int { pairs.count { $0.marked != nil && $0.found.value == nil } }
        /// Found, but not marked.
        var extra: Int { pairs.count { $0.marked == nil && $0.found.value != nil } }

        var bias: Double? { errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count) }

        /// Of the sample; nil for fewer than two.
        var deviation: Double? {
            guard errors.count > 1, let bias else { return nil }
            let squares = errors.reduce(0) { $0 + ($1 - bias) * ($1 - bias) }
            return (squares / Double(errors.count - 1)).squareRoot()
        }

        /// What half of the errors do not exceed in size.
        var middle: Double? { errors.isEmpty ? nil : errors.map(abs).sorted()[(errors.count - 1) / 2] }
    }

    private let scores: [IntervalScore]
    private let rows: [Row]

    init(_ scores: [IntervalScore]) {
        self.scores = scores
        rows = [
            Row(name: "pr", pairs: scores.map(\.pr)), Row(name: "qrs", pairs: scores.map(\.qrs)),
            Row(name: "qt", pairs: scores.map(\.qt)),
        ]
    }

    /// A table of text: each record's intervals, found and marked, then the figures of all.
    var lines: [String] {
        var lines = ["record   PR found/marked   QRS found/marked   QT found/marked   beats (ms)"]
        for score in scores {
            let parts = [score.pr, score.qrs, score.qt].map { padded(text($0), 15) }
            lines.append("\(padded(score.name, -7)) \(parts.joined(separator: "  "))  \(score.beats)")
        }
        lines.append("interval  records  bias ms  SD ms  median |error|  not found  not marked")
        for row in rows {
            let figures = [
                padded("\(row.errors.count)", 7), padded(plain(row.bias, 1), 7),
                padded(plain(row.deviation, 1), 5), padded(plain(row.middle, 1), 14),
                padded("\(row.missed)", 9), padded("\(row.extra)", 10),
            ]
            lines.append("\(padded(row.name.uppercased(), -8))  \(figures.joined(separator: "  "))")
        }
        return lines
    }

    private func text(_ pair: IntervalScore.Pair) -> String {
        "\(plain(pair.found.value, 0))/\(plain(pair.marked, 0))"
    }

    private func plain(_ value: Double?, _ places: Int) -> String {
        guard let value else { return "-" }
        return JSONValue.decimal(value, places: places).canonicalText
    }

    private func padded(_ text: String, _ width: Int) -> String {
        let space = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? text + space : space + text
    }

    /// The same as one object, milliseconds.
    var json: JSONValue {
        let gross = rows.map { row in
            (
                row.name,
                JSONValue.object([
                    "bias_ms": number(row.bias), "median_error_ms": number(row.middle),
                    "not_found": .integer(Int64(row.missed)), "not_marked": .integer(Int64(row.extra)),
                    "records": .integer(Int64(row.errors.count)), "sd_ms": number(row.deviation),
                ])
            )
        }
        let records = scores.map { score in
            var members: [(String, JSONValue)] = [
                ("beats", .integer(Int64(score.beats))), ("name", .string(score.name)),
            ]
            for (name, pair) in [("pr", score.pr), ("qrs", score.qrs), ("qt", score.qt)] {
                members.append((name, number(pair.found.value)))
                members.append(("\(name)_marked", number(pair.marked)))
                if let reason = pair.found.reason {
                    members.append(("\(name)_why", .string(reason.rawValue)))
                }
            }
            return JSONValue.object(JSONObject(members))
        }
        return .object(["gross": .object(JSONObject(gross)), "records": .array(records)])
    }

    private func number(_ value: Double?) -> JSONValue { value.map { .decimal($0, places: 2) } ?? .null }
}
