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
        usage: "shinden watch [<options>]",
        discussion: """
            One line a window: its end, the patient, what the window rests on (which of the twelve standard leads, \
            and how much of a whole 12-lead window they are), and the statements that reach the model's threshold in \
            English and Japanese, the most probable first. One line each step of an alarm: priority, statement, since \
            when, figure. The alarms that stand already come first. Vital signs, one line a second and patient, come \
            where --kind vitals asks for them. How many events were missed is told on stderr, exactly. Where the daemon \
            keeps a journal (serve --state), those of them that it keeps are fetched and shown, after a restart of the \
            daemon too; --from begins with what the journal keeps from that number on.

            The alarms that stand, the thresholds and what the daemon never looks for are asked of its control endpoint. The endpoints may \
            also stand in SHINDEN_EVENTS and SHINDEN_CONTROL.

            EXAMPLES
              shinden watch
              shinden watch --changes
              shinden watch --kind alarm
              shinden watch --kind vitals --patient p0001
              shinden watch --kind diagnosis --patient p0001
              shinden watch --kind tech --json
              shinden watch --from 1 --kind alarm
              shinden watch --ward 3
              shinden watch --count 1 --json | python3 -m json.tool

            EXIT CODES
              0 done  64 usage  69 no daemon answers  78 endpoint refused
              130 interrupted
            """
    )

    @Option(help: "The daemon's endpoint of events (default \(DefaultEndpoints.events)).") var events: String?
    @Option(
        help:
            "The daemon's control endpoint (default \(DefaultEndpoints.control), where --events is the default)."
    )
    var control: String?
    @Option(help: "Only this patient's events.") var patient: String?
    @Option(help: "Only this ward's events (default: those of every ward that the key may read).")
    var ward: String?
    @Option(help: "Only events of this kind (default: all but vitals and heartbeat).") var kind: EventKind?
    @Option(help: "Begin with the events that the journal keeps from this number on, 1 for all.") var from:
        Int64?
    @Option(help: "End after so many events.") var count: Int?
    @Flag(help: "Print each event's JSON as it came.") var json = false
    @Flag(help: "Print a window only where its findings or its leads differ from the stream's last window.")
    var changes = false
    @Option(
        help: """
            Print so many statements of each window, 1 to 10; those below their threshold are marked (default: only \
            those that reach it).
            """
    ) var top: Int?
    @Flag(help: "Print nothing on stderr but errors and what was missed.") var quiet = false
    @OptionGroup var keys: KeyOption

    func validate() throws {
        guard count ?? 1 > 0 else { throw ValidationError("--count \(count ?? 0): give 1 or more") }
        guard from ?? 1 > 0 else { throw ValidationError("--from \(from ?? 0): give 1 or more") }
        if let top, !(1...10).contains(top) { throw ValidationError("--top \(top): give 1 to 10") }
        guard patient.map({ StreamIdentity.isValidID($0) }) ?? true else {
            throw ValidationError("--patient \(patient ?? ""): 1 to 64 letters, digits, - and _")
        }
        guard ward.map({ $0 == "_" || StreamIdentity.isValidID($0) }) ?? true else {
            throw ValidationError("--ward \(ward ?? ""): 1 to 64 letters, digits, - and _; _ is no ward")
        }
        guard !(changes && json) else { throw ValidationError("give --changes or --json, not both") }
    }

    func run() throws {
        let security = try keys.security()
        let endpoint = try EndpointOption.checked(
            Environment.value(events, "EVENTS", or: DefaultEndpoints.events),
            "events",
            security
        )
        let control = try controlEndpoint(besides: endpoint, security)
        var labels = LabelQuestion(endpoint: control, isQuiet: quiet)
        let showsAlarms = !json && (kind ?? .alarm) == .alarm
        var standing = StandingQuestion(endpoint: showsAlarms ? control : nil, patient: patient, ward: ward)
        if !quiet { Output.notice(nil) }
        if let kind, !kind.isPublished {
            Output.words(
                "shinden watch: \(kind.rawValue) events are not produced by this daemon; none will come"
            )
        }
        let interruption = Interruption()
        defer { interruption.end() }
        let context = try Context(security: security)
        let wards = ward.map(EventReader.Wards.one) ?? (security.isNone ? .one("_") : .readable)
        var reader = try EventReader(endpoint, prefixes: prefixes, wards: wards, in: context)
        var rights = RightsQuestion(endpoint: security.isNone ? nil : control)
        if from != nil, control == nil {
            throw ValidationError("--from asks the control endpoint: give --control beside --events")
        }
        var past = MissedEvents(
            endpoint: control,
            patient: patient,
            ward: ward,
            kinds: kinds,
            from: from,
            isQuiet: quiet
        )
        var tally = WatchTally()
        var printer = EventPrinter(count: top, onlyChanges: changes)
        while count.map({ tally.printed < $0 }) ?? true {
            if interruption.hasCome {
                if !quiet { Output.words(tally.closing) }
                throw Failure.interrupted
            }
            let read = try reader.next(timeout: .milliseconds(100))
            try tally.note(read, at: endpoint)
            guard let read else { continue }
            if let told = try rights.answer(inRun: read.run, context) { reader.rights = told }
            if let thresholds = try labels.answer(inRun: read.run, context) {
                printer.thresholds = thresholds
            }
            try show(standing.alarms(inRun: read.run, context), by: &printer)
            for event in try past.take(read, context) where count.map({ tally.printed < $0 }) ?? true {
                show(event, JSONValue.object(event).canonical, by: &printer, &tally)
            }
            guard read.isWanted, !standing.tells(of: read), !past.hasShown(read),
                count.map({ tally.printed < $0 }) ?? true
            else { continue }
            show(read.event, read.bytes, by: &printer, &tally)
        }
        if !quiet { Output.words(tally.closing) }
    }

    /// Prints an event, and counts it where there was something to print.
    private func show(
        _ event: JSONObject,
        _ bytes: [UInt8],
        by printer: inout EventPrinter,
        _ tally: inout WatchTally
    ) {
        if json {
            Output.data(bytes)
        } else if let line = printer.line(for: event) {
            Output.people(line)
        } else {
            return
        }
        tally.printed += 1
    }

    /// The alarms that stand, a line each, and on stderr how many they are.
    private func show(_ alarms: [JSONObject], by printer: inout EventPrinter) {
        guard !alarms.isEmpty else { return }
        if !quiet { Output.words(alarms.count == 1 ? "1 alarm stands:" : "\(alarms.count) alarms stand:") }
        for line in alarms.compactMap({ printer.line(for: $0) }) { Output.people(line) }
    }

    /// The control endpoint of the same daemon, where it is known.
    private func controlEndpoint(besides events: Endpoint, _ security: Security) throws -> Endpoint? {
        let named = try Environment.value(control, "CONTROL", or: "")
        if !named.isEmpty { return try EndpointOption.checked(named, "control", security) }
        guard events.text == DefaultEndpoints.events else { return nil }
        return try EndpointOption.checked(DefaultEndpoints.control, "control", security)
    }

    /// Patient comes after kind in a topic, so a patient of any kind is one prefix a kind.
    ///
    /// Vital signs come once a second of each patient; they are shown to whoever asks for them.
    private var kinds: [EventKind] {
        kind.map { [$0] } ?? EventKind.allCases.filter { $0 != .heartbeat && $0 != .vitals }
    }

    /// What is subscribed to.
    private var prefixes: [String] {
        kinds.map { kind in
            patient.map { Topic.event(ward: ward ?? "_", kind: kind, patient: $0) }
                ?? Topic.allEvents(ward: ward ?? "_", of: kind)
        }
    }
}
