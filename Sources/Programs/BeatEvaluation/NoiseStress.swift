internal import ECGSignal
internal import Mathematics
public import Recordings

/// Noise that is added to a recording at a given ratio, as the program `nst` of the WFDB software defines it.
///
/// The signal's amplitude is the mean height, from the least to the greatest value within 50 ms of each normal beat
/// (of any beat where none is normal), without the 5 % smallest and largest; its power is an eighth of that squared,
/// which is a sine's. The noise's is the square of its mean amplitude: the root mean square about the mean of each
/// second, without the 5 % smallest and largest. Noise starts again at its beginning where it is shorter than the
/// recording.
public struct NoiseStress: Sendable {
    /// The noise, by signal, millivolts.
    private let noise: [[Float]]
    private let decibels: Double
    private let rate: FrameRate

    /// The second half, or the whole, of the recording at `path`, to be added at `decibels`.
    public init(path: String, decibels: Double, isSecondHalf: Bool) throws(RecordingError) {
        let recording = try Recording.load(path)
        rate = recording.rate
        self.decibels = decibels
        var noise: [[Float]] = []
        for channel in recording.channels.indices {
            let all = try recording.allMillivolts(of: channel)
            noise.append(isSecondHalf ? Array(all[(all.count / 2)...]) : all)
        }
        guard let first = noise.first, first.count >= Int(recording.rate.hertz) else {
            throw RecordingError(.mismatch, path, "less than a second of noise; give a longer recording")
        }
        self.noise = noise
    }

    /// Adds the noise of the channel of the same number to `samples`, whose beats are at `beats`.
    func add(
        to samples: inout [Float],
        channel: Int,
        beats: [Int64],
        rate other: FrameRate
    ) throws(RecordingError) {
        guard other == rate else {
            throw RecordingError(.mismatch, "--noise", "its rate is not the recording's; convert it first")
        }
        let noise = self.noise[channel % self.noise.count]
        let power = NoiseStress.amplitude(of: noise, rate: rate.hertz)
        let signal = NoiseStress.height(of: samples, around: beats, reach: Int(0.05 * rate.hertz))
        guard power > 0, signal > 0 else { return }
        let gain = Float(
            signal / (8.0.squareRoot() * power) * ElementaryFunctions.exp(-decibels / 20 * 2.302585092994046)
        )
        for index in samples.indices { samples[index] += gain * noise[index % noise.count] }
    }

    private static func height(of samples: [Float], around beats: [Int64], reach: Int) -> Double {
        var heights: [Double] = []
        for beat in beats where beat >= reach && beat + Int64(reach) < samples.count {
            let part = samples[Int(beat) - reach...Int(beat) + reach]
            heights.append(Double((part.max() ?? 0) - (part.min() ?? 0)))
        }
        return trimmedMean(heights)
    }

    private static func amplitude(of noise: [Float], rate: Double) -> Double {
        let second = Int(rate)
        var amplitudes: [Double] = []
        for start in stride(from: 0, to: noise.count - second + 1, by: second) {
            let part = noise[start..<start + second]
            let mean = part.reduce(0) { $0 + Double($1) } / Double(second)
            let power = part.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(second)
            amplitudes.append(power.squareRoot())
        }
        return trimmedMean(amplitudes)
    }

    private static func trimmedMean(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        let cut = sorted.count / 20
        let kept = sorted[cut..<max(cut, sorted.count - cut)]
        return kept.isEmpty ? 0 : kept.reduce(0, +) / Double(kept.count)
    }
}

extension Recording {
    /// Every sample of a channel, millivolts; 0 where one is missing.
    func allMillivolts(of channel: Int) throws(RecordingError) -> [Float] {
        let facts = channels[channel]
        return try samples(of: channel, in: 0..<facts.sampleCount)
            .millivolts(nanovoltsPerUnit: facts.nanovoltsPerUnit ?? 1e6).map { $0.isNaN ? 0 : $0 }
    }
}
