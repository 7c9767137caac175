internal import ArgumentParser
internal import ECGSignal
internal import FrameLog
internal import Gateway
internal import Messaging
internal import Recordings
internal import Wire
internal import ZeroMQ

/// Publishes recordings as a gateway would.
struct Replay: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Publish recordings as live patients. Research software, not a medical device.",
        discussion: """
            Patient k sends recording k (the first again after the last) with a device and an epoch of its own. The \
            first sample waits for the daemon's subscription, and a daemon that is busy makes the replay wait. The \
            gateway's clock runs with the samples, so event times are those of a real-time run at any speed.

            Trouble on request: --drop, --duplicate, --reorder, --jitter-ms and --drift-ppm treat the messages as a \
            radio link and a wrong clock would, the same way for the same --seed. The last message of a stream is \
            always sent.

            What can be lost: this path has no acknowledgement. Where the link breaks, as when the daemon is stopped \
            for more than 3 s or ends, what was on its way is lost; the replay goes on and says so at its end. It ends \
            with 1 where the daemon is there and has not had the last message of every stream.

            With --acknowledged nothing is lost: each message is kept until the daemon (serve --ingest) has it on its \
            disk, and what is not acknowledged is sent again after every break, also of the daemon. It ends with 0 only \
            where all is acknowledged, and gives up after --wait-seconds (30 then) in which nothing was.

            A frame log (shinden serve --record), given alone, is sent again as it came: the same messages, ids and \
            epochs, at the times at which they came. Only --publish, --speed, --wait-seconds, \
            --quiet and the keys are for it.

            Options without a flag are taken from SHINDEN_PUBLISH, SHINDEN_SPEED, SHINDEN_CHUNK_MS, \
            SHINDEN_ENCODING and SHINDEN_WAIT_SECONDS.

            EXAMPLES
              shinden replay Fixtures/ptbxl/00017_hr
              shinden replay Fixtures/ptbxl/*.hea --patients 20 --speed 10
              shinden replay Fixtures/mitdb/100_0000 --leads II --rate 130 --loop
              shinden replay RECORD --gap 3.5:2 --gap 10:0.25:V1,V2 --encoding delta
              shinden replay RECORD --drop 0.02 --duplicate 0.02 --reorder 0.1
              shinden replay RECORD --jitter-ms 100 --drift-ppm 500 --seed 7
              shinden replay LOGS --speed 20
              shinden replay RECORD --acknowledged --publish \(DefaultEndpoints.ingest)
              shinden replay RECORD --publish tcp://daemon:7201 --events tcp://daemon:7202 \\
                --key icu-1.key --server-key daemon.pub

            EXIT CODES
              0 all sent  1 not all arrived or acknowledged  64 usage  65 bad data
              66 no input  69 no daemon is there  78 endpoint refused  130 interrupted
            """
    )

    @Argument(
        help: "WFDB records (RECORD or RECORD.hea), folders of them, and lists (RECORDS); or one frame log.",
        completion: .file(extensions: ["hea"])
    ) var records: [String]
    @Option(
        help:
            "The daemon's endpoint (default \(DefaultEndpoints.frames), with --acknowledged \(DefaultEndpoints.ingest))."
    ) var publish: String?
    @Flag(help: "Keep each message until the daemon has acknowledged it, and send it again until then.")
    var acknowledged = false
    @Option(help: "Where the daemon tells that a stream has ended (default \(DefaultEndpoints.events)).")
    var events: String?
    @Option(help: "Name a patient; once for each of them (default p0001, p0002, ...).") var patient:
        [String] =
            []
    @Option(help: "Patients who send the recordings (default: one a recording).") var patients: Int?
    @Option(
        help:
            "1, 10, any number from 0.001 on, or max: as fast as it can; a daemon takes 20 times for long, or what its --ingest-speed-max says (default 1).",
        completion: .list(["1", "10", "max"])
    ) var speed: ReplaySpeed?
    @Flag(help: "Go on from the start when a recording ends, until interrupted.") var loop = false
    @Flag(help: "Start all patients at once instead of spread over a hop of 1.024 s.") var aligned = false
    @Option(help: "Send only these leads: I,II.") var leads: String?
    @Option(help: "Name the channels in file order: I,V1,none; none leaves a channel out.") var nameLeads:
        String?
    @Option(help: "Send at this rate, 100 to 2000 Hz, as another device would: 250, 128.5 or 65615/128.")
    var rate: SampleRate?
    @Option(help: "Milliseconds of signal a message, 1 to 1000 (default 200).") var chunkMs: Int64?
    @Option(help: "int16, int32, float32 or delta (default int16).") var encoding: SampleEncoding?
    @Option(help: "START:SECONDS[:LEADS]: what is not sent; may be given again.") var gap: [String] = []
    @Option(
        help: "Seconds to wait for the daemon's subscription, or for anything acknowledged (default 5, 30)."
    ) var waitSeconds: Double?
    @Option(help: "Epoch of the first patient as hex digits; the others count on (default random).")
    var epoch: String?
    @Option(
        help:
            "Name a patient's device; once for each patient (default replay-PATIENT). classify says \"file\"."
    ) var device: [String] = []
    @Option(help: "Share of the messages that are lost on the way, 0 to below 1.") var drop = 0.0
    @Option(help: "Share of the messages that come twice.") var duplicate = 0.0
    @Option(help: "Share of the messages that later ones overtake.") var reorder = 0.0
    @Option(help: "Milliseconds by which messages are late in the mean; each up to twice as much.")
    var jitterMs = 0
    @Option(
        parsing: .unconditional,
        help: "How much faster the devices' clocks run than they say, parts in a million."
    ) var driftPpm =
        0.0
    @Option(help: "What the trouble's random numbers begin with (default 1).") var seed: UInt64?
    @Flag(help: "Say nothing but errors.") var quiet = false
    @OptionGroup var keys: KeyOption

    func validate() throws {
        try LeadOption.check(leads)
        guard (1...10_000).contains(patients ?? 1) else {
            throw ValidationError("--patients \(patients ?? 0): give 1 to 10000")
        }
        guard epoch.map({ UInt64($0, radix: 16) ?? 0 > 0 }) ?? true else {
            throw ValidationError("--epoch \(epoch ?? ""): give 1 to 16 hex digits, not 0")
        }
        if let patients, !patient.isEmpty, patient.count != patients {
            throw ValidationError("\(patient.count) names for --patients \(patients): name each, or none")
        }
        guard !acknowledged || trouble.isNone else {
            throw ValidationError(
                "--acknowledged loses nothing: leave --drop, --duplicate, --reorder, --jitter-ms and --drift-ppm away"
            )
        }
    }

    func run() throws {
        let security = try keys.security()
        let endpoint = try EndpointOption.checked(
            Environment.value(
                publish,
                "PUBLISH",
                or: acknowledged ? DefaultEndpoints.ingest : DefaultEndpoints.frames
            ),
            "publish",
            security
        )
        let events = try EndpointOption.checked(
            Environment.value(events, "EVENTS", or: DefaultEndpoints.events),
            "events",
            security
        )
        let pace = try Environment.value(speed, "SPEED", or: ReplaySpeed(.times(1)))
        let seconds = try Environment.value(waitSeconds, "WAIT_SECONDS", or: acknowledged ? 30 : 5)
        guard (0...86_400).contains(seconds) else {
            throw ValidationError("--wait-seconds \(seconds): give 0 to 86400")
        }
        let patience = Duration.milliseconds(Int64(seconds * 1_000))
        if records.contains(where: FrameLogReader.isLog) {
            return try resend(to: endpoint, security, pace.speed, patience)
        }
        let plan = try preparedPlan()
        let context = try Context(security: security)
        let interruption = Interruption()
        if acknowledged {
            let session = AcknowledgedSession(
                endpoint: endpoint,
                speed: pace.speed,
                patience: patience,
                isQuiet: quiet
            )
            if let code = try session.run(plan, in: context, interruption) { Replay.exit(withError: code) }
            interruption.end()
            return
        }
        let session = ReplaySession(
            endpoint: endpoint,
            events: events,
            patience: patience,
            replayer: Replayer(speed: pace.speed),
            isQuiet: quiet
        )
        // Ended here, where `exit` leaves the context as it is: it would go on delivering for its linger.
        try withExtendedLifetime(context) {
            if let code = try session.run(plan, in: context, interruption) { Replay.exit(withError: code) }
        }
        interruption.end()
    }

    /// Sends a frame log again.
    private func resend(
        to endpoint: Endpoint,
        _ security: Security,
        _ speed: Replayer.Speed,
        _ patience: Duration
    ) throws {
        let others: [Any?] = [patients, leads, nameLeads, rate, chunkMs, encoding, epoch, seed]
        guard records.count == 1, !acknowledged, patient.isEmpty, device.isEmpty, gap.isEmpty, !loop,
            !aligned,
            trouble.isNone, others.allSatisfy({ $0 == nil })
        else {
            throw ValidationError(
                "a frame log is sent alone and as it came: only --publish, --speed, --wait-seconds, --quiet and the keys are for it"
            )
        }
        if !quiet { Output.words("Research software, not a medical device.") }
        let context = try Context(security: security)
        let interruption = Interruption()
        let resending = LogResending(endpoint: endpoint, patience: patience, speed: speed, isQuiet: quiet)
        try withExtendedLifetime(context) {
            if let code = try resending.run(records[0], in: context, interruption) {
                Replay.exit(withError: code)
            }
        }
        interruption.end()
    }

    /// The recordings as streams, or the end of the program with the reason.
    private func preparedPlan() throws -> ReplayPlan {
        if !quiet { Output.words("Research software, not a medical device.") }
        do {
            var options = ReplayOptions()
            options.chunkMilliseconds = try Environment.value(chunkMs, "CHUNK_MS", or: 200)
            options.encoding = try Environment.value(encoding, "ENCODING", or: .int16)
            options.isLooping = loop
            options.isAligned = aligned
            options.trouble = trouble
            options.gaps = try gap.map { text throws(ReplayError) in try ReplayGap(text) }
            let list = try RecordList(records)
            let streams = try list.entries.map { entry in try stream(entry) }
            let names = patient.isEmpty ? ReplayPlan.patientNames(patients ?? streams.count) : patient
            var generator = SystemRandomNumberGenerator()
            let first = epoch.flatMap { UInt64($0, radix: 16) }
            let epochs = ReplayPlan.epochs(names.count, from: first, using: &generator)
            let plan = try ReplayPlan(
                streams,
                patients: names,
                devices: device,
                epochs: epochs,
                options: options
            )
            if !quiet { for remark in plan.remarks { Output.words(remark) } }
            return plan
        } catch let error as RecordingError {
            Output.words("shinden replay: \(error)")
            throw Failure.code(of: error)
        } catch let error as ReplayError {
            Output.words("shinden replay: \(error)")
            throw error.kind == .usage ? Failure.usage : Failure.data
        }
    }

    private var trouble: Trouble.Options {
        var trouble = Trouble.Options()
        trouble.drop = drop
        trouble.duplicate = duplicate
        trouble.reorder = reorder
        trouble.jitterMilliseconds = jitterMs
        trouble.driftPartsPerMillion = driftPpm
        trouble.seed = seed ?? 1
        return trouble
    }

    private func stream(_ entry: RecordList.Entry) throws -> RecordedStream {
        let recording = try Recording.load(entry.path)
        let stream: RecordedStream
        let remarks: [RecordingRemark]
        do throws(RecordingError) {
            (stream, remarks) = try RecordedStream.read(recording, leads: leads, nameLeads: nameLeads)
        } catch { throw error.named(entry.label) }
        if !quiet {
            for remark in recording.remarks + remarks { Output.words("\(entry.label): \(remark)") }
        }
        guard let rate else { return stream }
        return try RateConverter.convert(stream, to: rate)
    }
}
