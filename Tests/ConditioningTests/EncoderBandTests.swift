import Foundation
import TestSupport
import Testing

@testable import Conditioning

@Suite struct EncoderBandTests {
    @Test func `the band is SciPy's, within one rounding`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "golden/encoder_band.txt")
        let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: " ").compactMap { Double($0) }
        }
        #expect(rows.count == 1_500)
        let input = rows.map { Float($0[0]) / 1_000 }
        var band = EncoderBand()
        band.restart(at: input[0])
        var error = 0.0
        for (sample, row) in zip(input, rows) {
            error = max(error, abs(Double(band.filter(sample)) - row[1]))
        }
        // Half a unit of the last place of a Float of 2 to 4 mV is 1.2e-7.
        #expect(error < 1.3e-7)
    }

    /// The analogue Butterworth filter at the frequency to which the bilinear transform maps it.
    @Test(arguments: [0.05, 0.25, 0.5, 1, 2, 10, 25, 40, 50, 60, 100])
    func `the magnitude is Butterworth's`(hertz: Double) {
        func warped(_ hertz: Double) -> Double { tan(.pi * hertz / 500) }
        let high = 1 / sqrt(1 + pow(warped(0.5) / warped(hertz), 4))
        let low = 1 / sqrt(1 + pow(warped(hertz) / warped(40), 8))
        var band = EncoderBand()
        var cosine = 0.0
        var sine = 0.0
        // 20 s to settle, then 100 s: whole periods of every frequency here.
        for index in 0..<60_000 {
            let angle = 2 * .pi * hertz * Double(index) / 500
            let output = Double(band.filter(Float(sin(angle))))
            guard index >= 10_000 else { continue }
            cosine += output * cos(angle)
            sine += output * sin(angle)
        }
        let gain = hypot(cosine, sine) / 25_000
        #expect(abs(20 * log10(gain / (high * low))) < 0.001)
    }

    @Test func `both corners are at -3 dB`() {
        #expect(abs(20 * log10(gain(at: 0.5)) + 3.0103) < 0.001)
        #expect(abs(20 * log10(gain(at: 40)) + 3.0103) < 0.001)
    }

    @Test(arguments: seeds(20)) func `a constant from the first sample on is exactly 0`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let level = Float.random(in: -5...5, using: &generator)
        var band = EncoderBand()
        for _ in 0..<100 { _ = band.filter(.random(in: -5...5, using: &generator)) }
        band.restart(at: level)
        for _ in 0..<2_000 { #expect(abs(band.filter(level)) < 1e-12) }
    }

    @Test(arguments: seeds(20)) func `a restart forgets all that came before`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let signal = (0..<500).map { _ in Float.random(in: -5...5, using: &generator) }
        var used = EncoderBand()
        for _ in 0..<300 { _ = used.filter(.random(in: -5...5, using: &generator)) }
        var fresh = EncoderBand()
        used.restart(at: signal[0])
        fresh.restart(at: signal[0])
        for sample in signal { #expect(used.filter(sample).bitPattern == fresh.filter(sample).bitPattern) }
    }

    @Test func `after a long silence the filter is as new`() {
        var band = EncoderBand()
        _ = band.filter(1)
        #expect(band != EncoderBand())
        for _ in 0..<400_000 { _ = band.filter(0) }
        #expect(band == EncoderBand())
    }

    /// |H| by the response to an impulse, 40 s long.
    private func gain(at hertz: Double) -> Double {
        var band = EncoderBand()
        var real = 0.0
        var imaginary = 0.0
        for index in 0..<20_000 {
            let output = Double(band.filter(index == 0 ? 1 : 0))
            let angle = 2 * Double.pi * hertz * Double(index) / 500
            real += output * cos(angle)
            imaginary += output * sin(angle)
        }
        return hypot(real, imaginary)
    }
}
