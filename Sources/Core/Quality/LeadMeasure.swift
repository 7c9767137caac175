/// What one lead's samples say of noise within a second, in whole microvolts, so that no bit depends on the machine.
///
/// The second is cut into ten pieces of 100 ms, because a fault lasts through most of them while a QRS complex fills one
/// or two. The detail is what is left of a sample beside the mean of the ten around it (20 ms): all of 50 Hz, most of what
/// lies above 40 Hz, hardly anything of an ECG between its QRS complexes.
struct LeadMeasure: Sendable, Equatable {
    /// Samples of a second, and of its pieces.
    static let second = 500
    static let piece = 50
    static let pieces = second / piece
    /// Least mean magnitude of the detail in most pieces, microvolts, that counts as muscle: that of white noise of 0.05 mV
    /// deviation.
    static let muscleMin = 40.0
    /// Least amplitude of hum, microvolts: 0.1 mV from peak to peak.
    static let humMin = 50.0
    /// The detail of a hum of 50 Hz beside its amplitude: 2 / pi; of 60 Hz it is up to 1.16 times that.
    static let humDetail = 0.64
    /// Least movement of the baseline within four seconds, microvolts.
    static let wanderMin = 500.0
    /// From peak to peak within a second beyond what an ECG reaches, microvolts.
    static let reachMax: Int32 = 10_000
    /// Samples of before that the mean over ten needs.
    static let room = 10

    /// What was wrong in a second.
    struct Faults: Sendable, Equatable {
        var wanders = false
        var trembles = false
        var hums = false
        var isBeyondReach = false
    }

    /// The newest ten samples, the oldest first.
    private var before = [Int32](repeating: 0, count: room)
    private var hum = Hum()
    /// Samples of this second; it counts only where it is whole.
    private var taken = 0
    private var isRunning = false
    private var details = [Double](repeating: 0, count: pieces)
    private var levels = [Double](repeating: 0, count: pieces)
    private var detail: Int64 = 0
    private var level: Int64 = 0
    private var least = Int32.max
    private var most = Int32.min
    /// The baseline in each of the newest four seconds, the oldest first.
    private var baselines = [Double](repeating: 0, count: 4)
    private var baselineCount = 0

    /// The lead has no sample: the second does not count, and the baseline is unknown.
    mutating func interrupt() {
        isRunning = false
        taken = 0
        baselineCount = 0
    }

    /// Takes `count` samples, at most a piece and within one; the first stands at place `phase` of its second.
    ///
    /// They stand in `given` from `room` on, whole microvolts; what is before has room for those of before.
    mutating func take(_ given: inout [Int32], _ count: Int, at phase: Int) {
        var samples = given.mutableSpan
        if phase == 0 { beginSecond() }
        let room = LeadMeasure.room
        for index in 0..<room { samples[index] = isRunning ? before[index] : samples[room] }
        isRunning = true
        var sum: Int32 = 0
        for index in 1..<room { sum &+= samples[index] }
        var (detail, level, least, most) = (self.detail, self.level, self.least, self.most)
        for index in 0..<count {
            let value = samples[room + index]
            least = min(least, value)
            most = max(most, value)
            level &+= Int64(value)
            // The ten that end with the newest, less ten times the middle one of them.
            sum &+= value
            detail &+= Int64((10 &* samples[room + index - 5] &- sum).magnitude)
            sum &-= samples[index + 1]
        }
        (self.detail, self.level, self.least, self.most) = (detail, level, least, most)
        hum.take(samples.span.extracting(room..<room + count), count, from: phase)
        for index in 0..<room { before[index] = samples[count + index] }
        taken += count
        guard (phase + count).isMultiple(of: LeadMeasure.piece) else { return }
        let piece = phase / LeadMeasure.piece
        details[piece] = Double(detail) / Double(10 * LeadMeasure.piece)
        levels[piece] = Double(level) / Double(LeadMeasure.piece)
        self.detail = 0
        self.level = 0
    }

    private mutating func beginSecond() {
        taken = 0
        detail = 0
        level = 0
        least = .max
        most = .min
        hum.restart()
    }

    /// What was wrong in the second that ends here; nil where the lead has not all of it.
    mutating func endSecond() -> Faults? {
        guard taken == LeadMeasure.second else {
            interrupt()
            return nil
        }
        LeadMeasure.sort(&details)
        LeadMeasure.sort(&levels)
        var faults = Faults()
        let hum = hum.amplitude
        // Half of the pieces have less; those with a QRS complex are among the greatest.
        let middle = details[LeadMeasure.pieces / 2]
        faults.hums =
            hum >= LeadMeasure.humMin && details[2] >= 0.6 * LeadMeasure.humDetail * hum
            && 0.5 * middle <= LeadMeasure.humDetail * hum
        let rest = faults.hums ? middle - 1.2 * LeadMeasure.humDetail * hum : middle
        faults.trembles = rest >= LeadMeasure.muscleMin
        faults.isBeyondReach = most - least > LeadMeasure.reachMax
        faults.wanders = wanders(to: levels[LeadMeasure.pieces / 2])
        return faults
    }

    private mutating func wanders(to baseline: Double) -> Bool {
        if baselineCount == baselines.count {
            for index in 1..<baselines.count { baselines[index - 1] = baselines[index] }
            baselineCount -= 1
        }
        baselines[baselineCount] = baseline
        baselineCount += 1
        var least = baseline
        var most = baseline
        for index in 0..<baselineCount {
            least = min(least, baselines[index])
            most = max(most, baselines[index])
        }
        return most - least >= LeadMeasure.wanderMin
    }

    private static func sort(_ values: inout [Double]) {
        for index in 1..<values.count {
            let value = values[index]
            var place = index
            while place > 0, values[place - 1] > value {
                values[place] = values[place - 1]
                place -= 1
            }
            values[place] = value
        }
    }
}
