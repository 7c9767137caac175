internal import Conditioning
internal import Diagnosis
public import ECGEncoder
public import ECGSignal

/// One patient's stream: the whole way of a datum on one page.
///
///     chunk -> assemble -> resample -> filter -> mask -> rows        take, tick, close   (Conditioning)
///     rows of a hop -> last-stage features                           nextStep, StreamBatch (ECGEncoder)
///     features of a window -> embedding -> ranked statements         finish              (Diagnosis)
///     all of it -> events                                            Event
///
/// The daemon, `classify`, replay and the tests all use this page; there is no second way. What comes out is a
/// function of what was put in: no clock, no thread, no socket.
public struct StreamProcessor {
    /// The fewest grid samples that a stream without a whole window is still judged by.
    public static let shortestSamples = 4_500

    /// The next piece of work for the encoder.
    public struct Step {
        /// Rows to feed, `[time][12]`; a multiple of 32.
        public let push: EncoderPush
        /// The window that they complete, if they do.
        let window: GridIndex?
    }

    /// Whose.
    public let identity: StreamIdentity
    /// How far apart windows start.
    public let hop: Hop
    /// Time line, filters, ledgers.
    private(set) var conditioner = StreamConditioner()
    /// First sample of the newest window that was cut.
    public private(set) var newestWindow: GridIndex?
    private let model: Model
    private let clock: StreamClock
    private var counter: TechnicalCounter
    /// Nil until the stream's first window boundary is known.
    private var encoder: EncoderState?
    /// The next window to cut.
    private var window: GridIndex = 0
    /// Where the gap search stands: the end of the last sample that any lead has.
    private var gapFrom: GridIndex?
    private var reportedGap: GridIndex?

    /// A stream whose first admitted chunk is `chunk`; its arrival fixes the stream's UTC.
    public init(first chunk: LeadChunk, at arrival: Arrival, hop: Hop, model: Model) {
        identity = chunk.stream
        self.hop = hop
        self.model = model
        clock = StreamClock(time: chunk.rate.time(of: chunk.endSample - 1), utc: arrival.utc)
        counter = TechnicalCounter(.stream(chunk.stream))
    }

    /// Which samples have come.
    public var timeline: StreamTimeline { conditioner.timeline }

