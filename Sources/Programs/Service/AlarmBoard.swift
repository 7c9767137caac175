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
    fileprivate struct Entry {
        /// Alarms are numbered in the order in which they began here, from 1; pages of SNAPSHOT go by these numbers.
        let number: Int
        var newest: AlarmEvent
        /// How often it was signalled anew, its start included.
        var soundings = 1
        /// The ids of its events since it was last signalled anew, the newest last.
        var seen: [String] = []
    }

    /// What an id names.
    enum Found: Equatable {
        /// An alarm that stands; `soundings` is how often it had been signalled anew in the event that was asked about.
        case standing(AlarmIdentity, soundings: Int?)
        /// An alarm that is over.
        case over
        /// Nothing that is remembered.
        case unknown
    }

    fileprivate struct Board {
        var standing: [String: Entry] = [:]
        /// How many alarms have begun.
        var begun = 0
        /// How many alarms stand for each patient; none where none does.
        var counts: [String: Int] = [:]
        /// The topic of alarms of each patient for whom an alarm stands, and the newest number on it.
        var heads: [String: (topic: String, number: UInt64)] = [:]
        /// Alarms that are over, the newest last.
        var over: [String] = []
        /// Ids of the events that the former run has told, while its entries come again.
        var told: Set<String> = []
        /// What people set, by worker.
        var settings: [Int: [PatientSetting]] = [:]
        /// The rates beyond which patients alarm for whom nobody sets others; nil for an adult's.
        var wardRates: PatientLimits?
    }

    /// How many alarms that are over are remembered.
    fileprivate static let overMax = 4_096
    /// How many event ids of one alarm are remembered; an alarm has few between two soundings.
    fileprivate static let seenMax = 64

    private let board = Mutex(Board())

    /// Notes what happened to an alarm.
    func take(_ event: AlarmEvent) {
        let id = AlarmNames.id(of: event.alarm)
        let eventID = EventFormat.id(of: .alarm(event.alarm, phase: event.phase, ordinal: event.ordinal))
        board.withLock { board in
            // Alarms were restored as they were after it.
            guard !board.told.contains(eventID) else { return }
            switch event.phase {
            case .end: board.end(id, of: event.alarm.stream.patient)
            // The model's word for an alarm changes nothing of it, yet it may be the newest that a user has seen.
            case .timePoint: board.standing[id]?.note(eventID)
            case .start, .continue, .update, .escalate, .deescalate: board.note(event, id, eventID)
            }
        }
    }

    /// What the former run has told, `ids`, may come again from here on; none of it once that is over.
    func expect(told ids: [String]) { board.withLock { $0.told = Set(ids) } }

    /// Notes an alarm that stands from before a restart, with its newest event.
    func restore(_ event: AlarmEvent, soundings: Int) {
        let id = AlarmNames.id(of: event.alarm)
        let eventID = EventFormat.id(of: .alarm(event.alarm, phase: event.phase, ordinal: event.ordinal))
        board.withLock { board in
            board.note(event, id, eventID)
            board.standing[id]?.soundings = soundings
            // Whoever saw the start has seen all of an alarm that was never signalled anew.
            if soundings == 1, id != eventID { board.standing[id]?.note(id) }
        }
    }

    /// Notes the number of the newest event on a patient's topic of alarms.
    func publish(_ number: UInt64, on topic: String, of patient: String) {
        board.withLock { board in
            if board.counts[patient] != nil { board.heads[patient] = (topic, number) }
        }
    }

    /// The newest event of each alarm that stands for a patient, in the order in which they began.
    func standing(of patient: String) -> [AlarmEvent] {
        let entries = board.withLock { board in
            board.counts[patient] == nil
                ? [] : board.standing.values.filter { $0.newest.alarm.stream.patient == patient }
        }
        return entries.sorted { $0.number < $1.number }.map(\.newest)
    }

    /// Notes what people set for the patients of one worker.
    func set(_ settings: [PatientSetting], ofShard number: Int) {
        board.withLock { $0.settings[number] = settings }
    }

    /// Notes the rates that the ward's policy sets; nil where it sets none.
    func set(wardRates: PatientLimits?) { board.withLock { $0.wardRates = wardRates } }

    /// The rates beyond which patients alarm for whom nobody sets others; nil for an adult's.
    var wardRates: PatientLimits? { board.withLock { $0.wardRates } }

    /// What people set, by patient and device.
    var settings: [PatientSetting] {
        let all = board.withLock { $0.settings.values.flatMap(\.self) }
        return all.sorted { ($0.sender.patient, $0.sender.device) < ($1.sender.patient, $1.sender.device) }
    }

    /// How many alarms stand, by the word of their priority.
    var countsByPriority: [String: Int] {
        board.withLock { board in
            Dictionary(board.standing.values.map { ($0.newest.priority.rawValue, 1) }, uniquingKeysWith: +)
        }
    }

    /// What an id names; `seen` is the newest event of it that the user knows.
    func find(_ id: String, seen: String?) -> Found {
        board.withLock { board in
            guard let entry = board.standing[id] else { return board.over.contains(id) ? .over : .unknown }
            let alarm = entry.newest.alarm
            guard let seen else { return .standing(alarm, soundings: nil) }
            let isNewest = entry.seen.contains(seen)
            return .standing(alarm, soundings: isNewest ? entry.soundings : entry.soundings - 1)
        }
    }

    /// Some of the alarms that stand.
    struct Page: Sendable {
        /// The newest event of each, in the order in which the alarms began.
        let alarms: [AlarmEvent]
        /// The number of the alarm after them; nil where none is left.
        let next: Int?
        /// The topic of each of their patients, and the newest number on it, where it has one.
        let heads: [(topic: String, number: UInt64)]
    }

    /// The first `count` alarms from number `first` on, of those patients that are seen.
    ///
    /// An alarm keeps its number as long as it stands, so none is left out between two pages, whatever begins or ends
    /// meanwhile.
    func page(from first: Int, count: Int, of isSeen: (String) -> Bool = { _ in true }) -> Page {
        let (entries, heads) = board.withLock { board in
            (board.standing.values.filter { $0.number >= first }, board.heads)
        }
        let seen = entries.filter { isSeen($0.newest.alarm.stream.patient) }
        let sorted = seen.sorted { $0.number < $1.number }
        let alarms = sorted.prefix(count).map(\.newest)
        let patients = Set(alarms.map(\.alarm.stream.patient)).sorted()
        return Page(
            alarms: alarms,
            next: sorted.dropFirst(count).first?.number,
            heads: patients.compactMap { heads[$0] }
        )
    }
}

extension AlarmBoard.Entry {
    fileprivate mutating func note(_ eventID: String) {
        if seen.count == AlarmBoard.seenMax { seen.removeFirst() }
        seen.append(eventID)
    }
}

extension AlarmBoard.Board {
    fileprivate mutating func note(_ event: AlarmEvent, _ id: String, _ eventID: String) {
        if standing[id] == nil {
            begun += 1
            counts[event.alarm.stream.patient, default: 0] += 1
        }
        var entry = standing[id] ?? AlarmBoard.Entry(number: begun, newest: event, soundings: 0)
        entry.newest = event
        if event.phase == .start || event.phase == .escalate || event.reason == .seenAgain {
            entry.soundings += 1
            entry.seen.removeAll()
        }
        entry.note(eventID)
        standing[id] = entry
    }

    fileprivate mutating func end(_ id: String, of patient: String) {
        guard standing.removeValue(forKey: id) != nil else { return }
        let left = (counts[patient] ?? 1) - 1
        counts[patient] = left > 0 ? left : nil
        if left == 0 { heads[patient] = nil }
        if over.count == AlarmBoard.overMax { over.removeFirst(AlarmBoard.overMax / 4) }
        over.append(id)
    }
}
