internal import ECGSignal

/// Whether enough of the newest seconds was seen to judge the rhythm.
///
/// Where samples are lost all the time no gap is long, and yet hardly a beat can be seen between them. Where less than 4 s
/// of 10 s would have shown a beat, an asystole could not be found within them: rhythm cannot be judged until 6 s of
/// 10 are seen. A stream that comes for moments only is no better.
struct SightShare: Sendable, Equatable, Codable {
    private static let seconds = 10
    private static let second = Int(Grid.rate)
    private static let lookedSamples = seconds * second
    static let lostSamples = 2_000
    static let regainedSamples = 3_000
    /// Rows from the first one with a sample to 2 s after the last: less is a moment.
    private static let momentSamples = 2_500 + SilenceWatch.gapSamples

    /// Places that were seen by the whole second with which that was known, a ring, and those of the second at hand.
    private var seen = [Int](repeating: 0, count: seconds)
    private var newest = 0
    /// The first row since a lead was heard; nil while none is.
    private var began: Int?
    /// Whether rhythm cannot be judged because too little is seen.
    private(set) var isLost = false

    /// Nothing was seen yet.
    init() {}

    /// Takes row `n`, with which it became known whether a place is seen.
    mutating func take(isSeen: Bool, at n: Int) {
        if began == nil { began = n }
        if isSeen { newest += 1 }
        if (n + 1).isMultiple(of: SightShare.second) { endSecond(at: n) }
    }

    private mutating func endSecond(at n: Int) {
        let start = began ?? n
        seen[n / SightShare.second % SightShare.seconds] = newest
        newest = 0
        let sum = self.sum
        if isLost {
            isLost = sum < SightShare.regainedSamples
        } else {
            isLost = n - start >= SightShare.lookedSamples && sum < SightShare.lostSamples
        }
    }

    /// No lead has had a sample for more than 2 s, up to row `n`; what was heard before may have been too little.
    mutating func interrupt(at n: Int) {
        let heard = began.map { min(n - $0, SightShare.lookedSamples) } ?? 0
        if !n.isMultiple(of: SightShare.second) { seen[n / SightShare.second % SightShare.seconds] = newest }
        // In less than 5 s no asystole can be found, nor in a longer time of which hardly anything was seen.
        let isMoment = began.map { n - $0 < SightShare.momentSamples } ?? false
        if isMoment || SightShare.lookedSamples * sum < SightShare.lostSamples * heard { isLost = true }
        for index in seen.indices { seen[index] = 0 }
        newest = 0
        began = nil
    }

    private var sum: Int {
        var sum = 0
        for number in seen { sum += number }
        return sum
    }
}
