/// How far a stream has come: where the samples of each lead begin and end, and up to where they are decided.
///
/// It is what the time line tells of itself. Admission keeps the time line, and whoever conditions the samples is
/// given the front with each chunk, silence and close, so the two can never disagree.
public struct StreamFront: Sendable, Codable {
    /// One lead's part.
    public struct Line: Sendable, Codable {
        /// The lead whose part it is.
        public let lead: Lead
        /// Its nominal rate.
        public let rate: SampleRate
        /// The lowest sample taken so far.
        public internal(set) var firstTaken: SampleIndex
        /// One past the newest sample.
        public internal(set) var newest: SampleIndex
        /// Samples before it are decided; meaningful once the stream releases.
        public internal(set) var frontier: SampleIndex

        /// The first grid sample at or after its first sample: from there on the lead counts as sent.
        public var firstGridSample: GridIndex { rate.gridIndex(notBefore: firstTaken) }
        /// The end of its newest sample.
        var newestTime: StreamTime { rate.time(of: newest) }
        /// Where its frontier stands.
        public var frontierTime: StreamTime { rate.time(of: frontier) }
        /// Values from here on are kept to tell a duplicate from a conflict.
        public var keptFrom: SampleIndex {
            // The first index at or after frontier / rate - 2 s, which is frontier - 2 rate rounded up.
            max(0, frontier - StreamTimeline.horizonSeconds * rate.numerator / rate.denominator)
        }
    }

    /// The parts of the leads, in the order of the leads.
    public internal(set) var lines: [Line] = []
    /// The end of the newest sample of any lead.
    public internal(set) var newest = StreamTime.zero
    /// Whether frontiers are in force: one horizon has come since the first sample, or a silence.
    public internal(set) var isReleasing = false

    /// The front of a stream that nothing has come of yet.
    public init() {}

    /// The start of the earliest sample taken; nil before the first.
    public var firstTaken: StreamTime? {
        var first: StreamTime?
        for index in lines.indices {
            let time = lines[index].rate.time(of: lines[index].firstTaken)
            if first.map({ time < $0 }) ?? true { first = time }
        }
        return first
    }

    /// The first grid sample that the stream has; nil before the first sample.
    public var firstGridSample: GridIndex? {
        var first: GridIndex?
        for index in lines.indices { first = min(first ?? .max, lines[index].firstGridSample) }
        return first
    }

    /// The grid samples of all that has come: every k with k / 500 before newest.
    public var gridEnd: GridIndex {
        var end: GridIndex = 0
        for index in lines.indices {
            end = max(end, lines[index].rate.gridIndex(notBefore: lines[index].newest))
        }
        return end
    }

    /// The line of a lead; nil where it was never sent.
    public func line(of lead: Lead) -> Line? {
        for index in lines.indices where lines[index].lead == lead { return lines[index] }
        return nil
    }

    /// Whether every lead's frontier has reached `time`.
    public func hasReached(_ time: StreamTime) -> Bool {
        isReleasing && lines.allSatisfy { $0.frontierTime >= time }
    }
}
