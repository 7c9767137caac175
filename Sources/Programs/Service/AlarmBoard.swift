internal import ECGSignal
internal import Findings
internal import Station
private import Synchronization
internal import Wire

/// The alarms that stand, as the workers tell of them: what SNAPSHOT answers, and how an alarm is found by its id.
///
/// A worker writes here before the event goes out, so whoever has seen an event finds its alarm. It only remembers; what
/// is decided, the policies decide.
final class AlarmBoard: Sendable {
    /// What is known of one alarm that stands.
    private struct Entry {
        var newest: AlarmEvent
        /// How often it was signalled anew, its start included.
        var soundings = 1
        /// The ids of its events since it was last signalled anew, the newest last.
        var seen: [String] = []
    }

    /// What an id names.
    enum Found: Equatable {
        /// An alarm that stands; `soundings` is how often it had been signalled anew in the event that was asked about.
        case standing(AlarmReference, soundings: Int?)
        /// An alarm that is over.
        case over
        /// Nothing that is remembered.
        case unknown
    }

    private struct Board {
        var standing: [String: Entry] = [:]
        /// Alarms that are over, the newest last.
        var over: [String] = []
        /// The newest number of each topic of alarms.
        var heads: [String: UInt64] = [:]
        /// What people set, by worker.
        var settings: [Int: [PatientSetting]] = [:]
    }

    /// How many alarms that are over are remembered.
    private static let overMax = 4_096
    /// How many event ids of one alarm are remembered; an alarm has few between two soundings.
    private static let seenMax = 64

    private let board = Mutex(Board())

    /// Notes what happened to an alarm.
    func take(_ event: AlarmEvent) {
        guard event.phase != .timePoint else { return }
        let id = AlarmNames.id(of: event.alarm)
        let eventID = EventFormat.id(of: .alarm(event.alarm, phase: event.phase, ordinal: event.ordinal))
        board.withLock { board in
            if event.phase == .end {
                board.standing[id] = nil
                if board.over.count == AlarmBoard.overMax { board.over.removeFirst(AlarmBoard.overMax / 4) }
                board.over.append(id)
                return
            }
            var entry = board.standing[id] ?? Entry(newest: event, soundings: 0)
            entry.newest = event
            if event.phase == .start || event.phase == .escalate || event.reason == .seenAgain {
                entry.soundings += 1
                entry.seen.removeAll()
            }
            if entry.seen.count == AlarmBoard.seenMax { entry.seen.removeFirst() }
            entry.seen.append(eventID)
            board.standing[id] = entry
        }
    }

    /// Notes the number of the newest event on a topic of alarms.
    func publish(_ topic: String, _ number: UInt64) { board.withLock { $0.heads[topic] = number } }

    /// Notes what people set for the patients of one worker.
    func set(_ settings: [PatientSetting], ofShard number: Int) {
        board.withLock { $0.settings[number] = settings }
    }

    /// What people set, by patient and device.
    var settings: [PatientSetting] {
        let all = board.withLock { $0.settings.values.flatMap(\.self) }
        return all.sorted { ($0.sender.patient, $0.sender.device) < ($1.sender.patient, $1.sender.device) }
    }

    /// What an id names; `seen` is the newest event of it that the user knows.
    func find(_ id: String, seen: String?) -> Found {
        board.withLock { board in
            guard let entry = board.standing[id] else { return board.over.contains(id) ? .over : .unknown }
            let alarm = entry.newest.alarm
            let reference = AlarmReference(
                stream: alarm.stream,
                statement: alarm.statement,
                onset: alarm.onset,
                ordinal: alarm.ordinal
            )
            guard let seen else { return .standing(reference, soundings: nil) }
            let isNewest = entry.seen.contains(seen)
            return .standing(reference, soundings: isNewest ? entry.soundings : entry.soundings - 1)
        }
    }

    /// All alarms that stand, the most urgent first, and the newest number of each topic.
    var all: (alarms: [AlarmEvent], heads: [(topic: String, number: UInt64)]) {
        let (alarms, heads) = board.withLock { ($0.standing.values.map(\.newest), $0.heads) }
        let sorted = alarms.sorted { one, other in
            if one.priority != other.priority {
                return AlarmBoard.rank(one.priority) < AlarmBoard.rank(other.priority)
            }
            if one.onset.time != other.onset.time { return one.onset.time < other.onset.time }
            return (one.alarm.stream, one.alarm.statement) < (other.alarm.stream, other.alarm.statement)
        }
        return (sorted, heads.sorted { $0.key < $1.key }.map { (topic: $0.key, number: $0.value) })
    }

    private static func rank(_ priority: AlarmEvent.Priority) -> Int {
        switch priority {
        case .high: 0
        case .medium: 1
        case .low: 2
        case .info: 3
        }
    }
}
