internal import ECGSignal

/// What stands against taking a complex for a beat: that it is small behind a gap or while an asystole lasts, or that the
/// leads that show beats best are silent beside it.
struct ComplexDoubt: Sendable, Equatable, Codable {
    /// Leads of which beats stood out.
    private var tellers = LeadSet()
    /// Whether those that are silent stand still to the last count, and what the others show are no beats.
    var isBlind = false
    /// Whether no beat like those before was found since a gap before which there were beats, nor two that are alike.
    private(set) var isBehindGap = false
    /// Whether at most half of the leads that show beats show the newest complex.
    var isHidden = false
    /// Whether the newest complex, where it is a beat, may vouch for others: not where leads that show beats do not show it, or
    /// are silent beside it, as it may be a moving electrode's.
    var vouches: Bool { silentSince == nil && !isHidden }
    /// Whether the newest complex is small in all leads that show beats, and whether it is far lower in them than beats are that
    /// repeat a shape, or no higher than a P wave.
    var isSmall = false
    var isLow = false
    var mayBeAtrial = false
    private var small = SmallComplexes()
    /// With which complex such leads were first silent; nil while they are not.
    private var silentSince: Int?
    /// Samples for which they are before it counts: 1.5 s, beside the 1.5 s after which a lead is silent.
    private static let silentSamples = 750
    /// No interval that begins before this place is known: the beats in it were too small to be found.
    private(set) var blindUntil = Int.min

    /// Nothing stands against complexes but a gap, where it `isBehindGap`.
    init(isBehindGap: Bool = false) { self.isBehindGap = isBehindGap }

    /// Those of the used leads that show beats, or all.
    func telling(_ used: LeadSet) -> LeadSet {
        let telling = tellers.intersection(used)
        return telling.isEmpty ? used : telling
    }

    /// Whether what follows the newest complex that was looked at is there with row `n`.
    func isDue(at n: Int) -> Bool { small.isDue(at: n) }

    /// Looks at the complexes that four leads at a time have found.
    mutating func look(at n: Int, _ fours: [QRSFour], _ used: LeadSet) {
        small.look(at: n, fours, telling(used))
    }

    /// The leads that show beats and run, but are silent while as many others at most are heard; empty where more are.
    func silent(_ running: LeadSet, _ heard: LeadSet) -> LeadSet {
        let silent = tellers.intersection(running).subtracting(heard)
        let loud = tellers.intersection(heard)
        return !heard.isEmpty && silent.rawValue.nonzeroBitCount >= loud.rawValue.nonzeroBitCount
            ? silent : LeadSet()
    }

    /// Whether of the running leads that show beats as many at least are not active as are.
    func isHidden(in active: LeadSet, of running: LeadSet) -> Bool {
        let telling = tellers.intersection(running)
        let shown = telling.intersection(active).rawValue.nonzeroBitCount
        return !telling.isEmpty && telling.rawValue.nonzeroBitCount >= 2 * shown
    }

    /// Whether the complex that is published with row `n` may be none of a heart, and has to show that it is.
    mutating func isDoubtful(inAsystole: Bool, _ running: LeadSet, _ heard: LeadSet, at n: Int) -> Bool {
        let isSilent = !silent(running, heard).isEmpty
        silentSince = isSilent ? silentSince ?? n : nil
        return isSmall && (inAsystole || isBehindGap) || isSilent && (isLow || mayBeAtrial)
            || isLongSilent(at: n)
    }

    /// Whether such leads have been silent for so long with row `n` that it counts.
    func isLongSilent(at n: Int) -> Bool {
        silentSince.map { n - $0 >= ComplexDoubt.silentSamples } ?? false
    }

    /// Whether the newest complex, which stands at `place`, is a beat; `likeness` is how much it resembles earlier beats in the
    /// leads that are heard.
    mutating func judge(
        at place: Int,
        likeness: Double,
        inAsystole: Bool,
        _ detector: borrowing BeatDetector,
        at n: Int
    ) -> Bool {
        let (running, heard) = (detector.runningLeads, detector.heardLeads)
        let silent = silent(running, heard)
        // Leads that were silent for less than 3 s may be so by chance.
        let isJustSilent = !isLow && !isLongSilent(at: n) && !(isSmall && (inAsystole || isBehindGap))
        if isJustSilent, likeness >= SmallComplexes.likenessOfAny { return true }
        small.take(at: place, likeness: likeness, in: detector.fours, telling(detector.usedLeads), at: n)
        let need: SmallComplexes.Need =
            inAsystole && isSmall ? .asystole : silent.isEmpty ? .gap : .silentLead
        if small.areBeats(need, isSmall: isSmall) {
            tellers.subtract(silent)
            silentSince = nil
            if !small.hasLeftOut { small.restart() }
            return true
        }
        isBlind = !silent.isEmpty
        for channel in 0..<Lead.channelCount where silent.contains(channel: channel) {
            isBlind = isBlind && detector.lead(channel).isConstant
        }
        return false
    }

