import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

/// What noise may not do: hide a standstill, or make one.
@Suite struct NoiseLaws {
    private func output(_ values: [Float]) -> RhythmLane.Output {
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        lane.take(rows([.ii: values]), into: &output)
        return output
    }

    /// Noise whose samples hang together over `smoothness` of them, from peak to peak `height` millivolts at most.
    private func noise(
        _ count: Int,
        height: Float,
        smoothness: Int,
        _ generator: inout SeededGenerator
    ) -> [Float] {
        let raw = (0..<count + smoothness).map { _ in Float.random(in: -0.5...0.5, using: &generator) }
        var sums = (0..<count).map { start in raw[start..<start + smoothness].reduce(0, +) }
        let reach = (sums.max() ?? 1) - (sums.min() ?? 0)
        for index in sums.indices { sums[index] *= height / max(reach, 1e-6) }
        return sums
    }

    @Test(arguments: seeds(40))
    func `P24 a standstill under noise of 0.1 mV from peak to peak is asystole within 6 s`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 40, seed: seed)
        let qrs = Double.random(in: 0.5...2, using: &generator)
        let last = try #require(
            ecg.addRhythm(from: 0, to: 25, rate: .random(in: 50...120, using: &generator), qrs: qrs).last
        )
        let smoothness = Int.random(in: 1...12, using: &generator)
        let noise = noise(ecg.values.count, height: 0.09, smoothness: smoothness, &generator)
        let values = zip(ecg.values, noise).map { $0 + $1 }
        let told = output(values).changes.first { $0.finding == .asystole && $0.isOn }
        let at = try #require(told.map { Double($0.at) / 500 }, "QRS \(qrs) mV, smoothness \(smoothness)")
        #expect(at >= last + 4 && at <= last + 6, "\(at) after \(last)")
    }

    @Test(arguments: seeds(40)) func `P24 noise on a beating heart is neither asystole nor fibrillation`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 90, seed: seed)
        ecg.addRhythm(from: 0, to: 90, rate: .random(in: 50...120, using: &generator))
        let height = Float.random(in: 0.1...1.5, using: &generator)
        let smoothness = Int.random(in: 1...6, using: &generator)
        let noise = noise(ecg.values.count, height: height, smoothness: smoothness, &generator)
        var values = ecg.values
        for index in 10_000..<40_000 { values[index] += noise[index] }
        let changes = output(values).changes.filter(\.isOn)
        for finding in [RhythmFinding.asystole, .ventricularFibrillation] {
            #expect(!changes.contains { $0.finding == finding }, "\(height) mV, smoothness \(smoothness)")
        }
    }
}
