/// The tables that both reports print: once as values, so that Markdown and HTML cannot differ.
internal import Findings
internal import Metrics

/// One table of a report.
struct ReportTable {
    /// The words above the table.
    let title: String
    /// What its figures are, in a sentence or two.
    let explanation: String
    /// Names of the columns; the first is of text, the others are of numbers.
    let columns: [String]
    /// A cell a column.
    let rows: [[String]]
    /// Whether all columns are of text.
    var isOfWords = false
}

extension EvaluationFigures {
    /// All tables in the order of the page.
    var tables: [ReportTable] {
        [
            summaryTable, comparisonTable, benchmarkTable, labelTable, decisionTable, leadTable, floorTable,
            strataTable,
        ]
        .compactMap(\.self) + [languageTable, confusionTable, exampleTable]
    }

    /// What was evaluated, in a sentence.
    var headline: String {
        let places = sources.map { "\($0.name) \($0.recordings)" }.joined(separator: ", ")
        let part = folds.map { "folds " + $0.map(String.init).joined(separator: ", ") } ?? "all folds"
        return
            "\(model) on \(recordings) recordings (\(places); \(part)); \(labelsCounted) statements with at least "
            + "\(casesMin) cases; intervals from \(resamples) resamples of the patients."
    }

    private var summaryTable: ReportTable {
        func row(_ name: String, _ area: ByBank, _ interval: Interval?) -> [String] {
            [name, text(area.english), text(area.japanese), text(area.both), text(interval)]
        }
        func row(_ name: String, _ share: AnyOf?) -> [String] {
            [
                name, "", "", share.map { "\(percent($0.top1)) / \(percent($0.top5))" } ?? "-",
                share.map { "\($0.recordings) recordings" } ?? "",
            ]
        }
        return ReportTable(
            title: "Summary",
            explanation:
                "AUROC: the chance that a recording with the statement lies nearer to its sentence than one "
                + "without. Any-of: the share of recordings in which the first, or one of the first five, statements is "
                + "true. As people see it: the parent left out beside its child, the most special truths only.",
            columns: ["", "English", "Japanese", "both", "95 % or n"],
            rows: [
                row("macro AUROC", macroArea, macroIntervals[.both]),
                row("any-of top-1 / top-5 without sinus rhythm and normal", anyOf),
                row("any-of top-1 / top-5 with all ranked statements", anyOfAll),
                row("any-of top-1 / top-5 as people see it", anyOfAsPeopleSee),
                ["label ranking average precision", "", "", text(labelRankingPrecision), ""],
                ["expected calibration error", "", "", text(calibrationError), ""],
            ]
        )
    }

    private var comparisonTable: ReportTable? {
        guard let comparison else { return nil }
        func row(_ name: String, _ pair: ComparisonFigures.Pair) -> [String] {
            [name, text(pair.own), text(pair.reference), text(pair.interval)]
        }
        func shares(_ share: AnyOf?) -> String {
            share.map { "\(percent($0.top1)) / \(percent($0.top5))" } ?? "-"
        }
        return ReportTable(
            title: "Beside \(comparison.name)",
            explanation:
                "Both models on the same recordings; the interval is that of the difference, the same patients "
                + "drawn for both. Any-of over the statements that \(comparison.name) ranks.",
            columns: ["", "this model", comparison.name, "95 % of the difference"],
            rows: [row("macro AUROC", comparison.macroArea)]
                + (comparison.benchmark.map { [row("the benchmark's statements", $0)] } ?? [])
                + [
                    [
                        "any-of top-1 / top-5 without sinus rhythm and normal", shares(comparison.anyOf),
                        shares(comparison.anyOfReference), "",
                    ]
                ]
        )
    }

    private var benchmarkTable: ReportTable? {
        guard let benchmark else { return nil }
        func row(_ name: String, _ area: ByBank, _ last: String) -> [String] {
            [name, text(area.english), text(area.japanese), text(area.both), last]
        }
        let byCatalogue =
            benchmark.sentences == "own"
            ? benchmarkByCatalogue.map {
                [row("all by the catalogue's sentences", $0.all, text($0.interval))]
            } ?? []
            : []
        return ReportTable(
            title: "The statements of the PTB-XL benchmark",
            explanation:
                "Macro AUROC over PTB-XL's own codes, true at any likelihood, scored by "
                + (benchmark.sentences == "own" ? "their own sentences" : "the catalogue's sentences")
                + "; below, its five superclasses.",
            columns: ["", "English", "Japanese", "both", "95 % or cases"],
            rows: [
                row("all \(benchmark.codes)", benchmark.all, text(benchmark.interval)),
                row("diagnostic", benchmark.diagnostic, ""), row("form", benchmark.form, ""),
                row("rhythm", benchmark.rhythm, ""),
            ] + byCatalogue + benchmark.superclasses.map { row($0.name, $0.area, "\($0.cases)") }
        )
    }

    private var labelTable: ReportTable? {
        let rows = labels.filter { $0.cases >= 10 }
        guard !rows.isEmpty else { return nil }
        return ReportTable(
            title: "Each statement with at least 10 cases",
            explanation:
                "Top-1 and top-5: the share of its cases in which the statement stands first, or among the "
                + "first five, of all ranked ones; in brackets what a perfect ranking gives where the true statements of a "
                + "recording take turns in the first places. A dash: the model does not rank it.",
            columns: ["statement", "cases", "AUROC", "95 %", "English", "Japanese", "AP", "top-1", "top-5"],
            rows: rows.map { label in
                [
                    label.statement.english, "\(label.cases)", text(label.area.both), text(label.interval),
                    text(label.area.english), text(label.area.japanese), text(label.averagePrecision),
                    share(label.top1, label.ceiling1), share(label.top5, label.ceiling5),
                ]
            }
        )
    }

