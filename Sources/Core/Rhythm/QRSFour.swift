internal import ECGSignal

/// Four leads row by row: what their filters show, since when each runs, and when each last showed anything.
///
/// What changes with beats and seconds alone stands in `leads`. A lead without a sample keeps its place in the filter,
/// which reads 0 for it; nobody asks for that, and the lead begins anew with its next sample.
struct QRSFour: Sendable, Equatable, Codable {
    /// Samples by which activity between beats is judged late, so that a beat's own is not among it.
    private static let noiseLag = 150
    /// Samples of its age after which a lead is one like any other.
    private static let ageMax = Int32(noiseLag) + resumedSamples
    /// Samples of a second.
    private static let second: Int32 = 500

    /// The filters.
    private(set) var filter = QRSFilter()
    /// What is known of each lead.
    private(set) var leads = [QRSLead](repeating: QRSLead(), count: 4)
    /// The leads that have a sample now, or are bridged.
    private(set) var running = SIMDMask<SIMD4<Int32>>(repeating: false)
    /// The leads that have a sample now and have seen a second before.
    private(set) var usable = SIMDMask<SIMD4<Int32>>(repeating: false)
    /// The lanes of the usable leads, and of those that are heard, as bits; made anew where a mask changes.
    private(set) var usableBits: UInt16 = 0
    private(set) var heardBits: UInt16 = 0
    private var heard = SIMDMask<SIMD4<Int32>>(repeating: false)
    /// The leads that ran shortly before they began; what came within `resumedSamples` of that may be part of a beat that
    /// nobody could see, and is no activity between beats.
    private var resumed = SIMDMask<SIMD4<Int32>>(repeating: false)
    private static let resumedSamples: Int32 = 100
    /// The row after the newest in which each lead ran; the least number where it never did.
    private var endedAt = [Int](repeating: .min, count: 4)
    /// Whether no lead is running.
    private(set) var isIdle = true
    /// Samples since each lead runs, less one; not counted beyond `ageMax`.
    private var age = SIMD4<Int32>.zero
    /// Whether that is so of all, so that nothing depends on their ages; worked out anew where one begins.
    private var isSettled = false
    /// The greatest activity of each lead since its newest beat, and in the second at hand.
    private var between = SIMD4<Int32>.zero
    private var greatest = SIMD4<Int32>.zero
    /// Samples of the second at hand.
    private var taken = SIMD4<Int32>.zero
    /// Samples since a lead was as active as a quarter of a beat, not counted beyond those of a silent one; and the least
    /// activity that is so much.
    private var calm = SIMD4<Int32>.zero
    private var activeMin = SIMD4<Int32>.zero
    /// The leads that have seen a second.
    private var hasSeen = SIMDMask<SIMD4<Int32>>(repeating: false)
    /// The leads that never had a QRS.
    private var isLow = SIMDMask<SIMD4<Int32>>(repeating: true)
    /// The leads that have not learned what a QRS is, and those of them before the newest sample.
    private var learns = SIMDMask<SIMD4<Int32>>(repeating: true)
    private var didLearn = SIMDMask<SIMD4<Int32>>(repeating: true)

