public import ECGSignal
internal import Mathematics

/// All leads of one stream on one time line: chunks in any order in, rows of the 500 Hz grid out.
///
/// The time line has decided which samples are new and how far each lead may go; each lead's store hands over what lies
/// before its frontier, in order; each lead's conditioner resamples and filters it. A row is final once every lead
/// is past it. Pure: what comes out is a function of the chunks, ticks and the close that went in.
public struct StreamConditioner: Sendable, Codable {
    /// What became of one chunk's samples, over all its leads.
    public struct Outcome: Sendable, Equatable {
        /// Samples that were there already with the same value.
        public var duplicate = 0
        /// Samples that were there already with another value.
        public var conflict = 0
        /// Samples behind the horizon.
        public var late = 0
        /// Whether the first sample of a lead fell although the sequence number grew.
        public var wentBackwards = false
    }

    /// Where the chunk of a lead that has the highest number begins.
    struct NewestChunk: Sendable, Codable {
        let sequence: UInt64
        let firstSample: SampleIndex
    }

    /// What is known of one lead.
    struct LeadState: Sendable, Codable {
        let lead: Lead
        /// The track it is sent in; nil while only refused chunks have named it.
        var track: Int?
        var ledger = Ledger()
        var store = LeadStore()
        /// Nil until the lead's first sample was taken, and after the close.
        var conditioner: LeadConditioner?
        /// Samples before it have been handed to the conditioner.
        var fed: SampleIndex = 0
        /// Whether the gateway computed the lead, told by its first sample.
        var isDerivedByGateway = false
        /// Grid samples in which the device said that the electrode was off.
        var contactOff = IntervalSet()
        /// Grid samples at which the converter stood at its rail.
        var saturated = IntervalSet()
        /// What the chunk with the newest sample said of the electrode.
        var contact = Contact.unknown
        /// First sample and sequence number of the chunk with the highest one.
        var newestChunk: NewestChunk?
    }

    /// Where the samples of each lead begin and end, and how far each lead may go.
    public private(set) var front = StreamFront()
    var states: [LeadState] = []
    /// Whether leads that come from now on keep the wide band too.
    var hasWideBand = false
    /// Room that the leads share for samples of the grid on their way to the filters.
    private var scratch: [Float] = []

    /// A stream that nothing has come of yet.
    public init() {}