    private var decisionTable: ReportTable? {
        let rows = labels.filter { $0.cases >= 10 && $0.isRanked }
        guard !rows.isEmpty else { return nil }
        return ReportTable(
            title: "Probabilities and decisions",
            explanation:
                "Brier skill: 1 is perfect, 0 is no better than always saying the base rate. Sensitivity and "
                + "precision hold at the model's own threshold, 0.5 where it has none, and at the prevalence of these "
                + "recordings, not at a ward's.",
            columns: ["statement", "base rate", "Brier", "skill", "threshold", "sensitivity", "precision"],
            rows: rows.map { label in
                [
                    label.statement.english, text(label.baseRate), text(label.brier), text(label.brierSkill),
                    text(label.threshold), text(label.sensitivity), text(label.precision),
                ]
            }
        )
    }

    private var leadTable: ReportTable {
        ReportTable(
            title: "Fewer leads",
            explanation:
                "Only these leads are sent; the limb leads that follow from two of them are derived. The same "
                + "statements as above, by both banks.",
            columns: [
                "leads", "recordings", "macro AUROC", "benchmark, all", "rhythm", "any-of top-1", "top-5",
            ],
            rows: leadSets.map { set in
                [
                    set.name, "\(set.recordings)", text(set.macroArea.both), text(set.benchmark?.all.both),
                    text(set.benchmark?.rhythm.both), percent(set.anyOf?.top1), percent(set.anyOf?.top5),
                ]
            }
        )
    }

    private var floorTable: ReportTable {
        let own = [
            "this model", text(macroArea.both), percent(anyOf?.top1), percent(anyOf?.top5),
            percent(anyOfAll?.top1), percent(anyOfAll?.top5),
        ]
        return ReportTable(
            title: "Floors",
            explanation: floors.map { "\($0.name): \($0.explanation)." }.joined(separator: " ")
                + " Any-of without and with sinus rhythm and normal.",
            columns: ["", "macro AUROC", "top-1", "top-5", "top-1 of all", "top-5 of all"],
            rows: [own]
                + floors.map { floor in
                    [
                        floor.name, text(floor.macroArea), percent(floor.anyOf?.top1),
                        percent(floor.anyOf?.top5),
                        percent(floor.anyOfAll?.top1), percent(floor.anyOfAll?.top5),
                    ]
                }
        )
    }

    private var strataTable: ReportTable? {
        guard !strata.isEmpty else { return nil }
        return ReportTable(
            title: "By sex and by age",
            explanation:
                "Macro AUROC over the statements with at least \(casesMin) cases in the part, so parts differ "
                + "in statements too.",
            columns: ["part", "recordings", "statements", "English", "Japanese", "both"],
            rows: strata.map { part in
                [
                    part.name, "\(part.recordings)", "\(part.labels)", text(part.macroArea.english),
                    text(part.macroArea.japanese), text(part.macroArea.both),
                ]
            }
        )
    }

    private var languageTable: ReportTable {
        ReportTable(
            title: "English against Japanese",
            explanation: "How each bank ranks without sinus rhythm and normal, and how alike.",
            columns: ["", "top-1", "top-5"],
            rows: [
                ["English", percent(languages.english?.top1), percent(languages.english?.top5)],
                ["Japanese", percent(languages.japanese?.top1), percent(languages.japanese?.top5)],
                ["same statement first", percent(languages.sameFirst), ""],
                ["share of the first five that both have", "", percent(languages.sharedOfFive)],
            ]
        )
    }

    private var confusionTable: ReportTable {
        ReportTable(
            title: "Families",
            explanation:
                "Rows: a family that is true of the recording. Columns: the family of its first statement, "
                + "without sinus rhythm and normal. Recordings; one with several true families counts in each row.",
            columns: ["true"] + confusion.families,
            rows: zip(confusion.families, confusion.counts).map { [$0] + $1.map(String.init) }
        )
    }

    private var exampleTable: ReportTable {
        ReportTable(
            title: "Examples",
            explanation:
                "For the commonest statements the recording with the middle similarity: what is true, and the "
                + "five nearest sentences with their similarities in English and Japanese; * is true.",
            columns: ["record", "true", "nearest"],
            rows: examples.map { example in
                [
                    example.record, example.truths.map(\.english).joined(separator: "; "),
                    example.nearest.map { entry in
                        "\(entry.statement.english)\(entry.isTrue ? " *" : "") "
                            + "\(text(entry.english)) / \(text(entry.japanese))"
                    }.joined(separator: "; "),
                ]
            },
            isOfWords: true
        )
    }
}

/// Three decimals, or a dash.
func text(_ value: Double?) -> String { value.map { fixed($0, places: 3) } ?? "-" }

/// Both ends of an interval, or a dash.
func text(_ interval: Interval?) -> String {
    interval.map { "\(fixed($0.lower, places: 3)) to \(fixed($0.upper, places: 3))" } ?? "-"
}

/// A share in per cent with one decimal, or a dash.
func percent(_ value: Double?) -> String { value.map { fixed($0 * 100, places: 1) + " %" } ?? "-" }

private func share(_ value: Double?, _ ceiling: Double?) -> String {
    guard let value else { return "-" }
    return percent(value) + (ceiling.map { " (\(percent($0)))" } ?? "")
}

/// `value` with so many decimals, 1 to 6.
func fixed(_ value: Double, places: Int) -> String {
    let scale = (0..<places).reduce(1.0) { scale, _ in scale * 10 }
    let units = (value.magnitude * scale).rounded(.toNearestOrEven)
    guard units < 1e15 else { return "\(value)" }
    let digits = String(Int64(units))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 && units > 0 ? "-" : ""
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
}
