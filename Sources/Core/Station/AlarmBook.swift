internal import ECGSignal
internal import Findings
internal import Policy

/// The alarm policies of one worker's patients, one for each patient and device.
///
/// A policy outlives the epochs of its device and their closes, so an alarm that stands when a stream ends still stands in
/// the next one. As many senders are remembered as there is room for: nobody whose stream is open is forgotten. Of the others
/// those of whom nothing is set and for whom no alarm stands are forgotten first, then those for whom none stands, of each
/// the one that was heard least lately; where an alarm stands for all, those of the forgotten end as `discharged`.
struct AlarmBook {
    /// Senders that are remembered; as many as streams may be open at once, and half of that again, but 1,500 at least.
    let sendersMax: Int

    private struct Page {
        var policy: EventPolicy
        /// Grows with each use of any page.
        var lastUse = 0
    }

    private var pages: [Sender: Page] = [:]
    private var uses = 0
    /// The slots of the open streams of each sender that has one.
    private var openSlots: [Sender: Set<Int>] = [:]
    private var table: PolicyTable
    private var fresh: [AlarmEvent] = []
    /// Senders of whom something changed that outlives a restart; nil where nobody keeps it.
    private var changed: Set<Sender>?

    /// A book without patients, whose policies follow `table`, where so many streams may be open at once.
    init(_ table: PolicyTable = .standard, streamsMax: Int = Admission.Limits().streamsMax) {
        self.table = table
        sendersMax = AlarmBook.sendersMax(streamsMax)
    }

    /// How many senders are remembered where so many streams may be open at once.
    static func sendersMax(_ streamsMax: Int) -> Int { max(1_000, streamsMax) / 2 * 3 }

    /// A stream of a sender is open in a slot from now on, or no longer.
    mutating func note(_ sender: Sender, _ slot: Int, isOpen: Bool) {
        if isOpen {
            openSlots[sender, default: []].insert(slot)
        } else if openSlots[sender]?.remove(slot) != nil, openSlots[sender]?.isEmpty ?? false {
            openSlots[sender] = nil
        }
    }

    /// How many senders are remembered.
    var count: Int { pages.count }

    /// The alarms that stand, the newest event of each.
    var standing: [AlarmEvent] { pages.values.flatMap(\.policy.standing) }

    /// Tells the policy of a stream's patient and device what was seen, and up to where the stream has been judged.
    ///
    /// - Returns: the events that follow; `frame` is what brought the samples.
    mutating func take(
        _ observations: [Observation],
        judgedTo moment: StreamMoment?,
        at frame: Arrival?
    ) -> [Event] {
        guard let moment else { return [] }
        fresh.removeAll(keepingCapacity: true)
        let page = self.page(of: Sender(of: moment.stream), at: moment.time)
        for observation in observations { pages.values[page].policy.take(observation, into: &fresh) }
        pages.values[page].policy.pass(to: moment, into: &fresh)
        if !fresh.isEmpty { changed?.insert(Sender(of: moment.stream)) }
        return events(frame)
    }

    /// Quotes the model: the statements of a window that reach their thresholds.
    ///
    /// They never raise, time or end an alarm; where one of them agrees with an alarm, the policy says so.
    mutating func quote(
        _ diagnosis: WindowDiagnosis,
        of stream: StreamIdentity,
        threshold: (_ id: String) -> Double,
        at frame: Arrival?
    ) -> [Event] {
        let said = diagnosis.top.filter { ranked in
            ranked.probability.map { $0 >= threshold(ranked.statement.id) } ?? false
        }
        let end = StreamMoment(
            stream: stream,
            sample: diagnosis.firstSample + GridIndex(Grid.windowSamples),
            time: diagnosis.end
        )
        // A window makes no page, and is no use of one: which sender is forgotten must not depend on the encoder's pace.
        guard let page = pages.index(forKey: Sender(of: stream)) else { return [] }
        fresh.removeAll(keepingCapacity: true)
        let window = Observation(.window(said.map(\.statement.id)), at: end)
        pages.values[page].policy.take(window, into: &fresh)
        return events(frame)
    }

