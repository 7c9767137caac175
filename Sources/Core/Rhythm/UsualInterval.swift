/// The usual interval between beats: the mean of the newest eight but for the longest and the shortest.
struct UsualInterval: Sendable, Equatable, Codable {
    /// In no order; the next goes to `place`.
    private var intervals = [Int](repeating: 0, count: 8)
    private var count = 0
    private var place = 0
    /// In samples of the grid; 1 s before there is an interval.
    private(set) var samples = 500

    /// How many intervals the mean rests on.
    var isKnown: Bool { count > 0 }

    /// Takes the interval that ends with the newest beat, samples.
    mutating func note(_ interval: Int) {
        intervals[place] = interval
        place = (place + 1) % intervals.count
        count = min(count + 1, intervals.count)
        var sum = 0
        var least = Int.max
        var most = 0
        for index in 0..<count {
            sum += intervals[index]
            least = min(least, intervals[index])
            most = max(most, intervals[index])
        }
        samples = count > 2 ? (sum - least - most) / (count - 2) : sum / count
    }
}