    /// The leads that were ever named, with their ledgers, in lead order.
    public var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] { conditioner.ledgers }

    /// What the newest chunk with samples of `lead` said of its electrode.
    public func contact(of lead: Lead) -> Contact { conditioner.contact(of: lead) }

    /// Whether a window was cut.
    public var hasCutWindow: Bool { newestWindow != nil }

    // MARK: frames in

    /// Takes an admitted chunk; `table` belongs to its rate.
    public mutating func take(
        _ chunk: LeadChunk,
        table: PolyphaseTableReference,
        at arrival: Arrival
    ) -> [Event] {
        let outcome = conditioner.take(chunk, table: table.table)
        return said(of: outcome, chunk, at: arrival) + gaps(at: arrival)
    }

    /// The words of the first row of the protocol's table that applies to what was late or there already.
    private mutating func said(
        of outcome: StreamConditioner.Outcome,
        _ chunk: LeadChunk,
        at arrival: Arrival
    ) -> [Event] {
        let word: (TechnicalEvent.Code, String)
        if outcome.wentBackwards {
            word = (
                .backwards, "first_sample fell while seq grew; taken by index; number the samples upwards"
            )
        } else if outcome.conflict > 0 {
            word = (.overlap, "samples sent again with other values; the first stays; send each index once")
        } else if outcome.late > 0 {
            word = (.late, "samples behind the horizon of 2 s; left out; send sooner")
        } else {
            return []
        }
        let first = chunk.rate.gridIndex(notBefore: chunk.firstSample)
        return counter.count(word.0, firstSample: first, detail: word.1, at: arrival).map { [$0] } ?? []
    }

    /// Counts the samples of a refused chunk that names this stream, and says so.
    public mutating func refuse(_ refusal: Refusal, at arrival: Arrival) -> [Event] {
        conditioner.refuse(refusal.sampleCount, of: refusal.leads)
        let event = counter.count(
            refusal.code,
            firstSample: refusal.firstSample,
            detail: refusal.detail,
            at: arrival
        )
        return event.map { [$0] } ?? []
    }

    /// Counts chunks that the numbers of the stream's chunks tell of.
    public mutating func count(
        _ code: TechnicalEvent.Code,
        _ number: Int,
        firstSample: GridIndex,
        detail: String,
        at arrival: Arrival
    ) -> [Event] {
        counter.count(code, number, firstSample: firstSample, detail: detail, at: arrival).map { [$0] } ?? []
    }

    /// A fact of the stream that admission found out.
    public mutating func say(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase,
        priority: TechnicalEvent.Priority,
        firstSample: GridIndex?,
        detail: String,
        at arrival: Arrival
    ) -> Event {
        counter.say(code, phase, priority: priority, firstSample: firstSample, detail: detail, at: arrival)
    }

    /// Nothing has come for 2 s: holes are not waited for any longer.
    public mutating func tick(at arrival: Arrival) -> [Event] {
        conditioner.tick()
        return gaps(at: arrival)
    }

    /// What has been counted for 10 s.
    public mutating func flush(at arrival: Arrival) -> [Event] { counter.flush(at: arrival) }

    /// The stream is over; afterwards `nextStep` gives what is left, then `release` frees the samples.
    public mutating func close(at arrival: Arrival) -> [Event] {
        conditioner.close()
        return gaps(at: arrival) + counter.flush(at: arrival, isFinal: true)
    }

    /// Frees what a closed stream no longer needs; the ledgers stay.
    public mutating func release() {
        conditioner.freeSamples()
        encoder = nil
    }

    /// The same epoch goes on after an idle close, as a joiner; its ledgers go on.
    public mutating func reopen() {
        conditioner.reopen()
        encoder = nil
        newestWindow = nil
        gapFrom = nil
        reportedGap = nil
    }

    /// One event for each stretch of 10 s or more without a sample in any lead.
    private mutating func gaps(at arrival: Arrival) -> [Event] {
        guard let joined = conditioner.joinedAt else { return [] }
        var events: [Event] = []
        var from = gapFrom ?? joined
        while from <= conditioner.ready {
            let next = min(conditioner.firstPresent(from: from) ?? conditioner.ready, conditioner.ready)
            if next - from >= Int64(Grid.windowSamples), reportedGap != from {
                reportedGap = from
                events.append(
                    counter.say(
                        .streamGap,
                        .timePoint,
                        priority: .medium,
                        firstSample: from,
                        detail: "no lead has a sample for 10 s or more",
                        at: arrival
                    )
                )
            }
            guard next < conditioner.ready else { break }
            from = min(conditioner.presentEnd(from: next), conditioner.ready)
        }
        gapFrom = from
        return events
    }

    // MARK: rows to features

    /// The next rows to feed, if a hop of them or the end of the stream is there.
    public mutating func nextStep() -> Step? {
        guard let joined = conditioner.joinedAt else { return nil }
        if encoder == nil {
            guard !conditioner.isReleased else { return nil }
            window = hop.firstStart(notBefore: joined)
            encoder = model.encoder.makeState(at: window)
        }
        guard let encoder else { return nil }
        skipEmptyWindows(encoder)
        guard let present = conditioner.firstPresent(from: window), present < windowEnd else { return nil }
        let target = nextCut(after: encoder.end)
        let completes = target == window + Int64(Architecture.samplesSeen)
        let needed = completes ? windowEnd : target
        guard conditioner.ready >= needed || isShortAndClosed else { return nil }
        return step(encoder, to: target, completes: completes)
    }

    private var windowEnd: GridIndex { window + Int64(Grid.windowSamples) }

    /// A stream of 9 to 10 s is judged once, when it closes: what is missing is 0 and masked.
    private var isShortAndClosed: Bool {
        conditioner.isClosed && !hasCutWindow
            && conditioner.timeline.gridEnd - window >= Int64(StreamProcessor.shortestSamples)
    }

    /// Rows are fed in pieces that end where a window's last position does, one hop apart.
    private func nextCut(after end: GridIndex) -> GridIndex {
        let hop = Int64(hop.samples)
        let phase = Int64(Architecture.samplesSeen) % hop
        let cuts = (end - phase) / hop + (end >= phase ? 1 : 0)
        return cuts * hop + phase
    }

    /// A window in which no lead has a sample is not cut; the encoder starts anew at the first one after.
    private mutating func skipEmptyWindows(_ encoder: EncoderState) {
        let present = conditioner.firstPresent(from: window)
        guard present.map({ $0 >= windowEnd }) ?? true, conditioner.ready >= windowEnd else { return }
        let bound = min(present ?? conditioner.ready, conditioner.ready)
        let hop = Int64(hop.samples)
        window += ((bound - windowEnd) / hop + 1) * hop
        if window > encoder.end { encoder.restart(at: window) }
        // An electrode may be off for hours: what was said of windows that are never cut has to go as well.
        forgetWhatIsBehind(encoder)
    }

    private mutating func step(_ encoder: EncoderState, to target: GridIndex, completes: Bool) -> Step {
        let count = Int(target - encoder.end)
        var rows = [Float](repeating: 0, count: count * Lead.channelCount)
        conditioner.copyRows(encoder.end..<target, into: &rows, at: 0)
        return Step(push: EncoderPush(encoder, samples: rows), window: completes ? window : nil)
    }

    // MARK: features to findings

    /// After the encoder has taken the step's rows: the window's event, if it completes one.
    public mutating func finish(_ step: Step, using workspace: EncoderWorkspace) -> Event? {
        guard let encoder else { return nil }
        var event: Event?
        if let start = step.window {
            let diagnosis = diagnose(start, encoder, using: workspace)
            event = Event(.diagnosis(identity, diagnosis), time: diagnosis.end)
            newestWindow = start
            window = start + Int64(hop.samples)
        }
        forgetWhatIsBehind(encoder)
        return event
    }

    private mutating func forgetWhatIsBehind(_ encoder: EncoderState) {
        conditioner.forget(rowsBelow: encoder.end, presenceBelow: min(window, gapFrom ?? window))
    }

    private func diagnose(
        _ start: GridIndex,
        _ encoder: EncoderState,
        using workspace: EncoderWorkspace
    ) -> ECGSignal.Diagnosis {
        let leads = conditioner.coverage(ofWindowAt: start)
        let used = LeadSet(leads.filter(\.isUsed).map(\.lead))
        let embedding =
            used.isEmpty ? nil : model.encoder.embedding(of: encoder, windowStart: start, using: workspace)
        let ranking = embedding.map { model.ranker.rank($0, usedLeads: used) }
        return ECGSignal.Diagnosis(
            firstSample: start,
            joinedAt: conditioner.joinedAt ?? 0,
            leads: leads,
            top: ranking?.top ?? [],
            withheld: ranking?.withheld ?? [],
            windowWithheld: ranking != nil
                ? nil : conditioner.hasStandardLead(before: windowEnd) ? .coverage : .leadsMissing,
            revisions: model.revisions,
            start: clock.utc(of: start),
            end: clock.utc(of: windowEnd)
        )
    }
}
