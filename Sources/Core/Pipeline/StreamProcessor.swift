internal import Conditioning
internal import Diagnosis
public import ECGEncoder
public import ECGSignal
public import Findings
internal import Rhythm

/// One patient's stream: the whole way of a datum on one page.
///
///     chunk -> assemble -> resample -> filter -> mask -> rows        take, tick, close   (Conditioning)
///     rows of a hop -> last-stage features                           nextStep, StreamBatch (ECGEncoder)
///     features of a window -> embedding -> ranked statements         finish              (Diagnosis)
///     rows as they are final -> beats, rhythms, vital signs          observations, vitals (Rhythm)
///     all of it -> events                                            Event
///     rows as they are final -> blocks for those who look            trace
///
/// The daemon, `classify`, replay and the tests all use this page; there is no second way. What comes out is a
/// function of what was put in: no clock, no thread, no socket.
public struct StreamProcessor: Sendable {
    /// A piece of work that the encoder was given.
    public struct Step: Sendable {
        /// Where the encoder's state stands in the batch.
        let place: Int
        /// The window that its rows complete, if they do.
        let window: GridIndex?
    }

    /// Grid samples behind the front from which late samples are taken for those of a gateway that began anew: 60 s.
    private static let restartSamples: GridIndex = 30_000

    /// The stream that this processor follows.
    public let identity: StreamIdentity
    /// Time line, filters, ledgers, windows.
    var stream: ConditionedStream
    /// First sample of the newest window that was cut.
    public internal(set) var newestWindow: GridIndex?
    /// Why nothing was said of that window; nil where it was ranked.
    public internal(set) var newestWithheld: WindowDiagnosis.WindowWithheld?
    let model: Model
    var clock: StreamClock
    /// Which lead is shown where only one is.
    var monitorLead = MonitorLead()
    var counter: TechnicalCounter
    /// Which frames made the windows whole that are still to be cut.
    var completing = CompletingFrames()
    /// Nil until the stream's first window boundary is known, and while the state is in a batch.
    var encoder: EncoderState?
    let encoderReader: ConditionedStream.Reader
    var rhythmReader: RhythmReader
    private var seen = ObservationList()
    /// What the rhythm lane knew of each window that is still to be cut.
    var heart = HeartSigns()

    /// A stream whose first admitted chunk is `chunk`; its arrival fixes the stream's UTC.
    public init(first chunk: LeadChunk, at arrival: Arrival, hop: Hop, model: Model) {
        identity = chunk.stream
        stream = ConditionedStream(hop: hop)
        encoderReader = stream.addReader()
        rhythmReader = RhythmReader(of: &stream)
        self.model = model
        clock = StreamClock(time: chunk.rate.time(of: chunk.endSample - 1), at: arrival)
        counter = TechnicalCounter(.stream(chunk.stream))
    }

    /// Where the samples of each lead begin and end.
    public var front: StreamFront { stream.front }

    /// Whether chunks come, and why they do not.
    public var life: StreamLife { stream.life }

    /// The leads that were ever named, with their ledgers, in lead order.
    public var ledgers: [(lead: Lead, track: Int?, ledger: Ledger)] { stream.ledgers }

    /// What the newest chunk with samples of `lead` said of its electrode.
    public func contact(of lead: Lead) -> Contact { stream.contact(of: lead) }

    /// Beats and rhythms that the newest chunk, silence or close has given; the next one replaces them.
    var rhythm: RhythmLane.Output { rhythmReader.output }

    /// Vital signs of the whole seconds that the newest chunk, silence or close has completed.
    public var vitals: [VitalSigns] { rhythmReader.output.vitals }

    /// What the newest chunk, silence or close has given for the alarm policy, in the order of stream time.
    public var observations: [Observation] { seen.observations }

    /// Up to where the rhythm has been judged; nil where no row has been final.
    public var judged: StreamMoment? {
        rhythmReader.newest.map { StreamMoment(stream: identity, sample: $0, time: clock.utc(of: $0)) }
    }

    /// What is known of the device's clock.
    public var clockFacts: ClockFacts { clock.facts }

    /// Whether a window was cut.
    public var hasCutWindow: Bool { newestWindow != nil }

    // MARK: frames in

    /// Takes an admitted chunk; `table` belongs to its rate.
    public mutating func take(
        _ placed: PlacedChunk,
        table: PolyphaseTableReference,
        at arrival: Arrival
    ) -> [Event] {
        let outcome = stream.take(placed, table: table.table)
        rhythmReader.note(placed.chunk)
        let news = life.isClosed ? [] : clock.note(placed.chunk, at: arrival)
        followRhythm()
        completing.note(
            frameAt: arrival,
            due: life.isClosed ? arrival.monotonic : clock.newestDue,
            ready: stream.ready
        )
        return report(outcome, of: placed.chunk, at: arrival) + gaps(at: arrival)
            + news.compactMap { report($0, of: placed.chunk, at: arrival) }
    }

