/// What a channel holds, over all its samples.
public struct ChannelSurvey: Sendable, Equatable {
    /// The least and the greatest value in the channel's physical unit; nil where every sample is missing.
    public let range: ClosedRange<Double>?
    /// Samples that are missing.
    public let missingCount: Int
}

extension Recording {
    /// Reads one channel from its first to its last sample, a piece at a time.
    public func survey(of number: Int) throws(RecordingError) -> ChannelSurvey {
        let channel = channels[number]
        var low = Double.infinity
        var high = -Double.infinity
        var missing = 0
        for from in stride(from: 0, to: channel.sampleCount, by: 65_536) {
            let piece = try samples(of: number, in: from..<min(from + 65_536, channel.sampleCount))
            missing += piece.missing.reduce(0) { $0 + $1.count }
            let values = piece.physical(unitsPerStep: channel.unitsPerStep ?? 1)
            var start = 0
            for gap in piece.missing + [values.count..<values.count] {
                for value in values[start..<gap.lowerBound] {
                    low = min(low, value)
                    high = max(high, value)
                }
                start = gap.upperBound
            }
        }
        return ChannelSurvey(range: low <= high ? low...high : nil, missingCount: missing)
    }
}

extension RecordedSamples {
    /// `[time]`, in the channel's physical unit.
    fileprivate func physical(unitsPerStep: Double) -> [Double] {
        switch values {
        case .integers(let all): all.map { Double($0) * unitsPerStep }
        case .reals(let all): all.map { Double($0) }
        }
    }
}
