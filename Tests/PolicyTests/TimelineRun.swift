import ECGSignal
import Findings

@testable import Policy

/// A policy under the inputs of a timeline.
struct TimelineRun {
    private(set) var policy = EventPolicy()
    private var epoch: UInt64 = 1
    /// When the present stream began, seconds.
    private var origin = 0.0
    private var now = 0.0
    /// How far the wall clock is off, seconds.
    private var wallClock = 0
    private var alarms: [AlarmIdentity] = []

    private var stream: StreamIdentity { StreamIdentity(patient: "p", device: "d", epoch: epoch) }

    private func moment(_ time: Double) -> StreamMoment {
        StreamMoment(
            stream: stream,
            sample: GridIndex(((time - origin) * 500).rounded()),
            time: UTCNanoseconds(time * 1e9)
        )
    }

    private func arrival(_ time: Double) -> Arrival {
        Arrival(
            utc: UTCNanoseconds(time * 1e9) + Int64(wallClock) * 1_000_000_000,
            monotonic: MonotonicNanoseconds(time * 1e9)
        )
    }

    /// Changes a row of the table before anything is seen: `set tachycardia steps 60 high`.
    mutating func set(_ words: [String]) throws { policy = EventPolicy(table: try table(with: words)) }

    /// The table with a row that is set otherwise.
    private func table(with words: [String]) throws -> PolicyTable {
        var table = policy.table
        guard words.count >= 3, let row = table.index(of: words[0]) else {
            throw Timeline.Malformed(description: "set \(words)")
        }
        let numbers = words.compactMap(Double.init)
        switch words[1] {
        case "onset": table.rows[row].onsetSamples = Int64(numbers[0] * 500)
        case "end": table.rows[row].endSamples = Int64(numbers[0] * 500)
        case "rearm": table.rows[row].rearmSamples = Int64(numbers[0] * 500)
        case "priority":
            guard let priority = AlarmEvent.Priority(rawValue: words[2]) else { fallthrough }
            table.rows[row].priority = priority
        case "steps":
            for place in stride(from: 2, to: words.count - 1, by: 2) {
                guard let seconds = Double(words[place]),
                    let priority = AlarmEvent.Priority(rawValue: words[place + 1])
                else { throw Timeline.Malformed(description: "set \(words)") }
                table.rows[row].steps.append(
                    .init(afterSamples: Int64(seconds * 500), priority: priority)
                )
            }
        default: throw Timeline.Malformed(description: "set \(words)")
        }
        return table
    }

    /// Lets time pass: the stream is judged second by second, as chunks and ticks would have it.
    mutating func wait(until time: Double) -> [String] {
        var events: [AlarmEvent] = []
        while now < time {
            now = min(time, now.rounded(.down) + 1)
            policy.pass(to: moment(now), into: &events)
            policy.pass(at: arrival(now), into: &events)
        }
        return note(events)
    }

    /// Does what a line says.
    mutating func perform(_ input: Timeline.Input) throws -> [String] {
        var lines: [String] = []
        if now < input.time { lines += wait(until: input.time) }
        for words in input.words {
            var events: [AlarmEvent] = []
            if let answer = try perform(words, input, into: &events) { lines.append("= \(answer)") }
            lines += note(events)
        }
        var events: [AlarmEvent] = []
        policy.pass(to: moment(now), into: &events)
        return lines + note(events)
    }

    private mutating func note(_ events: [AlarmEvent]) -> [String] {
        for event in events where event.phase == .start { alarms.append(event.alarm) }
        return events.map { line(of: $0) }
    }

    private mutating func perform(
        _ words: [String],
        _ input: Timeline.Input,
        into events: inout [AlarmEvent]
    ) throws -> String? {
        let name = after("by", words) ?? ""
        switch words[0] {
        case "wait": return nil
        case "beats":
            try beat(until: number(after("until", words), input), into: &events)
            return nil
        case "analysis":
            take(.analysis(isPossible: words.last == "back"), into: &events)
            return nil
        case "window":
            let end = try after("of", words).map { try number($0, input) } ?? now
            let said = words.dropFirst().prefix { $0 != "of" }
            policy.take(Observation(.window(Array(said)), at: moment(end)), into: &events)
            return nil
        case "policy":
            policy.adopt(try table(with: Array(words.dropFirst())), into: &events)
            return nil
        case "late":
            epoch -= 1
            defer { epoch += 1 }
            try find(Array(words.dropFirst()), input, into: &events)
            return nil
        case "stream":
            epoch += 1
            origin = now
            policy.pass(to: moment(now), into: &events)
            return nil
        case "wallclock":
            wallClock = Int(words[1]) ?? 0
            return nil
        case "standing":
            let standing = policy.standing.map { "\($0.alarm.statement) \($0.signal.rawValue)" }
            return standing.isEmpty ? "none" : standing.joined(separator: ", ")
        default:
            if let answer = try command(words, name, input, into: &events) { return answer }
            try find(words, input, into: &events)
            return nil
        }
    }