    /// Takes sample number `n` of each lead, millivolts; NaN where it has none.
    ///
    /// `beatEnd` is the sample before which activity belongs to a beat.
    mutating func take(_ millivolts: SIMD4<Float>, at n: Int, beatEnd: Int) {
        let known = FourLeads.known(millivolts)
        if isIdle, !any(known) { return }
        let value = FourLeads.microvolts(millivolts)
        if any(running .^ known) {
            for lane in leads.indices where running[lane] && !known[lane] { endedAt[lane] = n }
            begin(known .& .!running, at: value, n)
            running = known
            isIdle = !any(known)
            if isIdle { note(usable: known, heard: known) }
        }
        guard !isIdle else { return }
        didLearn = learns
        filter.take(value, at: n)
        let activity = filter.newestActivity
        if !isSettled {
            age = (age &+ 1).replacing(with: QRSFour.ageMax, where: age .>= QRSFour.ageMax)
            isSettled = all(age .== QRSFour.ageMax)
        }
        let quiet = n &- QRSFour.noiseLag
        if quiet >= beatEnd {
            let before = filter.activity(at: quiet)
            let isOld = (age .== QRSFour.ageMax) .| (.!resumed .& (age .>= Int32(QRSFour.noiseLag)))
            let isMore = running .& (before .> between)
            between.replace(with: before, where: isSettled ? isMore : isMore .& isOld)
        }
        greatest.replace(with: activity, where: running .& (activity .> greatest))
        let teaches = running .& learns
        if any(teaches) { teach(teaches) }
        taken.replace(with: taken &+ 1, where: running)
        if any(taken .== QRSFour.second) { endSecond() }
        calm = (calm &+ 1).replacing(with: QRSLead.silentSamples + 1, where: calm .> QRSLead.silentSamples)
        calm.replace(with: 0, where: activity .>= activeMin)
        let isReady = age .>= Int32(QRSFilter.activityDelay)
        let canBeUsed = isSettled ? running .& hasSeen : running .& hasSeen .& isReady
        let loud = canBeUsed .& .!isLow .& (calm .<= QRSLead.silentSamples)
        if any((canBeUsed .^ usable) .| (loud .^ heard)) { note(usable: canBeUsed, heard: loud) }
    }

    /// Notes the leads that can be used, and those of them that show something at beats and have done so lately.
    ///
    /// A lead that stands still among others, or never had a QRS, is silent and would only dilute them.
    private mutating func note(usable now: SIMDMask<SIMD4<Int32>>, heard loud: SIMDMask<SIMD4<Int32>>) {
        (usable, heard) = (now, loud)
        usableBits = FourLeads.leads(now, four: 0).rawValue
        heardBits = FourLeads.leads(loud, four: 0).rawValue
    }

    /// Whether a usable lead had not learned what a QRS is before the newest sample.
    var isLearning: Bool { any(usable .& didLearn) }

    /// Leads that had no sample have one.
    ///
    /// One that was away for long while it learned what a QRS is learns from the start.
    private mutating func begin(_ lanes: SIMDMask<SIMD4<Int32>>, at value: SIMD4<Int32>, _ n: Int) {
        guard any(lanes) else { return }
        filter.restart(lanes, at: value)
        between.replace(with: 0, where: lanes)
        for lane in leads.indices where lanes[lane] && !leads[lane].hasLearned {
            if !hasJustRun(lane, n) { forget(lane) }
        }
        for lane in leads.indices where lanes[lane] { resumed[lane] = hasJustRun(lane, n) }
        age.replace(with: -1, where: lanes)
        isSettled = false
        calm.replace(with: -1, where: lanes)
    }

    private func hasJustRun(_ lane: Int, _ n: Int) -> Bool {
        endedAt[lane] != .min && n - endedAt[lane] <= SilenceWatch.gapSamples
    }

    /// Leads that have not yet learned what a QRS is see what their greatest activity is.
    private mutating func teach(_ lanes: SIMDMask<SIMD4<Int32>>) {
        for lane in leads.indices where lanes[lane] {
            leads[lane].see(greatest[lane])
            note(lane)
        }
    }

    private mutating func endSecond() {
        for lane in leads.indices where taken[lane] == QRSFour.second {
            leads[lane].endSecond(greatest: greatest[lane])
            taken[lane] = 0
            greatest[lane] = 0
            note(lane)
        }
    }

    /// What is known of a lead has changed.
    private mutating func note(_ lane: Int) {
        activeMin[lane] = leads[lane].activeMin
        isLow[lane] = leads[lane].isLow
        hasSeen[lane] = leads[lane].hasSeen
        learns[lane] = !leads[lane].hasLearned
    }

    private mutating func forget(_ lane: Int) {
        leads[lane].forget()
        taken[lane] = 0
        greatest[lane] = 0
        note(lane)
    }

    // MARK: beats

