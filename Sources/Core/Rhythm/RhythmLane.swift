public import ECGSignal
public import Findings

/// One stream's rhythm on one page, row by row of the wide band.
///
///     row -> activity of each lead -> tops -> beats              BeatDetector
///     beat -> shape, timing -> class, with the next beat         BeatClassifier
///     beats -> rates and their limits, silence, irregularity     HeartRate, SilenceWatch, AtrialIrregularity
///     classes -> runs, patterns                                  VentricularRuns, BeatPatterns
///     row -> swing of each lead -> fibrillation                  FibrillationWatch
///     beats and classes -> vital signs, once a second            BeatCounter
///
/// It knows neither windows nor the encoder. What comes out is a function of the rows that went in, wherever they were
/// cut; the lane is a value, so that a copy goes on as the original does. It allocates nothing once `Output` has room.
public struct RhythmLane: Sendable, Equatable, Codable {
    /// What some rows gave; the caller keeps its memory.
    public struct Output: Sendable, Equatable {
        /// Beats that were found, in order.
        public var found: [FoundBeat] = []
        /// Beats whose class became final, in order.
        public var beats: [Beat] = []
        /// Findings that began or ended to hold, in order.
        public var changes: [RhythmChange] = []
        /// Rows from which on rhythm can be judged, or no longer, in order.
        ///
        /// What an interruption makes end stands in `changes` and is no news of the heart.
        public var analysis: [AnalysisChange] = []
        /// Vital signs, one for each whole second of the grid that has passed, in order.
        public var vitals: [VitalSigns] = []
        /// Rows from which on the beats are those of a heart, or are not or cannot be seen, in order.
        public var trust: [TrustChange] = []

        /// Nothing, with room for some seconds.
        public init() {
            found.reserveCapacity(64)
            beats.reserveCapacity(64)
            changes.reserveCapacity(64)
            analysis.reserveCapacity(8)
            vitals.reserveCapacity(16)
            trust.reserveCapacity(8)
        }

        /// Forgets all, but keeps the memory.
        public mutating func removeAll() {
            found.removeAll(keepingCapacity: true)
            beats.removeAll(keepingCapacity: true)
            changes.removeAll(keepingCapacity: true)
            analysis.removeAll(keepingCapacity: true)
            vitals.removeAll(keepingCapacity: true)
            trust.removeAll(keepingCapacity: true)
        }
    }

    private var detector = BeatDetector()
    private(set) var classifier = BeatClassifier()
    private var states = FindingStates()
    private(set) var heartRate = HeartRate()
    private(set) var silence = SilenceWatch()
    private(set) var irregularity = AtrialIrregularity()
    private(set) var runs = VentricularRuns()
    private(set) var patterns = BeatPatterns()
    private(set) var fibrillation = FibrillationWatch()
    private var counter = BeatCounter()
    private(set) var trust = TrustWatch()
    /// How much of the newest seconds was seen.
    private var share = SightShare()
    /// Whether the beats were said to be none of a heart.
    private var isDistrusted = false
    /// Whether it was said that rhythm cannot be judged, for that or because too little is seen.
    private var isUnjudged = false
    /// Whether rhythm could not be judged before this row although a lead is heard.
    private var isLostToNoise = false
    /// The newest beat outside a fibrillation.
    private var newestBeat: Int?
    /// Whether a lead has been heard, and not been missing for more than 2 s since.
    private var isHeard = false
    /// Whether rhythm can be judged: a lead is heard, and what it shows are beats.
    private var isAnalysing = false

    /// A lane that has seen nothing.
    public init() {}

    /// The rates of the newest four and eight intervals, beats a minute; nil before four intervals.
    public var rates: (ofFour: Double, ofEight: Double)? {
        guard let four = heartRate.rate(of: 4), let eight = heartRate.rate(of: 8) else { return nil }
        return (four, eight)
    }

    /// The rates beyond which a finding holds, from the next row on; an adult's at first.
    public var limits: PatientLimits {
        get { heartRate.limits }
        set { heartRate.limits = newValue }
    }

    /// Whether nothing speaks against the newest beats; false where they do not resemble each other.
    public var areBeatsTrusted: Bool { !isDistrusted }

