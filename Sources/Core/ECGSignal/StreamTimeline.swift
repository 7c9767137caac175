public import Mathematics

/// Which samples of a stream have come and how far each lead may be analysed: indices only, no values.
///
/// The assembler drives its stores by it, and admission keeps one of its own to know when a stream is over; both
/// see the same chunks in the same order, so they agree. All comparisons are exact, in stream time.
///
/// *Newest* is the end of the newest sample of any lead. A lead is *awaited* while its own newest is at most one
/// horizon behind. The frontier of an awaited lead is the end of its contiguous samples, but never behind
/// newest - horizon; of any other lead, the earliest frontier of the awaited ones. Frontiers never fall.
public struct StreamTimeline: Sendable {
    /// How long a late sample is awaited, seconds of stream time.
    public static let horizonSeconds: Int64 = 2

    /// One lead's part of the time line.
    public struct Line: Sendable {
        /// The lead whose part this is.
        public let lead: Lead
        /// The lead's nominal sampling rate.
        public let rate: SampleRate
        /// The samples received, from one horizon before the frontier on.
        public fileprivate(set) var received = IntervalSet()
        /// The lowest sample taken so far.
        public fileprivate(set) var firstTaken: SampleIndex
        /// One past the newest sample.
        public fileprivate(set) var newest: SampleIndex
        /// Samples before it are decided; meaningful once the stream releases.
        public fileprivate(set) var frontier: SampleIndex

        /// The first grid sample at or after its first sample: from there on the lead counts as sent.
        public var firstGridSample: GridIndex { rate.gridIndex(notBefore: firstTaken) }
        /// The end of its newest sample.
        fileprivate var newestTime: StreamTime { rate.time(of: newest) }
        /// The time at which the lead's frontier stands.
        public var frontierTime: StreamTime { rate.time(of: frontier) }
        /// Values from here on are kept to tell a duplicate from a conflict.
        public var keptFrom: SampleIndex {
            // The first index at or after frontier / rate - 2 s, which is frontier - 2 rate rounded up.
            max(0, frontier - StreamTimeline.horizonSeconds * rate.numerator / rate.denominator)
        }
    }

    /// What becomes of a stretch of samples of one lead.
    public struct Placement: Sendable, Equatable {
        /// New samples, to be stored.
        public var fresh = RangeList()
        /// Samples whose values are there already: equal ones are duplicates, others conflicts.
        public var known = RangeList()
        /// Samples behind the frontier whose value is not kept.
        public var lateCount = 0
    }

    /// The lines of all leads, in the order of the leads.
    public private(set) var lines: [Line] = []
    /// The end of the newest sample of any lead.
    public private(set) var newest = StreamTime.zero
    /// Whether frontiers are in force: one horizon has come since the first sample, or a tick.
    public private(set) var isReleasing = false

    /// An empty time line.
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
    public func line(of lead: Lead) -> Line? { lines.first { $0.lead == lead } }

    /// Takes samples `range` of one lead in; call `advance()` after all leads of a chunk.
    public mutating func take(_ range: Range<SampleIndex>, of lead: Lead, at rate: SampleRate) -> Placement {
        guard let index = lines.firstIndex(where: { $0.lead == lead }) else { return open(lead, range, rate) }
        var placement = Placement()
        let kept = isReleasing ? lines[index].keptFrom : 0
        let frontier = isReleasing ? lines[index].frontier : 0
        var from = min(max(range.lowerBound, kept), range.upperBound)
        placement.lateCount = Int(from - range.lowerBound)
        while from < range.upperBound {
            let known = lines[index].received.firstPart(of: from..<range.upperBound)
            let end = known?.lowerBound ?? range.upperBound
            // What is missing before the frontier has been given up; what is missing after it is new.
            let split = min(max(frontier, from), end)
            placement.lateCount += Int(split - from)
            if split < end { placement.fresh.append(split..<end) }
            if let known { placement.known.append(known) }
            from = known?.upperBound ?? range.upperBound
        }
        for fresh in placement.fresh {
            lines[index].received.insert(fresh)
            lines[index].firstTaken = min(lines[index].firstTaken, fresh.lowerBound)
            lines[index].newest = max(lines[index].newest, fresh.upperBound)
        }
        newest = max(newest, lines[index].newestTime)
        return placement
    }

    /// A lead that is heard for the first time stands at the earliest frontier of the awaited ones.
    private mutating func open(_ lead: Lead, _ range: Range<SampleIndex>, _ rate: SampleRate) -> Placement {
        let frontier = isReleasing ? earliestFrontier.map(rate.firstIndex(notBefore:)) ?? 0 : 0
        let start = min(max(frontier, range.lowerBound), range.upperBound)
        var placement = Placement()
        placement.lateCount = Int(start - range.lowerBound)
        guard start < range.upperBound else { return placement }
        placement.fresh.append(start..<range.upperBound)
        var line = Line(
            lead: lead,
            rate: rate,
            firstTaken: start,
            newest: range.upperBound,
            frontier: frontier
        )
        line.received.insert(start..<range.upperBound)
        lines.insert(line, at: lines.firstIndex { $0.lead > lead } ?? lines.count)
        newest = max(newest, line.newestTime)
        return placement
    }

    /// Moves the frontiers as far as what has come allows.
    public mutating func advance() {
        if !isReleasing {
            guard let first = firstTaken, first <= newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
            else {
                return
            }
            release(from: first)
        }
        let bound = newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
        for index in lines.indices where isAwaited(index) {
            raise(index, to: bound)
            lines[index].frontier = lines[index].received.contiguousEnd(from: lines[index].frontier)
        }
        if let earliest = earliestFrontier {
            for index in lines.indices where !isAwaited(index) { raise(index, to: earliest) }
        }
        forget()
    }

    /// Moves every frontier to the newest sample, because the stream is silent or over.
    public mutating func tick() {
        guard let first = firstTaken else { return }
        if !isReleasing { release(from: first) }
        for index in lines.indices { raise(index, to: newest) }
        forget()
    }

    /// Whether every lead's frontier has reached `time`.
    public func hasReached(_ time: StreamTime) -> Bool {
        isReleasing && lines.allSatisfy { $0.frontierTime >= time }
    }

    private mutating func release(from first: StreamTime) {
        isReleasing = true
        for index in lines.indices { raise(index, to: first) }
    }

    private mutating func raise(_ index: Int, to time: StreamTime) {
        if lines[index].frontierTime < time {
            lines[index].frontier = lines[index].rate.firstIndex(notBefore: time)
        }
    }

    private mutating func forget() {
        for index in lines.indices { lines[index].received.removeAll(below: lines[index].keptFrom) }
    }

    private func isAwaited(_ index: Int) -> Bool {
        lines[index].newestTime >= newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
    }

    private var earliestFrontier: StreamTime? {
        var earliest: StreamTime?
        for index in lines.indices where isAwaited(index) {
            let frontier = lines[index].frontierTime
            if earliest.map({ frontier < $0 }) ?? true { earliest = frontier }
        }
        return earliest
    }
}
