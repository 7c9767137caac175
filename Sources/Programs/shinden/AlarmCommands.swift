internal import ArgumentParser
internal import ECGSignal
internal import Messaging
internal import Wire

/// The alarms that stand at a running daemon, and what people set.
struct Snapshot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the alarms that stand at a running daemon, and what is paused.",
        discussion: """
            The most urgent alarm comes first; the column ID is what `shinden ack` takes. Research software, not a \
            medical device.

            EXAMPLES
              shinden snapshot
              shinden snapshot --patient p0001
              shinden snapshot --ward 3
              shinden snapshot --json | jq -r .alarm_id

            EXIT CODES
              0 done  1 no such patient or ward, or refused  64 usage  69 no daemon answers
              78 endpoint refused
            """
    )

    @Option(help: "Only this patient's alarms.") var patient: String?
    @Option(help: "Only this ward's alarms.") var ward: String?
    @OptionGroup var option: ControlOption

    func validate() throws {
        try PatientOption.check(patient)
        try WardOption.check(ward)
    }

    func run() throws {
        let answer = try option.answer("snapshot", question)
        guard answer.isKnown else {
            Output.words(
                "shinden snapshot: no stream of \(patient ?? "")\(ward.map { " in ward \($0)" } ?? "") is known; "
                    + "shinden streams tells which patients are"
            )
            throw ExitCode(1)
        }
        if option.json {
            for alarm in answer.alarms { Output.data(JSONValue.object(alarm).canonicalText) }
        } else {
            for line in SnapshotPage.lines(answer.alarms, answer.settings, ward: answer.ward) {
                Output.data(line)
            }
        }
    }

    private struct Answer {
        let alarms: [JSONObject]
        let settings: [JSONObject]
        /// The rates that the ward's policy sets; nil where it sets none.
        let ward: JSONObject?
        /// Whether the patient that was asked for is one of the daemon's.
        let isKnown: Bool
    }

    private func question(_ asker: inout ControlAsker) throws -> Answer {
        func isWanted(_ entry: JSONObject) -> Bool { patient == nil || entry["patient"]?.text == patient }
        let pages = try asker.askAllPages(.snapshot, ward: ward, patience: ControlOption.patience)
        let alarms = pages.flatMap { $0.entries(SnapshotReport.list) }.filter(isWanted)
        let settings = pages.flatMap { $0.entries(SnapshotReport.settings) }.filter(isWanted)
        let isKnown =
            if patient == nil || !alarms.isEmpty || !settings.isEmpty { true } else {
                try asker.askAllPages(
                    .streams,
                    StreamReport.list,
                    ward: ward,
                    patience: ControlOption.patience
                ).contains(where: isWanted)
            }
        let last = pages.last?.object
        let isByPolicy = last?[SnapshotReport.ratesBy]?.text == "policy"
        return Answer(
            alarms: SnapshotPage.mostUrgentFirst(alarms),
            settings: settings,
            ward: isByPolicy ? last?[SnapshotReport.rates]?.object : nil,
            isKnown: isKnown
        )
    }
}

/// Silences one alarm.
struct Acknowledge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Acknowledge one alarm of a running daemon, so that it is silent.",
        discussion: """
            One alarm alone is silenced. It sounds again when it becomes more urgent, when it is seen again after \
            nothing could be judged, and a new episode is a new alarm. A high alarm that is over ends with its \
            acknowledgement. The second who acknowledges is told who was first. Research software, not a medical device.

            EXAMPLES
              shinden ack 4be1c0ffee00000000000000000000aa
              shinden ack ALARM_ID --seen EVENT_ID   only if it has not sounded since

            EXIT CODES
              0 done, or done before  1 no such alarm, over, or it has sounded anew
              64 usage  69 no daemon answers  78 endpoint refused
            """
    )

    @Argument(help: "The alarm_id of the alarm: 32 hex digits.") var alarm: String
    @Option(
        help: "The id of the newest event of the alarm that you have seen; ALARM_ID is that of its begin."
    )
    var seen: String?
    @OptionGroup var option: ControlOption

    func validate() throws {
        for id in [alarm, seen ?? alarm] where !ControlOrder.isID(id) {
            throw ValidationError("\(id): an id is 32 lower-case hex digits; shinden snapshot tells them")
        }
    }

    func run() throws {
        let reply = try option.perform("ack", .acknowledge(alarmID: alarm, seen: seen))
        option.tell(reply) { reply in
            reply.object["by"]?.text.map { "acknowledged before, by \($0)" } ?? "acknowledged"
        }
    }
}

