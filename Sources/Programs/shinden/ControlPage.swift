private import ECGSignal
private import Presentation
internal import Wire

/// What the control socket answers, as lines for people.
enum ControlPage {
    /// One page about the daemon; `hasMore` where it was refused more senders than the reply has.
    static func status(_ status: StatusReport, hasMore: Bool) -> [String] {
        let service = status.service
        let isReady = service.isReady ? "ready" : "not ready"
        var lines = [
            "daemon     \(isReady), up \(duration(service.uptimeSeconds)), model \(service.model)",
            "streams    \(grouped(service.openStreams)) of \(grouped(service.streamsMax)) open",
            "frames     \(grouped(service.framesReceived)) received, \(grouped(service.eventsPublished)) events published",
            "gateways   \(grouped(service.peers)) connected, \(grouped(service.linksDropped)) links lost and back",
        ]
        lines += kept(service)
        if status.endpoints.isEmpty { lines.append("refused    nothing") }
        for endpoint in status.endpoints {
            lines.append("refused    \(endpoint.name)  \(list(endpoint.codes))")
        }
        for endpoint in status.links {
            for code in endpoint.codes {
                lines.append(
                    "link       \(endpoint.name)  \(code.code) \(grouped(code.count)): \(code.detail ?? "")"
                )
            }
        }
        for sender in status.senders { lines += refusals(sender) }
        if hasMore { lines.append("           more senders: shinden status --json tells them all") }
        for stream in status.waiting { lines.append("waiting    \(stream.stream)  \(stream.why)") }
        lines.append("           \(ServiceFacts.notice)")
        return lines
    }

    /// What becomes of events and frames, and why it is less than was asked for.
    private static func kept(_ service: ServiceFacts) -> [String] {
        let events =
            switch (service.journalFault, service.journal) {
            case (let fault?, _): "events are NOT kept: \(fault)"
            case (nil, nil): "none; the daemon keeps events where it is started with --state DIR"
            case (nil, let place?):
                service.isDurable
                    ? "\(grouped(Int(place.sequence))) events so far" : "events are not durable yet"
            }
        return ["journal    \(events)"]
            + (service.recordFault.map { ["frame log  is NOT written: \($0)"] } ?? [])
    }

    /// One line for each code that a sender was refused by.
    private static func refusals(_ sender: StatusReport.RefusedSender) -> [String] {
        let who = [sender.patient, sender.device].compactMap(\.self).joined(separator: " ")
        return sender.codes.map { code in
            "sender     \(who.isEmpty ? "not readable" : who)  \(code.code) \(grouped(code.count)): \(code.detail ?? "")"
        }
    }

    /// Codes with their counts: `RANGE 3, LATE 1`.
    private static func list(_ codes: [StatusReport.CodeCount]) -> String {
        codes.map { "\($0.code) \(grouped($0.count))" }.joined(separator: ", ")
    }

    /// A table of streams.
    static func streams(_ streams: [StreamReport]) -> [String] {
        guard !streams.isEmpty else { return ["no streams"] }
        let head = [
            "PATIENT", "DEVICE", "EPOCH", "STATE", "NEWEST WINDOW", "LEADS", "RECEIVED", "NOT ANALYSED",
            "REFUSED", "LOG",
        ]
        return table([head] + streams.map(row))
    }

    private static func row(_ stream: StreamReport) -> [String] {
        let sum = { (count: KeyPath<Ledger, Int>) in stream.leads.reduce(0) { $0 + $1.ledger[keyPath: count] }
        }
        let lost = [
            ("chunks missing", stream.missingChunks), ("duplicate", sum(\.duplicate)), ("late", sum(\.late)),
            ("conflict", sum(\.conflict)),
            ("refused", sum(\.refused)),
        ].filter { $0.1 > 0 }
        let names = stream.leads.map(\.name)
        return [
            stream.patient, stream.device, stream.epoch,
            stream.state + (stream.why.map { " (\($0))" } ?? ""),
            stream.newestWindow.map {
                "from \(tenths($0 / 50)) s" + (stream.withheld.map { ", withheld: \($0)" } ?? "")
            }
                ?? "none",
            names.count > 4 ? "\(names.count)" : names.joined(separator: ","), grouped(sum(\.received)),
            lost.isEmpty ? "0" : lost.map { "\(grouped($0.1)) \($0.0)" }.joined(separator: ", "),
            stream.refused.isEmpty ? "-" : list(stream.refused), stream.logName,
        ]
    }

    /// A table of beds, as the file has them.
    static func roster(_ beds: [RosterReport]) -> [String] {
        guard !beds.isEmpty else { return ["no beds"] }
        let rows = beds.map { bed in
            [bed.ward, bed.bed, bed.patient ?? "free", bed.name ?? "-", bed.standby ? "standby" : ""]
        }
        return table([["WARD", "BED", "PATIENT", "NAME", ""]] + rows)
    }

    /// A table of statements: id, use, both languages.
    static func labels(_ labels: [LabelReport.Entry]) -> [String] {
        table(
            [["ID", "USE", "ENGLISH", "JAPANESE"]] + labels.map { [$0.id, $0.use, $0.english, $0.japanese] }
        )
    }

    /// Columns as wide as their widest entry, two spaces between them.
    static func table(_ rows: [[String]]) -> [String] {
        let widths = rows[0].indices.map { column in rows.map { Columns.width(of: $0[column]) }.max() ?? 0 }
        return rows.map { row in
            let line = zip(row, widths).map { Columns.padded($0, to: $1 + 2) }.joined()
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// 1,234,567 for 1234567.
    private static func grouped(_ number: Int) -> String {
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
