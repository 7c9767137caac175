internal import ECGSignal
internal import Findings

/// What admission remembers of one stream: identity, the rules its tracks have set, and its time line by indices.
struct AdmissionEntry: Sendable, Codable {
    /// A track's rate and gain are fixed by its first chunk, and a lead stays in its track.
    private struct Track: Sendable, Codable {
        let number: Int
        let rate: SampleRate
        let nanovoltsPerUnit: Double
        var leads: [Lead]
    }

    /// What tells a damaged index of a track from a leap.
    private struct Leap: Sendable, Codable {
        let track: Int
        var watch = LeapWatch()
    }

    let identity: StreamIdentity
    /// Whether chunks come, and why they do not: what is decided here is told to everyone else.
    private(set) var life = StreamLife.open
    private(set) var timeline = StreamTimeline()
    /// Whether a frame has come since the opening or the last silence.
    private(set) var hasFrameSinceTick = false
    /// Whether the older epochs of its device have been closed for it.
    var hasSuperseded = false
    private(set) var lastArrival: MonotonicNanoseconds = 0
    /// The end of the stream when a checkpoint was last due.
    private var keptAt: GridIndex?
    /// Which chunks have come, by their numbers.
    var sequences = SequenceLedger()
    private var tracks: [Track] = []
    /// One a track, of those too that nothing has come of yet.
    private var leaps: [Leap] = []
    private var gate = FloodGate()
    /// The end of the chunk that said `last`.
    private var end: StreamTime?

    init(identity: StreamIdentity) { self.identity = identity }

    /// The rates that the stream's tracks have while it is open, each once.
    private(set) var rates: [SampleRate] = []

    /// Whether the stream has a track of that rate.
    func uses(_ rate: SampleRate) -> Bool { rates.contains(rate) }

    /// The rules that a stream's first chunk can break: none of its own.
    static func checkFirst(_ chunk: LeadChunk) throws(Refusal) {
        guard !chunk.leads.isEmpty else {
            throw chunk.refusal(
                .unknownEnum,
                "no lead of a known kind; name one of Protocols/gateway.proto",
                naming: false
            )
        }
    }

    /// Whether `chunk` keeps to what its track has set.
    func check(_ chunk: LeadChunk) throws(Refusal) {
        let other = tracks.first { track in
            track.number != chunk.track && chunk.leads.contains { track.leads.contains($0.lead) }
        }
        if let other {
            throw chunk.refusal(
                .leads,
                "a lead of track \(other.number) in track \(chunk.track); a lead has one track",
                naming: false
            )
        }
        guard let track = tracks.first(where: { $0.number == chunk.track }) else { return }
        guard track.rate == chunk.rate, track.nanovoltsPerUnit == chunk.nanovoltsPerUnit else {
            throw chunk.refusal(
                .rateChanged,
                "rate or gain differs within the epoch and track; draw a new epoch"
            )
        }
    }

    /// Refuses a chunk that leaps far ahead, until so many follow on that the leap is believed.
    ///
    /// It comes after all other checks, because what it refuses or lets through it remembers.
    mutating func checkLeap(_ chunk: LeadChunk) throws(Refusal) {
        guard timeline.front.firstTaken != nil else { return }
        let place: Int
        if let known = leaps.firstIndex(where: { $0.track == chunk.track }) {
            place = known
        } else {
            place = leaps.count
            leaps.append(Leap(track: chunk.track))
        }
        guard !leaps[place].watch.believes(chunk, after: timeline.front.newest) else { return }
        throw chunk.refusal(
            .jump,
            "first_sample leaps more than an hour ahead; taken once \(LeapWatch.chunksBelieved) chunks in a row agree; "
                + "draw a new epoch where counters start anew"
        )
    }

    /// Refuses a chunk that is more than `speed` times real time lets in.
    mutating func checkFlood(
        _ chunk: LeadChunk,
        at arrival: MonotonicNanoseconds,
        _ speed: Int?
    ) throws(Refusal) {
        let length = Int64(chunk.rate.time(of: SampleIndex(chunk.sampleCount)).nanoseconds)
        guard let speed, !gate.admits(length, at: arrival, speed: speed) else { return }
        throw chunk.refusal(
            .flood,
            "more than two minutes of signal ahead of \(speed) times real time, or more than "
                + "\(FloodGate.chunksMax) chunks a second; send slower, or raise --ingest-speed-max"
        )
    }

    /// Refuses as `checkFlood` would, and pays for nothing.
    func checkFloodAhead(
        _ chunk: LeadChunk,
        at arrival: MonotonicNanoseconds,
        _ speed: Int?
    ) throws(Refusal) {
        var copy = self
        try copy.checkFlood(chunk, at: arrival, speed)
    }

