private import DataSets

extension EvaluationFigures {
    /// The report as one HTML page that needs nothing beside it: plots as SVG, style within, no script.
    public var html: String {
        var parts = [
            "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
            "<meta name=\"viewport\" content=\"width=device-width\">",
            "<title>Evaluation of \(escaped(model))</title>",
            "<style>\(HTMLReport.style)</style></head><body>",
            "<h1>Evaluation</h1>", "<p>\(escaped(headline))</p>",
            "<p class=\"warning\">Research software, not a medical device.</p>",
        ]
        for table in tables {
            parts.append("<h2>\(escaped(table.title))</h2><p>\(escaped(table.explanation))</p>")
            parts += plots(beside: table)
            parts.append(HTMLReport.table(table))
        }
        if !unreadable.isEmpty {
            parts.append("<h2>Left out</h2><ul>")
            parts += unreadable.map { "<li><code>\(escaped($0.path))</code>: \(escaped($0.reason))</li>" }
            parts.append("</ul>")
        }
        parts.append("</body></html>")
        return parts.joined(separator: "\n") + "\n"
    }

    private func plots(beside table: ReportTable) -> [String] {
        switch table.title {
        case "Each statement with at least 10 cases": ["<figure>\(areaPlot)</figure>"]
        case "Probabilities and decisions": ["<figure>\(reliabilityPlot)</figure>"]
        case "Fewer leads": ["<figure>\(leadPlot)</figure>"]
        case "Floors": ["<figure>\(floorPlot)</figure>"]
        default: []
        }
    }
}

/// What the page is made of.
private enum HTMLReport {
    static let style = """
        body { font: 15px/1.45 system-ui, sans-serif; color: #1c2430; background: #fff; max-width: 1000px;
          margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.6em; } h2 { font-size: 1.15em; margin-top: 2em; }
        table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 10px 3px 0; border-bottom: 1px solid #dde2e8; text-align: right; vertical-align: top; }
        th:first-child, td:first-child { text-align: left; } th { color: #56606d; font-weight: 600; }
        .words td, .words th { text-align: left; } .wide { overflow-x: auto; }
        .warning { color: #8a3b00; } figure { margin: 1em 0; overflow-x: auto; }
        svg .t { font: 12px system-ui, sans-serif; fill: #1c2430; } svg .title { font: 600 13px system-ui, sans-serif; }
        .grid { stroke: #e6eaef; } .axis { stroke: #56606d; } .chance { stroke: #b06a2c; stroke-dasharray: 4 3; }
        .interval { stroke: #8fa3bd; stroke-width: 3; stroke-linecap: round; } .curve { stroke: #1f5fa8; }
        .both { fill: #1f5fa8; } .english { fill: #2f8f5b; } .japanese { fill: #c2413b; }
        .bar { fill: #b9c6d6; } .first { fill: #1f5fa8; }
        """

    static func table(_ table: ReportTable) -> String {
        let head = table.columns.map { "<th>\(escaped($0))</th>" }.joined()
        let rows = table.rows.map { row in
            "<tr>" + row.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>"
        }
        let style = table.isOfWords ? " class=\"words\"" : ""
        return "<div class=\"wide\"><table\(style)><thead><tr>\(head)</tr></thead><tbody>"
            + rows.joined(separator: "\n") + "</tbody></table></div>"
    }
}