    /// A second has passed for that sender: pauses that are over end.
    mutating func pass(at arrival: Arrival, of sender: Sender) -> [Event] {
        guard let page = pages.index(forKey: sender) else { return [] }
        fresh.removeAll(keepingCapacity: true)
        pages.values[page].policy.pass(at: arrival, into: &fresh)
        if !fresh.isEmpty { changed?.insert(sender) }
        return events(nil)
    }

    /// Does what a command asks for, of `known` senders and of all others of the patient that are remembered.
    ///
    /// `chosen` are all whom it may concern; nil for everybody.
    ///
    /// A discharged sender that is not in `open` is forgotten: nothing that was on its way when its stream ended can come.
    ///
    /// - Returns: the events that follow, and what it came to for each sender, by patient and device.
    mutating func perform(
        _ command: OperatorCommand,
        known: [Sender],
        open: Set<Sender>,
        among chosen: Set<Sender>? = nil,
        at arrival: Arrival
    ) -> (events: [Event], outcomes: [CommandOutcome]) {
        var senders = Set(known)
        for sender in pages.keys {
            switch (command.order, command.target) {
            // The sender of its alarm is known, and no other is concerned.
            case (.acknowledge, _): break
            // Who is in a ward, admission knows.
            case (_, .ward): break
            case (_, .everyone): senders.insert(sender)
            case (_, .patient(let patient)): if sender.patient == patient { senders.insert(sender) }
            }
        }
        if let chosen { senders.formIntersection(chosen) }
        var outcomes: [CommandOutcome] = []
        fresh.removeAll(keepingCapacity: true)
        for sender in senders.sorted(by: { ($0.patient, $0.device) < ($1.patient, $1.device) }) {
            if case .acknowledge = command.order, pages[sender] == nil {
                outcomes.append(.unknown)
                continue
            }
            let page = self.page(of: sender, at: arrival.utc)
            // Whose streams are open is told for a discharge alone; no other order asks for it.
            let isSending = command.order != .discharge || open.contains(sender)
            outcomes.append(
                pages.values[page].policy.perform(command, at: arrival, isSending: isSending, into: &fresh)
            )
            if !isSending { pages[sender] = nil }
            changed?.insert(sender)
        }
        return (events(nil), outcomes)
    }

    /// What the policy of each device of a patient says, by device.
    func readings(of patient: String) -> [PatientReadings.Device] {
        pages.filter { $0.key.patient == patient }
            .map { PatientReadings.Device(name: $0.key.device, policy: $0.value.policy.reading) }
            .sorted { $0.name < $1.name }
    }

    /// The limits of a sender's patient: what people set, else the ward's; nil for an adult's.
    func limits(of sender: Sender) -> PatientLimits? {
        guard let order = pages[sender]?.policy.limits else { return table.rates }
        return order.limits(over: table.rates)
    }

    /// The rates beyond which patients alarm for whom nobody has set others; nil for an adult's.
    var wardRates: PatientLimits? { table.rates }

    /// Another table takes effect for everyone; alarms that stand, stand on.
    mutating func adopt(_ table: PolicyTable) -> [Event] {
        self.table = table
        fresh.removeAll(keepingCapacity: true)
        for sender in pages.keys.sorted(by: { ($0.patient, $0.device) < ($1.patient, $1.device) }) {
            guard let page = pages.index(forKey: sender) else { continue }
            let before = fresh.count
            pages.values[page].policy.adopt(table, into: &fresh)
            if fresh.count > before { changed?.insert(sender) }
        }
        return events(nil)
    }

    /// What people set, for each sender of whom something is set.
    var settings: [PatientSetting] {
        pages.compactMap { sender, page in
            let setting = AlarmBook.setting(page.policy, of: sender)
            return setting.isEmpty ? nil : setting
        }
    }