    /// Takes an admitted chunk in; its place in the stream.
    mutating func take(_ chunk: LeadChunk, at arrival: Arrival) -> PlacedChunk {
        lastArrival = arrival.monotonic
        hasFrameSinceTick = true
        if !life.isClosed { keep(chunk) }
        return timeline.place(chunk, isOver: life.isClosed)
    }

    /// Keeps what the chunk sets for its track, and where it ends if it is the last.
    private mutating func keep(_ chunk: LeadChunk) {
        let index: Int
        if let known = tracks.firstIndex(where: { $0.number == chunk.track }) {
            index = known
        } else {
            index = tracks.count
            tracks.append(
                Track(
                    number: chunk.track,
                    rate: chunk.rate,
                    nanovoltsPerUnit: chunk.nanovoltsPerUnit,
                    leads: []
                )
            )
        }
        for samples in chunk.leads where !tracks[index].leads.contains(samples.lead) {
            tracks[index].leads.append(samples.lead)
        }
        if chunk.isLast {
            let time = chunk.rate.time(of: chunk.endSample)
            end = max(end ?? time, time)
        }
    }

    /// The stream begins to use `rate`; false where it does already, or is over.
    mutating func begin(_ rate: SampleRate) -> Bool {
        guard !life.isClosed, !uses(rate) else { return false }
        rates.append(rate)
        return true
    }

    /// Notes the number of an admitted chunk; whether it had come before.
    mutating func number(_ placed: PlacedChunk) -> Bool {
        let chunk = placed.chunk
        return sequences.take(
            chunk.sequence,
            at: chunk.firstGridSample,
            end: chunk.rate.time(of: chunk.endSample),
            isStarting: !timeline.front.isReleasing
        )
    }

    /// Notes the number of a refused chunk that names the stream.
    mutating func number(_ refusal: Refusal) {
        guard let number = refusal.sequence else { return }
        sequences.takeRefused(
            number,
            at: refusal.firstSample ?? timeline.front.gridEnd,
            end: timeline.front.newest
        )
    }

    /// The holes in the chunks' numbers that nobody waits for any longer.
    mutating func settledHoles() -> [SequenceLedger.Hole] { sequences.settle(at: timeline.front.newest) }

    /// Nothing has come for 2 s: what is missing is not waited for, and `last` holds although nothing reached its end.
    mutating func tick() {
        life = .silent
        hasFrameSinceTick = false
        timeline.tick()
        if let time = end { end = min(time, timeline.front.newest) }
    }

    /// Whether `last` was said and every lead's frontier has reached that chunk's end.
    var hasEnded: Bool { end.map(timeline.front.hasReached) ?? false }

    /// Frames come again after a silence.
    mutating func resume() { life = .open }

    /// Whether a checkpoint is due: 5 s after the last one, as soon as no sample waits for another, or a second later.
    mutating func isDueForCheckpoint() -> Bool {
        guard !life.isClosed, timeline.front.isReleasing else { return false }
        let end = timeline.front.gridEnd
        guard let last = keptAt else {
            keptAt = end
            return false
        }
        let due = last + AdmissionEntry.checkpointSamples
        let isClear = timeline.front.lines.allSatisfy { $0.frontier == $0.newest }
        guard end >= due, isClear || end >= due + Grid.rate else { return false }
        keptAt = end
        return true
    }

    /// Grid samples between two checkpoints.
    static let checkpointSamples: GridIndex = 5 * Grid.rate

    /// Nobody has been silent meanwhile: what goes on here was on its way.
    mutating func goOn(at arrival: Arrival) { lastArrival = max(lastArrival, arrival.monotonic) }

    /// The stream is over: nothing is waited for any more.
    mutating func close(_ reason: CloseReason) {
        life = .closed(reason)
        timeline.tick()
        rates = []
    }

    mutating func reopen() {
        life = .open
        timeline = StreamTimeline()
        end = nil
        keptAt = nil
    }
}

extension LeadChunk {
    /// The chunk's first sample on the grid.
    var firstGridSample: GridIndex { rate.gridIndex(notBefore: firstSample) }

    /// The chunk as refused; `naming` says whether its stream's ledger counts it.
    func refusal(_ code: TechnicalEvent.Code, _ detail: String, naming: Bool = true) -> Refusal {
        Refusal(
            code,
            detail,
            sender: Sender(of: stream),
            stream: naming ? stream : nil,
            sequence: sequence,
            firstSample: firstGridSample,
            leads: code == .unknownEnum ? [] : leads.map(\.lead),
            sampleCount: sampleCount
        )
    }
}