    /// A beat was found at `place`, and the leads of which it stands out are noted.
    ///
    /// Where it is not `familiar` it may be an artefact, which does not show that what follows a gap are beats.
    /// What was doubted before it may have been beats, and an asystole that it ends may have been beats too small to be found.
    mutating func note(
        _ place: Int,
        isFamiliar: Bool,
        inAsystole: Bool,
        _ detector: borrowing BeatDetector
    ) {
        if inAsystole || isBlind || small.hasAny { blindUntil = place }
        small.restart()
        if isFamiliar { isBehindGap = false }
        isBlind = false
        let heard = detector.heardLeads
        var weights = SIMD16<Double>.zero
        var most = 0.0
        for channel in 0..<Lead.channelCount where heard.contains(channel: channel) {
            weights[channel] = detector.weight(of: channel)
            most = max(most, weights[channel])
        }
        var found = LeadSet()
        for channel in 0..<Lead.channelCount where heard.contains(channel: channel) {
            guard weights[channel] >= BeatSight.weightShare * most else { continue }
            found.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
        // What is silent for the moment stays until it never had a QRS.
        for channel in 0..<Lead.channelCount
        where tellers.contains(channel: channel) && !heard.contains(channel: channel) {
            guard !detector.lead(channel).isLow else { continue }
            found.formUnion(LeadSet(rawValue: 1 << UInt16(channel)))
        }
        tellers = found
    }
}

extension BeatDetector {
    /// The leads that can be used, and those of them that have lately shown something.
    var runningLeads: LeadSet {
        var all = UInt16(0)
        for four in fours.indices where !fours[four].isIdle {
            all |= fours[four].usableBits << UInt16(4 * four)
        }
        return LeadSet(rawValue: all)
    }

    var heardLeads: LeadSet {
        var all = UInt16(0)
        for four in fours.indices where !fours[four].isIdle {
            all |= fours[four].heardBits << UInt16(4 * four)
        }
        return LeadSet(rawValue: all)
    }

    /// Whether the newest complex may be none of a heart; otherwise it is a beat.
    mutating func doubts(_ beat: FoundBeat, isFamiliar: Bool, inAsystole: Bool) -> Bool {
        let (running, heard, row) = (runningLeads, heardLeads, Int(beat.publishedAt))
        guard !doubt.isDoubtful(inAsystole: inAsystole, running, heard, at: row) else { return true }
        var doubt = doubt
        doubt.note(Int(beat.place), isFamiliar: isFamiliar, inAsystole: inAsystole, self)
        self.doubt = doubt
        return false
    }

    /// Whether a complex of which there was doubt is a beat.
    mutating func vouches(for beat: FoundBeat, likeness: Double, inAsystole: Bool) -> Bool {
        var doubt = doubt
        let isBeat = doubt.judge(
            at: Int(beat.place),
            likeness: likeness,
            inAsystole: inAsystole,
            self,
            at: Int(beat.publishedAt)
        )
        if isBeat {
            if inAsystole { for four in fours.indices { fours[four].forgetHeights() } }
            doubt.note(Int(beat.place), isFamiliar: true, inAsystole: inAsystole, self)
        } else {
            greatestBetween = max(greatestBetween, beat.strength)
        }
        self.doubt = doubt
        return isBeat
    }

    /// Whether no beat can have been lost between two.
    func isWhole(from one: Int, to other: Int) -> Bool {
        one >= doubt.blindUntil && sight.isWhole(from: one, to: other)
    }

    /// Notes how active the leads are at a top: whether it is small in all that show beats, and, where it `teaches`, what their
    /// beats are like.
    mutating func noteActivity(of top: Top, teaches: Bool, at n: Int) {
        // Of one that is found late nobody knows.
        let isHeld = n - top.sample < QRSFilter.bendMemory - BeatDetector.topReach
        let telling = doubt.telling(usable)
        let spared = doubt.isLongSilent(at: n) ? doubt.silent(runningLeads, heardLeads) : LeadSet()
        var (isSmall, isLow, mayBeAtrial) = (true, isHeld, isHeld)
        var active = UInt16(0)
        for four in fours.indices where !fours[four].isIdle {
            let activity = fours[four].activity(around: top.sample)
            let shift = UInt16(4 * four)
            active |= fours[four].active(activity) << shift
            let asked = telling.rawValue >> shift & 15
            if isHeld, isSmall { isSmall = fours[four].isSmall(activity, in: asked) }
            if isLow { isLow = fours[four].isLow(activity, in: asked) }
            if mayBeAtrial { mayBeAtrial = QRSFour.mayBeAtrial(activity, in: asked) }
            if teaches {
                fours[four].noteBeat(at: top.sample, activity: activity, sparing: spared.rawValue >> shift)
            }
        }
        doubt.isSmall = isSmall
        doubt.isLow = isLow
        doubt.mayBeAtrial = mayBeAtrial
        doubt.isHidden = isHeld && doubt.isHidden(in: LeadSet(rawValue: active), of: runningLeads)
    }
}
