public import Access
public import ECGSignal
public import Findings
internal import Pipeline

/// The one table in arrival order: who may open a stream, which chunk belongs where, when a stream is over.
///
/// Its sole input are the logged entries, before the streams are shared out over workers, so no decision depends on
/// the timing of threads: the same log gives the same decisions. It keeps a time line of its own
/// for each stream, by indices alone, to know when the stream has ended.
public struct Admission: Sendable {
    /// What the operator may set.
    public struct Limits: Sendable, Equatable {
        /// Open streams at most; as many closed ones are remembered.
        public var streamsMax = 1_000
        /// Seconds without a frame after which a stream is closed.
        public var idleSeconds = 60
        /// How many times real time a stream may come for longer than two minutes; nil for as fast as it can.
        public var ingestSpeedMax: Int?
        /// The limits by default.
        public init() {}
    }

    /// Seconds without a frame after which a stream is silent.
    public static let silenceSeconds = 2

    /// Device and epoch: they belong to the first patient they named.
    struct DeviceEpoch: Hashable {
        let device: String
        let epoch: UInt64
    }

    let limits: Limits
    /// Whether checkpoints of streams are due every five seconds of theirs.
    public var makesCheckpoints = false
    /// Whether the entries at hand are copies of a former run's.
    var isRecovering = false
    /// What reads a checkpoint.
    let readState: @Sendable ([UInt8]) -> StreamState?
    /// Why the newest entry's message was refused; nil where it was taken, or was none.
    public private(set) var refusal: Refusal?
    /// Who may send for whom; nil where everybody may for everybody.
    private(set) var access: AccessTable?
    private let readAccess: @Sendable ([UInt8]) -> AccessTable?
    private let readSender: @Sendable ([UInt8]) -> Sender?
    var remembered: RememberedSenders
    var entries: [Int: AdmissionEntry] = [:]
    var slots: [DeviceEpoch: Int] = [:]
    var devices = DeviceIndex()
    /// Slots of open streams in the order of their opening, and of closed ones in the order of their end.
    var open = SlotList()
    private var closed = SlotList()
    /// Closed streams that frames still come for: their counts have to be told.
    private var stirred = SlotList()
    var nextSlot = 0
    var tables = TableBudget()
    private var refusals = RefusalTable()

    /// An empty table.
    ///
    /// `access` says who may send for whom; without one everybody may for everybody. `readAccess` makes one of the bytes of
    /// an authorisation file in the log; where it makes none, the one in force stays so. `readSender` tells whom the bytes
    /// of a memory are about, and `readState` reads a checkpoint.
    public init(
        limits: Limits = Limits(),
        access: AccessTable? = nil,
        readAccess: @escaping @Sendable ([UInt8]) -> AccessTable? = { _ in nil },
        readSender: @escaping @Sendable ([UInt8]) -> Sender? = { _ in nil },
        readState: @escaping @Sendable ([UInt8]) -> StreamState? = { _ in nil }
    ) {
        self.limits = limits
        remembered = RememberedSenders(streamsMax: limits.streamsMax)
        self.access = access
        self.readAccess = readAccess
        self.readSender = readSender
        self.readState = readState
    }

    /// Streams open now.
    public var openCount: Int { open.count }
    /// Chunks refused, by endpoint and code, since the start.
    public var refusedCounts: [(endpoint: String, code: TechnicalEvent.Code, count: Int)] { refusals.totals }
    /// Who was refused what, where no open stream tells of it.
    public var refusedSenders: [RefusedSender] { refusals.senders }

    /// Takes the next entry of the log; what is to be done about it, in order.
    public mutating func take(_ entry: LoggedEntry<JudgedMessage>) -> [Action] {
        let actions = decide(on: entry)
        // Whatever is told of no stream was told by the former run.
        return isRecovering ? actions.filter { if case .publish = $0 { false } else { true } } : actions
    }

