public import ECGSignal
public import Findings
internal import Pipeline

/// The one table in arrival order: who may open a stream, which chunk belongs where, when a stream is over.
///
/// It sees every logged entry (frames and a tick a second) before the streams are shared out over workers, so no
/// decision depends on the timing of threads: the same log gives the same decisions. It keeps a time line of its own
/// for each stream, by indices alone, to know when the stream has ended.
public struct Admission: Sendable {
    /// What the operator may set.
    public struct Limits: Sendable, Equatable {
        /// Open streams at most; as many closed ones are remembered.
        public var streamsMax = 1_000
        /// Seconds without a frame after which a stream is closed.
        public var idleSeconds = 60
        /// The limits by default.
        public init() {}
    }

    /// What is to be done, in order.
    public enum Action: Sendable {
        /// Hand `input` to the shard that owns stream `slot`.
        case deliver(slot: Int, StreamInput)
        /// Publish an event of an endpoint.
        case publish(Event)
    }

    /// Seconds without a frame after which a stream is silent.
    public static let silenceSeconds = 2

    /// Device and epoch: they belong to the first patient they named.
    private struct DeviceEpoch: Hashable {
        let device: String
        let epoch: UInt64
    }

    private let limits: Limits
    private var entries: [Int: AdmissionEntry] = [:]
    private var slots: [DeviceEpoch: Int] = [:]
    /// Slots of open streams in the order of their opening, and of closed ones in the order of their end.
    private var open: [Int] = []
    private var closed: [Int] = []
    /// Closed streams that frames still come for: their counts have to be said.
    private var stirred: [Int] = []
    private var nextSlot = 0
    private var tables = PolyphaseTables()
    private var endpoints: [(name: String, counter: TechnicalCounter)] = []
    /// Chunks refused, by endpoint and code, since the start.
    public private(set) var refusedCounts: [(endpoint: String, code: TechnicalEvent.Code, count: Int)] = []

    /// An empty table.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Streams open now.
    public var openCount: Int { open.count }

    // MARK: frames

    /// Judges one message of `endpoint`.
    public mutating func admit(
        _ message: Result<LeadChunk, Refusal>,
        from endpoint: String,
        at arrival: Arrival
    ) -> [Action] {
        switch message {
        case .failure(let refusal): return refuse(refusal, from: endpoint, at: arrival)
        case .success(let chunk):
            do {
                return try admit(chunk, from: endpoint, at: arrival)
            } catch {
                return refuse(error, from: endpoint, at: arrival)
            }
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
            actions = try goOn(known, entry, with: chunk)
        } else {
            (slot, actions) = try open(chunk, key)
        }
        if chunk.unknownLeadCount > 0 {
            count(.unknownEnum, from: endpoint)
            let left = "\(chunk.unknownLeadCount) leads of an unknown kind left out"
            actions.append(.deliver(slot: slot, .refused(chunk.refusal(.unknownEnum, left))))
        }
        entries[slot]?.take(chunk, at: arrival)
        if entries[slot]?.closed != nil, !stirred.contains(slot) { stirred.append(slot) }
        return actions + closeEndedStreams(after: slot)
    }

    /// A chunk of a stream that is known.
    private mutating func goOn(
        _ slot: Int,
        _ entry: AdmissionEntry,
        with chunk: LeadChunk
    ) throws(Refusal) -> [Action] {
        try entry.check(chunk)
        guard entry.identity.patient == chunk.stream.patient else {
            throw chunk.refusal(
                .patientChanged,
                "device and epoch are known under another patient; draw a new epoch",
                naming: false
            )
        }
        if entry.closed == .superseded || entry.closed == .moved {
            throw chunk.refusal(
                .epochOver,
                "a newer epoch has closed this one; send the newer",
                naming: false
            )
        }
        let table = try tables.table(for: chunk)
        let actions = entry.closed == .idle ? try reopen(slot, for: chunk) : []
        return actions + [.deliver(slot: slot, .chunk(chunk, table))]
    }

