public import Access
public import ECGSignal
public import Findings
public import Pipeline
public import Policy

/// Admission and one shard in one place and one thread: what `classify`, the tests and the replay of a log run.
///
/// The daemon runs the same two on threads of their own; what they decide is the same.
public struct OfflineStation {
    private var admission: Admission
    /// The shard that owns the streams.
    public private(set) var shard: Shard
    /// The newest events of alarms that stood before the log began, as far as they were not taken.
    private var standing: [AlarmEvent] = []
    /// Workers of a daemon at most.
    private static let workersMax = 64
    private let readPolicy: @Sendable ([UInt8]) -> PolicyTable?
    private let readMemory: @Sendable ([UInt8]) -> PatientMemory?

    /// An empty station whose alarms follow `policy`.
    ///
    /// `readPolicy` makes a table of the bytes of a policy file that an entry of the log holds; where it makes none, the
    /// table that was in force stays so. `readMemory` makes of an entry's bytes what was remembered of a patient. `access`
    /// and `readAccess` are admission's.
    public init(
        model: Model,
        hop: Hop = .standard,
        limits: Admission.Limits = .init(),
        policy: PolicyTable = .standard,
        readPolicy: @escaping @Sendable ([UInt8]) -> PolicyTable? = { _ in nil },
        readMemory: @escaping @Sendable ([UInt8]) -> PatientMemory? = { _ in nil },
        access: AccessTable? = nil,
        readAccess: @escaping @Sendable ([UInt8]) -> AccessTable? = { _ in nil }
    ) {
        admission = Admission(
            limits: limits,
            access: access,
            readAccess: readAccess,
            readSender: { readMemory($0)?.sender },
            readState: { [revisions = model.revisions] in
                try? StreamState($0, model: revisions, hop: hop)
            }
        )
        // As many alarm policies as any number of a daemon's workers kept, so that none is forgotten here alone.
        let streamsMax = OfflineStation.workersMax * limits.streamsMax
        shard = Shard(model: model, hop: hop, policy: policy, streamsMax: streamsMax)
        self.readPolicy = readPolicy
        self.readMemory = readMemory
    }

    /// Takes the next entry of a log; all events that follow from it.
    public mutating func take(_ entry: LoggedEntry<JudgedMessage>) -> [Event] {
        var events: [Event] = []
        for action in admission.take(entry) {
            switch action {
            case .publish(let event): events.append(event)
            case .command(let command, let known):
                events += shard.perform(command, known: known, at: entry.arrival).events
            case .policy(let bytes):
                if let table = readPolicy(bytes) { events += shard.adopt(table) }
            case .memory(let bytes):
                if let memory = readMemory(bytes) {
                    standing += (shard.restore(memory, at: entry.arrival) ?? []).map(\.event)
                }
            case .recovering(let isRecovering): shard.recover(isRecovering)
            case .expect(let later): shard.expect(later)
            case .deliver(let slot, let input): events += shard.take(input, for: slot, at: entry.arrival)
            }
        }
        while let more = shard.step() { events += more }
        return events
    }

    /// The newest event of each alarm that was restored from before the log since the last call.
    public mutating func takeStanding() -> [AlarmEvent] {
        defer { standing = [] }
        return standing
    }
}