/// Pauses sounds or alarms.
struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Pause sounds or alarms of a patient at a running daemon, for 600 s at most.",
        discussion: """
            --kind audio: events go on, their signal is audio_paused, and any new high alarm sounds. --kind alarm: \
            medium and low alarms are recorded and not signalled; every new high alarm breaks through. When the time is \
            over, everything that stands is signalled again. Asking again does not lengthen a pause beyond 600 s from \
            its begin; --seconds 0 ends it. For all patients at once only sounds can be paused. Research software, not a \
            medical device.

            EXAMPLES
              shinden pause --patient p0001 --seconds 120
              shinden pause --patient p0001 --kind alarm --seconds 60
              shinden pause --all --seconds 120
              shinden pause --ward 3 --seconds 120
              shinden pause --patient p0001 --seconds 0

            EXIT CODES
              0 done  1 no such patient, or refused  64 usage  69 no daemon answers
              78 endpoint refused
            """
    )

    @Option(help: "The patient whose signals are paused.") var patient: String?
    @Option(help: "The ward whose sounds are paused.") var ward: String?
    @Flag(help: "Pause the sounds of all patients.") var all = false
    @Option(help: "What is paused: audio or alarm.") var kind = "audio"
    @Option(help: "For how long, 1 to 600 s; 0 ends the pause.") var seconds: Int
    @OptionGroup var option: ControlOption

    func validate() throws {
        try PatientOption.check(patient)
        try WardOption.check(ward)
        guard [patient != nil, ward != nil, all].count(where: { $0 }) == 1 else {
            throw ValidationError("give --patient, --ward or --all")
        }
        guard let kind = OperatorCommand.PauseKind(rawValue: kind) else {
            throw ValidationError("--kind \(kind): audio or alarm")
        }
        guard (0...600).contains(seconds) else {
            throw ValidationError("--seconds \(seconds): give 0 to 600")
        }
        if patient == nil, kind == .alarm, seconds > 0 {
            throw ValidationError("--kind alarm: for one patient at a time; give --patient")
        }
    }

    func run() throws {
        guard let kind = OperatorCommand.PauseKind(rawValue: kind) else { return }
        let target =
            patient.map(OperatorCommand.Target.patient)
            ?? ward.map(OperatorCommand.Target.ward) ?? .everyone
        let reply = try option.perform("pause", .order(.pause(kind, seconds: seconds), target))
        option.tell(reply) { reply in
            reply.object["until"]?.text.map { "paused until \($0)" }
                ?? (reply.isUnchanged ? "nothing was paused" : "the pause is over")
        }
    }
}

/// Puts a patient on standby.
struct StandbyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "standby",
        abstract: "Put a patient of a running daemon on standby, or end it.",
        discussion: """
            On standby nothing below high is signalled; what is found is recorded. It ends by itself when signal comes \
            after it was away. Research software, not a medical device.

            EXAMPLES
              shinden standby --patient p0001
              shinden standby --patient p0001 --off

            EXIT CODES
              0 done  1 no such patient  64 usage  69 no daemon answers  78 endpoint refused
            """
    )

    @Option(help: "The patient.") var patient: String
    @Flag(help: "End it.") var off = false
    @OptionGroup var option: ControlOption

    func validate() throws { try PatientOption.check(patient) }

    func run() throws {
        let reply = try option.perform("standby", .order(.standby(!off), .patient(patient)))
        option.tell(reply) { reply in
            off ? reply.isUnchanged ? "was not on standby" : "standby is over" : "on standby"
        }
    }
}

/// Accepts a finding as a patient's baseline.
struct Baseline: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accept a finding as a patient's baseline, so that it no longer alarms or informs.",
        discussion: """
            Nothing high and nothing technical can be accepted. Research software, not a medical device.

            EXAMPLES
              shinden baseline --patient p0001 atrial_fibrillation
              shinden baseline --patient p0001 atrial_fibrillation --withdraw

            EXIT CODES
              0 done  1 no such patient or statement, or refused  64 usage
              69 no daemon answers  78 endpoint refused
            """
    )

    @Argument(help: "The id of the statement; `shinden labels list` has all.") var statement: String
    @Option(help: "The patient.") var patient: String
    @Flag(help: "Take it back.") var withdraw = false
    @OptionGroup var option: ControlOption

    func validate() throws { try PatientOption.check(patient) }

    func run() throws {
        let order = OperatorCommand.Order.baseline(statement: statement, isAccepted: !withdraw)
        let reply = try option.perform("baseline", .order(order, .patient(patient)))
        option.tell(reply) { reply in
            withdraw ? reply.isUnchanged ? "was not accepted" : "taken back" : "accepted"
        }
    }
}

/// Discharges a patient.
struct Discharge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "End all alarms of a patient, and forget what was set.",
        discussion: """
            What still holds, because the device goes on sending, alarms anew. Research software, not a medical device.

            EXAMPLES
              shinden discharge --patient p0001

            EXIT CODES
              0 done  1 no such patient  64 usage  69 no daemon answers  78 endpoint refused
            """
    )

    @Option(help: "The patient.") var patient: String
    @OptionGroup var option: ControlOption

    func validate() throws { try PatientOption.check(patient) }

    func run() throws {
        let reply = try option.perform("discharge", .order(.discharge, .patient(patient)))
        option.tell(reply) { _ in "discharged" }
    }
}

extension ControlReply {
    /// Whether what was to be ended or taken back was not set.
    fileprivate var isUnchanged: Bool { object["outcome"]?.text == "unchanged" }
}

/// What holds for every option that names a patient.
enum PatientOption {
    /// Refuses what can be no patient's id.
    static func check(_ patient: String?) throws {
        guard patient.map({ StreamIdentity.isValidID($0) }) ?? true else {
            throw ValidationError("--patient \(patient ?? ""): 1 to 64 letters, digits, - and _")
        }
    }
}

extension ControlOption {
    /// Asks that something be done; ends the program with the reason where it is not.
    func perform(_ command: String, _ order: ControlOrder) throws -> ControlReply {
        try answer(command) { try $0.perform(order, patience: ControlOption.patience) }
    }

    /// Prints what was done: the reply's members, or `words` for people.
    func tell(_ reply: ControlReply, _ words: (ControlReply) -> String) {
        Output.data(json ? JSONValue.object(reply.object).canonicalText : words(reply))
    }
}
