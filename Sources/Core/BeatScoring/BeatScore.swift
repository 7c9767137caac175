/// One record's found beats against its annotated ones, by the rules of EC57.

/// How a record is scored.
public struct BeatScoringRules: Sendable, Equatable {
    /// How far a found beat may lie from the annotated one, milliseconds: EC57 has 150.
    public var windowMilliseconds: Int64
    /// How much of the record's beginning is not scored, seconds; EC57 has 300.
    public var skippedSeconds: Int64

    /// Rules with that window and that beginning.
    public init(windowMilliseconds: Int64 = 150, skippedSeconds: Int64 = 5) {
        self.windowMilliseconds = windowMilliseconds
        self.skippedSeconds = skippedSeconds
    }
}

/// A record's annotated beats and the stretches in which none are annotated.
public struct BeatReference: Sendable, Equatable {
    /// The beats in the order of their samples.
    public let beats: [ScoredBeat]
    /// Stretches of ventricular flutter or fibrillation, in samples.
    public let flutter: [ClosedRange<Int64>]
    /// Samples a second.
    public let rate: Double
    /// Samples of the record.
    public let sampleCount: Int64

    /// Whether the record has paced beats: EC57 leaves such records out of its gross figures.
    public let isPaced: Bool

    /// The beats of a record, and whether a pacemaker paces them.
    public init(
        beats: [ScoredBeat],
        flutter: [ClosedRange<Int64>],
        rate: Double,
        sampleCount: Int64,
        isPaced: Bool = false
    ) {
        self.beats = beats
        self.flutter = flutter
        self.rate = rate
        self.sampleCount = sampleCount
        self.isPaced = isPaced
    }

    /// The table of `found`, by sample, against these beats.
    ///
    /// Neither annotated nor found beats count in the beginning that is skipped, nor within 150 ms of flutter.
    public func score(_ found: [ScoredBeat], _ rules: BeatScoringRules = BeatScoringRules()) -> BeatTable {
        let first = Int64(Double(rules.skippedSeconds) * rate)
        let margin = Int64(0.15 * rate)
        let excluded = excludedStretches(margin: margin)
        func counts(_ beat: ScoredBeat) -> Bool {
            guard beat.sample >= first, beat.sample < sampleCount else { return false }
            // The last stretch that begins at or before the beat is the only one that can hold it.
            var (low, high) = (0, excluded.count)
            while low < high {
                let middle = (low + high) / 2
                if excluded[middle].lowerBound <= beat.sample { low = middle + 1 } else { high = middle }
            }
            return low == 0 || excluded[low - 1].upperBound < beat.sample
        }
        let reference = beats.filter(counts)
        let found = found.filter(counts)
        let window = Int64((Double(rules.windowMilliseconds) * rate / 1_000).rounded(.down))
        let pairs = BeatMatching.pairs(
            reference.map(\.sample),
            found.map(\.sample),
            windowSamples: window
        )
        var table = BeatTable()
        var isTaken = [Bool](repeating: false, count: found.count)
        for (place, beat) in reference.enumerated() {
            guard let pair = pairs[place] else {
                table.count(reference: beat.kind, found: nil)
                continue
            }
            isTaken[pair] = true
            table.count(
                reference: beat.kind,
                found: found[pair].kind,
                differenceMilliseconds: Double(found[pair].sample - beat.sample) / rate * 1_000
            )
        }
        for (place, beat) in found.enumerated() where !isTaken[place] {
            table.count(reference: nil, found: beat.kind)
        }
        table.excludedSeconds = excludedSamples(from: first, excluded) / rate
        table.scoredSeconds = Double(max(0, sampleCount - first)) / rate - table.excludedSeconds
        return table
    }

    /// The stretches of flutter with the margin about them: by sample, and none meets another.
    private func excludedStretches(margin: Int64) -> [ClosedRange<Int64>] {
        var stretches: [ClosedRange<Int64>] = []
        for stretch in flutter.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            let wide = stretch.lowerBound - margin...stretch.upperBound + margin
            if let last = stretches.last, last.upperBound >= wide.lowerBound {
                stretches[stretches.count - 1] = last.lowerBound...max(last.upperBound, wide.upperBound)
            } else {
                stretches.append(wide)
            }
        }
        return stretches
    }

    private func excludedSamples(from first: Int64, _ excluded: [ClosedRange<Int64>]) -> Double {
        let counts = excluded.map { max(0, min(sampleCount, $0.upperBound + 1) - max(first, $0.lowerBound)) }
        return Double(counts.reduce(0, +))
    }
}
