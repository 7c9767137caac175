internal import ECGSignal

/// What the samples of four leads say of QRS complexes: whole numbers in, whole numbers out, with a delay that is known
/// exactly.
///
///     sample, microvolts
///       -> smooth    sum of 10 samples (20 ms: nothing of 50 Hz is left)
///       -> smoother  sum of 8 of those (16 ms: little of 60 Hz is left)
///       -> bend      x[n] - 2 x[n-14] + x[n-28] of that: how sharply the signal bends within 56 ms
///       -> activity  sum of 56 magnitudes of that (112 ms)
///
/// A second difference leaves little of baseline, T and P waves, whose slopes are long, and hardly more of the steps of
/// a moving electrode; measured on MIT-BIH with and without electrode motion it parts QRS from the rest better than
/// band-passes of 5-15 and 8-20 Hz and than first differences. All filters are symmetric, so a bend
/// stands `bendDelay` samples after what it shows and an activity `activityDelay` after its middle. Whole numbers make
/// running sums exact: the same bits on every machine, for ever, wherever the input is cut.
struct QRSFilter: Sendable, Equatable {
    static let smoothSamples = 10
    static let smootherSamples = 8
    static let bendSamples = 14
    static let activitySamples = 56
    /// Samples by which `smooth` is late: 4.5, rounded up.
    static let smoothDelay = 5
    /// Samples by which the bend is late: 4.5 + 3.5 + 14.
    static let bendDelay = 22
    /// Samples by which the activity is late: those of the bend and 27.5, rounded up.
    static let activityDelay = 50
    /// Samples of the past that can be asked for.
    static let smoothMemory = 512
    static let bendMemory = 256
    /// Where the memories begin in `memory`: of smoothed samples, bends, activities, twice smoothed and raw samples.
    private static let bendStart = smoothMemory
    private static let activityStart = bendStart + bendMemory
    private static let smootherStart = activityStart + bendMemory
    private static let rawStart = smootherStart + 32

    /// All memories in one array, which is then checked once a sample; sums of at most 100 mV fit 32 bits.
    private var memory = [SIMD4<Int32>](repeating: .zero, count: rawStart + 16)
    private var smoothSum = SIMD4<Int32>.zero
    private var smootherSum = SIMD4<Int32>.zero
    private var activitySum = SIMD4<Int32>.zero

    /// A filter at rest at 0.
    init() {}

    /// Some leads forget the past: as if their lane of `value` had always been there.
    mutating func restart(_ lanes: SIMDMask<SIMD4<Int32>>, at value: SIMD4<Int32>) {
        let one = Int32(QRSFilter.smoothSamples) &* value
        let both = Int32(QRSFilter.smootherSamples) &* one
        func fill(_ range: Range<Int>, _ with: SIMD4<Int32>) {
            for index in range { memory[index].replace(with: with, where: lanes) }
        }
        fill(0..<QRSFilter.smoothMemory, one)
        fill(QRSFilter.bendStart..<QRSFilter.smootherStart, SIMD4())
        fill(QRSFilter.smootherStart..<QRSFilter.rawStart, both)
        fill(QRSFilter.rawStart..<memory.count, value)
        smoothSum.replace(with: one, where: lanes)
        smootherSum.replace(with: both, where: lanes)
        activitySum.replace(with: 0, where: lanes)
    }

    /// Takes sample number `n`, microvolts; each number comes once, one after the other.
    mutating func take(_ value: SIMD4<Int32>, at n: Int) {
        let smoothMask = QRSFilter.smoothMemory - 1
        let bendMask = QRSFilter.bendMemory - 1
        var once = smoothSum
        var twice = smootherSum
        var activity = activitySum
        var memory = self.memory.mutableSpan
        once &+= value &- memory[QRSFilter.rawStart + ((n &- QRSFilter.smoothSamples) & 15)]
        memory[QRSFilter.rawStart + (n & 15)] = value
        twice &+= once &- memory[(n &- QRSFilter.smootherSamples) & smoothMask]
        memory[n & smoothMask] = once
        let middle = memory[QRSFilter.smootherStart + ((n &- QRSFilter.bendSamples) & 31)]
        let oldest = memory[QRSFilter.smootherStart + ((n &- 2 &* QRSFilter.bendSamples) & 31)]
        memory[QRSFilter.smootherStart + (n & 31)] = twice
        let bent = twice &- (middle &+ middle) &+ oldest
        let leaving = memory[QRSFilter.bendStart + ((n &- QRSFilter.activitySamples) & bendMask)]
        activity &+= FourLeads.magnitude(bent) &- FourLeads.magnitude(leaving)
        memory[QRSFilter.bendStart + (n & bendMask)] = bent
        memory[QRSFilter.activityStart + (n & bendMask)] = activity
        smoothSum = once
        smootherSum = twice
        activitySum = activity
    }

    /// The newest activity.
    var newestActivity: SIMD4<Int32> { activitySum }

    /// The activity at sample `n`, which is among the last 256.
    func activity(at n: Int) -> SIMD4<Int32> {
        memory[QRSFilter.activityStart + (n & (QRSFilter.bendMemory - 1))]
    }

    /// The bend at sample `n`, which is among the last 256.
    func bend(at n: Int) -> SIMD4<Int32> { memory[QRSFilter.bendStart + (n & (QRSFilter.bendMemory - 1))] }

    /// The sum of the ten samples that end at sample `n`, which is among the last 512.
    func smooth(at n: Int) -> SIMD4<Int32> { memory[n & (QRSFilter.smoothMemory - 1)] }
}

/// Of a filter the newest raw samples and their sum are written. Of the sums behind them each is right again once its own
/// samples have gone by, 0.2 s later, whatever stood before; so they begin at 0, all of them together.
extension QRSFilter: Codable {
    init(from decoder: any Decoder) throws {
        self.init()
        var list = try decoder.unkeyedContainer()
        for index in QRSFilter.rawStart..<memory.count { memory[index] = try list.decode(SIMD4<Int32>.self) }
        smoothSum = try list.decode(SIMD4<Int32>.self)
    }

    func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for index in QRSFilter.rawStart..<memory.count { try list.encode(memory[index]) }
        try list.encode(smoothSum)
    }
}
