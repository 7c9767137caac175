/// What one lead's samples say of QRS complexes: whole numbers in, whole numbers out, with a delay that is known exactly.
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
    /// The greatest magnitude that is taken, microvolts; sums of more would not fit 32 bits.
    static let reachMicrovolts: Float = 100_000

    private var raw = [Int32](repeating: 0, count: 16)
    private var smooth = [Int32](repeating: 0, count: smoothMemory)
    private var smoother = [Int32](repeating: 0, count: 32)
    private var bend = [Int32](repeating: 0, count: bendMemory)
    private var activities = [Int32](repeating: 0, count: bendMemory)
    private var smoothSum: Int32 = 0
    private var smootherSum: Int32 = 0
    private var activitySum: Int32 = 0

    /// A filter at rest at 0.
    init() {}

    /// `millivolts` in whole microvolts.
    static func microvolts(_ millivolts: Float) -> Int32 {
        Int32(max(-reachMicrovolts, min(reachMicrovolts, (millivolts * 1_000).rounded())))
    }

    /// Forgets the past: as if `value` had always been there.
    mutating func restart(at value: Int32) {
        let one = Int32(QRSFilter.smoothSamples) * value
        let both = Int32(QRSFilter.smootherSamples) * one
        for index in raw.indices { raw[index] = value }
        for index in smooth.indices { smooth[index] = one }
        for index in smoother.indices { smoother[index] = both }
        for index in bend.indices { bend[index] = 0 }
        for index in activities.indices { activities[index] = 0 }
        smoothSum = one
        smootherSum = both
        activitySum = 0
    }

    /// Takes sample number `n`, microvolts; each number comes once, one after the other.
    mutating func take(_ value: Int32, at n: Int) {
        smoothSum &+= value &- raw[(n &- QRSFilter.smoothSamples) & 15]
        raw[n & 15] = value
        smootherSum &+= smoothSum &- smooth[(n &- QRSFilter.smootherSamples) & (QRSFilter.smoothMemory - 1)]
        smooth[n & (QRSFilter.smoothMemory - 1)] = smoothSum
        let middle = smoother[(n &- QRSFilter.bendSamples) & 31]
        let oldest = smoother[(n &- 2 &* QRSFilter.bendSamples) & 31]
        smoother[n & 31] = smootherSum
        let bent = smootherSum &- 2 &* middle &+ oldest
        let leaving = bend[(n &- QRSFilter.activitySamples) & (QRSFilter.bendMemory - 1)]
        activitySum &+= Int32(bent.magnitude) &- Int32(leaving.magnitude)
        bend[n & (QRSFilter.bendMemory - 1)] = bent
        activities[n & (QRSFilter.bendMemory - 1)] = activitySum
    }

    /// The activity at sample `n`, which is among the last 256.
    func activity(at n: Int) -> Int32 { activities[n & (QRSFilter.bendMemory - 1)] }

    /// The bend at sample `n`, which is among the last 256.
    func bend(at n: Int) -> Int32 { bend[n & (QRSFilter.bendMemory - 1)] }

    /// The sum of the ten samples that end at sample `n`, which is among the last 512.
    func smooth(at n: Int) -> Int32 { smooth[n & (QRSFilter.smoothMemory - 1)] }
}