    /// Whether enough is seen between missing samples, and in leads that show beats, to judge the rhythm.
    public var isEnoughSeen: Bool { !share.isLost && !silence.isUndecided && !detector.doubt.isBlind }

    /// Whether a finding holds now.
    public func holds(_ finding: RhythmFinding) -> Bool { states.holds(finding) }

    /// Whether nothing has come for so long that rows without a value change nothing any more; they may be left out.
    public var isIdle: Bool { silence.isIdle }

    /// Takes the next rows, each grid index once, and appends what they gave to `output`.
    ///
    /// While the lane `isIdle`, rows in which no lead has a value may be left out.
    public mutating func take(_ rows: WideRows, into output: inout Output) {
        let values = rows.fours.span
        for row in 0..<rows.count {
            let n = Int(rows.start) + row
            detector.take(values, from: row * FourLeads.count, present: rows.present[row], at: n)
            var beat = detector.isDue(at: n) ? detector.publish(at: n) : nil
            if n.isMultiple(of: FibrillationWatch.decimation) { watchFibrillation(at: n, &output) }
            let wasInterrupted = silence.isInterrupted
            let isValid = !rows.present[row].isEmpty
            var isInDoubt = false
            if silence.isLong { isInDoubt = detector.isInDoubt }
            let advice = silence.take(
                isValid: isValid,
                isSeeing: detector.isSeeing,
                usual: trust.isTrusted && !share.isLost ? detector.usualInterval : nil,
                isInDoubt: isInDoubt,
                canPause: trust.isTrusted,
                at: n,
                &states,
                &output.changes
            )
            switch advice {
            case .nothing: break
            case .fallBack: if beat == nil { beat = detector.fallBack(toNewest: false, at: n) }
            case .fallToNewest: if beat == nil { beat = detector.fallBack(toNewest: true, at: n) }
            }
            if let found = beat, !isOfHeart(found, at: n) { beat = nil }
            if !wasInterrupted, silence.isInterrupted { interrupt(at: n, &output) }
            isHeard = isHeard || isValid
            if isHeard { share.take(isSeen: detector.isSeeing, at: n) }
            if let beat {
                take(beat, at: n, &output)
            } else if classifier.isDue(at: n), let finished = classifier.wait(detector, at: n) {
                take(finished, at: n, &output)
            }
            if n.isMultiple(of: 250) {
                heartRate.judge(at: n, isTrusted: trust.isTrusted, &states, &output.changes)
            }
            if !isUneventful { follow(at: n, &output) }
            if (n + 1).isMultiple(of: Int(Grid.rate)), !silence.isIdle { tellVitals(after: n, &output) }
        }
    }

    /// The stream is over: a beat that was held back is published, and the last one has its class.
    public mutating func close(at end: GridIndex, into output: inout Output) {
        if let beat = detector.close(at: Int(end)), isOfHeart(beat, at: Int(end)) {
            take(beat, at: Int(end), &output)
        }
        if let finished = classifier.interrupt(at: Int(end)) { take(finished, at: Int(end), &output) }
        if isAnalysing { setAnalysing(false, at: Int(end), &output) }
    }

    private mutating func watchFibrillation(at n: Int, _ output: inout Output) {
        let wasFibrillating = states.holds(.ventricularFibrillation)
        fibrillation.take(detector, at: n, &states, &output.changes)
        guard !wasFibrillating, states.holds(.ventricularFibrillation) else { return }
        heartRate.restart()
        counter.restart()
        patterns.end(at: n, &states, &output.changes)
    }

    /// Whether a complex that was found is a beat.
    private mutating func isOfHeart(_ beat: FoundBeat, at n: Int) -> Bool {
        let inAsystole = states.holds(.asystole)
        var known: Double?
        if detector.doubt.isBehindGap {
            known = classifier.likeness(of: Int(beat.place), in: detector, at: n)
        }
        let isFamiliar = known.map { $0 >= SmallComplexes.likenessMin } ?? true
        guard detector.doubts(beat, isFamiliar: isFamiliar, inAsystole: inAsystole) else { return true }
        let likeness = known ?? classifier.likeness(of: Int(beat.place), in: detector, at: n)
        return detector.vouches(for: beat, likeness: likeness, inAsystole: inAsystole)
    }