    /// Reports what a chunk showed of its device's clock.
    private mutating func report(
        _ news: StreamClock.News,
        of chunk: LeadChunk,
        at arrival: Arrival
    ) -> Event? {
        let first = chunk.rate.gridIndex(notBefore: chunk.firstSample)
        switch news {
        case .clockIgnored:
            return counter.count(
                .clock,
                firstSample: first,
                detail:
                    "gateway_time_ns is more than 60 s off the sample index; the chunk's arrival is used instead",
                at: arrival
            )
        case .rateMismatch(let isMismatched):
            return counter.report(
                .rateMismatch,
                isMismatched ? .start : .end,
                priority: isMismatched ? .medium : .info,
                firstSample: first,
                detail: isMismatched
                    ? "samples come more than 2 % faster or slower than the rate that is declared; analysed by index"
                    : "samples come at the declared rate again",
                at: arrival
            )
        }
    }

    /// Reports what was late or there already, in the words of the first row of the protocol's table that applies.
    private mutating func report(
        _ outcome: StreamConditioner.Outcome,
        of chunk: LeadChunk,
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
            word = (.late, lateness(of: chunk))
        } else {
            return []
        }
        let first = chunk.rate.gridIndex(notBefore: chunk.firstSample)
        return counter.count(word.0, firstSample: first, detail: word.1, at: arrival).map { [$0] } ?? []
    }

    /// What is said of samples that came too late, and what to do.
    private func lateness(of chunk: LeadChunk) -> String {
        if life.isClosed { return "samples of a stream that is over; left out; draw a new epoch to go on" }
        let behind = front.gridEnd - chunk.rate.gridIndex(notBefore: chunk.endSample)
        return behind > StreamProcessor.restartSamples
            ? "samples more than 60 s behind the stream; left out; a gateway that starts anew must draw a new epoch"
            : "samples behind the horizon of 2 s; left out; send sooner"
    }

    /// Counts the samples of a refused chunk that names this stream, and reports the refusal.
    public mutating func refuse(_ refusal: Refusal, at arrival: Arrival) -> [Event] {
        stream.refuse(refusal.sampleCount, of: refusal.leads)
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

    /// Reports a fact of the stream that admission found out.
    public mutating func report(
        _ code: TechnicalEvent.Code,
        _ phase: TechnicalEvent.Phase,
        priority: TechnicalEvent.Priority,
        firstSample: GridIndex?,
        detail: String,
        at arrival: Arrival
    ) -> Event {
        counter.report(code, phase, priority: priority, firstSample: firstSample, detail: detail, at: arrival)
    }

    /// Nothing has come for 2 s: holes are not waited for any longer.
    public mutating func tick(_ front: StreamFront, at arrival: Arrival) -> [Event] {
        stream.tick(at: front)
        followRhythm(isSilent: true)
        completing.note(endAt: arrival, ready: stream.ready)
        return gaps(at: arrival)
    }

    /// Frames come again: after a silence the stream goes on, after an idle close it goes on as a joiner.
    public mutating func resume() {
        if life.isClosed { reopen() } else { stream.resume() }
    }

    /// What has been counted for 10 s.
    public mutating func flush(at arrival: Arrival) -> [Event] { counter.flush(at: arrival) }

    /// The stream is over; afterwards `nextStep` gives what is left, then `release` frees the samples.
    public mutating func close(_ reason: CloseReason, _ front: StreamFront, at arrival: Arrival) -> [Event] {
        stream.close(reason, at: front)
        rhythmReader.close(&stream)
        seen.become(rhythmReader, of: identity, clock)
        heart.note(rhythmReader)
        completing.note(endAt: arrival, ready: stream.ready)
        return gaps(at: arrival) + counter.flush(at: arrival, isFinal: true)
    }

    /// Frees what a closed stream no longer needs; the ledgers stay.
    public mutating func release() {
        stream.freeSamples()
        encoder = nil
    }

    /// The same epoch goes on after an idle close, as a joiner; its ledgers go on.
    private mutating func reopen() {
        stream.reopen()
        rhythmReader.restart()
        heart.restart()
        completing.restart()
        encoder = nil
        newestWindow = nil
        newestWithheld = nil
    }

    /// One event for each stretch of 10 s or more without a sample in any lead.
    private mutating func gaps(at arrival: Arrival) -> [Event] {
        var events: [Event] = []
        while let start = stream.nextGap() {
            events.append(
                counter.report(
                    .streamGap,
                    .timePoint,
                    priority: .medium,
                    firstSample: start,
                    detail: "no lead has a sample for 10 s or more",
                    at: arrival
                )
            )
        }
        return events
    }

    // MARK: rows to rhythms

    /// The rates beyond which the patient alarms, for the rows that become final from now on; nil for an adult's.
    public mutating func set(_ limits: PatientLimits?) { rhythmReader.set(limits ?? .adult) }

    private mutating func followRhythm(isSilent: Bool = false) {
        rhythmReader.follow(&stream, isSilent: isSilent)
        seen.become(rhythmReader, of: identity, clock)
        heart.note(rhythmReader)
    }

    // MARK: rows to features

    /// Moves the encoder's state and its next rows into `batch`, if a hop of them or the end of the stream is there.
    ///
    /// `finish` takes the state back out of the batch.
    public mutating func nextStep(into batch: inout EncoderBatch) -> Step? {
        guard let window = stream.nextWindow() else {
            completing.forgetAll()
            return nil
        }
        completing.forget(before: window + Int64(Grid.windowSamples))
        if encoder == nil { encoder = model.encoder.makeState(at: window) }
        // Windows without a sample were skipped: the encoder starts anew at the first one after them.
        if let end = encoder?.end, window > end { encoder?.restart(at: window) }
        guard let end = encoder?.end else { return nil }
        let target = nextCut(after: end)
        let completes = target == window + Int64(Architecture.samplesSeen)
        guard completes ? stream.isReadable(windowAt: window) : isThere(target, window),
            let state = encoder.take()
        else { return nil }
        let place = batch.append(state, rowCount: Int(target - end)) { memory, first in
            stream.copyRows(end..<target, into: &memory, at: first)
        }
        return Step(place: place, window: completes ? window : nil)
    }

    private func isThere(_ target: GridIndex, _ window: GridIndex) -> Bool {
        stream.ready >= target || stream.isShort(windowAt: window)
    }

    /// Rows are fed in pieces that end where a window's last position does, one hop apart.
    private func nextCut(after end: GridIndex) -> GridIndex {
        let hop = Int64(stream.hop.samples)
        let phase = Int64(Architecture.samplesSeen) % hop
        let cuts = (end - phase) / hop + (end >= phase ? 1 : 0)
        return cuts * hop + phase
    }

    // MARK: features to findings

    /// After the encoder has run `batch`: takes the state back, and gives the window's event if the step completes one.
    public mutating func finish(
        _ step: Step,
        in batch: inout EncoderBatch,
        using workspace: EncoderWorkspace
    ) -> Event? {
        let state = batch.takeState(at: step.place)
        var event: Event?
        if let start = step.window {
            let diagnosis = diagnose(start, state, using: workspace)
            event = Event(
                .diagnosis(identity, diagnosis),
                time: diagnosis.end,
                completedBy: completing.frame(completing: start + Int64(Grid.windowSamples))
            )
            newestWindow = start
            newestWithheld = diagnosis.windowWithheld
            heart.forget(before: start + Int64(stream.hop.samples))
            stream.pass(windowAt: start)
        }
        stream.release(rowsBelow: state.end, by: encoderReader)
        encoder = state
        return event
    }

    private func diagnose(
        _ start: GridIndex,
        _ encoder: EncoderState,
        using workspace: EncoderWorkspace
    ) -> WindowDiagnosis {
        let end = start + Int64(Grid.windowSamples)
        let leads = stream.leads(ofWindowAt: start)
        let withheld = whyWithheld(start, leads)
        var used = LeadSet()
        for lead in leads where lead.isUsed { used.insert(lead.lead) }
        let embedding =
            withheld != nil ? nil : model.encoder.embedding(of: encoder, windowStart: start, using: workspace)
        let ranking = embedding.map {
            model.ranker.rank(
                $0,
                usedLeads: used,
                isPlaced: !leads.contains { $0.source == .patch }
            )
        }
        return WindowDiagnosis(
            firstSample: start,
            joinedAt: stream.joinedAt ?? 0,
            leads: leads,
            top: ranking?.top ?? [],
            withheld: ranking?.withheld ?? [],
            fittedLeads: ranking?.fitted?.rawValue,
            windowWithheld: withheld,
            quality: heart.quality(ofWindowAt: start, before: stream.ready, leads),
            revisions: model.revisions,
            start: clock.utc(of: start),
            end: clock.utc(of: end)
        )
    }

    /// Why nothing may be said of the window; nil where it is ranked.
    private func whyWithheld(
        _ start: GridIndex,
        _ leads: [LeadCoverage]
    ) -> WindowDiagnosis.WindowWithheld? {
        if leads.canBearStatements(isDisturbed: stream.isDisturbed(windowAt: start)) {
            let window = start..<start + Int64(Grid.windowSamples)
            return heart.areSeen(in: window, before: stream.ready) ? nil : .quality
        }
        if leads.contains(where: { $0.isUsed || $0.reason != nil }) { return .quality }
        return stream.hasUsableLead(before: start + Int64(Grid.windowSamples)) ? .coverage : .leadsMissing
    }
}
