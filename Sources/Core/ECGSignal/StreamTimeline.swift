internal import Mathematics

/// Which samples of a stream have come and how far each lead may be analysed: indices only, no values.
///
/// One stream has one time line, and admission keeps it; whoever stores the samples is told by `PlacedChunk` which
/// of them are new and by `StreamFront` how far each lead may go. All comparisons are exact, in stream time.
///
/// *Newest* is the end of the newest sample of any lead. A lead is *awaited* while its own newest is at most one
/// horizon behind. The frontier of an awaited lead is the end of its contiguous samples, but never behind
/// newest - horizon; of any other lead, the earliest frontier of the awaited ones. Frontiers never fall.
public struct StreamTimeline: Sendable, Codable {
    /// How long a late sample is awaited, seconds of stream time.
    public static let horizonSeconds: Int64 = 2

    /// How far the stream has come.
    public private(set) var front = StreamFront()
    /// For each line of the front the samples received, from one horizon before its frontier on.
    private var received: [IntervalSet] = []

    /// An empty time line.
    public init() {}

    /// Takes a chunk in and moves the frontiers as far as it allows.
    ///
    /// Where the stream `isOver` the time line stays as it is: what is not there already is late.
    public mutating func place(_ chunk: LeadChunk, isOver: Bool = false) -> PlacedChunk {
        let range = chunk.firstSample..<chunk.endSample
        var placements: [PlacedChunk.Placement] = []
        placements.reserveCapacity(chunk.leads.count)
        if isOver {
            for samples in chunk.leads {
                var past = self
                var placement = past.take(range, of: samples.lead, at: chunk.rate)
                placement.lateCount += placement.fresh.sampleCount
                placement.fresh = RangeList()
                placements.append(placement)
            }
        } else {
            for samples in chunk.leads {
                placements.append(take(range, of: samples.lead, at: chunk.rate))
            }
            advance()
        }
        return PlacedChunk(chunk: chunk, placements: placements, front: front, isCountedOnly: isOver)
    }

    /// Takes samples `range` of one lead in; the frontiers move after all leads of a chunk.
    private mutating func take(
        _ range: Range<SampleIndex>,
        of lead: Lead,
        at rate: SampleRate
    ) -> PlacedChunk.Placement {
        guard let index = front.lines.firstIndex(where: { $0.lead == lead }) else {
            return open(lead, range, rate)
        }
        var placement = PlacedChunk.Placement()
        let kept = front.isReleasing ? front.lines[index].keptFrom : 0
        let frontier = front.isReleasing ? front.lines[index].frontier : 0
        var from = min(max(range.lowerBound, kept), range.upperBound)
        placement.lateCount = Int(from - range.lowerBound)
        while from < range.upperBound {
            let known = received[index].firstPart(of: from..<range.upperBound)
            let end = known?.lowerBound ?? range.upperBound
            // What is missing before the frontier has been given up; what is missing after it is new.
            let split = min(max(frontier, from), end)
            placement.lateCount += Int(split - from)
            if split < end { placement.fresh.append(split..<end) }
            if let known { placement.known.append(known) }
            from = known?.upperBound ?? range.upperBound
        }
        for fresh in placement.fresh {
            received[index].insert(fresh)
            front.lines[index].firstTaken = min(front.lines[index].firstTaken, fresh.lowerBound)
            front.lines[index].newest = max(front.lines[index].newest, fresh.upperBound)
        }
        front.newest = max(front.newest, front.lines[index].newestTime)
        return placement
    }

    /// A lead that is heard for the first time stands at the earliest frontier of the awaited ones.
    private mutating func open(
        _ lead: Lead,
        _ range: Range<SampleIndex>,
        _ rate: SampleRate
    ) -> PlacedChunk.Placement {
        let frontier = front.isReleasing ? earliestFrontier.map(rate.firstIndex(notBefore:)) ?? 0 : 0
        let start = min(max(frontier, range.lowerBound), range.upperBound)
        var placement = PlacedChunk.Placement()
        placement.lateCount = Int(start - range.lowerBound)
        guard start < range.upperBound else { return placement }
        placement.fresh.append(start..<range.upperBound)
        let line = StreamFront.Line(
            lead: lead,
            rate: rate,
            firstTaken: start,
            newest: range.upperBound,
            frontier: frontier
        )
        let place = front.lines.firstIndex { $0.lead > lead } ?? front.lines.count
        front.lines.insert(line, at: place)
        received.insert(IntervalSet(start..<range.upperBound), at: place)
        front.newest = max(front.newest, line.newestTime)
        return placement
    }

    /// Moves the frontiers as far as what has come allows.
    private mutating func advance() {
        if !front.isReleasing {
            guard let first = front.firstTaken,
                first <= front.newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
            else {
                return
            }
            release(from: first)
        }
        let bound = front.newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
        for index in front.lines.indices where isAwaited(index) {
            raise(index, to: bound)
            front.lines[index].frontier = received[index].contiguousEnd(from: front.lines[index].frontier)
        }
        if let earliest = earliestFrontier {
            for index in front.lines.indices where !isAwaited(index) { raise(index, to: earliest) }
        }
        forget()
    }

    /// Moves every frontier to the newest sample, because the stream is silent or over.
    public mutating func tick() {
        guard let first = front.firstTaken else { return }
        if !front.isReleasing { release(from: first) }
        for index in front.lines.indices { raise(index, to: front.newest) }
        forget()
    }

    private mutating func release(from first: StreamTime) {
        front.isReleasing = true
        for index in front.lines.indices { raise(index, to: first) }
    }

    private mutating func raise(_ index: Int, to time: StreamTime) {
        if front.lines[index].frontierTime < time {
            front.lines[index].frontier = front.lines[index].rate.firstIndex(notBefore: time)
        }
    }

    private mutating func forget() {
        for index in front.lines.indices { received[index].removeAll(below: front.lines[index].keptFrom) }
    }

    private func isAwaited(_ index: Int) -> Bool {
        front.lines[index].newestTime >= front.newest.earlier(bySeconds: StreamTimeline.horizonSeconds)
    }

    private var earliestFrontier: StreamTime? {
        var earliest: StreamTime?
        for index in front.lines.indices where isAwaited(index) {
            let frontier = front.lines[index].frontierTime
            if earliest.map({ frontier < $0 }) ?? true { earliest = frontier }
        }
        return earliest
    }
}
