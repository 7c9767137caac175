public import ECGSignal
public import Findings
internal import FrameLog
public import Pipeline
public import Station
internal import Wire

/// The second that a person asks about: seconds since a log or a recording begins, or a time in UTC.
public enum AskedTime: Sendable, Equatable {
    /// Seconds since the begin.
    case seconds(Double)
    /// A time in UTC.
    case utc(UTCNanoseconds)

    /// Reads `75`, `75.5`, `1:15` or `2026-01-02T03:04:05Z`; nil where the text is none of these.
    public init?(_ text: String) {
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 {
            self = .seconds(seconds)
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 2, let minutes = UInt32(parts[0]), let seconds = Double(parts[1]), seconds >= 0,
            seconds < 60
        {
            self = .seconds(60 * Double(minutes) + seconds)
            return
        }
        guard let time = utcNanoseconds(ofTimestamp: text) else { return nil }
        self = .utc(time)
    }

    /// The time in UTC, where the begin is at `begin`.
    public func time(from begin: UTCNanoseconds) -> UTCNanoseconds {
        switch self {
        case .seconds(let seconds): begin &+ UTCNanoseconds((min(seconds, 1e9) * 1e9).rounded())
        case .utc(let time): time
        }
    }
}

/// Why a second cannot be explained.
public enum ExplanationFault: Error, CustomStringConvertible {
    /// The time lies outside what is there, which is from the first to the second time.
    case outside(asked: UTCNanoseconds, from: UTCNanoseconds, to: UTCNanoseconds)
    /// Nobody of that name has a stream up to then; those who have.
    case unknownPatient(String, known: [String])

    /// What was asked, what there is, what to do.
    public var description: String {
        switch self {
        case .outside(let asked, let from, let to):
            let seconds = Double(to &- from) / 1e9
            return "\(timestamp(asked)) lies outside: it holds \(timestamp(from)) to \(timestamp(to)), "
                + "that is seconds 0 to \(Int(seconds))"
        case .unknownPatient(let name, let known):
            let most = known.prefix(8).joined(separator: ", ")
            return known.isEmpty
                ? "no patient has a stream up to then"
                : "\(name): no stream of such a patient up to then; there are \(most)"
                    + (known.count > 8 ? " and \(known.count - 8) more" : "")
        }
    }
}

/// What was known and decided of a patient at one second: why there was an alarm, or none.
public struct Explanation: Sendable {
    /// The patient whose alarms are explained.
    public let patient: String
    /// The second that was asked about.
    public let asked: UTCNanoseconds
    /// When log or recording begins.
    public let begin: UTCNanoseconds
    /// When the entry came that this is the state after.
    public let arrival: Arrival
    /// Streams with their rules, devices with their alarms.
    public let readings: PatientReadings
    /// The newest window of each stream that the model was asked about.
    public let windows: [(stream: StreamIdentity, diagnosis: WindowDiagnosis)]
    /// The newest steps of the patient's alarms, oldest first.
    public let steps: [AlarmEvent]

    /// Whether rows of the second that was asked about, or later ones, were judged; where not, no samples had come.
    public var isJudged: Bool {
        readings.streams.contains { ($0.readings?.moment.time ?? .min) >= asked }
    }
}

/// Collects what an explanation needs, entry by entry, until its second is there.
struct ExplanationRun {
    /// Signal may come so late that its rows are final only then: 2 s of horizon, a second of hop and chunk each.
    static let patience: UTCNanoseconds = 4_000_000_000
    static let stepsMax = 8

    let patient: String
    let asked: UTCNanoseconds
    private(set) var windows: [StreamIdentity: WindowDiagnosis] = [:]
    private(set) var steps: [AlarmEvent] = []
    private(set) var patients: Set<String> = []

    init(patient: String, asked: UTCNanoseconds) {
        self.patient = patient
        self.asked = asked
    }

    /// Takes the events of an entry.
    mutating func take(_ events: [Event]) {
        for event in events {
            if let sender = event.sender, patients.count < 100_000 { patients.insert(sender.patient) }
            switch event.content {
            case .diagnosis(let stream, let diagnosis) where stream.patient == patient:
                windows[stream] = diagnosis
            case .alarm(let alarm) where alarm.at.stream.patient == patient:
                if steps.count == ExplanationRun.stepsMax { steps.removeFirst() }
                steps.append(alarm)
            default: break
            }
        }
    }

    /// Whether the second is judged, or nothing of it can still come.
    func isReached(judged: UTCNanoseconds?, at arrival: Arrival) -> Bool {
        (judged ?? .min) >= asked || arrival.utc >= asked &+ ExplanationRun.patience
    }

    /// The explanation after the entry that came at `arrival`.
    func finish(
        _ readings: PatientReadings,
        begin: UTCNanoseconds,
        at arrival: Arrival
    ) throws(ExplanationFault) -> Explanation {
        guard !readings.streams.isEmpty || !readings.devices.isEmpty else {
            throw .unknownPatient(patient, known: patients.sorted())
        }
        return Explanation(
            patient: patient,
            asked: asked,
            begin: begin,
            arrival: arrival,
            readings: readings,
            windows: windows.map { (stream: $0.key, diagnosis: $0.value) }.sorted { $0.stream < $1.stream },
            steps: steps
        )
    }
}

extension LogReplay {
    /// By how much a log that is still written may grow while it is gone through.
    private static let growth: UTCNanoseconds = 60_000_000_000

