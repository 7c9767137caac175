internal import ECGSignal

/// Finds QRS complexes in any set of leads, sample by sample.
///
/// Each lead's activity (`QRSFilter`) is divided by what it has at that lead's beats; the sum, weighted by how quiet
/// each lead is between beats, is near 1 at a beat. Its tops are candidates. A candidate becomes a beat where it passes
/// a threshold that lies between the running tops of beats and those between them; it is published once no greater one
/// can come within 200 ms. A beat that is missing after 1.5 usual RR intervals is looked for among the tops that were
/// left out. The scheme is Pan and Tompkins's (IEEE Trans Biomed Eng 32:230-236, 1985) with another feature, several
/// leads, and a threshold that never falls below 0.3 of a usual beat while asystole may have begun.
struct BeatDetector: Sendable, Equatable, Codable {
    /// The activity of the smallest QRS that counts: a triangle of 0.15 mV and 100 ms (IEC 60601-2-27).
    static let floorActivity = 280_000.0
    /// A top is the greatest within so many samples before and after: 80 ms.
    static let topReach = 40
    /// Of two tops so near only the greater is a beat: 200 ms.
    static let refractorySamples = 100
    /// A beat is published so many samples after its top: 160 ms.
    static let holdSamples = 80
    /// Until so many samples after a beat a top may be its T wave: 360 ms.
    static let repolarisationSamples = 180

    /// A top of the activity.
    struct Top: Sendable, Equatable, Codable {
        var sample: Int
        var height: Double
        /// The steepest slope around it beside that of usual beats.
        var slope = 0.0
        /// The sample of the signal that bends most sharply.
        var place = 0
    }

    var fours = [QRSFour](repeating: QRSFour(), count: FourLeads.count)
    /// By four and lead what its activity is multiplied by; 0 where it is not used.
    private(set) var factors = [SIMD4<Double>](repeating: .zero, count: FourLeads.count)
    private(set) var usable = LeadSet()
    /// What tells a heart's complexes from P waves, and the leads that show beats.
    var doubt = ComplexDoubt()
    private var heights = [Double](repeating: 0, count: QRSFilter.bendMemory)
    private var rising = Top(sample: 0, height: 0)
    private var held: Top?
    /// The greatest top since the last beat that was left out.
    private var leftOut: Top?
    var greatestBetween = 0.0
    private(set) var lastTop: Top?
    private var usualHeight = 1.0
    private var noiseHeight = 0.2
    private var intervals = UsualInterval()
    /// Where a beat would have been seen.
    private(set) var sight = BeatSight()
    /// Whether that is so of the place that the newest row tells of.
    private(set) var isSeeing = false

    /// A detector that has seen nothing.
    init() {}

    /// Takes the row at grid index `n`: `values` has the millivolts of four leads in each of three places from `first` on.
    ///
    /// `present` are the leads whose sample was received.
    mutating func take(_ values: Span<SIMD4<Float>>, from first: Int, present: LeadSet, at n: Int) {
        isSeeing = sight.take(present, at: n) && !doubt.isBlind
        let beatEnd = (lastTop?.sample ?? n &- 1_000_000) &+ QRSLead.noiseMargin
        var (runningBits, heardBits) = (UInt16(0), UInt16(0))
        var isLearning = false
        var span = fours.mutableSpan
        for four in 0..<FourLeads.count {
            span[four].take(values[first + four], at: n, beatEnd: beatEnd)
            guard !span[four].isIdle else { continue }
            runningBits |= span[four].usableBits << UInt16(4 * four)
            heardBits |= span[four].heardBits << UInt16(4 * four)
            isLearning = isLearning || span[four].isLearning
        }
        let (running, heard) = (LeadSet(rawValue: runningBits), LeadSet(rawValue: heardBits))
        let height = BeatDetector.height(fours.span, factors.span, used: usable, running)
        if doubt.isDue(at: n) { doubt.look(at: n, fours, usable) }
        // Where all are silent all are used: that is standstill, and what comes after it must be found.
        let now = heard.isEmpty ? running : heard
        if heard.isEmpty { doubt.isBlind = false }
        if now != usable || isLearning {
            usable = now
            weigh()
        }
        heights[n & (QRSFilter.bendMemory - 1)] = height
        follow(height, at: n)
    }

