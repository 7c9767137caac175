/// The time line of a recording: one stretch after another, each of a record of its own or a gap.
///
/// A record without segments is one stretch. With a fixed layout every segment has the same signals in the same order;
/// with a variable one the first segment line names a record without samples that lays out all signals, and each
/// segment has some of them, found by their names.
struct SegmentedSignals: Sendable {
    /// A stretch of the record's frames.
    struct Segment: Sendable {
        let frames: Range<Int>
        /// Nil for a gap.
        let signals: SignalFiles?
        /// `[channel]`: the signal of each channel in `signals` and the number of its group; nil where it is not there.
        let places: [(signal: Int, group: Int)?]
    }

    /// In order, touching, from frame 0 on; at least one.
    let segments: [Segment]

    /// Frames of the whole record.
    var frames: Int { segments.last?.frames.upperBound ?? 0 }

    /// The stored values of one channel in a range of its samples, piece by piece: what is there, or nil for what is not.
    ///
    /// `take` is given the number of samples, the signal line they belong to, and their values as stored.
    func read(
        _ channel: Int,
        samples: Range<Int>,
        samplesPerFrame: Int,
        take: (_ count: Int, _ stored: (signal: WFDBHeader.Signal, values: [Int32])?) -> Void
    ) throws(RecordingError) {
        var at = samples.lowerBound
        while at < samples.upperBound {
            let segment = segments[index(of: at / samplesPerFrame)]
            let end = min(samples.upperBound, segment.frames.upperBound * samplesPerFrame)
            defer { at = end }
            guard let signals = segment.signals, let place = segment.places[channel] else {
                take(end - at, nil)
                continue
            }
            let signal = signals.signals[place.signal]
            // In samples of the segment's own file.
            let shift = (signal.skewFrames - segment.frames.lowerBound) * samplesPerFrame
            let wanted = at + shift..<end + shift
            // What a file holds beyond the header's count may be the filling of its last bytes.
            let there = wanted.clamped(to: 0..<signals.frames * samplesPerFrame)
            if !there.isEmpty {
                let frames = there.lowerBound / samplesPerFrame..<(there.upperBound - 1) / samplesPerFrame + 1
                let values = try signals.storedValues(of: place.signal, inGroup: place.group, frames: frames)
                let first = there.lowerBound - frames.lowerBound * samplesPerFrame
                take(there.count, (signal, Array(values[first..<first + there.count])))
            }
            if wanted.count > there.count { take(wanted.count - there.count, nil) }
        }
    }

    /// The place of the segment that holds a frame, by halving.
    private func index(of frame: Int) -> Int {
        var low = 0
        var high = segments.count - 1
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].frames.upperBound <= frame { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
