internal import Conditioning
internal import Delineation
internal import ECGSignal
internal import Findings
internal import Quality
internal import Rhythm

/// Rhythm and signal beside the encoder: they read the wide band as soon as rows are final, whatever windows do.
///
/// Rows go through in pieces, so that an advance of any length takes the same memory; once a gap has been seen for 5 s
/// the rest of it costs nothing. Neither changes what comes out, which is a function of the rows alone.
struct RhythmReader: Sendable, Codable {
    /// Rows that are read at once.
    private static let rowsMax: GridIndex = 128

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case reader, spikes, lane, intervals, device, areAtriaFibrillating, longQT, stChange,
            newestSigns, signal, analysability, next
    }

    private let reader: ConditionedStream.Reader
    private var spikes = PacingSpikes()
    private(set) var lane = RhythmLane()
    private var rows = WideRows()
    /// What the rows gave that became final with the newest input.
    private(set) var output = RhythmLane.Output()
    private var intervals = IntervalWatch()
    private var device = DeviceNotes()
    /// Whether the atria fibrillate as far as it was told.
    private var areAtriaFibrillating = false
    private var waves: [WaveIntervals] = []
    private(set) var longQT = LongQT()
    private(set) var stChange = STChange()
    /// The vital signs of the newest second; nil before there was one.
    private(set) var newestSigns: VitalSigns?
    /// What was found in the vital signs of the seconds that became complete with the newest input, and when.
    private(set) var measured: [(finding: Observation.Finding, at: GridIndex)] = []
    /// The same of the second at hand.
    private var found: [Observation.Finding] = []
    private(set) var signal = SignalWatch()
    /// What the same rows told of the signal itself.
    private(set) var signalChanges: [SignalChange] = []
    /// The same of the piece at hand, before the lane's part is joined to it.
    private var told: [SignalChange] = []
    private var analysability = Analysability()
    /// The ends of the seconds that became complete with the newest input and were good, as far as the samples alone tell.
    private(set) var goodSeconds: [GridIndex] = []
    /// The row that is read next; nil before the stream's first one is settled.
    private var next: GridIndex?

    /// The last row that was judged; nil where none was.
    var newest: GridIndex? { next.map { $0 - 1 - GridIndex(spikes.heldCount) } }

    /// How good the newest whole second was; nil before there was one.
    var quality: SignalQuality? {
        let seen = lane.areBeatsTrusted ? signal.quality : signal.quality?.withoutBeats()
        return lane.isEnoughSeen ? seen : seen?.withoutSight()
    }

    /// A lane that reads the wide band of `stream`, of which nothing has come yet.
    init(of stream: inout ConditionedStream) {
        reader = stream.addWideReader()
        signalChanges.reserveCapacity(16)
        told.reserveCapacity(16)
        waves.reserveCapacity(4)
        measured.reserveCapacity(4)
        goodSeconds.reserveCapacity(16)
        found.reserveCapacity(STChange.statements.count)
    }

    /// The rates beyond which the patient alarms, and what its ST is compared with, from the next row on.
    mutating func set(_ limits: PatientLimits) {
        lane.limits = limits
        stChange.limits = limits.st
    }

    /// Notes what a chunk says of its device.
    mutating func note(_ chunk: LeadChunk) {
        device.note(chunk)
        spikes.note(chunk)
    }

    /// Reads all rows that are final by now; where nothing has come for 2 s, also those that wait for what comes next.
    mutating func follow(_ stream: inout ConditionedStream, isSilent: Bool = false) {
        output.removeAll()
        signalChanges.removeAll(keepingCapacity: true)
        measured.removeAll(keepingCapacity: true)
        goodSeconds.removeAll(keepingCapacity: true)
        read(&stream)
        if isSilent { takeHeld() }
    }

    /// Reads the last rows of a stream that is over.
    mutating func close(_ stream: inout ConditionedStream) {
        follow(&stream, isSilent: true)
        if let next { lane.close(at: next, into: &output) }
    }

    /// The same epoch goes on after an idle close: what was before says nothing any more.
    mutating func restart() {
        let limits = lane.limits
        spikes = PacingSpikes()
        lane = RhythmLane()
        lane.limits = limits
        intervals = IntervalWatch()
        areAtriaFibrillating = false
        longQT = LongQT()
        stChange = STChange()
        stChange.limits = limits.st
        newestSigns = nil
        signal = SignalWatch()
        analysability = Analysability()
        output.removeAll()
        signalChanges.removeAll(keepingCapacity: true)
        measured.removeAll(keepingCapacity: true)
        goodSeconds.removeAll(keepingCapacity: true)
        next = nil
    }

    private mutating func read(_ stream: inout ConditionedStream) {
        guard let joined = stream.joinedAt else { return }
        let ready = stream.ready
        var from = next ?? joined
        while from < ready {
            if lane.isIdle, signal.isIdle {
                from = min(stream.firstKnown(from: from) ?? ready, ready)
                guard from < ready else { break }
            }
            let end = min(from + RhythmReader.rowsMax, ready)
            stream.copyWideRows(from..<end, into: &rows)
            spikes.clean(&rows)
            takePiece()
            from = end
        }
        next = from
        stream.release(rowsBelow: from, by: reader)
    }

    /// What was held back is judged as it is.
    private mutating func takeHeld() {
        guard spikes.heldCount > 0 else { return }
        spikes.close(into: &rows)
        takePiece()
    }

    private mutating func takePiece() {
        let before = output.trust.count
        takeRows()
        told.removeAll(keepingCapacity: true)
        signal.take(rows, into: &told)
        let end = rows.start + GridIndex(rows.count)
        let second = end - end % Grid.rate
        if second > rows.start, signal.quality?.grade == .good { goodSeconds.append(second) }
        analysability.join(told, output.trust[before...], into: &signalChanges)
    }

    /// The lane takes the rows at hand, then the beats that it found usual are measured.
    ///
    /// Rows are fewer than a second, so that no more than one second ends in them.
    private mutating func takeRows() {
        let before = (beats: output.beats.count, vitals: output.vitals.count)
        let news = (changes: output.changes.count, analysis: output.analysis.count)
        lane.take(rows, into: &output)
        for beat in output.beats[before.beats...] where beat.kind == .normal {
            intervals.note(usualBeatAt: beat.place, interval: beat.interval, knownAt: beat.classifiedAt)
        }
        waves.removeAll(keepingCapacity: true)
        intervals.take(rows, into: &waves)
        var areFibrillating = areAtriaFibrillating
        let second = output.vitals.count > before.vitals ? output.vitals[before.vitals] : nil
        for change in output.changes[news.changes...] where change.finding == .atrialFibrillation {
            areAtriaFibrillating = change.isOn
            if let second, change.at < second.sample { areFibrillating = change.isOn }
        }
        let end = second?.sample ?? .max
        for change in output.analysis[news.analysis...] where !change.isPossible && change.at < end {
            loseSight()
        }
        guard let second, let last = waves.last else { return }
        let known = device.judge(
            areFibrillating ? last.withoutP() : last,
            isPaced: spikes.isPaced(before: end),
            before: end
        )
        let signs = second.with(known)
        output.vitals[before.vitals] = signs
        newestSigns = signs
        judge(signs)
        for change in output.analysis[news.analysis...] where !change.isPossible && change.at >= end {
            loseSight()
        }
    }

    private mutating func judge(_ signs: VitalSigns) {
        found.removeAll(keepingCapacity: true)
        if let finding = longQT.take(signs) { found.append(finding) }
        stChange.take(signs, into: &found)
        for finding in found { measured.append((finding, signs.sample - 1)) }
    }

    /// Nothing can be judged any longer: the policy keeps what stands, and what holds still afterwards is told again.
    private mutating func loseSight() {
        longQT.loseSight()
        stChange.loseSight()
    }
}

// MARK: checkpoints

extension RhythmReader {
    /// The first row that what a checkpoint leaves out is made of, where rows below `ready` are final.
    func firstRow(before ready: GridIndex) -> GridIndex {
        min(ready - RhythmLane.secondsHeld, intervals.firstRow ?? .max)
    }

    /// Makes what a checkpoint of `other` leaves out from the rows that come; it tells nothing that counts.
    mutating func putBack(rowsOf other: RhythmReader) { intervals.putBack(beatsOf: other.intervals) }

    /// Has what a checkpoint leaves out from another reader, which was given the same rows.
    mutating func takeRows(of other: RhythmReader) {
        lane.takeSeconds(of: other.lane)
        intervals.takeBeats(of: other.intervals)
    }
}
