internal import Digest
internal import ECGSignal
internal import Findings
internal import Logging

/// How the log names patients, devices and streams.
enum LogNames: Sendable {
    /// By hashes under a key of this run, so that no line tells who is meant.
    case hashed(KeyedHash)
    /// As they are; the operator has asked for it.
    case plain

    /// The name of a patient, a device or a stream.
    func name(of text: String) -> String {
        switch self {
        case .hashed(let hash): hash.name(of: text)
        case .plain: text
        }
    }

    /// Whether sentences that may name people are written.
    var isPlain: Bool { if case .plain = self { true } else { false } }
}

/// Decides which published events have a line in the log, of which level and with which words.
///
/// Every technical event has one: a stream that opened, closed or fell silent, input that was refused, a link that
/// was lost. Refusals come here gathered already, the first at once and then every 10 s.
struct EventLog: Sendable {
    /// A line before it is written.
    struct Line: Sendable, Equatable {
        let level: Logger.Level
        let message: String
        var facts: [String: String] = [:]
    }

    private let names: LogNames
    private var budget = LineBudget()

    /// A log that names people in that way.
    init(names: LogNames) { self.names = names }

    /// The line of an event; nil for one that has none, or whose kind has come too often.
    mutating func line(for event: Event, at now: MonotonicNanoseconds) -> Line? {
        guard case .technical(let fact) = event.content, budget.admits(fact.code.rawValue, at: now) else {
            return nil
        }
        var facts = EventLog.subject(fact.subject, names)
        facts["code"] = fact.code.rawValue
        if fact.count > 1 { facts["count"] = "\(fact.count)" }
        if let sample = fact.firstSample { facts["sample"] = "\(sample)" }
        if names.isPlain || !fact.code.mayNamePeople { facts["detail"] = fact.detail }
        return Line(level: fact.level, message: fact.message, facts: facts)
    }

    /// Lines about the lines that were left out; all that are due, or all of them at the end.
    mutating func leftOut(at now: MonotonicNanoseconds, isFinal: Bool = false) -> [Line] {
        budget.takeLeftOut(at: now, isFinal: isFinal).map { .leftOut($0.kind, $0.count) }
    }

    private static func subject(_ subject: TechnicalEvent.Subject, _ names: LogNames) -> [String: String] {
        switch subject {
        case .endpoint(let endpoint): ["endpoint": endpoint]
        case .sender(let sender, let endpoint):
            [
                "endpoint": endpoint, "patient": names.name(of: sender.patient),
                "device": names.name(of: sender.device),
            ]
        case .stream(let stream):
            [
                "stream": names.name(of: stream.name), "patient": names.name(of: stream.patient),
                "device": names.name(of: stream.device),
            ]
        }
    }
}

extension EventLog.Line {
    /// A line about `count` lines of one kind that were not written.
    static func leftOut(_ kind: String, _ count: Int) -> Self {
        Self(
            level: .warning,
            message: "lines left out, since too many of a kind came at once",
            facts: ["code": kind, "count": "\(count)"]
        )
    }
}

extension TechnicalEvent {
    /// What happened, in words.
    fileprivate var message: String {
        switch code {
        case .streamOpened: "stream opened"
        case .streamClosed: "stream closed"
        case .streamSilent: phase == .end ? "stream is heard again" : "stream is silent"
        case .streamGap: "stream has a gap"
        case .streamSuperseded: "stream superseded by a newer epoch"
        case .deviceMoved: "device has another patient"
        case .patientMoved: "patient is in another ward"
        case .limitReached: "a key has as much as one may have"
        case .memoryBeyondBound: "memory beyond what is accounted for"
        case .overload: phase == .end ? "rankings are in time again" : "rankings come late"
        case .filesRunningOut: phase == .end ? "open files are enough again" : "open files run out"
        case .linkDropped: "link lost, and its sender is back"
        case .recordFailed: "frame log ended before its time"
        case .journalFailed: phase == .end ? "events are kept again" : "events are not kept"
        case .peerRefused: "peer refused"
        case .keyRefused: "key refused"
        case .rightRefused: "right refused"
        case .peerUnheard: "peer sends nothing that is taken"
        case .late, .overlap, .backwards: "chunks out of order"
        case .chunksMissing: "chunks missing"
        case .chunksDuplicate: "chunks came twice"
        default: "input refused"
        }
    }

    /// Streams that come and go are news; everything else wants somebody's eye.
    fileprivate var level: Logger.Level {
        switch code {
        case .streamOpened, .streamClosed, .streamSuperseded, .patientMoved: .info
        default: phase == .end ? .info : .warning
        }
    }
}

extension TechnicalEvent.Code {
    /// Whether the sentence of such an event may hold the name of a patient or a device.
    fileprivate var mayNamePeople: Bool {
        switch self {
        case .epochOver, .patientChanged, .deviceMoved, .streamSuperseded, .topic, .mismatch: true
        default: false
        }
    }
}
