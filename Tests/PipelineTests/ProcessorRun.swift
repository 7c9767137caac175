import Conditioning
import Delineation
import Diagnosis
import ECGEncoder
import ECGSignal
import Findings
import Quality
import Rhythm
import TestSupport

@testable import Pipeline

/// Resampling tables, one a rate, built once.
enum Tables {
    private static let shared: [SampleRate: PolyphaseTableReference] = {
        var tables: [SampleRate: PolyphaseTableReference] = [:]
        for rate in SentStream.rates { tables[rate] = PolyphaseTableReference(rate: rate) }
        return tables
    }()

    static func of(_ rate: SampleRate) throws -> PolyphaseTableReference {
        struct TooManyPhases: Error {}
        guard let table = shared[rate] ?? PolyphaseTableReference(rate: rate) else { throw TooManyPhases() }
        return table
    }
}

/// One stream put through its processor, encoded as soon as a step is there.
struct ProcessorRun {
    private(set) var processor: StreamProcessor
    private(set) var events: [Event] = []
    /// Beats and rhythms, in the order they came out.
    private(set) var rhythm = RhythmLane.Output()
    /// Grid samples that the encoder was given.
    private(set) var rowsFed: GridIndex = 0
    private let workspace: EncoderWorkspace
    private let model: Model
    private var count = 0.0
    /// The time line that admission would keep.
    private var timeline = StreamTimeline()

    init(
        _ first: LeadChunk,
        at seconds: Double = 0,
        hop: Hop = .standard,
        model: Model = NarrowModel.shared
    ) {
        processor = StreamProcessor(first: first, at: arrival(seconds), hop: hop, model: model)
        workspace = model.encoder.makeWorkspace()
        self.model = model
    }

    /// Takes a chunk, at that second or a tenth after the one before; `isLazy` leaves what it completes to a later step.
    mutating func take(_ chunk: LeadChunk, at seconds: Double? = nil, isLazy: Bool = false) throws {
        count = seconds ?? count + 0.1
        events += processor.take(timeline.place(chunk), table: try Tables.of(chunk.rate), at: arrival(count))
        rhythm.append(processor.rhythm)
        if !isLazy { step() }
    }

    /// What somebody who looks is shown now.
    mutating func look(_ bands: [TraceBlock.Band]) -> [TraceBlock] { processor.trace(bands) }

    /// When the newest chunk came.
    var now: Arrival { arrival(count) }

    mutating func tick() {
        timeline.tick()
        events += processor.tick(timeline.front, at: arrival(count + 2))
        rhythm.append(processor.rhythm)
        step()
    }

    mutating func close() {
        timeline.tick()
        events += processor.close(.last, timeline.front, at: arrival(count + 3))
        rhythm.append(processor.rhythm)
        step()
        processor.release()
    }

    /// The stream falls idle and goes on.
    mutating func reopen() {
        timeline.tick()
        events += processor.close(.idle, timeline.front, at: arrival(count + 60))
        rhythm.append(processor.rhythm)
        step()
        processor.release()
        processor.resume()
        timeline = StreamTimeline()
    }

    mutating func step() {
        var batch = EncoderBatch()
        while let step = processor.nextStep(into: &batch) {
            rowsFed += GridIndex(batch.rowCount)
            model.encoder.advance(&batch, using: workspace)
            if let event = processor.finish(step, in: &batch, using: workspace) { events.append(event) }
            batch.removeAll()
        }
    }

    /// The events of `chunks` in this order, closed at the end.
    static func events(of chunks: [LeadChunk], hop: Hop = .standard) throws -> [Event] {
        guard let first = chunks.first else { return [] }
        var run = ProcessorRun(first, hop: hop)
        for chunk in chunks { try run.take(chunk) }
        run.close()
        return run.events
    }
}

extension RhythmLane.Output {
    /// Appends what came next.
    fileprivate mutating func append(_ next: RhythmLane.Output) {
        found += next.found
        beats += next.beats
        changes += next.changes
        analysis += next.analysis
        trust += next.trust
        vitals += next.vitals
    }
}