    /// The sum of the activities of the leads in their shares, in channel order; leads that are not `running` have none.
    ///
    /// It is given what it reads, because a method of the detector would be given a copy of it with each row.
    private static func height(
        _ fours: Span<QRSFour>,
        _ factors: Span<SIMD4<Double>>,
        used: LeadSet,
        _ running: LeadSet
    ) -> Double {
        var height = 0.0
        let isWhole = used.isSubset(of: running)
        for four in 0..<FourLeads.count where !fours[four].isIdle {
            var part = factors[four] * BeatDetector.doubles(fours[four].filter.newestActivity)
            if !isWhole {
                for lane in 0..<4 where !running.contains(channel: 4 * four + lane) { part[lane] = 0 }
            }
            height += part[0]
            height += part[1]
            height += part[2]
            height += part[3]
        }
        return height
    }

    private static func doubles(_ numbers: SIMD4<Int32>) -> SIMD4<Double> {
        SIMD4<Double>(numbers)
    }

    /// The leads that are used now.
    var usedLeads: LeadSet { usable }

    /// The usual interval between beats, samples; nil before there was one without an unseen place in it.
    var usualInterval: Int? { intervals.isKnown ? intervals.samples : nil }

    /// What is known of a lead.
    func lead(_ channel: Int) -> QRSLead { fours[channel >> 2].leads[channel & 3] }

    /// How much a lead counts beside others; 0 where it cannot be used.
    func weight(of channel: Int) -> Double { fours[channel >> 2].weight(channel & 3) }

    private func factor(of channel: Int) -> Double { factors[channel >> 2][channel & 3] }

    /// Gives every lead that is used its share.
    private mutating func weigh() {
        var sum = 0.0
        for channel in 0..<Lead.channelCount {
            let weight = usable.contains(channel: channel) ? self.weight(of: channel) : 0
            if usable.contains(channel: channel) { sum += weight }
            factors[channel >> 2][channel & 3] = weight
        }
        for channel in 0..<Lead.channelCount {
            let weight = factor(of: channel)
            factors[channel >> 2][channel & 3] = weight > 0 ? weight / (sum * lead(channel).beatActivity) : 0
        }
    }

    /// The newest beat resembles another one: each lead may learn its height.
    mutating func knowNewestBeat() { for four in fours.indices { fours[four].knowNewestBeat() } }

    /// Whether a silence may be one of learning alone: tops of a QRS's size were left out, and no lead that is used knows
    /// how high the patient's QRS is.
    var isInDoubt: Bool {
        guard greatestBetween > 0 else { return false }
        return !(0..<Lead.channelCount).contains { usable.contains(channel: $0) && lead($0).isHeightKnown }
    }

    /// Nothing was like a beat for seconds: leads that an artefact has taught too great a height go back, and the running
    /// tops with them; where the known height `isOld` they go to what the newest seconds show.
    ///
    /// - Returns: the greatest top that was left out, where it is a beat now.
    mutating func fallBack(toNewest isOld: Bool, at n: Int) -> FoundBeat? {
        var gain = 0.0
        var shares = 0.0
        for channel in 0..<Lead.channelCount where factor(of: channel) > 0 {
            let share = factor(of: channel) * lead(channel).beatActivity
            gain += share * fours[channel >> 2].fallBack(channel & 3, toNewest: isOld)
            shares += share
        }
        guard shares > 0 else { return nil }
        gain /= shares
        weigh()
        for index in heights.indices { heights[index] *= gain }
        rising.height *= gain
        held?.height *= gain
        greatestBetween *= gain
        usualHeight = min(gain * usualHeight, 1)
        noiseHeight = min(gain * noiseHeight, 0.2)
        guard held == nil, var top = leftOut else { return nil }
        top.height *= gain
        top.slope *= gain
        leftOut = nil
        guard n - top.sample >= BeatDetector.holdSamples, top.height >= 0.5, top.slope >= 0.25 else {
            return nil
        }
        return accept(top, isSearchedBack: true, at: n)
    }

