/// Metrics as Prometheus reads them (its text format 0.0.4).
///
/// Each metric stands once, with all its samples below it, whoever they are of.
public enum PrometheusText {
    /// The type of the text, for the header of an answer.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The text of metrics; of two with one name the samples are put together below the first one's help.
    public static func text(_ metrics: [Metric]) -> String {
        var order: [String] = []
        var byName: [String: Metric] = [:]
        for metric in metrics {
            if byName[metric.name] == nil {
                order.append(metric.name)
                byName[metric.name] = metric
            } else if byName[metric.name]?.kind == metric.kind {
                byName[metric.name]?.samples += metric.samples
            }
        }
        return order.compactMap { byName[$0] }.map(lines).joined()
    }

    private static func lines(_ metric: Metric) -> String {
        guard !metric.samples.isEmpty else { return "" }
        let help = metric.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        let head = "# HELP \(metric.name) \(help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
        return head + metric.samples.map { lines($0, of: metric.name) }.joined()
    }

    private static func lines(_ sample: Metric.Sample, of name: String) -> String {
        switch sample.value {
        case .number(let number): return "\(name)\(labels(sample.labels)) \(text(number))\n"
        case .distribution(let found):
            let buckets = zip(found.bounds.map(text) + ["+Inf"], found.counts + [found.count])
            let rows = buckets.map { bound, count in
                "\(name)_bucket\(labels(sample.labels + [Metric.Label("le", bound)])) \(count)\n"
            }
            return rows.joined() + "\(name)_sum\(labels(sample.labels)) \(text(found.sum))\n"
                + "\(name)_count\(labels(sample.labels)) \(found.count)\n"
        }
    }

    private static func labels(_ labels: [Metric.Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