/// The findings of a whole stream by their definition: all rows first, then each window encoded by itself.
func offlineDiagnoses(
    of chunks: [LeadChunk],
    hop: Hop,
    model: Model = NarrowModel.shared
) throws -> [WindowDiagnosis] {
    var conditioner = StreamConditioner()
    var timeline = StreamTimeline()
    for chunk in chunks {
        _ = conditioner.take(timeline.place(chunk), table: try Tables.of(chunk.rate).table)
    }
    timeline.tick()
    conditioner.close(at: timeline.front)
    guard let joined = conditioner.joinedAt else { return [] }
    let rhythm = try offlineRhythm(of: chunks)
    let rows = try offlineRows(of: chunks)
    let known = analysable(rows, rhythm)
    /// Rows of a window that could not be analysed.
    func blind(_ start: GridIndex) -> Int {
        (start..<start + 5_000).count { row in
            let index = Int(min(row, start + knownRows - 1) - rows.start)
            return row >= rows.start && row < rows.start + GridIndex(rows.count) && index >= 0
                && index < known.count && !known[index]
        }
    }
    let good = goodSeconds(rows)
    /// What the signal of a window is worth, from the whole seconds in it that are known when it ends.
    func quality(_ start: GridIndex) -> SignalQuality.Grade {
        // The first whole second of the grid that begins in the window; a stream may begin anywhere.
        let first = (start + 499) / 500 * 500 + 500
        let ends = Array(stride(from: first, through: min(start + knownRows, conditioner.ready), by: 500))
        let blind = blind(start)
        if blind > 2_500 { return .unanalysable }
        return blind == 0 && !ends.isEmpty && ends.allSatisfy(good.contains)
            && isWhole(start, conditioner) ? .good : .limited
    }
    let workspace = model.encoder.makeWorkspace()
    let hop = GridIndex(hop.samples)
    var start = joined % hop == 0 ? joined : joined - joined % hop + hop
    var found: [WindowDiagnosis] = []
    while start + 5_000 <= conditioner.ready {
        if let finding = diagnose(
            start,
            conditioner,
            rhythm,
            (blind(start), quality(start)),
            model,
            workspace
        ) {
            found.append(finding)
        }
        start += hop
    }
    let isShort = start + 4_500 <= conditioner.ready && start - joined < hop
    if found.isEmpty, isShort,
        let finding = diagnose(start, conditioner, rhythm, (blind(start), quality(start)), model, workspace)
    {
        found.append(finding)
    }
    return found
}

/// Whether no lead that has samples in a window lacks some of it, as far as the stream goes.
private func isWhole(_ start: GridIndex, _ conditioner: StreamConditioner) -> Bool {
    let length = Int(min(start + 5_000, conditioner.ready) - start)
    return conditioner.coverage(ofWindowAt: start).allSatisfy {
        $0.samplesPresent == 0 || $0.samplesPresent >= length
    }
}

/// Rows of a window that the lane knows for certain when the window ends: it may be behind by those that wait.
private let knownRows = GridIndex(Grid.windowSamples - PacingSpikes.heldRows)

/// What the rhythm lane makes of all rows at once, with the intervals that are measured on its usual beats.
func offlineRhythm(of chunks: [LeadChunk]) throws -> RhythmLane.Output {
    var lane = RhythmLane()
    var output = RhythmLane.Output()
    let rows = try offlineRows(of: chunks)
    lane.take(rows, into: &output)
    var watch = IntervalWatch()
    for beat in output.beats where beat.kind == .normal {
        watch.note(usualBeatAt: beat.place, interval: beat.interval, knownAt: beat.classifiedAt)
    }
    var waves: [WaveIntervals] = []
    watch.take(rows, into: &waves)
    var device = DeviceNotes()
    var spikes = PacingSpikes()
    for chunk in chunks {
        device.note(chunk)
        spikes.note(chunk)
    }
    var raw = try offlineRows(of: chunks, isRaw: true)
    spikes.clean(&raw)
    // The first whole second that ends in the rows.
    let first = rows.start / Grid.rate + 1
    for (index, signs) in output.vitals.enumerated() {
        let isFibrillating =
            output.changes.last { $0.finding == .atrialFibrillation && $0.at < signs.sample }?.isOn ?? false
        let own = device.judge(
            waves[Int(signs.second - first)],
            isPaced: spikes.isPaced(before: signs.sample),
            before: signs.sample
        )
        output.vitals[index] = signs.with(isFibrillating ? own.withoutP() : own)
    }
    lane.close(at: rows.start + GridIndex(rows.count), into: &output)
    return output
}