    private mutating func decide(on entry: LoggedEntry<JudgedMessage>) -> [Action] {
        refusal = nil
        switch entry.content {
        case .frame(let judged, let endpoint, let peer):
            if let refusal = prohibition(of: judged, by: peer) {
                return refuse(refusal, from: endpoint, at: entry.arrival)
            }
            return take(judged, from: endpoint, at: entry.arrival)
        case .tick(let isQuiet): return tick(at: entry.arrival, isQuiet: isQuiet)
        case .command(let command): return take(command)
        case .policy(let bytes): return [.policy(bytes)]
        case .memory(let bytes):
            remembered.insert(readSender(bytes))
            return [.memory(bytes)]
        case .authorisation(let bytes):
            guard let table = readAccess(bytes) else { return [] }
            let former = access
            access = table
            return moves(since: former, at: entry.arrival)
        case .recovery(let step): return take(step, at: entry.arrival)
        case .shutdown: return shutDown(at: entry.arrival)
        }
    }

    // MARK: frames

    private mutating func take(
        _ judged: JudgedMessage,
        from endpoint: String,
        at arrival: Arrival
    ) -> [Action] {
        switch judged {
        case .success(let chunk):
            do {
                return try admit(chunk, from: endpoint, at: arrival)
            } catch {
                return refuse(error, from: endpoint, at: arrival)
            }
        case .failure(let refusal): return refuse(refusal, from: endpoint, at: arrival)
        }
    }

    private mutating func admit(
        _ chunk: LeadChunk,
        from endpoint: String,
        at arrival: Arrival
    ) throws(Refusal) -> [Action] {
        let key = DeviceEpoch(device: chunk.stream.device, epoch: chunk.stream.epoch)
        let slot: Int
        var actions: [Action]
        if let known = slots[key], let entry = entries[known] {
            slot = known
            actions = try resume(known, entry, with: chunk, at: arrival.monotonic)
        } else {
            (slot, actions) = try open(chunk, key)
        }
        if entries[slot]?.begin(chunk.rate) == true { tables.add(chunk.rate) }
        guard let placed = entries[slot]?.take(chunk, at: arrival) else { return actions }
        actions.append(.deliver(slot: slot, .chunk(placed)))
        if chunk.unknownLeadCount > 0 {
            refusals.total(.unknownEnum, from: endpoint)
            let left = "\(chunk.unknownLeadCount) leads of an unknown kind left out"
            actions.append(.deliver(slot: slot, .refused(chunk.refusal(.unknownEnum, left))))
        }
        actions += numbers(of: placed, in: slot)
        if entries[slot]?.life.isClosed == true { stirred.append(slot) }
        actions += closeEndedStreams(after: slot)
        if makesCheckpoints, entries[slot]?.isDueForCheckpoint() == true {
            actions.append(.deliver(slot: slot, .keep(AdmissionPart(entry: entries[slot]))))
        }
        return actions
    }

    /// What comes before a chunk of a stream that is known.
    private mutating func resume(
        _ slot: Int,
        _ entry: AdmissionEntry,
        with chunk: LeadChunk,
        at arrival: MonotonicNanoseconds
    ) throws(Refusal) -> [Action] {
        try entry.check(chunk)
        guard entry.identity.patient == chunk.stream.patient else {
            throw chunk.refusal(
                .patientChanged,
                "device and epoch are known under another patient; draw a new epoch",
                naming: false
            )
        }
        switch entry.life.closeReason {
        case .superseded, .moved: throw epochOver(chunk, "a newer epoch has closed this one; send the newer")
        case .idle: return try reopen(slot, for: chunk)
        case .last, .shutdown: try TableBudget.byteCount(for: chunk)
        case nil:
            if !entry.uses(chunk.rate) { try tables.check(chunk) }
            try entries[slot]?.checkLeap(chunk)
            try entries[slot]?.checkFlood(chunk, at: arrival, limits.ingestSpeedMax)
        }
        return []
    }

