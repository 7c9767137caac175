internal import ECGEncoder
public import ECGSignal
public import Findings
public import Pipeline
public import Policy

/// The streams that one worker owns: takes admission's inputs in order, encodes what is due in batches.
public struct Shard {
    /// What STREAMS says of one stream.
    public struct Status: Sendable {
        /// The stream that the status is about.
        public let identity: StreamIdentity
        /// Starting, live, silent or closed.
        public let state: State
        /// First sample of the newest window; nil before the first.
        public let newestWindow: GridIndex?
        /// Why nothing was said of the newest window; nil where it was ranked.
        public let newestWithheld: WindowDiagnosis.WindowWithheld?
        /// How good the signal of the newest second was, and why; nil before there was one.
        public let quality: SignalQuality?
        /// Grid samples that are there towards the first window.
        public let gridSamples: GridIndex
        /// Rate, electrode and ledger of each lead that was named.
        public let leads: [(lead: Lead, track: Int?, rate: SampleRate?, contact: Contact, ledger: Ledger)]
        /// What is left of the device's battery, percent; nil while it has not said.
        public let batteryPercent: Int?
        /// Chunks refused, by code.
        public let refused: [(code: TechnicalEvent.Code, count: Int)]
        /// Chunks that the stream's sequence numbers count and that did not come within the horizon.
        public let missingChunks: Int
        /// Chunks that came again although all of their samples had come before.
        public let duplicateChunks: Int
        /// What is known of the device's clock.
        public let clock: ClockFacts
    }

    /// What an operator sees of a stream's life.
    public enum State: Sendable, Equatable {
        /// No window has come yet.
        case starting
        /// Windows come.
        case live
        /// Nothing for 2 s.
        case silent
        /// The stream has ended, and why.
        case closed(CloseReason)
    }

    struct Member {
        var processor: StreamProcessor
        var refused: [(code: TechnicalEvent.Code, count: Int)] = []
        var batteryPercent: Int?
        var missingChunks = 0
        var duplicateChunks = 0
        /// The tables of the rates that came since the stream was opened, or opened again.
        var tables: [(rate: SampleRate, table: PolyphaseTableReference)] = []
        /// The bands in which somebody looks at it.
        var bands: [TraceBlock.Band] = []
        /// Where it was when its newest checkpoint was made, while it has not come so far again: nothing is told meanwhile.
        var awaited: StreamState?
    }

    let model: Model
    let hop: Hop
    private let workspace: EncoderWorkspace
    private var batch = StreamBatch()
    var members: [Int: Member] = [:]
    var alarms: AlarmBook
    var shelf = PolyphaseTableReference.Shelf()
    /// Slots that may have work for the encoder, in the order they were touched.
    private var touched: [Int] = []
    private var traces: [TraceBlock] = []
    /// Whether somebody takes checkpoints.
    private var keepsCheckpoints = false
    /// Checkpoints that were made and not yet taken.
    var kept: [KeptCheckpoint] = []
    /// Streams whose first chunk comes again, and where each was when its newest checkpoint was made.
    var expected: [StreamIdentity: StreamState] = [:]
    /// Whose streams have come to where they were told of, while entries of a former run come again; nil else.
    var reached: Set<Sender>?
    /// What the streams came to that are not among `statuses` any more.
    public private(set) var past = StreamTotals()

    /// Whose waveforms somebody looks at; what is shown changes nothing of what is analysed.
    public var wishes = TraceWishes() {
        didSet {
            guard wishes != oldValue else { return }
            for slot in members.keys.sorted() { follow(slot) }
        }
    }

    /// A shard without streams, of a station that opens so many at most; `workspace` is this worker's own.
    public init(
        model: Model,
        hop: Hop,
        policy: PolicyTable = .standard,
        streamsMax: Int = Admission.Limits().streamsMax
    ) {
        alarms = AlarmBook(policy, streamsMax: streamsMax)
        self.model = model
        self.hop = hop
        workspace = model.encoder.makeWorkspace()
    }

    /// Takes one input of a stream; the events it makes at once.
    public mutating func take(_ input: StreamInput, for slot: Int, at arrival: Arrival) -> [Event] {
        if case .open(let first) = input {
            var processor = StreamProcessor(first: first, at: arrival, hop: hop, model: model)
            processor.set(alarms.limits(of: Sender(of: processor.identity)))
            members[slot] = Member(processor: processor)
            note(slot, isOpen: true)
            if let later = expected.removeValue(forKey: processor.identity) { wait(for: later, slot) }
            follow(slot)
            return []
        }
        if case .forget = input {
            if let status = members[slot]?.status { past.add(status) }
            keepNothing(slot)
            note(slot, isOpen: false)
            members[slot] = nil
            return []
        }
        switch input {
        case .restored(let base, let newest): restore(base, newest, slot)
        case .keep(let part): if keepsCheckpoints { keep(slot, part) }
        case .reached: reach(slot)
        default: break
        }
        guard members[slot] != nil else { return [] }
        let events = member(slot, input, at: arrival)
        return members[slot]?.awaited == nil ? events : []
    }

