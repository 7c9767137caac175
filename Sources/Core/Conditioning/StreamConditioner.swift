public import ECGSignal
internal import Mathematics

/// All leads of one stream on one time line: chunks in any order in, rows of the 500 Hz grid out.
///
/// The time line decides which samples are new and how far each lead may go; each lead's store hands over what lies
/// before its frontier, in order; each lead's conditioner resamples and filters it. A row is final once every lead
/// is past it. Pure: what comes out is a function of the chunks, ticks and the close that went in.
public struct StreamConditioner: Sendable {
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

    /// What is known of one lead.
    struct Track: Sendable {
        let lead: Lead
        /// The track it is sent in; nil while only refused chunks have named it.
        var number: Int?
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
        var newestChunk: (sequence: UInt64, firstSample: SampleIndex)?
    }

    /// Which samples have come, and how far each lead may go.
    public private(set) var timeline = StreamTimeline()
    /// Whether the stream has ended; nothing is taken any more.
    public private(set) var isClosed = false
    /// Whether a closed stream's samples were freed.
    public private(set) var isReleased = false
    var tracks: [Track] = []
    /// Whether leads that come from now on keep the wide band too.
    var hasWideBand = false

    /// A stream that nothing has come of yet.
    public init() {}

    /// The leads that were ever named, with their ledgers, in lead order.
    public var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] {
        tracks.map { ($0.lead, $0.number, $0.ledger) }
    }

    /// Takes a chunk; `table` belongs to its rate (nil at 500 Hz).
    ///
    /// After the close it is counted only.
    public mutating func take(_ chunk: LeadChunk, table: PolyphaseTable?) -> Outcome {
        var outcome = Outcome()
        let range = chunk.firstSample..<chunk.endSample
        // All tracks first, since a new one moves those of the leads after it.
        for samples in chunk.leads { _ = indexOfTrack(samples.lead) }
        for samples in chunk.leads {
            let index = indexOfTrack(samples.lead)
            tracks[index].ledger.received += range.count
            tracks[index].number = chunk.track
            let placement = place(range, of: samples.lead, at: chunk.rate)
            if !isClosed { outcome.wentBackwards = noteOrder(of: chunk, in: index) || outcome.wentBackwards }
            account(for: placement, of: samples.millivolts, from: range.lowerBound, in: index, &outcome)
            guard let first = placement.fresh.start else { continue }
            if tracks[index].conditioner == nil {
                tracks[index].conditioner = LeadConditioner(
                    lead: samples.lead,
                    rate: chunk.rate,
                    table: table,
                    hasWideBand: hasWideBand
                )
            }
            if timeline.line(of: samples.lead)?.firstTaken == first {
                tracks[index].isDerivedByGateway = samples.isDerived
            }
            note(samples.facts, of: chunk, at: placement.fresh, in: index)
            for part in placement.fresh {
                let offset = Int(part.lowerBound - range.lowerBound)
                tracks[index].store.insert(
                    samples.millivolts[offset..<offset + part.count],
                    at: part.lowerBound
                )
            }
        }
        guard !isClosed else { return outcome }
        timeline.advance()
        release()
        return outcome
    }

    /// After the close nothing is new any more, and the time line stays as it is.
    private mutating func place(
        _ range: Range<SampleIndex>,
        of lead: Lead,
        at rate: SampleRate
    ) -> StreamTimeline.Placement {
        guard isClosed else { return timeline.take(range, of: lead, at: rate) }
        var past = timeline
        var placement = past.take(range, of: lead, at: rate)
        placement.lateCount += placement.fresh.sampleCount
        placement.fresh = RangeList()
        return placement
    }

    private mutating func indexOfTrack(_ lead: Lead) -> Int {
        if let index = tracks.firstIndex(where: { $0.lead == lead }) { return index }
        let index = tracks.firstIndex { $0.lead > lead } ?? tracks.count
        tracks.insert(Track(lead: lead), at: index)
        return index
    }

    private mutating func noteOrder(of chunk: LeadChunk, in index: Int) -> Bool {
        guard let newest = tracks[index].newestChunk else {
            tracks[index].newestChunk = (chunk.sequence, chunk.firstSample)
            return false
        }
        guard chunk.sequence > newest.sequence else { return false }
        tracks[index].newestChunk = (chunk.sequence, max(chunk.firstSample, newest.firstSample))
        return chunk.firstSample < newest.firstSample
    }

    private mutating func account(
        for placement: StreamTimeline.Placement,
        of values: [Float],
        from start: SampleIndex,
        in index: Int,
        _ outcome: inout Outcome
    ) {
        var conflicts = 0
        var known = 0
        for part in placement.known {
            let offset = Int(part.lowerBound - start)
            conflicts += tracks[index].store.differences(
                from: values[offset..<offset + part.count],
                at: part.lowerBound
            )
            known += part.count
        }
        outcome.conflict += conflicts
        outcome.duplicate += known - conflicts
        outcome.late += placement.lateCount
        tracks[index].ledger.conflict += conflicts
        tracks[index].ledger.duplicate += known - conflicts
        tracks[index].ledger.late += placement.lateCount
        tracks[index].ledger.held += placement.fresh.sampleCount
    }

    /// Counts samples of a refused chunk that names this stream.
    public mutating func refuse(_ count: Int, of leads: [Lead]) {
        for lead in leads {
            let index = indexOfTrack(lead)
            tracks[index].ledger.received += count
            tracks[index].ledger.refused += count
        }
    }

    /// Silence: what is missing now will not be waited for.
    public mutating func tick() {
        guard !isClosed else { return }
        timeline.tick()
        release()
    }

    /// The stream is over: every sample held is analysed and the filters are extended by their edge samples.
    public mutating func close() {
        guard !isClosed else { return }
        timeline.tick()
        release()
        for index in tracks.indices {
            let end = tracks[index].fed
            tracks[index].conditioner?.close(at: end)
        }
        isClosed = true
    }

    /// Frees all samples of a closed stream; time line and ledgers stay.
    public mutating func freeSamples() {
        for index in tracks.indices {
            tracks[index].store = LeadStore()
            tracks[index].contactOff = IntervalSet()
            tracks[index].saturated = IntervalSet()
            tracks[index].conditioner = nil
        }
        isReleased = true
    }

    /// The same epoch goes on with a new time line; the ledgers go on.
    public mutating func reopen() {
        timeline = StreamTimeline()
        tracks = tracks.map { track in
            var fresh = Track(lead: track.lead)
            fresh.ledger = track.ledger
            return fresh
        }
        isClosed = false
        isReleased = false
    }

    /// Hands each lead's samples before its frontier to its conditioner.
    private mutating func release() {
        guard timeline.isReleasing else { return }
        for index in tracks.indices {
            guard let line = timeline.line(of: tracks[index].lead),
                var conditioner = tracks[index].conditioner
            else {
                continue
            }
            tracks[index].conditioner = nil  // so that the value below is the only one, and changes in place
            var analysed = 0
            let fed = tracks[index].fed
            tracks[index].store.forEachStretch(in: fed..<max(fed, line.frontier)) {
                conditioner.feed($1, at: $0)
                analysed += $1.count
            }
            conditioner.advance(to: line.frontier)
            tracks[index].fed = max(fed, line.frontier)
            tracks[index].conditioner = conditioner
            tracks[index].ledger.analysed += analysed
            tracks[index].ledger.held -= analysed
            tracks[index].store.removeAll(
                below: line.keptFrom,
                slack: Int(line.rate.samples(inMilliseconds: 250))
            )
        }
    }
}
