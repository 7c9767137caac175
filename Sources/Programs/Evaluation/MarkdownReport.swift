private import DataSets

extension EvaluationFigures {
    /// The report as Markdown.
    public var markdown: String {
        var lines = ["# Evaluation", "", headline, "", "Research software, not a medical device."]
        for table in tables {
            lines += ["", "## \(table.title)", "", table.explanation, ""]
            lines.append(MarkdownReport.row(table.columns))
            lines.append(
                MarkdownReport.row(table.columns.indices.map { $0 == 0 || table.isOfWords ? "---" : "---:" })
            )
            lines += table.rows.map(MarkdownReport.row)
        }
        if !unreadable.isEmpty {
            lines += ["", "## Left out", ""]
            lines += unreadable.map { "- `\($0.path)`: \($0.reason)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Rows of Markdown tables.
private enum MarkdownReport {
    static func row(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
