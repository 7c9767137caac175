internal import Diagnosis
internal import ECGSignal
internal import Findings
internal import Pipeline
internal import Policy
internal import Presentation
internal import Service
internal import Station
internal import Wire

/// One second explained, for people and for programs.
struct ExplainPage {
    let explanation: Explanation
    private let words: FindingLines
    private let answer: ExplainAnswer

    init(_ explanation: Explanation, of model: Model) {
        self.explanation = explanation
        words = FindingLines(
            thresholds: model.ranker.model.thresholds,
            catalogue: model.ranker.catalogue
        )
        answer = ExplainAnswer(explanation)
    }

    /// The statement's name, or its id where the catalogue has none.
    static func name(_ id: String) -> String {
        Catalogue.shipped.index(of: id).map { Catalogue.shipped.statements[$0].english } ?? id
    }

    static func plain(_ value: Double, _ places: Int) -> String {
        JSONValue.decimal(value, places: places).canonicalText
    }

    /// Decimals of a rule's figure.
    static func places(of unit: String) -> Int {
        switch unit {
        case "leakage", "entropy": 2
        case "beats", "ms": 0
        default: 1
        }
    }

    /// The `data` of an event.
    static func data(of event: Event) -> JSONObject {
        let bytes = EventFormat.canonical(event)
        let value = try? JSONValue(parsing: bytes, byteCountMax: bytes.count)
        return value?.object?["data"]?.object ?? [:]
    }

    /// The page, one line a fact.
    var lines: [String] {
        let since = Double(explanation.asked - explanation.begin) / 1e9
        var lines = [
            line(
                "patient",
                "\(explanation.patient) at \(timestamp(explanation.asked)), "
                    + "\(ExplainPage.plain(since, 1)) s from the begin"
            )
        ]
        for stream in explanation.readings.streams { lines += self.lines(of: stream) }
        for device in explanation.readings.devices { lines += self.lines(of: device.policy, device.name) }
        lines += explanation.steps.map {
            line("step", AlarmForPeople($0).text + ", at \(timestamp($0.at.time))")
        }
        return lines + answer.sentences.map { line("answer", $0) }
    }

    private func line(_ head: String, _ text: String) -> String {
        head + String(repeating: " ", count: max(1, 11 - head.count)) + text
    }

    // MARK: one stream

    private func lines(of stream: PatientReadings.Stream) -> [String] {
        let status = stream.status
        var lines = [
            line("stream", "\(status.identity.name), \(ExplainPage.state(status.state))\(judged(stream))")
        ]
        let sent = status.leads.map { $0.lead.name }.joined(separator: ", ")
        let present = stream.readings?.quality?.present.leads.map(\.name).joined(separator: ", ") ?? ""
        let off = status.leads.filter { $0.contact == .off }.map { $0.lead.name }.joined(separator: ", ")
        lines.append(
            line(
                "samples",
                "sent \(sent.isEmpty ? "none" : sent); with samples at the end of the second: "
                    + (present.isEmpty ? "none" : present) + (off.isEmpty ? "" : "; electrode off: \(off)")
            )
        )
        if let readings = stream.readings {
            lines.append(line("quality", ExplainPage.words(of: readings)))
            if let vitals = readings.vitals {
                let event = Event(.vitals(status.identity, vitals), time: readings.moment.time)
                lines.append(line("vitals", VitalsForPeople(ExplainPage.data(of: event)).text))
            }
            lines += rules(readings.rules)
        }
        let window = explanation.windows.first { $0.stream == status.identity }
        return lines + [
            line("model", window.map { text(of: $0.diagnosis) } ?? "no window yet: it takes 10 s of samples")
        ]
    }

    private func judged(_ stream: PatientReadings.Stream) -> String {
        guard let moment = stream.readings?.moment else { return "; no sample was judged yet" }
        let behind = Double(explanation.asked - moment.time) / 1e9
        return "; judged to \(timestamp(moment.time)), sample \(moment.sample)"
            + (behind > 0.002
                ? ", \(ExplainPage.plain(behind, 1)) s before the second: no later sample had come" : "")
    }

    static func state(_ state: Shard.State) -> String {
        switch state {
        case .starting: "starting"
        case .live: "live"
        case .silent: "silent"
        case .closed(let reason): "closed (\(reason.rawValue))"
        }
    }

    private static func words(of readings: StreamReadings) -> String {
        var parts = [readings.quality?.grade.rawValue ?? "not graded yet"]
        if let quality = readings.quality {
            for lead in quality.sent.leads {
                let reasons = quality.reasons(of: lead.channel ?? 0).map(\.rawValue)
                if !reasons.isEmpty { parts.append("\(lead.name) \(reasons.joined(separator: ", "))") }
            }
        }
        let agreement = readings.agreement.map { " (\(plain($0, 2)), 0.75 needed)" } ?? ""
        parts.append(
            readings.agreement == nil
                ? "fewer than three beats to compare"
                : "the newest beats \(readings.areBeatsTrusted ? "resemble" : "do not resemble") each other\(agreement)"
        )
        return parts.joined(separator: "; ")
    }

    private func rules(_ rules: [RuleReading]) -> [String] {
        let order = [
            ("holds", rules.filter(\.holds)), ("near", rules.filter(\.isNear)),
            ("not", rules.filter { !$0.holds && !$0.isNear }),
        ]
        return order.flatMap { head, rules in rules.map { line(head, ExplainPage.text(of: $0)) } }
    }

    /// `Tachycardia: 118.2/min, above 120/min it holds; of eight intervals`.
    static func text(of rule: RuleReading) -> String {
        let places = places(of: rule.unit)
        func figure(_ value: Double) -> String {
            plain(value, places) + (rule.unit.hasPrefix("/") ? "" : " ") + rule.unit
        }
        var text = name(rule.statement)
        if let limit = rule.limit {
            let measured = rule.figure.map(figure) ?? "not measured"
            text += ": \(measured), \(rule.side == .above ? "from" : "below") \(figure(limit)) on"
        }
        return rule.note.isEmpty ? text : text + (rule.limit == nil ? ": " : "; ") + rule.note
    }

    private func text(of diagnosis: WindowDiagnosis) -> String {
        let from = ExplainPage.plain(Double(diagnosis.firstSample) / 500, 1)
        let to = ExplainPage.plain(Double(diagnosis.firstSample + GridIndex(Grid.windowSamples)) / 500, 1)
        return "window \(from)-\(to) s of the stream: \(words.text(of: WindowForPeople(diagnosis)))"
    }

    // MARK: one policy

    private func lines(of policy: PolicyReading, _ device: String) -> [String] {
        var facts = [policy.isAnalysable ? "the signal can be judged" : "the signal cannot be judged"]
        for (what, until) in [("sounds", policy.audioPausedUntil), ("alarms", policy.alarmPausedUntil)] {
            guard let until else { continue }
            let seconds = Double(until - explanation.arrival.monotonic) / 1e9
            facts.append("\(what) paused for \(ExplainPage.plain(max(0, seconds), 0)) s more")
        }
        if let by = policy.standbyBy { facts.append("standby (\(by))") }
        return [line("policy", "\(device): \(facts.joined(separator: ", "))")]
            + policy.lines.map { line("", ExplainAnswer.words(of: $0)) }
    }
}
