public import ECGSignal

/// One stream's rhythm: rows of the wide band in, beats with their classes out.
public struct RhythmLane: Sendable, Equatable {
    /// What some rows gave; the caller keeps its memory.
    public struct Output: Sendable, Equatable {
        /// Beats that were found, in order.
        public var found: [FoundBeat] = []
        /// Beats whose class became final, in order.
        public var beats: [Beat] = []

        /// Nothing.
        public init() {}

        /// Forgets all, but keeps the memory.
        public mutating func removeAll() {
            found.removeAll(keepingCapacity: true)
            beats.removeAll(keepingCapacity: true)
        }
    }

    private var detector = BeatDetector()
    private var classifier = BeatClassifier()

    /// A lane that has seen nothing.
    public init() {}

    /// Takes the next rows and appends what they gave to `output`.
    public mutating func take(_ rows: WideRows, into output: inout Output) {
        let values = rows.values.span
        for row in 0..<rows.count {
            let n = Int(rows.start) + row
            if let beat = detector.take(values, from: row * Lead.channelCount, at: n) {
                output.found.append(beat)
                if let finished = classifier.take(beat, from: detector, at: n) { output.beats.append(finished) }
            } else if let finished = classifier.wait(at: n) {
                output.beats.append(finished)
            }
        }
    }

    /// The stream is over: the last beat has its class.
    public mutating func close(at end: GridIndex, into output: inout Output) {
        if let finished = classifier.interrupt(at: Int(end)) { output.beats.append(finished) }
    }
}
