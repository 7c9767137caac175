internal import ECGSignal

/// The newest two seconds of four leads at 250 Hz, from which beats are cut.
///
/// Whole microvolts, each the mean of 20 ms, so that nothing of 50 Hz and little of 60 Hz is left; a symmetric window
/// moves no limit. Memory is taken with the first sample of any of the four.
struct LeadHistory: Sendable {
    /// Samples of 4 ms that are held, a power of two.
    static let samples = 512
    /// Grid samples by which a value is late: 4.5, rounded up.
    static let delay = 5
    /// Where a lead has no value.
    static let missing = Int16.min
    /// A greater mean is left out, microvolts; half of what 16 bits hold, so that two may be added.
    static let most: Int16 = 16_000

    /// Pairs of samples of which one value is the mean.
    private static let pairCount: Int32 = 5
    /// More is no ECG.
    private static let reachMillivolts: Float = 100

    /// The sum of the newest two samples, millivolts, and of the pairs before them.
    private var pairs = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
    /// Pairs in a row that have values.
    private var run = SIMD4<Int32>.zero
    private var values: [SIMD4<Int16>] = []
    /// The leads that were ever heard.
    private(set) var heard = SIMDMask<SIMD4<Int32>>(repeating: false)

    /// Four leads that were never heard.
    init() {}

    /// Takes the values at grid index `n`, which is odd, and before it, millivolts; NaN where there is none.
    ///
    /// - Returns: whether a lead is heard that never was before.
    mutating func take(_ first: SIMD4<Float>, _ second: SIMD4<Float>, at n: Int) -> Bool {
        // No number is less than anything.
        let isThere =
            (FourLeads.magnitude(first) .< LeadHistory.reachMillivolts)
            .& (FourLeads.magnitude(second) .< LeadHistory.reachMillivolts)
        let isNew = any(isThere .& .!heard)
        if isNew { hear(isThere) }
        guard !values.isEmpty else { return false }
        let pair = first + second
        // Each sum is made anew, in one order, so that it does not depend on what was before.
        let microvolts = 100 * (pair + pairs.0 + pairs.1 + pairs.2 + pairs.3)
        pairs = (pair, pairs.0, pairs.1, pairs.2)
        run = (run &+ 1).replacing(with: LeadHistory.pairCount, where: run .>= LeadHistory.pairCount)
        run.replace(with: 0, where: .!isThere)
        let isWhole =
            (run .== LeadHistory.pairCount)
            .& (FourLeads.magnitude(microvolts) .<= Float(LeadHistory.most))
        let whole = FourLeads.whole(microvolts.replacing(with: 0, where: .!isWhole))
        values[n / 2 & (LeadHistory.samples - 1)] = SIMD4<Int16>(
            truncatingIfNeeded: SIMD4(repeating: Int32(LeadHistory.missing))
                .replacing(with: whole, where: isWhole)
        )
        return isNew
    }

    private mutating func hear(_ lanes: SIMDMask<SIMD4<Int32>>) {
        heard .|= lanes
        guard values.isEmpty else { return }
        values = [SIMD4<Int16>](repeating: SIMD4(repeating: LeadHistory.missing), count: LeadHistory.samples)
    }

    /// Rows were left out: nothing of the past is known.
    mutating func forget() {
        run = .zero
        for index in values.indices { values[index] = SIMD4(repeating: LeadHistory.missing) }
    }

    /// A lead's value at grid index `n`, which is odd; `missing` where it has none.
    func value(_ lane: Int, at n: Int) -> Int16 {
        heard[lane] ? values[n / 2 & (LeadHistory.samples - 1)][lane] : LeadHistory.missing
    }

    /// Copies a lead's values from grid index `first` on, which is odd, into `cut`; false where it lacks one of them.
    func copy(_ lane: Int, from first: Int, into cut: inout [Int16]) -> Bool {
        guard heard[lane] else { return false }
        for index in cut.indices {
            let value = values[(first + 2 * index) / 2 & (LeadHistory.samples - 1)][lane]
            guard value != LeadHistory.missing else { return false }
            cut[index] = value
        }
        return true
    }
}

/// Of four leads only which were ever heard is written: their seconds are in the rows.
extension LeadHistory: Codable {
    init(from decoder: any Decoder) throws {
        self.init()
        let heard = try SIMDMask<SIMD4<Int32>>(from: decoder)
        if any(heard) { hear(heard) }
    }

    func encode(to encoder: any Encoder) throws { try heard.encode(to: encoder) }
}
