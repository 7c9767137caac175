internal import ArgumentParser
internal import ECGSignal
internal import Messaging
internal import Presentation
internal import Wire
internal import ZeroMQ

/// Prints the daemon's events as a dashboard would read them.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the daemon's events as they come. Research software, not a medical device.",
        discussion: """
            One line a window: time, patient, coverage, the first statements in English and Japanese with their
            probabilities. What was missed is said on stderr, with the exact number. The endpoint may also stand in
            SHINDEN_EVENTS.

            EXAMPLES
              shinden watch
              shinden watch --kind diagnosis --patient p0001
              shinden watch --kind tech --json
              shinden watch --count 1 --json | python3 -m json.tool

            EXIT CODES
              0 done  64 usage  69 no daemon answers  78 endpoint refused  130 interrupted
            """
    )

    @Option(help: "The daemon's endpoint (default \(DefaultEndpoints.events)).") var events: String?
    @Option(help: "Only this patient's events.") var patient: String?
    @Option(help: "Only events of this kind.") var kind: EventKind?
    @Option(help: "End after so many events.") var count: Int?
    @Flag(help: "Print each event's JSON as it came.") var json = false
    @Option(help: "Statements to print of each window, 1 to 10.") var top = 3
    @Flag(help: "Say nothing but errors and what was missed.") var quiet = false

    /// Seconds without a sign of the daemon after which a person should know.
    private static let silenceLimit = Duration.seconds(3)
    /// Seconds that the first sign may take.
    private static let answerLimit = Duration.seconds(5)

    func validate() throws {
        guard count ?? 1 > 0 else { throw ValidationError("--count \(count ?? 0): give 1 or more") }
        guard (1...10).contains(top) else { throw ValidationError("--top \(top): give 1 to 10") }
        guard patient.map({ StreamIdentity.isValidID($0) }) ?? true else {
            throw ValidationError("--patient \(patient ?? ""): 1 to 64 letters, digits, - and _")
        }
    }

    func run() throws {
        let endpoint = try EndpointOption.local(
            Environment.value(events, "EVENTS", or: DefaultEndpoints.events),
            "events"
        )
        if !quiet { Output.words("Research software, not a medical device.") }
        let interruption = Interruption()
        defer { interruption.end() }
        let context = try Context()
        var reader = try EventReader(endpoint, prefixes: prefixes, in: context)
        var tally = Tally()
        while count.map({ tally.printed < $0 }) ?? true {
            if interruption.hasCome {
                if !quiet { Output.words(tally.closing) }
                throw Failure.interrupted
            }
            let read = try reader.next(timeout: .milliseconds(100))
            try tally.note(read, at: endpoint)
            guard let read, read.isWanted else { continue }
            if json { Output.data(read.bytes) } else { Output.data(line(read.event)) }
            tally.printed += 1
        }
        if !quiet { Output.words(tally.closing) }
    }

    /// Patient comes after kind in a topic, so a patient of any kind is one prefix a kind.
    private var prefixes: [String] {
        let kinds = kind.map { [$0] } ?? EventKind.allCases.filter { $0 != .heartbeat }
        return kinds.map { kind in
            patient.map { Topic.event(kind: kind, patient: $0) } ?? Topic.allEvents(of: kind)
        }
    }

    private func line(_ event: JSONObject) -> String {
        let head = "\(event["time"]?.text ?? "?")  \(event["subject"]?.text ?? "?")  "
        let kind = EventKind.allCases.first { $0.type == event["type"]?.text }
        guard let data = event["data"]?.object else { return head }
        switch kind {
        case .diagnosis: return head + FindingLines(count: top).text(of: .init(data))
        case .tech:
            let words = ["code", "phase"].compactMap { data[$0]?.text }.joined(separator: " ")
            let place = data["endpoint"]?.text.map { "  \($0)" } ?? ""
            return head + "\(words)\(place)  \(data["detail"]?.text ?? "")"
        default: return head + "\(event["type"]?.text ?? "?")  \(JSONValue.object(data).canonicalText)"
        }
    }

    /// What was read, and what a person was told of the rest.
    private struct Tally {
        var printed = 0
        var missed: UInt64 = 0
        var heard: ContinuousClock.Instant?
        var isSilent = false
        let start = ContinuousClock.now

        var closing: String { "\(printed) events, \(missed) missed" }

        /// Says what was lost, and when the daemon falls silent; ends the program where it never spoke.
        mutating func note(_ read: EventReader.Read?, at endpoint: Endpoint) throws {
            let now = ContinuousClock.now
            if let read {
                if isSilent { Output.words("shinden watch: the daemon is heard again") }
                isSilent = false
                heard = now
                if read.missed > 0 {
                    missed += read.missed
                    Output.words("shinden watch: \(read.missed) events were missed (\(missed) in all)")
                }
            } else if let heard {
                guard !isSilent, heard.duration(to: now) > Watch.silenceLimit else { return }
                isSilent = true
                Output.words(
                    "shinden watch: no heartbeat for 3 s; the daemon has gone or hangs; still listening"
                )
            } else if start.duration(to: now) > Watch.answerLimit {
                Output.words(
                    "shinden watch: no daemon answers at \(endpoint) within 5 s; start shinden serve, or give --events"
                )
                throw Failure.unavailable
            }
        }
    }
}
