/// A stretch of one channel's samples, with what is missing of it.
public struct RecordedSamples: Sendable, Equatable {
    /// The values of a stretch; 0 where a sample is missing.
    public enum Values: Sendable, Equatable {
        /// `[time]`, units of the channel's `nanovoltsPerUnit`.
        case integers([Int32])
        /// `[time]`, the channel's physical unit, millivolts for a voltage: a channel whose gain changes with its
        /// segments.
        case reals([Float])
    }

    /// The samples in their order of time.
    public var values: Values
    /// Where the recording has no sample, ascending and apart, counted from the stretch's first sample.
    public var missing: [Range<Int>]

    /// The samples as described; `missing` is ascending, apart and within the values.
    public init(values: Values, missing: [Range<Int>] = []) {
        self.values = values
        self.missing = missing
    }
}

extension RecordedSamples {
    /// `count` samples that are all missing.
    static func missing(_ count: Int, isReal: Bool) -> RecordedSamples {
        RecordedSamples(
            values: isReal
                ? .reals([Float](repeating: 0, count: count))
                : .integers([Int32](repeating: 0, count: count)),
            missing: count > 0 ? [0..<count] : []
        )
    }

    /// The number of samples.
    public var count: Int {
        switch values {
        case .integers(let all): all.count
        case .reals(let all): all.count
        }
    }

    /// Appends what follows this stretch; both are of one channel.
    mutating func append(_ next: RecordedSamples) {
        let from = count
        switch (values, next.values) {
        case (.integers(let mine), .integers(let others)): values = .integers(mine + others)
        case (.reals(let mine), .reals(let others)): values = .reals(mine + others)
        default: preconditionFailure("the stretches are of two kinds")
        }
        for range in next.missing {
            let moved = range.lowerBound + from..<range.upperBound + from
            if let last = missing.last, last.upperBound == moved.lowerBound {
                missing[missing.count - 1] = last.lowerBound..<moved.upperBound
            } else {
                missing.append(moved)
            }
        }
    }
}
