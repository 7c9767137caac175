internal import BeatEvaluation
internal import BeatScoring
internal import Wire

/// The figures of found beats, for people and for programs.
struct BeatsPage {
    private let scores: [RecordScore]
    private let gross: BeatTable
    private let grossUnpaced: BeatTable
    private let grossAfterFiveMinutes: BeatTable
    private let delays: [Double]

    init(_ scores: [RecordScore]) {
        self.scores = scores
        var gross = BeatTable()
        var unpaced = BeatTable()
        var late = BeatTable()
        for score in scores {
            gross.add(score.table)
            late.add(score.tableAfterFiveMinutes)
            if !score.isPaced { unpaced.add(score.table) }
        }
        self.gross = gross
        grossUnpaced = unpaced
        grossAfterFiveMinutes = late
        delays = scores.flatMap(\.delaysMilliseconds).sorted()
    }

    /// A delay that so many in a hundred do not exceed, milliseconds; nil without a beat.
    private func delay(_ percent: Int) -> Double? {
        delays.isEmpty ? nil : delays[min(delays.count - 1, delays.count * percent / 100)]
    }

    /// A table of text.
    var lines: [String] {
        var lines = ["record   QRS se   QRS +P   VEB se   VEB +P   missed  false  back  jitter"]
        for score in scores { lines.append(line(score.name, score.table, back: score.searchedBackCount)) }
        let back = scores.reduce(0) { $0 + $1.searchedBackCount }
        lines.append(line("gross", gross, back: back))
        lines.append(line("unpaced", grossUnpaced, back: back))
        lines.append(line("5 min", grossAfterFiveMinutes, back: back))
        lines.append("average of records: \(averages)")
        lines.append(
            "\(plain(gross.scoredSeconds, 0)) s scored, \(plain(gross.excludedSeconds, 1)) s of flutter left out; "
                + "published after \(plain(delay(50), 0)) ms in the median, p99 \(plain(delay(99), 0)) ms"
        )
        lines += matrix
        return lines
    }

    private func line(_ name: String, _ table: BeatTable, back: Int) -> String {
        let shares = [
            table.sensitivity, table.positivePredictivity, table.ventricularSensitivity,
            table.ventricularPositivePredictivity,
        ].map { padded(plain($0.map { $0 * 100 }, 2), 7) }
        let jitter =
            "\(plain(table.jitterMeanMilliseconds, 1)) +- \(plain(table.jitterDeviationMilliseconds, 1)) ms"
        let counts = [padded("\(table.missed)", 6), padded("\(table.falseBeats)", 6), padded("\(back)", 5)]
        return ([padded(name, -7)] + shares + counts + [jitter]).joined(separator: "  ")
    }

    private var averages: String {
        func mean(_ value: (BeatTable) -> Double?) -> String {
            let known = scores.compactMap { value($0.table) }
            return plain(known.isEmpty ? nil : known.reduce(0, +) / Double(known.count) * 100, 2)
        }
        return
            "QRS \(mean(\.sensitivity)) / \(mean(\.positivePredictivity)), "
            + "VEB \(mean(\.ventricularSensitivity)) / \(mean(\.ventricularPositivePredictivity))"
    }

    /// EC57's matrix over all records: rows annotated, columns found.
    private var matrix: [String] {
        let kinds: [ScoredClass?] = ScoredClass.allCases.map { $0 } + [nil]
        func letter(_ kind: ScoredClass?) -> String { kind?.letter ?? "O" }
        var lines = ["annotated \\ found " + kinds.map { padded(letter($0).lowercased(), 6) }.joined()]
        for reference in kinds {
            let counts = kinds.map { padded("\(gross.number(reference: reference, found: $0))", 6) }
            lines.append(padded(letter(reference), 17) + " " + counts.joined())
        }
        return lines
    }

    private func plain(_ value: Double?, _ places: Int) -> String {
        guard let value else { return "-" }
        return JSONValue.decimal(value, places: places).canonicalText
    }

    private func padded(_ text: String, _ width: Int) -> String {
        let space = String(repeating: " ", count: max(0, abs(width) - text.count))
        return width < 0 ? text + space : space + text
    }

    /// The same as one object; shares are fractions.
    var json: JSONValue {
        .object([
            "delay_ms_p50": number(delay(50), 1), "delay_ms_p99": number(delay(99), 1),
            "gross": .object(JSONObject(members(gross))),
            "gross_after_5_minutes": .object(JSONObject(members(grossAfterFiveMinutes))),
            "gross_without_paced_records": .object(JSONObject(members(grossUnpaced))),
            "records": .array(
                scores.map { score in
                    let narrow = score.narrowTables.map {
                        ("qrs_sensitivity_\($0.windowMilliseconds)_ms", number($0.table.sensitivity, 6))
                    }
                    return .object(
                        JSONObject(
                            members(score.table) + narrow + [
                                ("name", .string(score.name)), ("paced", .bool(score.isPaced)),
                                ("searched_back", .integer(Int64(score.searchedBackCount))),
                            ]
                        )
                    )
                }
            ),
        ])
    }

    private func members(_ table: BeatTable) -> [(String, JSONValue)] {
        [
            ("excluded_seconds", number(table.excludedSeconds, 3)),
            ("jitter_ms_mean", number(table.jitterMeanMilliseconds, 3)),
            ("jitter_ms_sd", number(table.jitterDeviationMilliseconds, 3)),
            ("qrs_false", .integer(Int64(table.falseBeats))), ("qrs_hits", .integer(Int64(table.hits))),
            ("qrs_missed", .integer(Int64(table.missed))),
            ("qrs_positive_predictivity", number(table.positivePredictivity, 6)),
            ("qrs_sensitivity", number(table.sensitivity, 6)),
            ("scored_seconds", number(table.scoredSeconds, 3)),
            ("veb_positive_predictivity", number(table.ventricularPositivePredictivity, 6)),
            ("veb_sensitivity", number(table.ventricularSensitivity, 6)),
        ]
    }

    private func number(_ value: Double?, _ places: Int) -> JSONValue {
        value.map { .decimal($0, places: places) } ?? .null
    }
}