    private mutating func tellVitals(after n: Int, _ output: inout Output) {
        output.vitals.append(
            counter.tell(
                after: n,
                isInterrupted: silence.isInterrupted,
                isFibrillating: states.holds(.ventricularFibrillation),
                isNoisy: isDistrusted
            )
        )
    }

    /// Whether beats are trusted and enough is seen, as before: then `follow` has nothing to say, which is so of most rows.
    private var isUneventful: Bool {
        trust.since == nil && !isDistrusted && !isUnjudged && !isLostToNoise && isHeard && isAnalysing
            && isEnoughSeen
    }

    /// Says where the beats cease to be those of a heart, or are so again, and what follows for what can be judged.
    private mutating func follow(at n: Int, _ output: inout Output) {
        trust.wait(at: n)
        isDistrusted = trust.since != nil
        if (isDistrusted || !isEnoughSeen) != isUnjudged {
            isUnjudged = !isUnjudged
            output.trust.append(TrustChange(isTrusted: !isUnjudged, at: GridIndex(n)))
        }
        let isLost = trust.isLost(at: n) || !isEnoughSeen
        let isPossible = isHeard && !isLost
        if isPossible != isAnalysing { setAnalysing(isPossible, at: n, &output) }
        // What held before the noise, or the losses, and holds after it is seen again; a gap has made it end.
        if isPossible, isLostToNoise { states.tellAgain(at: n, &output.changes) }
        isLostToNoise = isHeard && isLost
    }

    private mutating func setAnalysing(_ isPossible: Bool, at n: Int, _ output: inout Output) {
        isAnalysing = isPossible
        output.analysis.append(AnalysisChange(isPossible: isPossible, at: GridIndex(n)))
    }

    private mutating func take(_ beat: FoundBeat, at n: Int, _ output: inout Output) {
        let place = Int(beat.place)
        output.found.append(beat)
        silence.take(beatAt: place, at: n, detector.sight, &states, &output.changes)
        if let finished = classifier.take(beat, from: detector, at: n) { take(finished, at: n, &output) }
        trust.take(classifier.agreement, at: n)
        if trust.isTrusted, classifier.agreement.isAlike(beatAt: place) { detector.knowNewestBeat() }
        guard !states.holds(.ventricularFibrillation) else { return }
        let isWhole = newestBeat.map { detector.isWhole(from: $0, to: place) } ?? true
        newestBeat = place
        heartRate.take(beatAt: place, isWhole: isWhole)
        counter.take(beatAt: place, isWhole: isWhole)
        heartRate.judge(at: n, isTrusted: trust.isTrusted, &states, &output.changes)
    }

    private mutating func take(_ beat: Beat, at n: Int, _ output: inout Output) {
        output.beats.append(beat)
        counter.take(beat.kind, at: n)
        runs.take(beat, at: n, isTrusted: trust.isTrusted, &states, &output.changes)
        irregularity.take(beat, at: n, isTrusted: trust.isTrusted, &states, &output.changes)
        guard !states.holds(.ventricularFibrillation) else { return }
        patterns.take(beat, at: n, isTrusted: trust.isTrusted, &states, &output.changes)
    }

    /// No lead has had a sample for more than 2 s.
    private mutating func interrupt(at n: Int, _ output: inout Output) {
        isHeard = false
        if isAnalysing { setAnalysing(false, at: n, &output) }
        trust.restart()
        share.interrupt(at: n)
        if let finished = classifier.interrupt(at: n) { take(finished, at: n, &output) }
        detector.interrupt()
        heartRate.restart()
        counter.restart()
        irregularity.restart()
        runs.end(at: n, &states, &output.changes)
        patterns.end(at: n, &states, &output.changes)
    }
}

extension RhythmLane {
    /// So many rows before the newest one another lane must have been given before this one has its seconds of it.
    public static let secondsHeld: GridIndex = 2_000

    /// Has the seconds of rows that another lane holds that was given the same ones; a checkpoint leaves them out.
    public mutating func takeSeconds(of other: RhythmLane) {
        detector.takeFilters(of: other.detector)
        fibrillation.takeSeconds(of: other.fibrillation)
    }
}