    /// Nothing came for long: what was before says nothing of what comes, neither of an interval nor of how high a QRS is.
    mutating func interrupt() {
        for four in fours.indices { fours[four].forget() }
        doubt = ComplexDoubt(isBehindGap: lastTop != nil || doubt.isBehindGap)
        usualHeight = 1
        noiseHeight = 0.2
        lastTop = nil
        held = nil
        leftOut = nil
        greatestBetween = 0
    }

    /// The stream is over: a beat that was held back is published.
    mutating func close(at n: Int) -> FoundBeat? {
        guard let top = held else { return nil }
        held = nil
        return accept(top, isSearchedBack: false, at: n)
    }

    // MARK: tops

    private mutating func follow(_ height: Double, at n: Int) {
        if height > rising.height {
            rising = Top(sample: n, height: height)
        } else if n - rising.sample >= BeatDetector.topReach {
            let top = rising
            rising = Top(sample: n, height: height)
            guard n - top.sample == BeatDetector.topReach, isTop(top) else { return }
            judge(top, at: n)
        }
    }

    /// Whether nothing before was as high; what came after was not.
    private func isTop(_ top: Top) -> Bool {
        for sample in top.sample - BeatDetector.topReach..<top.sample
        where heights[sample & (QRSFilter.bendMemory - 1)] >= top.height { return false }
        return top.height > 0
    }

    private mutating func judge(_ candidate: Top, at n: Int) {
        var top = candidate
        guard isAboveFloor(top.sample) else { return }
        if let lastTop, top.sample - lastTop.sample < BeatDetector.refractorySamples { return }
        if let before = held, top.sample - before.sample < BeatDetector.refractorySamples {
            guard top.height > before.height else { return }
            top.slope = slope(around: top.sample)
            if isBeat(top) { held = placed(top) }
            return
        }
        top.slope = slope(around: top.sample)
        if isBeat(top) {
            held = placed(top)
            return
        }
        // What missing samples have cut may be a part of a beat.
        if sight.isSeen(top.sample - QRSFilter.activityDelay) {
            greatestBetween = max(greatestBetween, top.height)
        }
        let after = top.sample - (lastTop?.sample ?? top.sample)
        if lastTop == nil || after >= repolarisation, top.height > leftOut?.height ?? 0 {
            leftOut = placed(top)
        }
    }

    private func placed(_ top: Top) -> Top {
        var top = top
        top.place = sharpestBend(around: top.sample)
        return top
    }

    /// How steep the signal is around a top beside usual beats, over the leads in their shares; 1 where unknown.
    private func slope(around sample: Int) -> Double {
        var sum = 0.0
        var weights = 0.0
        for four in fours.indices where any(factors[four] .> 0) {
            let slopes = fours[four].slope(around: sample)
            for lane in 0..<4 where factors[four][lane] > 0 {
                let share = factors[four][lane] * fours[four].leads[lane].beatActivity
                let usual = fours[four].leads[lane].beatSlope
                sum += share * (usual > 0 ? Double(slopes[lane]) / usual : 1)
                weights += share
            }
        }
        return weights > 0 ? sum / weights : 0
    }

    /// Until so many samples after a beat a top may be its T wave.
    private var repolarisation: Int {
        min(max(BeatDetector.repolarisationSamples, intervals.samples * 9 / 20), 240)
    }

    private func isBeat(_ top: Top) -> Bool {
        var threshold = min(0.4 * usualHeight + 0.65 * noiseHeight, 0.75 * usualHeight)
        if let lastTop {
            let after = top.sample - lastTop.sample
            if after < repolarisation {
                threshold = max(threshold, 0.5 * min(lastTop.height, 1.5 * usualHeight))
                return top.height >= threshold && top.slope >= 0.55
            }
            let lateness = (Double(after) / Double(intervals.samples) - 1.25) / 0.35
            if lateness > 0 { threshold *= 1 - 0.25 * min(lateness, 1) }
        }
        threshold = max(threshold, 0.3 * usualHeight)
        return top.height >= threshold && (top.slope >= 0.2 || top.height >= 0.5 * usualHeight)
    }