    /// Nothing that looks like the leads' QRS came for long: they learn anew what one is.
    mutating func forget() { for lane in leads.indices { forget(lane) } }

    /// What was known of the leads' heights holds no longer.
    mutating func forgetHeights() {
        for lane in leads.indices {
            leads[lane].forgetHeight()
            note(lane)
        }
    }

    /// The newest beat resembles another one: its height is the patient's.
    mutating func knowNewestBeat() {
        for lane in leads.indices where usable[lane] {
            leads[lane].knowNewestBeat()
            note(lane)
        }
    }

    /// A lead goes back to the height that it knows; by what its activity beside that at beats is greater now.
    mutating func fallBack(_ lane: Int, toNewest isHeightOld: Bool) -> Double {
        let gain = leads[lane].fallBack(toNewest: isHeightOld)
        note(lane)
        return gain
    }

    /// A beat was found whose activity is greatest at sample `peak`, where it is `most`.
    ///
    /// The leads whose lanes are the bits of `spared` were silent although they show beats, and learn nothing from it.
    mutating func noteBeat(at peak: Int, activity most: SIMD4<Int32>, sparing spared: UInt16) {
        guard any(usable) else { return }
        let steepness = slope(around: peak)
        for lane in leads.indices where usable[lane] {
            if spared >> UInt16(lane) & 1 == 0 {
                leads[lane].noteBeat(activity: most[lane], slope: steepness[lane], between: between[lane])
            }
            between[lane] = 0
            note(lane)
        }
    }

    /// Whether each of the leads whose lanes are the bits of `asked` knows how high its QRS is and is far less active.
    func isLow(_ activity: SIMD4<Int32>, in asked: UInt16) -> Bool {
        for lane in leads.indices where asked >> UInt16(lane) & 1 == 1 {
            if Double(activity[lane]) >= leads[lane].lowMax { return false }
        }
        return true
    }

    /// Whether none of the leads whose lanes are the bits of `asked` is more active than with a P wave.
    static func mayBeAtrial(_ activity: SIMD4<Int32>, in asked: UInt16) -> Bool {
        for lane in 0..<4 where asked >> UInt16(lane) & 1 == 1 {
            if Double(activity[lane]) >= QRSLead.smallActivity { return false }
        }
        return true
    }

    /// The leads, as bits, that are as active as a quarter of a beat.
    func active(_ activity: SIMD4<Int32>) -> UInt16 {
        FourLeads.leads(activity .>= activeMin, four: 0).rawValue
    }

    /// Whether none of the leads whose lanes are the bits of `asked` is as active as a complex that is no small one.
    func isSmall(_ activity: SIMD4<Int32>, in asked: UInt16) -> Bool {
        for lane in leads.indices where asked >> UInt16(lane) & 1 == 1 {
            if Double(activity[lane]) >= leads[lane].smallMax { return false }
        }
        return true
    }

    /// The greatest activity of each lead around sample `peak`.
    func activity(around peak: Int) -> SIMD4<Int32> {
        var most = SIMD4<Int32>.zero
        for n in peak - 40...peak + 40 {
            let activity = filter.activity(at: n)
            most.replace(with: activity, where: activity .> most)
        }
        return most
    }

    /// The steepest slope of each lead around the activity's top at sample `peak`, in sums of ten microvolts within 16 ms.
    func slope(around peak: Int) -> SIMD4<Int32> {
        let middle = peak - QRSFilter.activityDelay + QRSFilter.smoothDelay
        var most = SIMD4<Int32>.zero
        for n in middle - 36...middle + 36 {
            let rise = FourLeads.magnitude(filter.smooth(at: n + 4) &- filter.smooth(at: n - 4))
            most.replace(with: rise, where: rise .> most)
        }
        return most
    }

    /// How much a lead counts beside others: the quieter it is between beats, the more.
    func weight(_ lane: Int) -> Double { usable[lane] ? leads[lane].weight : 0 }
}

extension QRSFour {
    /// Has what the filter of another one holds that was given the same rows.
    mutating func takeFilter(of other: QRSFour) { filter = other.filter }
}