    private static func setting(_ policy: EventPolicy, of sender: Sender) -> PatientSetting {
        PatientSetting(
            sender: sender,
            audioPausedUntil: policy.audioPausedUntil,
            alarmPausedUntil: policy.alarmPausedUntil,
            standbyBy: policy.standbyBy,
            baseline: policy.baseline,
            limits: policy.limits
        )
    }

    // MARK: what outlives a restart

    /// From now on it notes of whom something changes, for `takeMemories`.
    mutating func noteChanges() { changed = changed ?? [] }

    /// What of each sender outlives a restart of whom something changed since the last call; nil where nothing has to be
    /// remembered any longer.
    mutating func takeMemories(at arrival: Arrival) -> [(sender: Sender, memory: PatientMemory?)] {
        guard let senders = changed, !senders.isEmpty else { return [] }
        changed = []
        return senders.sorted { ($0.patient, $0.device) < ($1.patient, $1.device) }.map { sender in
            (sender, pages[sender]?.policy.memory(of: sender, at: arrival))
        }
    }

    /// Goes on from what was remembered of a sender, of whom nothing is known yet.
    /// - Returns: the newest event of each alarm that stands, and how often it was signalled anew; nil where there is no room.
    mutating func restore(
        _ memory: PatientMemory,
        at arrival: Arrival
    ) -> [(event: AlarmEvent, soundings: Int)]? {
        guard memory.isKnown, pages[memory.sender] == nil else { return [] }
        guard pages.count < sendersMax else { return nil }
        let policy = EventPolicy(table: table, memory, at: arrival)
        uses += 1
        pages[memory.sender] = Page(policy: policy, lastUse: uses)
        return policy.standing.map { ($0, policy.soundings(of: $0.alarm) ?? 1) }
    }

    /// The policy of a sender; nil where it has none.
    func policy(of sender: Sender) -> EventPolicy? { pages[sender]?.policy }

    /// The policy of a sender is that of a checkpoint from now on.
    mutating func set(_ policy: EventPolicy, of sender: Sender) {
        guard pages[sender] != nil || pages.count < sendersMax else { return }
        var policy = policy
        policy.table = table
        uses += 1
        pages[sender] = Page(policy: policy, lastUse: uses)
        changed?.insert(sender)
    }

    private func events(_ frame: Arrival?) -> [Event] {
        guard !fresh.isEmpty else { return [] }
        return fresh.map { Event(.alarm($0), time: $0.at.time, completedBy: frame) }
    }

    private mutating func page(of sender: Sender, at time: UTCNanoseconds) -> Dictionary<Sender, Page>.Index {
        uses += 1
        if let known = pages.index(forKey: sender) {
            pages.values[known].lastUse = uses
            return known
        }
        if pages.count >= sendersMax { forgetOne(at: time) }
        pages[sender] = Page(policy: EventPolicy(table: table), lastUse: uses)
        guard let made = pages.index(forKey: sender) else { preconditionFailure("a page that was just made") }
        return made
    }

    /// Makes room; where an alarm stands for every sender, those of the one that is forgotten end, and it is said.
    private mutating func forgetOne(at time: UTCNanoseconds) {
        func worth(_ sender: Sender, _ page: Page) -> (Int, Int) {
            if openSlots[sender] != nil { return (3, page.lastUse) }
            if !page.policy.standing.isEmpty { return (2, page.lastUse) }
            return (AlarmBook.setting(page.policy, of: sender).isEmpty ? 0 : 1, page.lastUse)
        }
        let senders = pages.map { (sender: $0.key, worth: worth($0.key, $0.value)) }
        guard let least = senders.min(by: { $0.worth < $1.worth })?.sender, var policy = pages[least]?.policy
        else { return }
        let arrival = Arrival(utc: time, monotonic: 0)
        policy.discharge(by: "shinden", at: arrival, isSending: false, into: &fresh)
        pages[least] = nil
        changed?.insert(least)
    }
}