    private func isAboveFloor(_ sample: Int) -> Bool {
        for four in fours.indices {
            let activity = fours[four].filter.activity(at: sample)
            for lane in 0..<4 where factors[four][lane] > 0 {
                if Double(activity[lane]) >= fours[four].leads[lane].floor { return true }
            }
        }
        return false
    }

    // MARK: publication

    /// Whether a top was held for long enough, or a beat has been missing for so long that it is looked for.
    func isDue(at n: Int) -> Bool {
        if let held { return n - held.sample >= BeatDetector.holdSamples }
        guard let lastTop, leftOut != nil else { return false }
        return n - lastTop.sample >= intervals.samples * 3 / 2 + BeatDetector.holdSamples
    }

    /// The beat that is published with row `n`, where one `isDue`.
    mutating func publish(at n: Int) -> FoundBeat? {
        if let top = held {
            held = nil
            return accept(top, isSearchedBack: false, at: n)
        }
        guard let top = leftOut else { return nil }
        leftOut = nil
        let threshold = max(0.3 * usualHeight, 0.25 * usualHeight + 0.6 * noiseHeight)
        guard n - top.sample >= BeatDetector.holdSamples, top.height >= threshold, top.slope >= 0.25
        else { return nil }
        return accept(top, isSearchedBack: true, at: n)
    }

    private mutating func accept(_ top: Top, isSearchedBack: Bool, at n: Int) -> FoundBeat {
        let isWhole = lastTop.map { self.isWhole(from: $0.place, to: top.place) } ?? false
        if let lastTop, isWhole { intervals.note(top.sample - lastTop.sample) }
        noteActivity(of: top, teaches: !isSearchedBack, at: n)
        // Of a beat that is found late the leads no longer hold the activity.
        if !isSearchedBack {
            weigh()
            sight.note(usable, of: fours, at: n)
        }
        usualHeight += (min(max(top.height, 0.5 * usualHeight), 1.6 * usualHeight) - usualHeight) / 8
        let quiet = quietness(before: top, at: n)
        noiseHeight += (min(greatestBetween, 0.9 * usualHeight) - noiseHeight) / 8
        greatestBetween = 0
        leftOut = nil
        lastTop = top
        return FoundBeat(
            place: GridIndex(top.place),
            publishedAt: GridIndex(n),
            isSearchedBack: isSearchedBack,
            strength: top.height / usualHeight,
            trough: quiet
        )
    }

    /// The least of the curve between the beat before and `top`, beside the greater of the two: near 0 where the leads
    /// rest between beats.
    private func quietness(before top: Top, at n: Int) -> Double {
        guard let lastTop, top.height > 0 else { return 0 }
        let oldest = max(lastTop.sample, n - QRSFilter.bendMemory + 1)
        guard oldest < top.sample else { return 0 }
        var least = top.height
        for sample in oldest..<top.sample { least = min(least, heights[sample & (QRSFilter.bendMemory - 1)]) }
        return least / max(top.height, lastTop.height)
    }

    /// Where the leads, in their shares, bend most sharply around a top.
    private func sharpestBend(around sample: Int) -> Int {
        let middle = sample - QRSFilter.activityDelay + QRSFilter.bendDelay
        var place = middle
        var most = -1.0
        for n in middle - 40...middle + 40 {
            var sum = 0.0
            for four in fours.indices where any(factors[four] .> 0) {
                let bend = FourLeads.magnitude(fours[four].filter.bend(at: n))
                let part = (factors[four] * BeatDetector.doubles(bend))
                    .replacing(with: 0, where: .!(factors[four] .> 0))
                sum += part[0]
                sum += part[1]
                sum += part[2]
                sum += part[3]
            }
            if sum > most {
                most = sum
                place = n
            }
        }
        return place - QRSFilter.bendDelay
    }
}

extension BeatDetector {
    /// Has what the filters of another one hold that was given the same rows.
    mutating func takeFilters(of other: BeatDetector) {
        for index in fours.indices where other.fours.indices.contains(index) {
            fours[index].takeFilter(of: other.fours[index])
        }
    }
}
