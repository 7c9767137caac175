public import ECGSignal
public import Findings
public import FrameLog
public import Pipeline
public import Policy
public import Station
internal import Wire

/// A recorded run gone through again: the entries of a log through the code that the daemon ran, with the same model.
///
/// What comes out is what the daemon said of each stream, to the byte, with however many workers and on whatever machine
/// it ran; what it said of its sockets and of its own load is not in a log.
public struct LogReplay {
    /// Why a log cannot be replayed with a model.
    public struct Refused: Error, CustomStringConvertible {
        /// What the log was recorded with, what was given, what to do.
        public let description: String
    }

    /// The log as far as it was read.
    public private(set) var reader: FrameLogReader
    private var station: OfflineStation
    private var decoder = ChunkDecoder()
    /// Ids of the events that the run before has published.
    private var told: Set<String> = []

    /// Whose policy the alarms of a log that is gone through again follow.
    public enum PolicyChoice: Sendable {
        /// The one that the daemon followed, with its changes.
        case recorded
        /// Another one, from the beginning on; changes that the log holds are passed over.
        case other(PolicyTable)

        /// Reads a policy file, or one of the words `recorded` and `default`.
        public init(file path: String) throws {
            switch path {
            case "recorded": self = .recorded
            case "default": self = .other(.standard)
            default: self = .other(try WardPolicy(file: path, isInForce: false).table)
            }
        }
    }

    /// Takes a log from its next entry on; `model` must be the one that it was recorded with.
    public init(
        _ reader: FrameLogReader,
        model: Model,
        policy choice: PolicyChoice = .recorded
    ) throws(Refused) {
        let header = reader.header
        guard header.revisions == model.revisions else {
            throw Refused(
                description:
                    "recorded with the model \(header.modelName) (\(LogReplay.words(header.revisions))); given is "
                    + "one of \(LogReplay.words(model.revisions)); give --model the folder of the former"
            )
        }
        guard let hop = try? Hop(samples: header.hop), header.horizonSeconds == StreamTimeline.horizonSeconds
        else {
            throw Refused(
                description:
                    "recorded with a hop of \(header.hop) samples and a horizon of \(header.horizonSeconds) s, "
                    + "which this program does not have; use \(header.program)"
            )
        }
        guard let policy = choice.table ?? WardPolicy.table(of: Array(header.policy.utf8)) else {
            throw Refused(
                description:
                    "recorded with a policy that this program refuses; use \(header.program), which took it"
            )
        }
        let access =
            header.authorisation.isEmpty ? nil : AccessDesk.table(of: Array(header.authorisation.utf8))
        guard header.authorisation.isEmpty || access != nil else {
            throw Refused(
                description:
                    "recorded with an authorisation file that this program refuses; use \(header.program), which took it"
            )
        }
        self.reader = reader
        var limits = Admission.Limits()
        limits.streamsMax = header.streamsMax
        limits.idleSeconds = header.idleSeconds
        limits.ingestSpeedMax = header.ingestSpeedMax
        let isRecorded = choice.table == nil
        station = OfflineStation(
            model: model,
            hop: hop,
            limits: limits,
            policy: policy,
            readPolicy: { isRecorded ? WardPolicy.table(of: $0) : nil },
            readMemory: PatientMemoryFormat.memory(parsing:),
            access: access,
            readAccess: AccessDesk.table(of:)
        )
    }

    private static func words(_ revisions: Revisions) -> String {
        "model \(revisions.model), bank \(revisions.bank), catalogue \(revisions.catalogue)"
    }

    /// When the newest entry came; nil before the first.
    public private(set) var newest: Arrival?

    /// What is known now of a patient.
    public func readings(of patient: String) -> PatientReadings { station.shard.readings(of: patient) }

    /// Up to when the patient's streams have been judged; nil where no row of any has been final.
    public func judged(of patient: String) -> UTCNanoseconds? { station.shard.judged(of: patient) }

    /// The newest event of each alarm that stood before the log began, as far as such alarms were restored since the last call.
    public mutating func takeStanding() -> [AlarmEvent] { station.takeStanding() }

    /// The events that follow from the next entry; nil at the end of the log.
    ///
    /// - Throws: Where the log is damaged or cannot be read; the events before that place are right.
    public mutating func next() throws(FrameLogError) -> [Event]? {
        guard let entry = try reader.next() else { return nil }
        newest = entry.arrival
        if case .recovery(let step) = entry.content {
            switch step {
            case .begins(let ids): told = Set(ids)
            case .ends: told = []
            case .restores, .reached: break
            }
        }
        let events = station.take(entry.reading { decoder.judge($0) })
        return told.isEmpty ? events : events.filter { !told.contains(EventFormat.id(of: $0.key)) }
    }
}

extension LogReplay.PolicyChoice {
    /// The table in place of the recorded one; nil where that holds.
    fileprivate var table: PolicyTable? {
        switch self {
        case .recorded: nil
        case .other(let table): table
        }
    }
}