    /// The leads that were ever named, with their ledgers, in lead order.
    public var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] {
        states.map { ($0.lead, $0.track, $0.ledger) }
    }

    /// Takes a placed chunk; `table` belongs to its rate (nil at 500 Hz).
    public mutating func take(_ placed: PlacedChunk, table: PolyphaseTable?) -> Outcome {
        var outcome = Outcome()
        let chunk = placed.chunk
        let start = chunk.firstSample
        front = placed.front
        // All leads first, since a new one moves those of the leads after it.
        for samples in chunk.leads { _ = indexOfState(samples.lead) }
        for (samples, placement) in zip(chunk.leads, placed.placements) {
            let index = indexOfState(samples.lead)
            states[index].ledger.received += chunk.sampleCount
            states[index].track = chunk.track
            if !placed.isCountedOnly {
                outcome.wentBackwards = noteOrder(of: chunk, in: index) || outcome.wentBackwards
            }
            account(for: placement, of: samples.millivolts, from: start, in: index, &outcome)
            guard let first = placement.fresh.start else { continue }
            if states[index].conditioner == nil {
                states[index].conditioner = LeadConditioner(
                    lead: samples.lead,
                    rate: chunk.rate,
                    table: table,
                    hasWideBand: hasWideBand
                )
            }
            if front.line(of: samples.lead)?.firstTaken == first {
                states[index].isDerivedByGateway = samples.isDerived
            }
            note(samples.facts, of: chunk, at: placement.fresh, in: index)
            for part in placement.fresh {
                let offset = Int(part.lowerBound - start)
                states[index].store.insert(
                    samples.millivolts[offset..<offset + part.count],
                    at: part.lowerBound
                )
            }
        }
        if !placed.isCountedOnly { release() }
        return outcome
    }

    private mutating func indexOfState(_ lead: Lead) -> Int {
        if let index = place(of: lead) { return index }
        let index = states.firstIndex { $0.lead > lead } ?? states.count
        states.insert(LeadState(lead: lead), at: index)
        return index
    }

    /// Where the state of a lead stands; nil where the lead was never named.
    ///
    /// It goes by places, because a state that is handed to a closure is copied with all that it holds.
    func place(of lead: Lead) -> Int? {
        for index in states.indices where states[index].lead == lead { return index }
        return nil
    }

    private mutating func noteOrder(of chunk: LeadChunk, in index: Int) -> Bool {
        guard let newest = states[index].newestChunk else {
            states[index].newestChunk = NewestChunk(
                sequence: chunk.sequence,
                firstSample: chunk.firstSample
            )
            return false
        }
        guard chunk.sequence > newest.sequence else { return false }
        states[index].newestChunk = NewestChunk(
            sequence: chunk.sequence,
            firstSample: max(chunk.firstSample, newest.firstSample)
        )
        return chunk.firstSample < newest.firstSample
    }

    private mutating func account(
        for placement: PlacedChunk.Placement,
        of values: [Float],
        from start: SampleIndex,
        in index: Int,
        _ outcome: inout Outcome
    ) {
        var conflicts = 0
        var known = 0
        for part in placement.known {
            let offset = Int(part.lowerBound - start)
            conflicts += states[index].store.differences(
                from: values[offset..<offset + part.count],
                at: part.lowerBound
            )
            known += part.count
        }
        outcome.conflict += conflicts
        outcome.duplicate += known - conflicts
        outcome.late += placement.lateCount
        states[index].ledger.conflict += conflicts
        states[index].ledger.duplicate += known - conflicts
        states[index].ledger.late += placement.lateCount
        states[index].ledger.held += placement.fresh.sampleCount
    }

    /// Counts samples of a refused chunk that names this stream.
    public mutating func refuse(_ count: Int, of leads: [Lead]) {
        for lead in leads {
            let index = indexOfState(lead)
            states[index].ledger.received += count
            states[index].ledger.refused += count
        }
    }

    /// Silence: every frontier stands at newest, as `front` says, and what is missing is not waited for.
    public mutating func tick(at front: StreamFront) {
        self.front = front
        release()
    }

    /// The stream is over: every sample held is analysed and the filters are extended by their edge samples.
    public mutating func close(at front: StreamFront) {
        tick(at: front)
        for index in states.indices {
            let end = states[index].fed
            states[index].conditioner?.close(at: end, &scratch)
        }
    }

    /// Frees all samples of a closed stream; time line and ledgers stay.
    public mutating func freeSamples() {
        for index in states.indices {
            states[index].store = LeadStore()
            states[index].contactOff = IntervalSet()
            states[index].saturated = IntervalSet()
            states[index].conditioner = nil
        }
        scratch = []
    }

    /// The same epoch goes on with a new time line; the ledgers go on.
    public mutating func reopen() {
        front = StreamFront()
        states = states.map { state in
            var fresh = LeadState(lead: state.lead)
            fresh.ledger = state.ledger
            return fresh
        }
    }

    /// Hands each lead's samples before its frontier to its conditioner.
    private mutating func release() {
        guard front.isReleasing else { return }
        for index in states.indices {
            guard let line = front.line(of: states[index].lead),
                var conditioner = states[index].conditioner
            else {
                continue
            }
            states[index].conditioner = nil  // so that the value below is the only one, and changes in place
            var analysed = 0
            let fed = states[index].fed
            states[index].store.forEachStretch(in: fed..<max(fed, line.frontier)) {
                conditioner.feed($1, at: $0, &scratch)
                analysed += $1.count
            }
            conditioner.advance(to: line.frontier, &scratch)
            states[index].fed = max(fed, line.frontier)
            states[index].conditioner = conditioner
            states[index].ledger.analysed += analysed
            states[index].ledger.held -= analysed
            states[index].store.removeAll(
                below: line.keptFrom,
                slack: Int(line.rate.samples(inMilliseconds: 250))
            )
        }
    }
}
