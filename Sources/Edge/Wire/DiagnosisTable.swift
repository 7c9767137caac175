internal import ECGSignal
public import Findings

/// Ranked windows as CSV (RFC 4180, UTF-8, a line feed after each row): one row a statement of a window's first ten, in
/// their order, with the figures of the event; one row without a statement for a window that is withheld.
///
/// The last two columns say what the window's signal is worth, and where the samples of each used lead come from, as in its
/// event: a patch or strap stands in the place of a lead.
public enum DiagnosisTable {
    /// The names of the columns.
    public static let header = row([
        "record", "from_s", "to_s", "leads_used", "coverage", "withheld", "rank", "id", "en", "ja",
        "similarity",
        "probability", "quality", "sources",
    ])

    /// The rows of one window of a record.
    public static func rows(of record: String, _ diagnosis: WindowDiagnosis) -> [String] {
        let window = [
            record, seconds(diagnosis.firstSample),
            seconds(diagnosis.firstSample + GridIndex(Grid.windowSamples)),
            diagnosis.usedLeads.map(\.name).joined(separator: " "),
            diagnosis.coverage.map { rounded($0) } ?? "", diagnosis.windowWithheld?.rawValue ?? "",
        ]
        let sources = diagnosis.leads.filter { diagnosis.usedLeads.contains($0.lead) }.map(\.source.rawValue)
        let worth = [diagnosis.quality.rawValue, sources.joined(separator: " ")]
        guard diagnosis.windowWithheld == nil, !diagnosis.top.isEmpty else {
            return [row(window + Array(repeating: "", count: 6) + worth)]
        }
        return diagnosis.top.enumerated().map { place, ranked in
            row(
                window + [
                    "\(place + 1)", ranked.statement.id, ranked.statement.english, ranked.statement.japanese,
                    rounded(ranked.similarity), ranked.probability.map(rounded) ?? "",
                ] + worth
            )
        }
    }

    private static func row(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") }

    /// Puts a field in quotes where it holds a comma, a quote or the end of a line.
    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }

    /// Writes four decimals, as events do.
    private static func rounded(_ value: Double) -> String {
        JSONValue.decimal(value, places: 4).canonicalText
    }

    /// Writes the time of a grid sample in seconds, with three decimals at most.
    private static func seconds(_ index: GridIndex) -> String {
        JSONValue.decimal(Double(index) / Double(Grid.rate), places: 3).canonicalText
    }
}