    /// The refusal of an epoch that is over; where the device went to another patient since, it says to whom.
    private func epochOver(_ chunk: LeadChunk, _ detail: String) -> Refusal {
        let newest = devices.newest(of: chunk.stream.device).flatMap { entries[$0]?.identity.patient }
        guard let newest, newest != chunk.stream.patient else {
            return chunk.refusal(.epochOver, detail, naming: false)
        }
        return chunk.refusal(
            .epochOver,
            "the device belongs to \(newest) now; draw a new epoch to give it back",
            naming: false
        )
    }

    /// The first chunk of a stream.
    private mutating func open(
        _ chunk: LeadChunk,
        _ key: DeviceEpoch
    ) throws(Refusal) -> (slot: Int, [Action]) {
        try AdmissionEntry.checkFirst(chunk)
        try tables.check(chunk)
        try checkRoom(for: chunk)
        let slot = nextSlot
        nextSlot += 1
        slots[key] = slot
        entries[slot] = AdmissionEntry(identity: chunk.stream)
        open.append(slot)
        devices.open(slot, of: chunk.stream.device)
        let fact = StreamInput.Fact.oneOff(
            .streamOpened,
            .info,
            chunk.firstGridSample,
            "first chunk of the epoch"
        )
        return (
            slot,
            [
                .deliver(slot: slot, .open(first: chunk)), .deliver(slot: slot, .fact(fact)),
            ] + (makesCheckpoints ? [.deliver(slot: slot, .keep(AdmissionPart(entry: nil)))] : [])
        )
    }

    /// An epoch that fell idle goes on, unless the device has begun a newer one since.
    private mutating func reopen(_ slot: Int, for chunk: LeadChunk) throws(Refusal) -> [Action] {
        if let newest = devices.newest(of: chunk.stream.device), newest > slot {
            throw epochOver(chunk, "the device has begun a newer epoch; send that one")
        }
        try tables.check(chunk)
        try checkRoom(for: chunk)
        closed.remove(slot)
        stirred.remove(slot)
        open.append(slot)
        devices.open(slot, of: chunk.stream.device)
        entries[slot]?.reopen()
        let fact = StreamInput.Fact.oneOff(
            .streamOpened,
            .info,
            chunk.firstGridSample,
            "the epoch goes on after an idle close"
        )
        return turn(of: slot) + [.deliver(slot: slot, .fact(fact))]
    }

    mutating func close(_ slot: Int, _ reason: CloseReason) -> [Action] {
        guard let entry = entries[slot] else { return [] }
        var actions = Admission.missing(entries[slot]?.sequences.settleAll() ?? [], of: slot)
        for rate in entry.rates { tables.remove(rate) }
        entries[slot]?.close(reason)
        open.remove(slot)
        devices.close(slot, of: entry.identity.device)
        closed.append(slot)
        let priority: TechnicalEvent.Priority = reason == .idle ? .medium : .info
        let end = entry.timeline.front.gridEnd
        actions += turn(of: slot)
        let fact = StreamInput.Fact.oneOff(.streamClosed, priority, end, "reason: \(reason.rawValue)")
        actions.append(.deliver(slot: slot, .fact(fact)))
        if closed.count > limits.streamsMax, let oldest = closed.first { actions += forget(oldest) }
        return actions
    }

    /// Tells the worker of the turn that the stream's life has just taken.
    private func turn(of slot: Int) -> [Action] {
        guard let entry = entries[slot] else { return [] }
        return [.deliver(slot: slot, .turn(entry.life, entry.timeline.front))]
    }

    private mutating func forget(_ slot: Int) -> [Action] {
        guard let identity = entries.removeValue(forKey: slot)?.identity else { return [] }
        slots[DeviceEpoch(device: identity.device, epoch: identity.epoch)] = nil
        devices.forget(slot, of: identity.device)
        closed.remove(slot)
        stirred.remove(slot)
        return [.deliver(slot: slot, .forget(identity))]
    }

    // MARK: chunks counted by their numbers