/// For each row whether the signal could be analysed: a lead was alive, and the beats were those of a heart.
private func analysable(_ rows: WideRows, _ rhythm: RhythmLane.Output) -> [Bool] {
    var signal: [SignalChange] = []
    var watch = SignalWatch()
    watch.take(rows, into: &signal)
    return (0..<rows.count).map { row in
        let n = rows.start + GridIndex(row)
        let isDead = signal.last { $0.finding == .unanalysable && $0.at <= n }?.isOn ?? false
        let isTrusted = rhythm.trust.last { $0.at <= n }?.isTrusted ?? true
        return !isDead && isTrusted
    }
}

/// The ends of the seconds that were good as far as their samples tell, read one row at a time.
private func goodSeconds(_ rows: WideRows) -> Set<GridIndex> {
    var good: Set<GridIndex> = []
    var watch = SignalWatch()
    var changes: [SignalChange] = []
    var one = WideRows()
    for row in 0..<rows.count {
        let end = rows.start + GridIndex(row) + 1
        one.removeAll(beginningAt: end - 1)
        one.append(rows[row])
        watch.take(one, into: &changes)
        if end.isMultiple(of: 500), watch.quality?.grade == .good { good.insert(end) }
    }
    return good
}

/// All rows of the wide band; but for `isRaw` without the spikes of pacemakers.
private func offlineRows(of chunks: [LeadChunk], isRaw: Bool = false) throws -> WideRows {
    var stream = ConditionedStream()
    _ = stream.addWideReader()
    var timeline = StreamTimeline()
    for chunk in chunks {
        _ = stream.take(timeline.place(chunk), table: try Tables.of(chunk.rate).table)
    }
    timeline.tick()
    stream.close(.last, at: timeline.front)
    var rows = WideRows()
    stream.copyWideRows((stream.joinedAt ?? 0)..<stream.ready, into: &rows)
    if isRaw { return rows }
    var spikes = PacingSpikes()
    for chunk in chunks { spikes.note(chunk) }
    spikes.clean(&rows)
    var rest = WideRows()
    spikes.close(into: &rest)
    for row in 0..<rest.count { rows.append(rest[row]) }
    return rows
}

/// Whether a beat that was published within the window stands in it, and it does not fibrillate.
private func isBeating(_ rhythm: RhythmLane.Output, from start: GridIndex) -> Bool {
    var isFibrillating = false
    var hasFibrillated = false
    for change in rhythm.changes
    where change.finding == .ventricularFibrillation && change.at < start + knownRows {
        isFibrillating = change.isOn
        hasFibrillated =
            hasFibrillated || change.isOn && change.at >= start || !change.isOn && change.at > start
    }
    let beats = rhythm.found.count {
        (start..<start + 5_000).contains($0.place) && $0.publishedAt < start + knownRows
    }
    return beats > 0 && !isFibrillating && !hasFibrillated
}

private func diagnose(
    _ start: GridIndex,
    _ conditioner: StreamConditioner,
    _ rhythm: RhythmLane.Output,
    _ signal: (blind: Int, quality: SignalQuality.Grade),
    _ model: Model,
    _ workspace: EncoderWorkspace
) -> WindowDiagnosis? {
    let leads = conditioner.coverage(ofWindowAt: start)
    guard let present = conditioner.firstPresent(from: start), present < start + 5_000 else { return nil }
    let used = LeadSet(leads.filter { $0.samplesPresent >= 4_500 && $0.reason == nil }.map(\.lead))
    let isDead =
        used.isEmpty
        ? leads.contains { $0.reason != nil }
        : conditioner.isDisturbed(windowAt: start) || signal.blind > 2_500 || !isBeating(rhythm, from: start)
    let isPlaced = !leads.contains { $0.source == .patch }
    var rows = [Float](repeating: 0, count: Grid.windowSamples * Lead.channelCount)
    conditioner.copyRows(start..<min(start + 5_000, conditioner.ready), into: &rows, at: 0)
    let ranking =
        used.isEmpty || isDead
        ? nil
        : model.ranker.rank(
            model.encoder.embed(window: rows, using: workspace),
            usedLeads: used,
            isPlaced: isPlaced
        )
    let isSent = leads.contains { $0.source != .absent }
    return WindowDiagnosis(
        firstSample: start,
        joinedAt: conditioner.joinedAt ?? 0,
        leads: leads,
        top: ranking?.top ?? [],
        withheld: ranking?.withheld ?? [],
        windowWithheld: isDead ? .quality : used.isEmpty ? (isSent ? .coverage : .leadsMissing) : nil,
        quality: signal.quality,
        revisions: model.revisions,
        start: 0,
        end: 0
    )
}
