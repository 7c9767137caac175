internal import ECGSignal

/// A filter that a lead's 500 Hz samples go through one by one.
protocol BandFilter: Sendable {
    /// Puts the filter in the steady state of a run's first sample.
    mutating func restart(at firstSample: Float)
    /// What comes out for the next sample, millivolts.
    mutating func filter(_ sample: Float) -> Float
}

/// The values of one lead in one band that are held until they were read: a segment for each run of samples.
struct BandValues: Sendable, Codable {
    /// A run's values, `[time]` millivolts from grid index `start` on.
    struct Segment: Sendable, Codable {
        var start: GridIndex
        var values: [Float]
        var end: GridIndex { start + Int64(values.count) }
    }

    private(set) var segments: [Segment] = []
    /// Room for values that is not kept once few are held.
    private static let roomMax = 8_192

    /// A run begins at grid index `start`; its values follow.
    mutating func begin(at start: GridIndex) { segments.append(Segment(start: start, values: [])) }

    /// One past the last value of the last run.
    var end: GridIndex { segments.last?.end ?? 0 }

    /// Appends what `filter` makes of `samples` to the last run; the first sample of a run restarts it.
    mutating func append(_ samples: [Float], through filter: inout some BandFilter) {
        guard let first = samples.first, !segments.isEmpty else { return }
        let last = segments.count - 1
        if segments[last].values.isEmpty { filter.restart(at: first) }
        // In a value of its own, which stays in registers.
        var running = filter
        for value in samples { segments[last].values.append(running.filter(value)) }
        filter = running
    }

    /// The values of the last run from grid index `start` on, which it holds.
    func lastValues(of range: Range<GridIndex>) -> ArraySlice<Float> {
        let segment = segments[segments.count - 1]
        let first = Int(range.lowerBound - segment.start)
        return segment.values[first..<first + range.count]
    }

    /// Calls `body` with each part of `range` that a run holds, and the run.
    func forEachPart(of range: Range<GridIndex>, _ body: (Range<GridIndex>, Segment) -> Void) {
        for segment in segments where segment.end > range.lowerBound && segment.start < range.upperBound {
            body(max(segment.start, range.lowerBound)..<min(segment.end, range.upperBound), segment)
        }
    }

    /// The first grid sample whose value is still held; nil where none is.
    var firstHeld: GridIndex? { segments.first { !$0.values.isEmpty }?.start }

    /// Forgets values below `bound`; the last run stays while it goes on.
    mutating func forget(below bound: GridIndex, isRunning: Bool) {
        while let first = segments.first, first.end <= bound, segments.count > (isRunning ? 1 : 0) {
            segments.removeFirst()
        }
        // The segment is changed in its place: a copy of it would hold its values, which would then be copied.
        guard !segments.isEmpty, segments[0].start < bound, !segments[0].values.isEmpty else { return }
        let count = segments[0].values.count
        let passed = Int(min(bound, segments[0].end) - segments[0].start)
        // The last value stays, so that an emptied running segment is not taken for one that has not begun.
        let excess = passed == count ? passed - 1 : passed
        segments[0].values.removeFirst(excess)
        segments[0].start += Int64(excess)
        // A stream that goes on from a checkpoint has held much more than it does from then on.
        if segments[0].values.capacity > BandValues.roomMax, segments[0].values.count < BandValues.roomMax / 4
        {
            segments[0].values = segments[0].values.map(\.self)
        }
    }
}
