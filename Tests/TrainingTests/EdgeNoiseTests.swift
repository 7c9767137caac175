import Foundation
import Testing

@testable import Learning
@testable import Training

@Suite struct EdgeNoiseTests {
    /// The mean square of what a sequence holds at one frequency of 500 samples a second (Goertzel 1958).
    private func power(_ samples: [Float], at hertz: Double) -> Double {
        let angle = 2 * Double.pi * hertz / 500
        var (real, imaginary) = (0.0, 0.0)
        for (time, sample) in samples.enumerated() {
            real += Double(sample) * cos(angle * Double(time))
            imaginary += Double(sample) * sin(angle * Double(time))
        }
        return 2 * (real * real + imaginary * imaginary) / Double(samples.count * samples.count)
    }

    @Test func `it has the strength that was drawn, lies where it was drawn, and two sources are two`() {
        for seed in UInt64(1)...40 {
            var chance = Chance(seed: seed)
            let noise = EdgeNoise(&chance)
            #expect((38...75).contains(noise.hertz) && (1...20).contains(noise.width))
            #expect((0.001...0.03).contains(noise.millivolts) && noise.mix.count == 16)
            let (first, second) = noise.sources(5_000)
            for source in [first, second] {
                #expect(source.count == 5_000)
                let square = source.reduce(0.0) { $0 + Double($1) * Double($1) } / 5_000
                #expect(abs(square.squareRoot() / Double(noise.millivolts) - 1) < 1e-3, "seed \(seed)")
                // Of what the electrocardiogram's own waves are made of, 1 to 15 Hz, it holds next to nothing.
                let own = stride(from: 1.0, through: 15, by: 0.1).reduce(0.0) { $0 + power(source, at: $1) }
                #expect(own < 0.1 * square, "seed \(seed): \(own) of \(square)")
            }
            let product = zip(first, second).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 5_000
            #expect(abs(product) < 0.8 * Double(noise.millivolts * noise.millivolts), "seed \(seed)")
            #expect(noise.sources(5_000).first == first, "the same plan gives the same noise")
        }
    }
}
