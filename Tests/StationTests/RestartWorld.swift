import ECGSignal
import Findings
import Pipeline
import Policy
import TestSupport

@testable import Station

/// Admission and one shard that are killed at any entry, also of those that come again, and what their disk has then.
///
/// What is on its way to the disk is lost with them. Alarms and technical events are durable, and told once they are there.
struct RestartWorld {
    typealias Entry = CheckpointRun.Entry

    /// What one input made: the disk has all of it or nothing.
    private struct Parcel {
        let events: [Event]
        let states: [Sender: PatientMemory?]
        let checkpoints: [(stream: StreamIdentity, kept: RecoveryPlan.Checkpoint?)]
    }

    /// What runs, and is lost when it is killed.
    private struct Run {
        let name: String
        var admission: Admission
        var shard: Shard
        var held = HeldStates<PatientMemory?>()
        var told: Set<EventKey> = []
        var pending: [Parcel] = []
        /// Entries until it is killed.
        var budget: Int
    }

    /// All that was told, in its order.
    private(set) var told: [Event] = []
    /// Alarms that stood when a run began, and those that stand by the events that the disk had then.
    private(set) var stood: [(restored: Set<AlarmIdentity>, kept: Set<AlarmIdentity>)] = []
    /// How many runs were killed before they had gone on.
    private(set) var killedOnTheWay = 0
    /// What people have set in the end.
    private(set) var settings: [PatientSetting] = []

    private var durable: [Event] = []
    private var states: [Sender: PatientMemory] = [:]
    private var checkpoints: [StreamIdentity: [RecoveryPlan.Checkpoint]] = [:]
    private var log: [(place: LogPlace, entry: Entry)] = []
    private var runs: [String] = []
    private var next = 0
    private var lags: SeededGenerator
    private let model = NarrowModel.shared
    private let hop = Hop.standard

    /// A world whose disk lags as `generator` says.
    init(lags generator: SeededGenerator) { lags = generator }

    /// Goes through `entries`, killed after so many entries each time, and then to their end.
    mutating func run(_ entries: [Entry], killedAfter kills: [Int]) {
        for budget in kills + [.max] {
            var run = begin(budget)
            if recover(&run) { live(&run, entries) } else { killedOnTheWay += 1 }
            commit(&run, butLast: budget == .max ? 0 : Int.random(in: 0...3, using: &lags))
            settings = run.shard.settings
        }
    }

    private mutating func begin(_ budget: Int) -> Run {
        let (revisions, hop) = (model.revisions, hop)
        let name = hexadecimal16(UInt64(runs.count + 1))
        var run = Run(
            name: name,
            admission: Admission(
                readSender: { bytes in
                    let parts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                    return parts.count == 2 ? Sender(patient: parts[0], device: parts[1]) : nil
                },
                readState: { try? StreamState($0, model: revisions, hop: hop) }
            ),
            shard: Shard(model: model, hop: hop),
            budget: budget
        )
        run.admission.makesCheckpoints = true
        run.shard.noteChanges()
        let at = log.last?.entry.arrival ?? Arrival(utc: 0, monotonic: 0)
        var restored: Set<AlarmIdentity> = []
        for (sender, memory) in states.sorted(by: {
            ($0.key.patient, $0.key.device) < ($1.key.patient, $1.key.device)
        }) {
            _ = run.admission.take(Entry(.memory(Array("\(sender.patient)\0\(sender.device)".utf8)), at: at))
            restored.formUnion((run.shard.restore(memory, at: at) ?? []).map(\.event.alarm))
        }
        var standing: Set<AlarmIdentity> = []
        for case .alarm(let alarm) in durable.map(\.content) where alarm.phase != .timePoint {
            if alarm.state == .inactive { standing.remove(alarm.alarm) } else { standing.insert(alarm.alarm) }
        }
        stood.append((restored, standing))
        return run
    }

