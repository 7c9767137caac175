internal import ECGSignal
internal import Mathematics

/// Says of each beat which class it has, once the next beat is there.
///
/// A ventricular beat is early, followed by a pause, unlike the usual shape, wider than it, and its group's beats were
/// so too. These are weighed by a fixed formula, a logistic one whose weights were fitted on eleven MIT-BIH records with
/// two leads and with the first alone, then rounded. Half of the score is the beat's own and half its group's, so that
/// one odd interval does not change the class of a shape.
struct BeatClassifier: Sendable, Equatable, Codable {
    /// A class is final after so many samples where no beat follows: 1.5 s.
    static let patienceSamples = 750
    /// A beat is early below this share of the usual interval.
    static let early = 0.85
    /// Where nothing narrower is known, a wider complex at 100/min or more is ventricular; grid samples.
    static let wideSpread = 38.0
    static let fastSamples = 300
    /// So many fast ventricular beats in a row are a run that does not become usual.
    static let runBeats = 3

    /// A beat whose class is still open.
    private struct Open: Sendable, Equatable, Codable {
        var place: Int
        var interval: Int?
        /// The same also where a beat may have been lost within it: the true interval is no longer.
        var span: Int?
        var earliness: Double
        /// Nil until the shape was seen, which takes 0.24 s from the beat's place.
        var likeness: ShapeGroups.Likeness?
        var isInRun: Bool
        var spread: Double
        var width: Double
        var trough: Double
        /// Whether its shape may vouch for others.
        var vouches: Bool
    }

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case groups, agreement, open, lastPlace, taken, run, usual, chosen
    }

    private var groups = ShapeGroups()
    private var shape = BeatShape()
    private(set) var agreement = BeatAgreement()
    private var open: Open?
    private var lastPlace: Int?
    /// Beats taken.
    private var taken = 0
    /// Ventricular beats in a row at 100/min or more.
    private var run = 0
    /// It stands still in a run.
    private var usual = UsualInterval()
    /// The leads whose shape is looked at, chosen once.
    private var chosen: [Int] = []

    /// A classifier that has seen no beat.
    init() { chosen.reserveCapacity(BeatShape.leadsMax) }

    /// Takes a beat that was published with row `n`; the beat before it then has its class.
    mutating func take(_ beat: FoundBeat, from detector: borrowing BeatDetector, at n: Int) -> Beat? {
        let place = Int(beat.place)
        look(detector, at: n)
        let isWhole = lastPlace.map { detector.isWhole(from: $0, to: place) } ?? true
        let finished = finish(next: isWhole ? place : nil, isKnown: isWhole, at: n)
        choose(detector)
        taken += 1
        let span = lastPlace.map { place - $0 }
        let interval = isWhole ? span : nil
        let ratio = span.map { Double($0) / Double(usual.isKnown ? usual.samples : $0) } ?? 1
        let earliness = isWhole ? ratio : min(ratio, 1)
        let isRun = run >= BeatClassifier.runBeats && span ?? Int.max <= BeatClassifier.fastSamples
        open = Open(
            place: place,
            interval: interval,
            span: span,
            earliness: earliness,
            likeness: nil,
            isInRun: isRun,
            spread: 0,
            width: 0,
            trough: beat.trough,
            vouches: detector.doubt.vouches
        )
        look(detector, at: n)
        if !isRun, let interval { usual.note(interval) }
        lastPlace = place
        return finished
    }

    /// Whether the newest beat's shape may be whole with row `n`, or has waited long enough.
    func isDue(at n: Int) -> Bool {
        guard let open else { return false }
        return n - open.place
            >= (open.likeness == nil ? BeatShape.samplesAfter : BeatClassifier.patienceSamples)
    }

    /// The greatest correlation, whatever the heights, that the complex at `place` has with beats taken before in the leads that
    /// are heard; 0 where it cannot be measured.
    mutating func likeness(of place: Int, in detector: borrowing BeatDetector, at n: Int) -> Double {
        let heard = detector.heardLeads
        guard !chosen.isEmpty, shape.measure(detector.fours, chosen, at: place, newest: n) else { return 0 }
        var seen = 0
        for (position, channel) in chosen.enumerated() where heard.contains(channel: channel) || heard.isEmpty
        {
            seen |= 1 << position
        }
        return agreement.likeness(of: shape, in: seen)
    }

    /// A row without a beat: looks at the newest beat's shape, and closes it once it has waited long enough.
    mutating func wait(_ detector: borrowing BeatDetector, at n: Int) -> Beat? {
        look(detector, at: n)
        guard let open, n - open.place >= BeatClassifier.patienceSamples else { return nil }
        return finish(next: nil, isKnown: detector.isWhole(from: open.place, to: n), at: n)
    }

    /// Measures the newest beat's shape as soon as it is whole.
    private mutating func look(_ detector: borrowing BeatDetector, at n: Int) {
        guard let beat = open, beat.likeness == nil, n >= beat.place + BeatShape.samplesAfter,
            !chosen.isEmpty,
            shape.measure(detector.fours, chosen, at: beat.place, newest: n)
        else { return }
        open?.likeness = groups.take(shape, at: beat.place, earliness: beat.earliness, inRun: beat.isInRun)
        open?.spread = shape.spread
        open?.width = shape.width
        agreement.take(shape, at: beat.place, trough: beat.trough, vouches: beat.vouches)
    }

    /// The beats before say nothing of the interval to the next one.
    mutating func interrupt(at n: Int) -> Beat? {
        defer { lastPlace = nil }
        return finish(next: nil, isKnown: false, at: n)
    }

    /// Takes the quietest leads, at most three, and keeps to them while any of them is used; among the first beats a
    /// lead that is heard later may still join.
    private mutating func choose(_ detector: borrowing BeatDetector) {
        let used = detector.usedLeads
        let canJoin = taken < 8 && chosen.count < min(BeatShape.leadsMax, used.rawValue.nonzeroBitCount)
        if chosen.contains(where: { used.contains(channel: $0) }), !canJoin { return }
        chosen.removeAll(keepingCapacity: true)
        while chosen.count < BeatShape.leadsMax {
            var best: Int?
            for channel in 0..<Lead.channelCount
            where detector.usedLeads.contains(channel: channel) && !chosen.contains(channel) {
                if best.map({ detector.weight(of: channel) > detector.weight(of: $0) }) ?? true {
                    best = channel
                }
            }
            guard let best else { break }
            chosen.append(best)
        }
        groups = ShapeGroups()
        agreement.restart()
    }

    /// Gives the newest beat its class; `next` is the one after it, nil where none came, unless one may have been lost, as
    /// `isKnown` says.
    private mutating func finish(next: Int?, isKnown: Bool, at n: Int) -> Beat? {
        guard let beat = open else { return nil }
        open = nil
        var score = 0.0
        var kind = BeatClass.unclassified
        if let likeness = beat.likeness {
            score = self.score(beat, likeness, next: next, isKnown)
            kind = self.kind(beat, likeness, score)
        }
        if kind == .ventricular {
            run = beat.span ?? Int.max <= BeatClassifier.fastSamples ? run + 1 : 1
        } else {
            run = 0
        }
        return Beat(
            place: GridIndex(beat.place),
            interval: beat.interval,
            kind: kind,
            classifiedAt: GridIndex(n),
            ventricularScore: score
        )
    }

    private mutating func score(
        _ beat: Open,
        _ likeness: ShapeGroups.Likeness,
        next: Int?,
        _ isKnown: Bool
    ) -> Double {
        let group = groups.groups[likeness.group]
        let usualSamples = Double(usual.isKnown ? usual.samples : beat.interval ?? 500)
        // Where a beat may have been lost nothing is known of a pause.
        let after = next.map { Double($0 - beat.place) / usualSamples } ?? (isKnown ? 2 : 1)
        func logarithm(_ x: Double) -> Double { ElementaryFunctions.log(min(max(x, 0.3), 2)) }
        let own =
            -2.5 - 1.8 * logarithm(beat.earliness) + 1.45 * max(logarithm(after), -0.2)
            + 2.4 * (1 - likeness.withUsual)
            + 3 * ElementaryFunctions.log(max(beat.spread, 1) / max(likeness.usualSpread, 1))
            + 1.25 * ElementaryFunctions.log(max(beat.width, 10) / 100)
            - 3.3 * logarithm(group.earliness) - 2.6 * group.share
        groups.note(score: own, of: likeness.group)
        return (min(max(own, -6), 6) + groups.groups[likeness.group].score) / 2
    }

    private func kind(_ beat: Open, _ likeness: ShapeGroups.Likeness, _ score: Double) -> BeatClass {
        if score > 0 { return .ventricular }
        let isFast = (beat.span ?? Int.max) <= BeatClassifier.fastSamples
        if isFast, groups.groups[likeness.group].spread >= BeatClassifier.wideSpread,
            likeness.usualSpread >= BeatClassifier.wideSpread
        {
            return .ventricular
        }
        if usual.isKnown, beat.span != nil, beat.earliness < BeatClassifier.early {
            return .supraventricularPremature
        }
        return .normal
    }
}