    /// Goes through the log up to a second, and says what was known and decided of a patient then.
    ///
    /// `end` is when the log's newest entry came, so that a time far behind it is refused before anything is gone through.
    /// - Throws: `ExplanationFault` where the log holds no such second or patient, `FrameLogError` where it is damaged
    ///   before that.
    public mutating func explain(
        _ patient: String,
        at time: AskedTime,
        end: UTCNanoseconds
    ) throws -> Explanation {
        let begin = reader.header.arrival.utc
        var run = ExplanationRun(patient: patient, asked: time.time(from: begin))
        // A log that is still written may come as far while it is gone through.
        guard (begin...max(begin, end &+ LogReplay.growth)).contains(run.asked) else {
            throw ExplanationFault.outside(asked: run.asked, from: begin, to: max(begin, end))
        }
        while let events = try next() {
            run.take(events)
            guard let newest, run.isReached(judged: judged(of: patient), at: newest) else { continue }
            return try run.finish(readings(of: patient), begin: begin, at: newest)
        }
        guard let newest, newest.utc >= run.asked else {
            throw ExplanationFault.outside(asked: run.asked, from: begin, to: newest?.utc ?? begin)
        }
        return try run.finish(readings(of: patient), begin: begin, at: newest)
    }
}

/// A recording gone through up to a second, as if it came in real time.
public struct RecordingExplanation {
    private var run: RecordedRun
    private var collected: ExplanationRun
    private let start: UTCNanoseconds
    private var newest: Arrival
    private var sequence: UInt64 = 0
    private var script: CommandScript
    /// The alarms that have begun, by their ids.
    private var alarms: [String: AlarmIdentity] = [:]

    /// The way to `time` of a recording of `patient` whose first sample is of `start`, with what people do on it.
    public init(
        patient: String,
        at time: AskedTime,
        start: UTCNanoseconds,
        hop: Hop,
        model: Model,
        script: CommandScript = CommandScript()
    ) {
        self.script = script
        run = RecordedRun(model: model, hop: hop, start: start)
        collected = ExplanationRun(patient: patient, asked: time.time(from: start))
        self.start = start
        newest = Arrival(utc: start, monotonic: 0)
    }

    /// Takes the next chunk; the explanation once its second is judged.
    ///
    /// Where the second is near, the chunk goes in by pieces of 20 ms, so that the state is that of the second and not of the
    /// chunk's end; findings do not depend on how samples are cut.
    public mutating func take(_ chunk: LeadChunk) throws -> Explanation? {
        let end =
            start &+ MonotonicNanoseconds(clamping: chunk.rate.time(of: chunk.endSample - 1).nanoseconds)
        let step = end < collected.asked ? chunk.sampleCount : max(1, Int(chunk.rate.hertz / 50))
        for from in stride(from: 0, to: chunk.sampleCount, by: step) {
            let part = from..<min(from + step, chunk.sampleCount)
            if let explanation = try takePart(piece(part, of: chunk)) { return explanation }
        }
        return nil
    }

    /// A part of a recording's chunk; recordings say nothing of electrodes, rails and pacing.
    private mutating func piece(_ part: Range<Int>, of chunk: LeadChunk) -> LeadChunk {
        sequence += 1
        return LeadChunk(
            stream: chunk.stream,
            sequence: sequence,
            track: chunk.track,
            firstSample: chunk.firstSample + SampleIndex(part.lowerBound),
            sampleCount: part.count,
            rate: chunk.rate,
            nanovoltsPerUnit: chunk.nanovoltsPerUnit,
            leads: chunk.leads.map {
                LeadSamples(lead: $0.lead, isDerived: $0.isDerived, millivolts: Array($0.millivolts[part]))
            },
            isLast: chunk.isLast && part.upperBound == chunk.sampleCount
        )
    }

    private mutating func takePart(_ chunk: LeadChunk) throws -> Explanation? {
        let end = MonotonicNanoseconds(clamping: chunk.rate.time(of: chunk.endSample - 1).nanoseconds)
        while let step = script.next(before: end) {
            note(run.perform(try step.command(for: collected.patient, alarms), at: step.at))
        }
        note(run.take(chunk))
        newest = Arrival(utc: start &+ end, monotonic: end)
        guard collected.isReached(judged: run.judged(of: collected.patient), at: newest) else { return nil }
        return try collected.finish(run.readings(of: collected.patient), begin: start, at: newest)
    }

    private mutating func note(_ events: [Event]) {
        collected.take(events)
        for case .alarm(let alarm) in events.map(\.content) where alarm.phase == .start {
            alarms[AlarmNames.id(of: alarm.alarm)] = alarm.alarm
        }
    }

    /// The recording is over; the explanation of a second near its end.
    public mutating func finish() throws(ExplanationFault) -> Explanation {
        collected.take(run.finish())
        guard collected.asked >= start, newest.utc >= collected.asked else {
            throw .outside(asked: collected.asked, from: start, to: newest.utc)
        }
        return try collected.finish(run.readings(of: collected.patient), begin: start, at: newest)
    }
}
