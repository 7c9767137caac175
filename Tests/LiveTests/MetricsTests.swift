import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

/// What a real daemon counts, asked over the wire and read through a real dashboard as Prometheus does.
@Suite struct MetricsTests {
    private static let stream = StreamIdentity(patient: "canary-one", device: "canary-two", epoch: 5)

    /// The samples of a Prometheus text: name with labels, and value.
    private static func samples(_ text: String) -> [String: Double] {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        return Dictionary(
            lines.compactMap { line in
                guard let end = line.lastIndex(of: " "), let value = Double(line[line.index(after: end)...])
                else { return nil }
                return (String(line[..<end]), value)
            }
        ) { $1 }
    }

    private func metrics(_ asker: Asker) throws -> [String: [Metric.Sample]] {
        let reply = try asker.ask(#"{"op":"METRICS","request":"m"}"#)
        let found = MetricsReport.metrics(reply["metrics"]?.array?.compactMap(\.object) ?? [])
        return Dictionary(uniqueKeysWithValues: found.map { ($0.name, $0.samples) })
    }

    private func number(_ samples: [Metric.Sample]?, _ label: String? = nil) -> Double? {
        let sample = samples?.first { label == nil || $0.labels.contains { $0.value == label } }
        guard case .number(let number)? = sample?.value else { return nil }
        return number
    }

    private func times(_ samples: [Metric.Sample]?, _ label: String) -> Metric.Distribution? {
        let sample = samples?.first { $0.labels.contains { $0.value == label } }
        guard case .distribution(let times)? = sample?.value else { return nil }
        return times
    }

    @Test func `METRICS counts frames, samples, windows, stages and refusals as STATUS and STREAMS do`()
        throws
    {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let listener = try Listener(daemon)
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let messages = try record.messages(Self.stream, 0..<6_000)
        try sender.send(messages)
        // A stream that closes is encoded to its end at once, which is no step of the encoder.
        #expect(try listener.hears("a window") { $0.isDiagnosis })
        let rest = try record.messages(Self.stream, 6_000..<7_000, isLast: true)
        try sender.send(rest)
        for message in try BadInput.allCases[0].messages() { try sender.send(message) }
        #expect(
            try listener.hears("its end") { $0.isTech("stream_closed") && $0.subject == Self.stream.patient }
        )
        let asker = try Asker(daemon)
        var found: [String: [Metric.Sample]] = [:]
        var status: JSONObject = [:]
        let isCounted = try eventually {
            status = try asker.status()
            found = try metrics(asker)
            return number(found["shinden_samples_received_total"]) == 84_000
                && number(found["shinden_frames_total"]).map(Int64.init) == status["frames"]?.whole
                && found["shinden_refused_chunks_total"]?.isEmpty == false
        }
        #expect(isCounted, "\(found["shinden_samples_received_total"] ?? [])")
        let fates = ["analysed", "duplicate", "conflict", "late", "refused"].compactMap {
            number(found["shinden_samples_total"], $0)
        }
        #expect(fates.reduce(0, +) + (number(found["shinden_samples_held"]) ?? -1) == 84_000)
        #expect(status["frames"]?.whole ?? 0 > 0)
        let refused = try asker.refusals(at: daemon)
        for (code, count) in refused {
            #expect(number(found["shinden_refused_chunks_total"], code) == Double(count), "\(code)")
        }
        #expect(!refused.isEmpty)
        let windows = listener.heard.count { $0.topic.contains(".diagnosis.") }
        let outcomes = (found["shinden_windows_total"] ?? []).compactMap { number([$0]) }
        #expect(outcomes.reduce(0, +) == Double(windows) && windows > 0)
        #expect(number(found["shinden_events_total"], "diagnosis") == Double(windows))
        #expect(
            times(found["shinden_stage_seconds"], "conditioning")?.count == Int64(messages.count + rest.count)
        )
        let encoding = try #require(times(found["shinden_stage_seconds"], "encoding"))
        #expect(encoding.count > 0 && encoding.sum > 0)
        #expect(times(found["shinden_latency_seconds"], "diagnosis")?.count ?? 0 > 0)
        #expect(number(found["shinden_log_lines_total"], "info") ?? 0 > 0)
        #expect(number(found["shinden_resident_memory_bytes"]) ?? 0 > 10_000_000)
        let files = number(found["shinden_open_files"]) ?? 0
        // doctor says that a daemon needs 128 to start.
        #expect((10...128).contains(files), "\(files) open files")
    }

    @Test func `what the samples came to stays counted when the streams are forgotten`() throws {
        let daemon = try LiveDaemon(["--streams-max", "1", "--idle-seconds", "1"])
        defer { daemon.end() }
        let sender = try daemon.sender()
        let record = try SentRecord("ptbxl/00017_hr")
        let asker = try Asker(daemon)
        for epoch in 1...3 {
            let stream = StreamIdentity(patient: "p\(epoch)", device: "d\(epoch)", epoch: UInt64(epoch))
            var received = 0.0
            let isCounted = try eventually {
                // What found no place, because the stream before had not gone yet, is sent again.
                if received < Double(epoch) * 12_000 {
                    try sender.send(try record.messages(stream, 0..<1_000, isLast: true))
                }
                let now = number(try metrics(asker)["shinden_samples_received_total"]) ?? 0
                #expect(now >= received, "a counter fell")
                received = now
                return received >= Double(epoch) * 12_000
            }
            #expect(isCounted, "\(received) samples after \(epoch) streams")
        }
    }

    @Test func `the table of the documents is what a daemon and a dashboard say`() throws {
        let scratch = try Scratch()
        defer { scratch.end() }
        let daemon = try LiveDaemon(["--state", scratch.at("state")])
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        try daemon.sender().send(try SentRecord("ptbxl/00017_hr").messages(Self.stream, 0..<6_000))
        var text = ""
        let isTold = try eventually {
            text = try dashboard.answer("metrics").body
            return text.contains("shinden_windows_total") && text.contains("code=\"stream_opened\"")
        }
        #expect(isTold, "\(text)")
        #expect(!text.contains("canary"))
        let page = try String(contentsOfFile: Repository.root + "/docs/METRICS.md", encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `shinden_") }
        let documented = rows.map { row -> String in
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return "\(cells[0].filter { $0 != "`" }) \(cells[1])"
        }
        let told = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map {
            String($0.dropFirst(7))
        }
        // Nothing was refused, so that one has no samples and is left out.
        #expect(Set(documented).subtracting(["shinden_refused_chunks_total counter"]) == Set(told))
        #expect(documented.count == Set(documented).count)
        // What the examples ask for is what is told.
        let names = Set(documented.map { String($0.prefix { $0 != " " }) })
        for path in ["Examples/prometheus/alerts.yml", "Examples/grafana/shinden.json"] {
            let example = try String(contentsOfFile: Repository.root + "/" + path, encoding: .utf8)
            let used = Set(example.matches(of: /shinden_[a-z_]+/).map { String($0.output) })
            #expect(used.count > 8)
            for name in used {
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                #expect(names.contains(name) || names.contains(base), "\(path): \(name)")
            }
        }
    }

    @Test func `a daemon that is gone is told by an age that grows, and its figures go`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let label = "{daemon=\"\(daemon.events.text)\"}"
        var found: [String: Double] = [:]
        func read() throws { found = Self.samples(try dashboard.answer("metrics").body) }
        #expect(
            try eventually {
                try read()
                return found["shinden_ready\(label)"] == 1
                    && found["shinden_dashboard_daemon_heard\(label)"] == 1
            }
        )
        #expect(found["shinden_dashboard_heartbeat_age_seconds\(label)"] ?? 99 < 3)
        #expect(daemon.stop() == 0)
        let isTold = try eventually {
            try read()
            return found["shinden_dashboard_heartbeat_age_seconds\(label)"] ?? 0 > 5
                && found["shinden_ready\(label)"] == nil
        }
        #expect(isTold, "\(found)")
        #expect(found["shinden_dashboard_daemon_heard\(label)"] == 0)
        #expect(try dashboard.answer("healthz").status == 200)
    }

    @Test func `with keys METRICS needs the right to read something`() throws {
        let keyed = try KeyedDaemon()
        defer { keyed.end() }
        let asked = #"{"op":"METRICS","request":"m"}"#
        #expect(try keyed.asker("gate").ask(asked)["code"] == .string("NOT_ALLOWED"))
        let reply = try keyed.asker("desk").ask(asked)
        #expect(reply["ok"] == .bool(true))
        #expect(reply["metrics"]?.array?.isEmpty == false)
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool"),
            "Debian's prometheus is not here"
        )
    )
    func `promtool takes the metrics, the alert rules and the courses that they must tell apart`() throws {
        let daemon = try LiveDaemon()
        defer { daemon.end() }
        let dashboard = try DashboardProgram(of: daemon)
        defer { dashboard.end() }
        let sender = try daemon.sender()
        try sender.send(try SentRecord("ptbxl/00017_hr").messages(Self.stream, 0..<6_000))
        for message in try BadInput.allCases[0].messages() { try sender.send(message) }
        var text = ""
        #expect(
            try eventually {
                text = try dashboard.answer("metrics").body
                return text.contains("shinden_refused_chunks_total{")
            }
        )
        let scratch = try Scratch()
        defer { scratch.end() }
        let file = try scratch.write(text, to: "metrics")
        func promtool(_ script: String) throws {
            let tool = try Program("/bin/bash", ["-c", script, file])
            defer { tool.end() }
            #expect(tool.exitCode() == 0, "\(tool.words) \(tool.lines)")
            #expect(tool.words.isEmpty, "\(tool.words)")
        }
        try promtool(#"promtool check metrics < "$0""#)
        try promtool("promtool check rules Examples/prometheus/alerts.yml")
        try promtool("promtool check config Examples/prometheus/prometheus.yml")
        let broken = try Program("/bin/bash", ["-c", "echo 'shinden_x{a=b} 1' | promtool check metrics"])
        defer { broken.end() }
        #expect(broken.exitCode() != 0, "a tool that takes anything proves nothing")
        let rules = try Program(
            "/usr/bin/promtool",
            ["test", "rules", "Examples/prometheus/alerts_test.yml"]
        )
        defer { rules.end() }
        #expect(rules.exitCode() == 0, "\(rules.words) \(rules.lines)")
    }
}