    /// The first chunk of a stream.
    private mutating func open(
        _ chunk: LeadChunk,
        _ key: DeviceEpoch
    ) throws(Refusal) -> (slot: Int, [Action]) {
        try AdmissionEntry.checkFirst(chunk)
        try tables.check(chunk)
        guard open.count < limits.streamsMax else {
            throw chunk.refusal(
                .full,
                "\(limits.streamsMax) streams are open; close one or raise --streams-max",
                naming: false
            )
        }
        let table = try tables.table(for: chunk)
        let slot = opened(chunk, key)
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
                .deliver(slot: slot, .chunk(chunk, table)),
            ]
        )
    }

    private mutating func opened(_ chunk: LeadChunk, _ key: DeviceEpoch) -> Int {
        let slot = nextSlot
        nextSlot += 1
        slots[key] = slot
        entries[slot] = AdmissionEntry(identity: chunk.stream, first: chunk)
        open.append(slot)
        return slot
    }

    /// An epoch that fell idle goes on, unless the device has begun a newer one since.
    private mutating func reopen(_ slot: Int, for chunk: LeadChunk) throws(Refusal) -> [Action] {
        let later = open + closed
        guard !later.contains(where: { $0 > slot && entries[$0]?.identity.device == chunk.stream.device })
        else {
            throw chunk.refusal(
                .epochOver,
                "the device has begun a newer epoch; send that one",
                naming: false
            )
        }
        guard open.count < limits.streamsMax else {
            throw chunk.refusal(
                .full,
                "\(limits.streamsMax) streams are open; close one or raise --streams-max",
                naming: false
            )
        }
        closed.removeAll { $0 == slot }
        stirred.removeAll { $0 == slot }
        open.append(slot)
        entries[slot]?.reopen()
        let fact = StreamInput.Fact.oneOff(
            .streamOpened,
            .info,
            chunk.firstGridSample,
            "the epoch goes on after an idle close"
        )
        return [.deliver(slot: slot, .reopen), .deliver(slot: slot, .fact(fact))]
    }

    /// What the newest chunk of `slot` ends: its own stream by `last`, or older epochs of its device.
    private mutating func closeEndedStreams(after slot: Int) -> [Action] {
        guard let entry = entries[slot], entry.closed == nil else { return [] }
        var actions: [Action] = []
        if entry.timeline.isReleasing, !entry.hasSuperseded {
            entries[slot]?.hasSuperseded = true
            let older = open.filter { $0 < slot && entries[$0]?.identity.device == entry.identity.device }
            for old in older { actions += supersede(old, by: entry.identity, slot) }
        }
        if entry.hasEnded { actions += close(slot, .last) }
        return actions
    }

    private mutating func supersede(_ old: Int, by newer: StreamIdentity, _ slot: Int) -> [Action] {
        guard let entry = entries[old] else { return [] }
        let isMoved = entry.identity.patient != newer.patient
        let end = entry.timeline.gridEnd
        var actions: [Action] = [
            .deliver(
                slot: old,
                .fact(.oneOff(.streamSuperseded, .low, end, "a newer epoch of the device has come"))
            )
        ]
        if isMoved {
            actions.append(
                .deliver(
                    slot: old,
                    .fact(.oneOff(.deviceMoved, .medium, end, "the device has another patient now"))
                )
            )
            let first = entries[slot]?.timeline.firstGridSample
            actions.append(
                .deliver(
                    slot: slot,
                    .fact(.oneOff(.deviceMoved, .medium, first, "the device had another patient"))
                )
            )
        }
        return actions + close(old, isMoved ? .moved : .superseded)
    }

    private mutating func close(_ slot: Int, _ reason: CloseReason) -> [Action] {
        guard let end = entries[slot]?.timeline.gridEnd else { return [] }
        entries[slot]?.close(reason)
        open.removeAll { $0 == slot }
        closed.append(slot)
        let priority: TechnicalEvent.Priority = reason == .idle ? .medium : .info
        var actions: [Action] = [
            .deliver(slot: slot, .close(reason: reason)),
            .deliver(slot: slot, .fact(.oneOff(.streamClosed, priority, end, "reason: \(reason.rawValue)"))),
        ]
        if closed.count > limits.streamsMax { actions += forget(closed.removeFirst()) }
        return actions
    }

    private mutating func forget(_ slot: Int) -> [Action] {
        guard let identity = entries.removeValue(forKey: slot)?.identity else { return [] }
        slots[DeviceEpoch(device: identity.device, epoch: identity.epoch)] = nil
        stirred.removeAll { $0 == slot }
        return [.deliver(slot: slot, .forget(identity))]
    }

    // MARK: refusals

    private mutating func refuse(_ refusal: Refusal, from endpoint: String, at arrival: Arrival) -> [Action] {
        count(refusal.code, from: endpoint)
        if let stream = refusal.stream,
            let slot = slots[DeviceEpoch(device: stream.device, epoch: stream.epoch)],
            let entry = entries[slot], entry.identity == stream, entry.closed == nil
        {
            return [.deliver(slot: slot, .refused(refusal))]
        }
        if !endpoints.contains(where: { $0.name == endpoint }) {
            endpoints.append((endpoint, TechnicalCounter(.endpoint(endpoint))))
        }
        guard let index = endpoints.firstIndex(where: { $0.name == endpoint }) else { return [] }
        let event = endpoints[index].counter.count(
            refusal.code,
            firstSample: refusal.firstSample,
            detail: refusal.detail,
            at: arrival
        )
        return event.map { [.publish($0)] } ?? []
    }

    private mutating func count(_ code: TechnicalEvent.Code, from endpoint: String) {
        if let index = refusedCounts.firstIndex(where: { $0.endpoint == endpoint && $0.code == code }) {
            refusedCounts[index].count += 1
        } else {
            refusedCounts.append((endpoint, code, 1))
        }
    }

    // MARK: time

    /// The housekeeping tick, logged once a second; `isQuiet` says that socket and ring are empty.
    public mutating func tick(at arrival: Arrival, isQuiet: Bool) -> [Action] {
        var actions: [Action] = []
        for slot in open {
            guard let entry = entries[slot], entry.closed == nil else { continue }
            let age = arrival.monotonic - entry.lastArrival
            if isQuiet, age >= Int64(limits.idleSeconds) * 1_000_000_000 {
                actions += close(slot, .idle)
                continue
            }
            actions += silence(slot, age: age, isQuiet: isQuiet)
            actions.append(.deliver(slot: slot, .second))
        }
        for slot in stirred {
            actions.append(.deliver(slot: slot, .second))
            guard let last = entries[slot]?.lastArrival else { continue }
            if arrival.monotonic - last >= TechnicalCounter.interval { stirred.removeAll { $0 == slot } }
        }
        for index in endpoints.indices {
            actions += endpoints[index].counter.flush(at: arrival).map { .publish($0) }
        }
        return actions
    }

    private mutating func silence(_ slot: Int, age: MonotonicNanoseconds, isQuiet: Bool) -> [Action] {
        guard let entry = entries[slot] else { return [] }
        let end = entry.timeline.gridEnd
        var actions: [Action] = []
        if entry.isSilent, entry.hasFrameSinceTick {
            entries[slot]?.isSilent = false
            actions.append(
                .deliver(slot: slot, .fact(.init(.streamSilent, .end, .info, end, "frames come again")))
            )
        }
        guard entry.hasFrameSinceTick, isQuiet, age >= Int64(Admission.silenceSeconds) * 1_000_000_000 else {
            return actions
        }
        entries[slot]?.tick()
        return actions + [
            .deliver(slot: slot, .silence),
            .deliver(slot: slot, .fact(.init(.streamSilent, .start, .medium, end, "no frame for 2 s"))),
        ] + closeEndedStreams(after: slot)
    }

    /// The daemon stops: every stream is closed, in the order of opening.
    public mutating func shutDown(at arrival: Arrival) -> [Action] {
        var actions: [Action] = []
        for slot in open { actions += close(slot, .shutdown) }
        for slot in stirred {
            guard let reason = entries[slot]?.closed else { continue }
            actions.append(.deliver(slot: slot, .close(reason: reason)))
        }
        stirred = []
        for index in endpoints.indices {
            actions += endpoints[index].counter.flush(at: arrival, isFinal: true).map { .publish($0) }
        }
        return actions
    }
}

extension StreamInput.Fact {
    init(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase,
        _ priority: TechnicalEvent.Priority,
        _ firstSample: GridIndex?,
        _ detail: String
    ) {
        self.init(code: code, phase: phase, priority: priority, firstSample: firstSample, detail: detail)
    }

    static func oneOff(
        _ code: TechnicalEvent.Code,
        _ priority: TechnicalEvent.Priority,
        _ firstSample: GridIndex?,
        _ detail: String
    ) -> Self {
        Self(code, .timePoint, priority, firstSample, detail)
    }
}