    /// What the number of an admitted chunk tells: that it came again, or that others are missing by now.
    private mutating func numbers(of placed: PlacedChunk, in slot: Int) -> [Action] {
        guard let hasComeBefore = entries[slot]?.number(placed) else { return [] }
        var actions: [Action] = []
        if hasComeBefore {
            let count = StreamInput.Count(
                code: placed.hasNews ? .sequenceReused : .chunksDuplicate,
                number: 1,
                firstSample: placed.chunk.firstGridSample,
                detail: placed.hasNews
                    ? "seq \(placed.chunk.sequence) came before with other samples; taken by index, but chunks that are "
                        + "lost cannot be told; count every chunk"
                    : "chunks came again with nothing new in them; two gateways may hear the device"
            )
            actions.append(.deliver(slot: slot, .counted(count)))
        }
        return actions + Admission.missing(entries[slot]?.settledHoles() ?? [], of: slot)
    }

    // MARK: refusals

    private mutating func refuse(_ refusal: Refusal, from endpoint: String, at arrival: Arrival) -> [Action] {
        self.refusal = refusal
        refusals.total(refusal.code, from: endpoint)
        if let stream = refusal.stream,
            let slot = slots[DeviceEpoch(device: stream.device, epoch: stream.epoch)],
            let entry = entries[slot], entry.identity == stream, !entry.life.isClosed
        {
            entries[slot]?.number(refusal)
            return [.deliver(slot: slot, .refused(refusal))]
                + Admission.missing(entries[slot]?.settledHoles() ?? [], of: slot)
        }
        return refusals.count(refusal, from: endpoint, at: arrival).map { [.publish($0)] } ?? []
    }

    // MARK: time

    private mutating func tick(at arrival: Arrival, isQuiet: Bool) -> [Action] {
        var actions: [Action] = []
        for slot in open.slots {
            guard let entry = entries[slot], !entry.life.isClosed else { continue }
            let age = arrival.monotonic - entry.lastArrival
            if isQuiet, age >= Int64(limits.idleSeconds) * 1_000_000_000 {
                actions += close(slot, .idle)
                continue
            }
            actions += silence(slot, age: age, isQuiet: isQuiet)
            actions.append(.deliver(slot: slot, .second))
        }
        for slot in stirred.slots {
            actions.append(.deliver(slot: slot, .second))
            guard let last = entries[slot]?.lastArrival else { continue }
            if arrival.monotonic - last >= TechnicalCounter.interval { stirred.remove(slot) }
        }
        return actions + refusals.flush(at: arrival).map { .publish($0) }
    }

    private mutating func silence(_ slot: Int, age: MonotonicNanoseconds, isQuiet: Bool) -> [Action] {
        guard let entry = entries[slot] else { return [] }
        let end = entry.timeline.front.gridEnd
        var actions: [Action] = []
        if entry.life == .silent, entry.hasFrameSinceTick {
            entries[slot]?.resume()
            actions += turn(of: slot)
            actions.append(
                .deliver(slot: slot, .fact(.init(.streamSilent, .end, .info, end, "frames come again")))
            )
        }
        guard entry.hasFrameSinceTick, isQuiet, age >= Int64(Admission.silenceSeconds) * 1_000_000_000 else {
            return actions
        }
        entries[slot]?.tick()
        actions += Admission.missing(entries[slot]?.sequences.settleAll() ?? [], of: slot)
        return actions + turn(of: slot) + [
            .deliver(slot: slot, .fact(.init(.streamSilent, .start, .medium, end, "no frame for 2 s")))
        ] + closeEndedStreams(after: slot)
    }

    /// Every stream is closed, in the order of opening.
    private mutating func shutDown(at arrival: Arrival) -> [Action] {
        var actions: [Action] = []
        for slot in open.slots { actions += close(slot, .shutdown) }
        for slot in stirred.slots where entries[slot]?.life.isClosed == true {
            actions += turn(of: slot)
        }
        stirred = SlotList()
        return actions + refusals.flush(at: arrival, isFinal: true).map { .publish($0) }
    }
}
