internal import ECGSignal

/// Suspects ventricular fibrillation or flutter: four seconds in which the leads swing like a sine, as three stretches
/// of three seconds, half a second apart.
///
/// The measure is the leakage of a filter that takes out a sine of the signal's own mean period (Kuo and Dillman,
/// Computers in Cardiology 1978, 347-349): near 0 for a sine, above 0.5 with QRS complexes. Beside it neither the peaks nor
/// the slopes may stand out, and the swing must be one of 2 to 10 Hz. It is taken every half second over the leads in the
/// shares that they have for finding beats.
struct FibrillationWatch: Sendable, Equatable {
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

    private var rings = [Float](repeating: 0, count: Lead.channelCount * values)
    private var held = [Int](repeating: 0, count: Lead.channelCount)
    private var place = 0
    private var slow = [Double](repeating: 0, count: Lead.channelCount)
    /// Looks in a row, half a second apart, in which the leads swung like a sine.
    private(set) var hits = 0
    /// The leakage at the newest look; nil where no lead could be looked at.
    private(set) var newestLeakage: Double?
    private var lastHit = 0

    /// Takes the row at `n` once the detector has; judges every half second.
    mutating func take(
        _ detector: borrowing BeatDetector,
        at n: Int,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        guard n.isMultiple(of: FibrillationWatch.decimation) else { return }
        for channel in detector.leads.indices {
            guard detector.leads[channel].isRunning else {
                held[channel] = 0
                continue
            }
            let value = Double(detector.leads[channel].filter.smooth(at: n)) / 10
            if held[channel] == 0 { slow[channel] = value }
            // Of first order at 1 Hz: 2 pi 8 / 500.
            slow[channel] += 0.0957 * (value - slow[channel])
            rings[channel * FibrillationWatch.values + place] = Float(value - slow[channel])
            held[channel] = min(held[channel] + 1, FibrillationWatch.values)
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
        for channel in detector.leads.indices where held[channel] == FibrillationWatch.values {
            let weight = max(detector.leads[channel].weight, 1e-9)
            weights += weight
            leakage += weight * self.leakage(of: channel)
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

    /// The leakage of a lead's last three seconds; 1 where it cannot be fibrillation.
    private func leakage(of channel: Int) -> Double {
        let count = FibrillationWatch.values
        func value(_ index: Int) -> Double {
            let at = place + index
            return Double(rings[channel * count + (at < count ? at : at - count)])
        }
        var magnitude = 0.0
        var change = 0.0
        var steepness = 0.0
        var most = 0.0
        var before = value(0)
        magnitude = abs(before)
        for index in 1..<count {
            let now = value(index)
            magnitude += abs(now)
            change += abs(now - before)
            steepness += (now - before) * (now - before)
            most = max(most, abs(now))
            before = now
        }
        let mean = magnitude / Double(count)
        guard change > 0, mean >= FibrillationWatch.meanMin, most <= FibrillationWatch.crestMax * mean,
            steepness * Double(count) <= FibrillationWatch.slopeMax * change * change
        else { return 1 }
        let halfPeriod = (Double.pi * magnitude / change).rounded()
        // 62.5 values a second: 2 to 10 Hz.
        guard halfPeriod >= 3, halfPeriod <= 16 else { return 1 }
        let half = Int(halfPeriod)
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
}
