internal import ECGSignal

/// What the samples of four leads say of noise within a second, in whole microvolts, so that no bit depends on the machine.
///
/// The second is cut into ten pieces of 100 ms, because a fault lasts through most of them while a QRS complex fills one
/// or two. The detail is what is left of a sample beside the mean of the ten around it (20 ms): all of 50 Hz, most of what
/// lies above 40 Hz, hardly anything of an ECG between its QRS complexes.
struct LeadMeasure: Sendable, Equatable, Codable {
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
    /// From peak to peak within each of so many seconds below which no heart can be seen, microvolts: a gain that is far too small.
    static let faintMax: Int32 = 50
    static let faintSeconds: Int32 = 4
    /// Samples of before that the mean over ten needs.
    static let room = 10

    /// What was wrong in a second.
    struct Faults: Sendable, Equatable, Codable {
        var wanders = false
        var trembles = false
        var hums = false
        var isBeyondReach = false
        var isFaint = false
    }

    /// What is written of it; the rest is worked out anew.
    private enum CodingKeys: CodingKey {
        case before, hum, taken, running, details, levels, detail, level, least, most, baselines
    }

    /// The newest ten samples, the oldest first.
    private var before = [SIMD4<Int32>](repeating: .zero, count: room)
    private var hum = Hum()
    /// Samples of this second; a lead's counts only where it is whole.
    private var taken = SIMD4<Int32>.zero
    private var running = SIMDMask<SIMD4<Int32>>(repeating: false)
    /// Sums of each piece of 100 ms, and of the one at hand; those of a piece fit 32 bits.
    private var details = [SIMD4<Int32>](repeating: .zero, count: pieces)
    private var levels = [SIMD4<Int32>](repeating: .zero, count: pieces)
    private var detail = SIMD4<Int32>.zero
    private var level = SIMD4<Int32>.zero
    private var least = SIMD4<Int32>(repeating: .max)
    private var most = SIMD4<Int32>(repeating: .min)
    /// The means of one lead's pieces.
    private var sorted = [Double](repeating: 0, count: pieces)
    /// Seconds in a row in which a lead was fainter than that, up to `faintSeconds`.
    private var faint = SIMD4<Int32>.zero
    private var baselines = [Baseline](repeating: Baseline(), count: 4)

    /// A lead's baseline in each of the newest four seconds, the oldest first.
    private struct Baseline: Sendable, Equatable, Codable {
        var levels = SIMD4<Double>.zero
        var count = 0

        /// Whether the baseline moves too far up to `level`, that of the newest second.
        mutating func wanders(to level: Double) -> Bool {
            if count == levels.scalarCount {
                for index in 1..<count { levels[index - 1] = levels[index] }
                count -= 1
            }
            levels[count] = level
            count += 1
            var least = level
            var most = level
            for index in 0..<count {
                least = min(least, levels[index])
                most = max(most, levels[index])
            }
            return most - least >= LeadMeasure.wanderMin
        }
    }

    /// Some leads lack a sample: their second does not count, and their baseline is unknown.
    private mutating func interrupt(_ lanes: SIMDMask<SIMD4<Int32>>) {
        running.replace(with: false, where: lanes)
        taken.replace(with: 0, where: lanes)
        faint.replace(with: 0, where: lanes)
        for lane in baselines.indices where lanes[lane] { baselines[lane].count = 0 }
    }

