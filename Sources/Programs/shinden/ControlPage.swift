private import Presentation
internal import Wire

/// What the control socket answers, as lines for people.
enum ControlPage {
    /// One page about the daemon.
    static func status(_ status: JSONObject) -> [String] {
        let number = { (name: String) in grouped(status[name]?.whole ?? 0) }
        let isReady = status["ready"] == .bool(true) ? "ready" : "not ready"
        var lines = [
            "daemon     \(isReady), up \(duration(status["uptime_seconds"]?.whole ?? 0)), model \(status["model"]?.text ?? "?")",
            "streams    \(number("streams")) of \(number("streams_max")) open",
            "frames     \(number("frames")) received, \(number("published")) events published",
            "gateways   \(number("peers")) connected, \(number("links_dropped")) links lost and back",
        ]
        let endpoints = status["counts"]?.object?.members ?? []
        if endpoints.isEmpty { lines.append("refused    nothing") }
        for endpoint in endpoints {
            let codes = (endpoint.value.object?.members ?? []).map {
                "\($0.name) \(grouped($0.value.whole ?? 0))"
            }
            lines.append("refused    \(endpoint.name)  \(codes.joined(separator: ", "))")
        }
        for sender in status["refused_senders"]?.array?.compactMap(\.object) ?? [] {
            lines += refusals(sender)
        }
        if status["more"] == .bool(true) {
            lines.append("           more senders: shinden status --json tells them all")
        }
        for entry in status["starting"]?.array?.compactMap(\.object) ?? [] {
            lines.append("waiting    \(entry["stream"]?.text ?? "?")  \(entry["why"]?.text ?? "")")
        }
        lines.append("           research software, not a medical device")
        return lines
    }

    /// One line for each code that a sender was refused by.
    private static func refusals(_ sender: JSONObject) -> [String] {
        let who = [sender["patient"]?.text, sender["device"]?.text].compactMap(\.self).joined(separator: " ")
        return (sender["codes"]?.object?.members ?? []).map { code in
            let facts = code.value.object ?? [:]
            return "sender     \(who.isEmpty ? "not readable" : who)  \(code.name) "
                + "\(grouped(facts["count"]?.whole ?? 0)): \(facts["detail"]?.text ?? "")"
        }
    }

    /// A table of streams.
    static func streams(_ streams: [JSONObject]) -> [String] {
        guard !streams.isEmpty else { return ["no streams"] }
        let head = [
            "PATIENT", "DEVICE", "EPOCH", "STATE", "NEWEST WINDOW", "LEADS", "RECEIVED", "NOT ANALYSED",
            "REFUSED", "LOG",
        ]
        return table([head] + streams.map(row))
    }

    private static func row(_ stream: JSONObject) -> [String] {
        let leads = stream["leads"]?.array?.compactMap(\.object) ?? []
        let sum = { (name: String) in leads.reduce(Int64(0)) { $0 + ($1[name]?.whole ?? 0) } }
        let lost = ["duplicate", "late", "conflict", "refused"].map { ($0, sum($0)) }.filter { $0.1 > 0 }
        let refused = stream["refused"]?.object?.members ?? []
        let window = stream["window"]?.whole.map { "from \(tenths($0 / 50)) s" } ?? "none"
        let why = stream["why"]?.text.map { " (\($0))" } ?? ""
        let names = leads.compactMap { $0["lead"]?.text }
        return [
            stream["patient"]?.text ?? "?", stream["device"]?.text ?? "?", stream["epoch"]?.text ?? "?",
            (stream["state"]?.text ?? "?") + why, window,
            names.count > 4 ? "\(names.count)" : names.joined(separator: ","), grouped(sum("received")),
            lost.isEmpty ? "0" : lost.map { "\(grouped($0.1)) \($0.0)" }.joined(separator: ", "),
            refused.isEmpty
                ? "-" : refused.map { "\($0.name) \(grouped($0.value.whole ?? 0))" }.joined(separator: ", "),
            stream["log"]?.text ?? "-",
        ]
    }

    /// A table of statements: id, use, both languages.
    static func labels(_ labels: [JSONObject]) -> [String] {
        let head = ["ID", "USE", "ENGLISH", "JAPANESE"]
        return table(
            [head] + labels.map { label in ["id", "use", "en", "ja"].map { label[$0]?.text ?? "?" } }
        )
    }

    /// Columns as wide as their widest entry, two spaces between them.
    private static func table(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { Columns.width(of: $0[column]) }.max() ?? 0 }
        return rows.map { row in
            let line = zip(row, widths).map { Columns.padded($0, to: $1 + 2) }.joined()
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// 1,234,567 for 1234567.
    private static func grouped(_ number: Int64) -> String {
        var text = ""
        for (place, digit) in "\(number)".reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3), digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private static func tenths(_ number: Int64) -> String { "\(number / 10).\(abs(number % 10))" }

    private static func duration(_ seconds: Int64) -> String {
        let parts = [
            (seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"),
            (seconds % 60, "s"),
        ]
        let shown = parts.drop { $0.0 == 0 }.prefix(2)
        return shown.isEmpty ? "0 s" : shown.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }
}