    /// What people do.
    private mutating func command(
        _ words: [String],
        _ name: String,
        _ input: Timeline.Input,
        into events: inout [AlarmEvent]
    ) throws -> String? {
        let isOff = words.contains("off")
        switch words[0] {
        case "ack":
            let ordinal = try after("number", words).map { Int(try number($0, input)) }
            let alarm = alarms.last {
                $0.statement == words[1] && (ordinal == nil || $0.ordinal == ordinal)
            }
            let unknown = AlarmIdentity(stream: stream, statement: words[1], onset: 0, ordinal: 99)
            let seen = try after("seen", words).map { Int(try number($0, input)) }
            let answer = policy.acknowledge(
                alarm ?? unknown,
                seen: seen,
                by: name,
                at: arrival(now),
                into: &events
            )
            if case .already(let first) = answer { return "already, by \(first)" }
            return "\(answer)"
        case "pause":
            // The word is a statement of the catalogue too.
            guard words.count > 2, let kind = EventPolicy.PauseKind(rawValue: words[1]) else { return nil }
            let seconds = Int(try number(words[2], input))
            if words.contains("ward") { return pauseWard(kind, seconds, name, into: &events) }
            switch policy.pause(kind, seconds: seconds, by: name, at: arrival(now), into: &events) {
            case .refused: return "refused"
            case .until(let end): return end.map { "until \(Double($0) / 1e9)" } ?? "over"
            }
        case "standby":
            policy.setStandby(!isOff, by: name, at: arrival(now), into: &events)
            return "done"
        case "baseline":
            let answer = policy.accept(
                words[1],
                asBaseline: !isOff,
                by: name,
                at: arrival(now),
                into: &events
            )
            return "\(answer)"
        case "discharge":
            let isSending = !words.contains("silent")
            policy.discharge(by: name, at: arrival(now), isSending: isSending, into: &events)
            return "done"
        default: return nil
        }
    }

    /// Somebody pauses the patient as one of a ward.
    private mutating func pauseWard(
        _ kind: EventPolicy.PauseKind,
        _ seconds: Int,
        _ name: String,
        into events: inout [AlarmEvent]
    ) -> String {
        let command = OperatorCommand(
            .pause(kind, seconds: seconds),
            target: .ward("w"),
            by: name,
            ticket: 0
        )
        switch policy.perform(command, at: arrival(now), into: &events) {
        case .until(let end): return "until \(Double(end) / 1e9)"
        case .refused: return "refused"
        default: return "over"
        }
    }

    /// What a rule says: `tachycardia 130/min since 8`, `electrode_off on V1,V2`, `asystole over since 12`.
    private mutating func find(
        _ words: [String],
        _ input: Timeline.Input,
        into events: inout [AlarmEvent]
    ) throws {
        guard policy.table.index(of: words[0]) != nil || words[0] == "no_such_statement" else {
            throw Timeline.Malformed(description: "line \(input.number): no statement or word \(words[0])")
        }
        let since = try after("since", words).map { try number($0, input) } ?? now
        let rate = words.first { $0.hasSuffix("/min") }.flatMap { Double($0.dropLast(4)) }
        let leads = after("on", words)?.split(separator: ",").compactMap { Lead(name: String($0)) } ?? []
        take(
            .finding(
                .init(
                    words[0],
                    holds: !words.contains("over"),
                    since: moment(since).sample,
                    figure: rate.map { Figure($0, .perMinute) },
                    leads: leads
                )
            ),
            into: &events
        )
    }

    private mutating func beat(until end: Double, into events: inout [AlarmEvent]) {
        while now <= end {
            policy.take(Observation(.beat, at: moment(now)), into: &events)
            now += 1
            policy.pass(to: moment(now), into: &events)
            policy.pass(at: arrival(now), into: &events)
        }
    }

    private mutating func take(_ content: Observation.Content, into events: inout [AlarmEvent]) {
        policy.take(Observation(content, at: moment(now)), into: &events)
    }

    private func after(_ word: String, _ words: [String]) -> String? {
        guard let place = words.firstIndex(of: word), place + 1 < words.count else { return nil }
        return words[place + 1]
    }

    private func number(_ text: String?, _ input: Timeline.Input) throws -> Double {
        guard let text, let number = Double(text) else {
            throw Timeline.Malformed(description: "line \(input.number): no number \(text ?? "")")
        }
        return number
    }

    /// An event as a line.
    private func line(of event: AlarmEvent) -> String {
        let isOfThisStream = event.at.stream.epoch == epoch
        func seconds(_ sample: GridIndex) -> Double {
            ((Double(sample) / 500 + (isOfThisStream ? origin : 0)) * 100).rounded() / 100
        }
        var line = "> \(seconds(event.at.sample)) \(event.priority.rawValue) \(event.alarm.statement)"
        if event.alarm.ordinal > 1 { line += " number \(event.alarm.ordinal)" }
        if event.kind == .technical { line += " (technical)" }
        line += ": \(event.phase.rawValue), \(event.state.rawValue), signal \(event.signal.rawValue)"
        line += " (\(event.reason.rawValue))"
        if let figure = event.figure { line += " \(figure.value)\(figure.unit.rawValue)" }
        if !event.leads.isEmpty { line += " on \(event.leads.map(\.name).joined(separator: ","))" }
        let (onset, at) = (event.onset, event.at)
        if event.phase == .start, onset.stream == at.stream, onset.sample != at.sample {
            line += " since \(seconds(onset.sample))"
        }
        if event.evidence != .rule { line += " evidence \(event.evidence.rawValue)" }
        if let name = event.by { line += " by \(name)" }
        return line
    }
}