    /// Takes `count` samples of each lead, at most a piece and within one; the first stands at place `phase` of its second.
    ///
    /// They stand in `samples` from `room` on, whole microvolts; what is before has room for those of before. Leads that
    /// are not `whole` lack some of them.
    mutating func take(
        _ samples: inout [SIMD4<Int32>],
        _ count: Int,
        whole: SIMDMask<SIMD4<Int32>>,
        at phase: Int
    ) {
        var samples = samples.mutableSpan
        if phase == 0 { beginSecond() }
        let room = LeadMeasure.room
        let first = samples[room]
        for index in 0..<room { samples[index] = first.replacing(with: before[index], where: running) }
        running = .init(repeating: true)
        var sum = SIMD4<Int32>.zero
        for index in 1..<room { sum &+= samples[index] }
        var (detail, level, least, most) = (self.detail, self.level, self.least, self.most)
        for index in 0..<count {
            let value = samples[room + index]
            least.replace(with: value, where: value .< least)
            most.replace(with: value, where: value .> most)
            level &+= value
            // The ten that end with the newest, less ten times the middle one of them.
            sum &+= value
            detail &+= FourLeads.magnitude(10 &* samples[room + index - 5] &- sum)
            sum &-= samples[index + 1]
        }
        (self.detail, self.level, self.least, self.most) = (detail, level, least, most)
        hum.take(samples.span.extracting(room..<room + count), from: phase)
        for index in 0..<room { before[index] = samples[count + index] }
        taken &+= Int32(count)
        if any(.!whole) { interrupt(.!whole) }
        guard (phase + count).isMultiple(of: LeadMeasure.piece) else { return }
        let piece = phase / LeadMeasure.piece
        details[piece] = detail
        levels[piece] = level
        self.detail = .zero
        self.level = .zero
    }

    private mutating func beginSecond() {
        taken = .zero
        detail = .zero
        level = .zero
        least = SIMD4(repeating: .max)
        most = SIMD4(repeating: .min)
        hum.restart()
    }

    /// A second is over: notes what was wrong with each lead of a four that had all of it.
    mutating func endSecond(of four: Int, into quality: inout SignalQuality) {
        interrupt(taken .!= Int32(LeadMeasure.second))
        for lane in 0..<4 where running[lane] {
            let faults = faults(lane)
            let lead = LeadSet(rawValue: 1 << UInt16(4 * four + lane))
            if faults.wanders { quality.note(.baselineWander, of: lead) }
            if faults.trembles { quality.note(.muscle, of: lead) }
            if faults.hums { quality.note(.powerline, of: lead) }
            if faults.isBeyondReach { quality.note(.noise, of: lead) }
            if faults.isFaint { quality.note(.constant, of: lead) }
        }
    }

    private mutating func faults(_ lane: Int) -> Faults {
        var faults = Faults()
        let hum = hum.amplitude(lane)
        sort(details, lane, of: Double(10 * LeadMeasure.piece))
        // Half of the pieces have less; those with a QRS complex are among the greatest.
        let middle = sorted[LeadMeasure.pieces / 2]
        faults.hums =
            hum >= LeadMeasure.humMin && sorted[2] >= 0.6 * LeadMeasure.humDetail * hum
            && 0.5 * middle <= LeadMeasure.humDetail * hum
        let rest = faults.hums ? middle - 1.2 * LeadMeasure.humDetail * hum : middle
        faults.trembles = rest >= LeadMeasure.muscleMin
        let reach = most[lane] - least[lane]
        faults.isBeyondReach = reach > LeadMeasure.reachMax
        faint[lane] = reach < LeadMeasure.faintMax ? min(faint[lane] + 1, LeadMeasure.faintSeconds) : 0
        faults.isFaint = faint[lane] == LeadMeasure.faintSeconds
        sort(levels, lane, of: Double(LeadMeasure.piece))
        faults.wanders = baselines[lane].wanders(to: sorted[LeadMeasure.pieces / 2])
        return faults
    }

    /// Puts the means of a lead's pieces into `sorted`, the least first; `sums` are over `count` each.
    private mutating func sort(_ sums: [SIMD4<Int32>], _ lane: Int, of count: Double) {
        for index in sums.indices {
            let value = Double(sums[index][lane]) / count
            var place = index
            while place > 0, sorted[place - 1] > value {
                sorted[place] = sorted[place - 1]
                place -= 1
            }
            sorted[place] = value
        }
    }
}
