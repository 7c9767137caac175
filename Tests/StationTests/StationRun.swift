import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport

@testable import Station

/// Admission and its shards put through a log: messages and ticks in arrival order.
struct StationRun {
    private(set) var admission: Admission
    private(set) var shards: [Shard]
    /// All events, in the order they came out.
    private(set) var events: [Event] = []
    /// What each command came to, for each patient and device that it concerned.
    private(set) var outcomes: [[CommandOutcome]] = []
    /// Seconds of both clocks.
    private(set) var now = 0.0
    /// Whether due steps are taken after each input.
    var isEager = true

    init(
        streamsMax: Int = 100,
        idleSeconds: Int = 60,
        ingestSpeedMax: Int? = nil,
        shards: Int = 1,
        hop: Hop = .standard,
        model: Model = NarrowModel.shared
    ) {
        var limits = Admission.Limits()
        limits.streamsMax = streamsMax
        limits.idleSeconds = idleSeconds
        limits.ingestSpeedMax = ingestSpeedMax
        admission = Admission(limits: limits)
        self.shards = (0..<shards).map { _ in Shard(model: model, hop: hop) }
    }

    /// A policy comes into force for all patients.
    mutating func adopt(_ policy: PolicyTable) {
        for index in shards.indices { events += shards[index].adopt(policy) }
    }

    /// One chunk, `seconds` after what came before.
    mutating func send(_ chunk: LeadChunk, after seconds: Double = 0) {
        now += seconds
        take(.frame(.success(chunk), endpoint: "gateways"))
    }

    /// One unreadable or unacceptable message.
    mutating func send(_ refusal: Refusal, after seconds: Double = 0) {
        now += seconds
        take(.frame(.failure(refusal), endpoint: "gateways"))
    }

    /// A tick a second for `seconds`.
    mutating func pass(seconds: Int, isQuiet: Bool = true) {
        for _ in 0..<seconds {
            now += 1
            take(.tick(isQuiet: isQuiet))
        }
    }

    /// What somebody asks for.
    mutating func command(
        _ order: OperatorCommand.Order,
        of target: OperatorCommand.Target,
        by name: String = "anna"
    ) {
        take(.command(OperatorCommand(order, target: target, by: name, ticket: outcomes.count)))
    }

    /// Somebody looks at those patients from now on.
    mutating func look(at wishes: TraceWishes) {
        for index in shards.indices { shards[index].wishes = wishes }
    }

    /// What those who look were shown since the last call.
    mutating func takeTraces() -> [TraceBlock] { shards.indices.flatMap { shards[$0].takeTraces() } }

    mutating func shutDown() { take(.shutdown) }

    /// The worker of each slot, as the daemon's admission thread has it.
    private var owners: [Int: Int] = [:]

    private mutating func take(_ content: LoggedEntry<JudgedMessage>.Content) {
        for action in admission.take(LoggedEntry(content, at: arrival(now))) {
            switch action {
            case .publish(let event): events.append(event)
            case .deliver(let slot, let input):
                if case .open(let first) = input {
                    owners[slot] = Sender(of: first.stream).owner(among: shards.count)
                }
                events += shards[owners[slot] ?? 0].take(input, for: slot, at: arrival(now))
            case .policy, .memory, .recovering, .expect: break
            case .command(let command, let known):
                var all: [CommandOutcome] = []
                for index in shards.indices {
                    let owned = known.filter { $0.owner(among: shards.count) == index }
                    let (made, came) = shards[index].perform(command, known: owned, at: arrival(now))
                    events += made
                    all += came
                }
                outcomes.append(all)
            }
        }
        if isEager { step() }
    }

    mutating func step() {
        for index in shards.indices {
            while let more = shards[index].step() { events += more }
        }
    }

    /// What is known of each stream, by name.
    var statuses: [Shard.Status] { shards.flatMap(\.statuses).sorted { $0.identity < $1.identity } }

    /// The canonical events of one stream.
    func events(of stream: StreamIdentity) -> [Event] { canonical(events.filter { $0.stream == stream }) }

    /// The codes of a stream's facts, in the order they came.
    func codes(of stream: StreamIdentity) -> [TechnicalEvent.Code] {
        events.filter { $0.stream == stream }.compactMap { $0.fact?.code }
    }
}

/// A chunk that says only what matters: one second of one lead at 250 Hz.
func chunk(
    _ patient: String = "p1",
    _ device: String = "d1",
    epoch: UInt64 = 1,
    sequence: UInt64,
    track: Int = 0,
    from first: SampleIndex,
    count: Int = 250,
    hertz: Int64 = 250,
    gain: Double = 1_000,
    leads: [Lead] = [.ii],
    value: Float? = nil,
    isLast: Bool = false,
    unknown: Int = 0
) -> LeadChunk {
    LeadChunk(
        stream: StreamIdentity(patient: patient, device: device, epoch: epoch),
        sequence: sequence,
        track: track,
        firstSample: first,
        sampleCount: count,
        rate: SampleRate(hertz) ?? .grid,
        nanovoltsPerUnit: gain,
        leads: leads.map { lead in
            LeadSamples(
                lead: lead,
                millivolts: (0..<count).map { value ?? Float((Int(first) + $0) % 89) / 89 }
            )
        },
        isLast: isLast,
        unknownLeadCount: unknown
    )
}
