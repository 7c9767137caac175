internal import ECGSignal

/// Suspects ventricular fibrillation or flutter: four seconds in which the leads swing like a sine, as three stretches
/// of three seconds, half a second apart.
///
/// The measure is the leakage of a filter that takes out a sine of the signal's own mean period (Kuo and Dillman,
/// Computers in Cardiology 1978, 347-349): near 0 for a sine, above 0.5 with QRS complexes. Beside it neither the peaks nor
/// the slopes may stand out, and the swing must be one of 2 to 10 Hz. It is taken every half second over the leads in the
/// shares that they have for finding beats.
struct FibrillationWatch: Sendable, Equatable, Codable {
    /// Grid samples of one value, and values of three seconds.
    static let decimation = 8
    static let values = 188
    /// Samples between two judgements, a multiple of `decimation`: 0.512 s.
    static let judgedSamples = 256
    static let leakageMax = 0.48
    static let endLeakage = 0.55
    static let crestMax = 3.6
    /// Greatest mean square of the slopes over the square of their mean: 1.2 for a sine, 1.6 for Gaussian noise, at most
    /// 2.15 in the first lead of MIT-BIH 207's fibrillation; more where QRS complexes are steeper than all between them.
    static let slopeMax = 2.2
    /// Least mean magnitude, microvolts: a sine of 0.03 mV from peak to peak.
    static let meanMin = 10.0
    /// Samples without it after which it is over: 14 s, so that two stretches nearer than 10 s are one, as the second is
    /// seen after 4 s.
    static let endSamples = 7_000

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case held, place, slow, hits, newestLeakage, lastHit
    }

    /// `[value][four]`, a ring; the oldest value stands at `place`.
    private var rings = [SIMD4<Float>](repeating: .zero, count: FourLeads.count * values)
    /// How many values each lead has, no more than the ring.
    private var held = [SIMD4<Int32>](repeating: .zero, count: FourLeads.count)
    private var place = 0
    private var slow = [SIMD4<Double>](repeating: .zero, count: FourLeads.count)
    /// Looks in a row, half a second apart, in which the leads swung like a sine.
    private(set) var hits = 0
    /// The leakage at the newest look; nil where no lead could be looked at.
    private(set) var newestLeakage: Double?
    private var lastHit = 0

    /// Takes the row at `n`, a multiple of `decimation`, once the detector has; judges every half second.
    mutating func take(
        _ detector: borrowing BeatDetector,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        for four in detector.fours.indices {
            let running = detector.fours[four].running
            let wasThere = held[four] .!= 0
            held[four] = (held[four] &+ 1).replacing(
                with: Int32(FibrillationWatch.values),
                where: held[four] .>= Int32(FibrillationWatch.values)
            )
            held[four].replace(with: 0, where: .!running)
            guard !detector.fours[four].isIdle else { continue }
            let sums = detector.fours[four].filter.smooth(at: n)
            let value = SIMD4(Double(sums[0]), Double(sums[1]), Double(sums[2]), Double(sums[3])) / 10
            for lane in 0..<4 where !wasThere[lane] { slow[four][lane] = value[lane] }
            // Of first order at 1 Hz: 2 pi 8 / 500.
            slow[four] += 0.0957 * (value - slow[four])
            rings[place * FourLeads.count + four] = SIMD4<Float>(value - slow[four])
        }
        place = (place + 1) % FibrillationWatch.values
        guard n.isMultiple(of: FibrillationWatch.judgedSamples) else { return }
        judge(detector, at: n, &states, &changes)
    }

    private mutating func judge(
        _ detector: borrowing BeatDetector,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        var weights = 0.0
        var leakage = 0.0
        for four in detector.fours.indices {
            let isWhole = held[four] .== Int32(FibrillationWatch.values)
            guard any(isWhole) else { continue }
            let leakages = self.leakages(of: four)
            for lane in 0..<4 where isWhole[lane] {
                let weight = max(detector.fours[four].weight(lane), 1e-9)
                weights += weight
                leakage += weight * leakages[lane]
            }
        }
        guard weights > 0 else {
            hits = 0
            newestLeakage = nil
            return
        }
        let mean = leakage / weights
        newestLeakage = mean
        hits = mean < FibrillationWatch.leakageMax ? hits + 1 : 0
        if mean
            < (states.holds(.ventricularFibrillation)
                ? FibrillationWatch.endLeakage : FibrillationWatch.leakageMax)
        {
            lastHit = n
        }
        if hits >= 3 {
            states.set(.ventricularFibrillation, true, at: n, since: n - 2_000, &changes)
        } else if n - lastHit >= FibrillationWatch.endSamples {
            states.set(.ventricularFibrillation, false, at: n, since: lastHit, &changes)
        }
    }

    /// The leakage of four leads' last three seconds; 1 where it cannot be fibrillation.
    ///
    /// Most leads stand still or have peaks that stand out, so their steps are not looked at.
    private func leakages(of four: Int) -> SIMD4<Double> {
        let count = Double(FibrillationWatch.values)
        var found = SIMD4<Double>(repeating: 1)
        let swing = self.swing(of: four)
        let mean = swing.magnitude / count
        let isEven =
            (mean .>= FibrillationWatch.meanMin) .& (swing.most .<= FibrillationWatch.crestMax * mean)
        guard any(isEven) else { return found }
        let steps = self.steps(of: four)
        for lane in 0..<4 where isEven[lane] {
            let change = steps.change[lane]
            guard change > 0, steps.steepness[lane] * count <= FibrillationWatch.slopeMax * change * change
            else { continue }
            let halfPeriod = (Double.pi * swing.magnitude[lane] / change).rounded()
            // 62.5 values a second: 2 to 10 Hz.
            guard halfPeriod >= 3, halfPeriod <= 16 else { continue }
            found[lane] = leakage(four, lane, half: Int(halfPeriod))
        }
        return found
    }

    /// The sum of the magnitudes of four leads' values, and the greatest of each.
    private func swing(of four: Int) -> (magnitude: SIMD4<Double>, most: SIMD4<Double>) {
        let count = FibrillationWatch.values
        let rings = self.rings.span
        var magnitude = FibrillationWatch.magnitude(SIMD4<Double>(rings[place * FourLeads.count + four]))
        var most = SIMD4<Double>.zero
        for index in 1..<count {
            let at = place + index
            let now = SIMD4<Double>(rings[(at < count ? at : at - count) * FourLeads.count + four])
            let size = FibrillationWatch.magnitude(now)
            magnitude += size
            most.replace(with: size, where: size .> most)
        }
        return (magnitude, most)
    }

    /// The sum of the magnitudes of the steps between those values, and of their squares.
    private func steps(of four: Int) -> (change: SIMD4<Double>, steepness: SIMD4<Double>) {
        let count = FibrillationWatch.values
        let rings = self.rings.span
        var (change, steepness) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
        var before = SIMD4<Double>(rings[place * FourLeads.count + four])
        for index in 1..<count {
            let at = place + index
            let now = SIMD4<Double>(rings[(at < count ? at : at - count) * FourLeads.count + four])
            let step = now - before
            change += FibrillationWatch.magnitude(step)
            steepness += step * step
            before = now
        }
        return (change, steepness)
    }

    /// What a filter that takes out a sine of a period of `2 * half` values leaves of a lead.
    private func leakage(_ four: Int, _ lane: Int, half: Int) -> Double {
        let count = FibrillationWatch.values
        func value(_ index: Int) -> Double {
            let at = place + index
            return Double(rings[(at < count ? at : at - count) * FourLeads.count + four][lane])
        }
        var left = 0.0
        var whole = 0.0
        for index in half..<count {
            let now = value(index)
            let then = value(index - half)
            left += abs(now + then)
            whole += abs(now) + abs(then)
        }
        return whole > 0 ? left / whole : 1
    }

    private static func magnitude(_ values: SIMD4<Double>) -> SIMD4<Double> {
        values.replacing(with: -values, where: values .< 0)
    }
}

extension FibrillationWatch {
    /// Has the seconds that another watch holds that was given the same rows.
    mutating func takeSeconds(of other: FibrillationWatch) { rings = other.rings }
}
