internal import ECGSignal

/// The rates that alarms rest on: of the newest four and eight intervals, whatever the class of the beats.
///
/// A limit, the patient's or an adult's, is crossed as soon as the rate is beyond it; it is kept again once the rate was
/// inside by 5/min for 10 s.
/// The rate is unknown before four intervals, and a gap or a fibrillation begins anew; a long interval is no gap. An interval
/// in which a beat may have been lost does not count, and where only such ones came for 30 s the rate is unknown.
struct HeartRate: Sendable, Equatable, Codable {
    /// Below this rate that of four intervals counts, whatever the patient's limits are.
    static let slowRate = 50.0
    static let margin = 5.0
    /// Samples for which the rate must be inside: 10 s.
    static let calmSamples = 5_000

    /// How many of `limited` are limits of slow rates; those come first.
    private static let slowLimits = 2
    private static let limited: [RhythmFinding] = [
        .bradycardia, .extremeBradycardia, .tachycardia, .extremeTachycardia,
    ]

    /// The rates beyond which a finding holds.
    var limits = PatientLimits.adult
    private var intervals = [Int](repeating: 0, count: 8)
    private var count = 0
    private var place = 0
    private var lastBeat: Int?
    /// The end of the newest interval that counts, or the first beat.
    private var lastWhole = 0
    /// Intervals since one in which a beat may have been lost; those of a heart that beats irregularly are of all lengths, and
    /// the ones that are left may be the long ones.
    private var unbroken = 0
    /// Samples after which intervals say nothing of those that come: 30 s.
    private static let staleSamples = 15_000
    /// Whether such a time has passed, until there are four intervals again.
    private var isStale = false
    /// For each limit since when the rate has been inside by the margin; the least number where it has not.
    private var calmSince = [Int](repeating: .min, count: 4)

    /// Forgets all intervals.
    mutating func restart() {
        count = 0
        isStale = false
        lastBeat = nil
    }

    /// Takes a beat; `isWhole` says that no beat can have been lost since the one before.
    mutating func take(beatAt sample: Int, isWhole: Bool = true) {
        if lastBeat == nil { lastWhole = sample }
        if let lastBeat, isWhole {
            lastWhole = sample
            intervals[place] = sample - lastBeat
            place = (place + 1) % intervals.count
            count = min(count + 1, intervals.count)
            unbroken = min(unbroken + 1, intervals.count)
        } else {
            unbroken = 0
        }
        if sample - lastWhole > HeartRate.staleSamples {
            (isStale, count) = (true, 0)
        } else if count >= 4 {
            isStale = false
        }
        lastBeat = sample
    }

    /// 60 / the mean of the newest `number` intervals, or of those there are; nil before four.
    func rate(of number: Int) -> Double? {
        guard count >= 4 else { return nil }
        let taken = min(number, count)
        var sum = 0
        for back in 1...taken { sum += intervals[(place - back + intervals.count) % intervals.count] }
        return sum > 0 ? 30_000 * Double(taken) / Double(sum) : nil
    }

    /// The rate that alarms rest on: that of four intervals where it is below 50/min and they follow one another, else that of
    /// eight.
    var alarmRate: Double? {
        guard let fast = rate(of: 4) else { return nil }
        return fast < HeartRate.slowRate && unbroken >= 4 ? fast : rate(of: 8)
    }

    /// Whether the newest four intervals follow one another and are fast, where a beat may have been lost among the newest eight:
    /// short intervals are left over more often than long ones.
    private func isFastThroughout(beyond limit: Double) -> Bool {
        guard unbroken < count else { return true }
        return unbroken >= 4 && rate(of: 4).map { $0 > limit } ?? false
    }

    /// Sets the findings of the limits after a beat, and when time has passed.
    ///
    /// A rate is too high only where the beats can be trusted; tops of noise make none too low.
    mutating func judge(
        at n: Int,
        isTrusted: Bool,
        _ states: inout FindingStates,
        _ changes: inout [RhythmChange]
    ) {
        guard let rate = alarmRate else {
            // What stands is not over because its intervals can no longer be seen.
            guard !isStale else { return }
            for (index, finding) in HeartRate.limited.enumerated() {
                calmSince[index] = .min
                states.set(finding, false, at: n, since: n, &changes)
            }
            return
        }
        let beyond = [
            Double(limits.low) - rate, Double(limits.extremeLow) - rate, rate - Double(limits.high),
            rate - Double(limits.extremeHigh),
        ]
        for (index, finding) in HeartRate.limited.enumerated() {
            if beyond[index] > 0 {
                calmSince[index] = .min
                guard
                    index < HeartRate.slowLimits
                        || isTrusted && isFastThroughout(beyond: rate - beyond[index])
                else { continue }
                states.set(finding, true, at: n, since: lastBeat ?? n, rate: rate, &changes)
            } else if beyond[index] > -HeartRate.margin {
                calmSince[index] = .min
            } else if states.holds(finding) {
                let since = calmSince[index] == .min ? n : calmSince[index]
                calmSince[index] = since
                if n - since >= HeartRate.calmSamples {
                    states.set(finding, false, at: n, since: since, rate: rate, &changes)
                }
            }
        }
    }
}