    /// The stream in `slot` is open from now on, or no longer.
    mutating func note(_ slot: Int, isOpen: Bool) {
        guard let index = members.index(forKey: slot) else { return }
        alarms.note(Sender(of: members.values[index].processor.identity), slot, isOpen: isOpen)
    }

    /// The stream in `slot` is over.
    private mutating func keepNothing(_ slot: Int) {
        guard keepsCheckpoints, let stream = members[slot]?.processor.identity else { return }
        kept.append(KeptCheckpoint(stream: stream, content: .over))
    }

    /// The waveforms that have become final since the last call, of the streams that somebody looks at.
    public mutating func takeTraces() -> [TraceBlock] {
        defer { traces.removeAll(keepingCapacity: true) }
        return traces
    }

    /// Learns who looks at a stream: rows are kept from now on, and no longer where nobody does any more.
    mutating func follow(_ slot: Int) {
        guard let index = members.index(forKey: slot) else { return }
        members.values[index].bands = wishes.bands(of: members.values[index].processor.identity.patient)
        traces += members.values[index].processor.trace(members.values[index].bands)
    }

    /// Copies what has become final of a stream that somebody looks at.
    private mutating func trace(_ slot: Int) {
        guard let index = members.index(forKey: slot), !members.values[index].bands.isEmpty else { return }
        traces += members.values[index].processor.trace(members.values[index].bands)
    }

    private mutating func member(_ slot: Int, _ input: StreamInput, at arrival: Arrival) -> [Event] {
        switch input {
        case .chunk(let placed):
            touch(slot)
            if let percent = placed.chunk.device.batteryPercent { members[slot]?.batteryPercent = percent }
            let table = table(of: placed.chunk.rate, for: slot)
            defer { trace(slot) }
            let events = members[slot]?.processor.take(placed, table: table, at: arrival) ?? []
            return events + rowEvents(of: slot, frame: arrival)
        case .counted(let count):
            members[slot]?.count(count)
            return members[slot]?.processor.count(
                count.code,
                count.number,
                firstSample: count.firstSample,
                detail: count.detail,
                at: arrival
            ) ?? []
        case .refused(let refusal):
            members[slot]?.count(refusal.code)
            return members[slot]?.processor.refuse(refusal, at: arrival) ?? []
        case .fact(let fact):
            let event = members[slot]?.processor.report(
                fact.code,
                fact.phase,
                priority: fact.priority,
                firstSample: fact.firstSample,
                detail: fact.detail,
                at: arrival
            )
            return event.map { [$0] } ?? []
        case .second:
            guard let index = members.index(forKey: slot) else { return [] }
            let sender = Sender(of: members.values[index].processor.identity)
            let counts = members.values[index].processor.flush(at: arrival)
            guard members.values[index].awaited == nil else { return [] }
            return counts + alarms.pass(at: arrival, of: sender)
        case .turn(.silent, let front):
            touch(slot)
            defer { trace(slot) }
            let events = members[slot]?.processor.tick(front, at: arrival) ?? []
            return events + rowEvents(of: slot, frame: nil)
        case .turn(.open, _):
            members[slot]?.processor.resume()
            note(slot, isOpen: true)
            return []
        case .turn(.closed(let reason), let front):
            touch(slot)
            let events = members[slot]?.processor.close(reason, front, at: arrival) ?? []
            trace(slot)
            keepNothing(slot)
            note(slot, isOpen: false)
            return events + rowEvents(of: slot, frame: nil) + drain(slot)
        case .open, .forget, .restored, .keep, .reached: return []
        }
    }

    /// Does what a command asks for, of `known` senders and of all others of the patient that are remembered.
    ///
    /// - Returns: the events that follow, and what it came to for each sender.
    public mutating func perform(
        _ command: OperatorCommand,
        known: [Sender],
        at arrival: Arrival
    ) -> (events: [Event], outcomes: [CommandOutcome]) {
        var open: Set<Sender> = []
        if command.order == .discharge {
            for member in members.values where !member.processor.life.isClosed {
                open.insert(Sender(of: member.processor.identity))
            }
        }
        let result = alarms.perform(command, known: known, open: open, among: reached, at: arrival)
        switch command.order {
        case .limits, .discharge: passLimits()
        case .acknowledge, .pause, .standby, .baseline: break
        }
        return result
    }

    /// Whoever measures rates judges by what people or the ward have set.
    private mutating func passLimits() {
        for slot in members.keys {
            guard let index = members.index(forKey: slot) else { continue }
            let sender = Sender(of: members.values[index].processor.identity)
            members.values[index].processor.set(alarms.limits(of: sender))
        }
    }