    /// Whether it came to the end of the former log.
    private mutating func recover(_ run: inout Run) -> Bool {
        defer { runs.append(run.name) }
        guard let (place, entry) = log.last, !checkpoints.isEmpty else { return true }
        let last = entry.arrival
        let own = log.first { $0.place.run == place.run }?.entry.arrival ?? last
        var plan = RecoveryPlan(
            checkpoints.values.flatMap(\.self),
            runs: runs,
            former: RecoveryPlan.Former(run: place.run, begun: own.utc, since: own.utc, end: last.utc),
            model: model.revisions,
            hop: hop,
            streamsMax: 100
        )
        run.told = Set(durable.map(\.key))
        run.held.isRecovering = true
        take(Entry(.recovery(.begins(told: [])), at: last), nil, &run)
        let first = log.firstIndex { $0.place == plan.first } ?? log.endIndex
        for (place, entry) in log[first...] {
            for copy in plan.take(entry, at: place, of: CheckpointRun.stream(of: entry)) {
                take(copy, place, &run)
                run.budget -= 1
                guard run.budget > 0 else { return false }
            }
        }
        for copy in plan.finish(JudgedMessage.self, at: last) { take(copy, nil, &run) }
        take(Entry(.recovery(.ends), at: last), nil, &run)
        run.told = []
        run.held.isRecovering = false
        accept([], nil, &run)
        return true
    }

    private mutating func live(_ run: inout Run, _ entries: [Entry]) {
        var number = 0
        while next < entries.count, run.budget > 0 {
            number += 1
            run.budget -= 1
            let place = LogPlace(run: run.name, entry: number)
            log.append((place, entries[next]))
            take(entries[next], place, &run)
            next += 1
        }
    }

    private mutating func take(_ entry: Entry, _ place: LogPlace?, _ run: inout Run) {
        for action in run.admission.take(entry) {
            switch action {
            case .publish: break
            case .deliver(let slot, let input):
                accept(run.shard.take(input, for: slot, at: entry.arrival), place, &run)
            case .command(let command, let known):
                accept(run.shard.perform(command, known: known, at: entry.arrival).events, place, &run)
            case .recovering(let isRecovering):
                while let more = run.shard.step() { accept(more, place, &run) }
                run.shard.recover(isRecovering)
            case .expect(let later): run.shard.expect(later)
            case .policy, .memory: break
            }
        }
        while let more = run.shard.step() { accept(more, place, &run) }
    }

    private mutating func accept(_ events: [Event], _ place: LogPlace?, _ run: inout Run) {
        let new = events.filter { !run.told.contains($0.key) }
        for (sender, memory) in run.shard.takeMemories(at: Arrival(utc: 0, monotonic: 0)) {
            run.held.take(memory, of: sender)
        }
        let due = run.held.due(with: new)
        run.held.remove(due.keys)
        let now = log.last?.entry.arrival.utc ?? 0
        let made = run.shard.takeCheckpoints().compactMap { kept in
            let (ready, bytes): (GridIndex, [UInt8])
            switch kept.content {
            case .over: return (kept.stream, RecoveryPlan.Checkpoint?.none)
            case .opening: (ready, bytes) = (0, [])
            case .state(let row, let state): (ready, bytes) = (row, state)
            }
            return place.map {
                let checkpoint = RecoveryPlan.Checkpoint(
                    stream: kept.stream,
                    place: $0,
                    ready: ready,
                    bytes: bytes,
                    written: now
                )
                return (kept.stream, checkpoint)
            }
        }
        run.pending.append(Parcel(events: new, states: due, checkpoints: made))
        let lag = Int.random(in: 0...3, using: &lags)
        commit(&run, butLast: lag)
    }

    /// What waits comes onto the disk, but for the newest parcels.
    private mutating func commit(_ run: inout Run, butLast lag: Int) {
        while run.pending.count > lag {
            let parcel = run.pending.removeFirst()
            for event in parcel.events {
                told.append(event)
                switch event.content {
                case .alarm, .technical: durable.append(event)
                case .diagnosis, .vitals: break
                }
            }
            for (sender, memory) in parcel.states { states[sender] = memory }
            for (stream, kept) in parcel.checkpoints {
                guard let kept else {
                    checkpoints[stream] = nil
                    continue
                }
                if kept.bytes.isEmpty { checkpoints[stream] = [] }
                checkpoints[stream] = (checkpoints[stream, default: []] + [kept]).suffix(4)
            }
        }
    }
}