    /// Another policy takes effect for all patients; alarms that stand, stand on.
    ///
    /// Windows that are due come first, so what they inform of does not depend on the encoder's pace.
    public mutating func adopt(_ policy: PolicyTable) -> [Event] {
        var events: [Event] = []
        while let more = step() { events += more }
        events += alarms.adopt(policy)
        passLimits()
        return events
    }

    /// From now on it notes of whom something changes that outlives a restart.
    public mutating func noteChanges() {
        alarms.noteChanges()
        keepsCheckpoints = true
    }

    /// What of each sender outlives a restart of whom something changed since the last call; nil where nothing does.
    public mutating func takeMemories(at arrival: Arrival) -> [(sender: Sender, memory: PatientMemory?)] {
        alarms.takeMemories(at: arrival)
    }

    /// Goes on from what was remembered of a sender.
    /// - Returns: the newest event of each alarm that stands, and how often it was signalled anew; nil where there is no room.
    @discardableResult public mutating func restore(
        _ memory: PatientMemory,
        at arrival: Arrival
    ) -> [(event: AlarmEvent, soundings: Int)]? {
        alarms.restore(memory, at: arrival)
    }

    /// What people set, for each patient and device of whom something is set.
    public var settings: [PatientSetting] { alarms.settings }

    /// The rates beyond which patients alarm for whom nobody has set others; nil for an adult's.
    public var wardRates: PatientLimits? { alarms.wardRates }

    /// What the policy of the stream's patient makes of the rows that became final with the newest input, and the vital
    /// signs of the seconds that these rows complete.
    private mutating func rowEvents(of slot: Int, frame: Arrival?) -> [Event] {
        guard let index = members.index(forKey: slot), members.values[index].awaited == nil else { return [] }
        return alarms.take(
            members.values[index].processor.observations,
            judgedTo: members.values[index].processor.judged,
            at: frame
        ) + members.values[index].processor.vitalEvents(frame)
    }

    /// The table of `rate`, which the stream holds from now on; none where it is closed, since nothing is resampled.
    private mutating func table(of rate: SampleRate, for slot: Int) -> PolyphaseTableReference {
        guard let index = members.index(forKey: slot), !members.values[index].processor.life.isClosed else {
            return .none
        }
        if let held = members.values[index].tables.first(where: { $0.rate == rate }) { return held.table }
        guard let table = shelf.table(of: rate) else {
            preconditionFailure("admission let in a rate that cannot be resampled: \(rate)")
        }
        members.values[index].tables.append((rate, table))
        return table
    }

    /// Bytes of the resampling tables that this worker's streams hold.
    public var tableByteCount: Int { shelf.byteCount }

    mutating func touch(_ slot: Int) {
        // Windows come once the stream is where it was.
        guard members[slot]?.awaited == nil else { return }
        if !touched.contains(slot) { touched.append(slot) }
    }

    /// The last windows of a closed stream come before the event that says so.
    private mutating func drain(_ slot: Int) -> [Event] {
        var events: [Event] = []
        while true {
            gather(slot)
            guard !batch.isEmpty else { break }
            events += run()
        }
        members[slot]?.processor.release()
        members[slot]?.tables = []
        touched.removeAll { $0 == slot }
        return events
    }

    /// Encodes one step of every stream that is due; nil where nothing was.
    public mutating func step() -> [Event]? {
        guard !touched.isEmpty else { return nil }
        let count = min(touched.count, StreamBatch.streamsMax)
        for place in 0..<count { gather(touched[place]) }
        guard !batch.isEmpty else {
            touched.removeFirst(count)
            return touched.isEmpty ? nil : []
        }
        return run()
    }

    /// The member changes in its place in the table: a copy of it would copy all that a stream holds.
    private mutating func gather(_ slot: Int) {
        guard let index = members.index(forKey: slot) else { return }
        batch.gather(&members.values[index].processor, as: slot)
    }

    private mutating func run() -> [Event] {
        batch.run(model, using: workspace)
        var events: [Event] = []
        for place in 0..<batch.count {
            guard let index = members.index(forKey: batch.slot(at: place)) else { continue }
            if let event = batch.finish(place, &members.values[index].processor, using: workspace) {
                events.append(event)
                if case .diagnosis(let stream, let diagnosis) = event.content {
                    events += alarms.quote(
                        diagnosis,
                        of: stream,
                        threshold: model.threshold(of:),
                        at: event.completedBy
                    )
                }
            }
        }
        batch.removeAll()
        return events
    }

    /// What is known of each stream, by name.
    public var statuses: [Status] {
        members.keys.sorted().compactMap { members[$0]?.status }.sorted { $0.identity < $1.identity }
    }
}
