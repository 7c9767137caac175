import ECGSignal
import Foundation
import TestSupport
import Testing

@testable import Conditioning

/// A rate that names itself in a failed test.
struct Rate: CustomTestStringConvertible {
    let value: SampleRate
    var testDescription: String { "\(value.numerator)/\(value.denominator) Hz" }

    init?(_ numerator: Int64, _ denominator: Int64 = 1) {
        guard let value = SampleRate(numerator, over: denominator) else { return nil }
        self.value = value
    }
}

/// 65,615/128 Hz is a watch's; 2,999/8 Hz needs 4,000 phases, 1,337/2 Hz 1,000.
let rates: [Rate] = [
    Rate(100), Rate(125), Rate(128), Rate(130), Rate(200), Rate(250), Rate(256), Rate(257), Rate(300),
    Rate(360), Rate(500), Rate(512), Rate(750), Rate(1_000), Rate(1_024), Rate(2_000), Rate(65_615, 128),
    Rate(2_999, 8), Rate(1_337, 2),
].compactMap { $0 }

@Suite struct PolyphaseTableTests {
    @Test(arguments: rates.filter { $0.value != .grid })
    func `up to 0.4 of the lower rate a sine stays as it is and its images are below -80 dB`(
        rate: Rate
    ) throws {
        let table = try PolyphaseTable(rate: rate.value)
        let lower = min(rate.value.hertz, 500)
        for fraction in [0.004, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.33, 0.36, 0.38, 0.39, 0.4] {
            let response = Response(table, hertz: fraction * lower)
            let ripple = abs(20 * log10(response.magnitude(ofImage: 0)))
            #expect(ripple <= 0.02, "\(fraction)")
            #expect(response.phaseErrorDegreesMax <= 0.01, "\(fraction)")
            for image in response.images where image != 0 {
                #expect(20 * log10(response.magnitude(ofImage: image)) <= -80, "\(fraction), \(image)")
            }
        }
    }

    @Test(arguments: rates.filter { $0.value.hertz > 600 })
    func `from 0.6 of 500 Hz on nothing comes through`(rate: Rate) throws {
        let table = try PolyphaseTable(rate: rate.value)
        for step in 0...20 {
            let hertz = 300 + (rate.value.hertz / 2 - 300) * Double(step) / 20
            let response = Response(table, hertz: hertz)
            for image in response.images {
                #expect(20 * log10(response.magnitude(ofImage: image)) <= -80, "\(hertz) Hz, \(image)")
            }
        }
    }

    /// Oppenheim and Schafer's formula, with the C library's sine and the integral of I0.
    @Test(arguments: rates) func `the coefficients are the formula's`(rate: Rate) throws {
        let table = try PolyphaseTable(rate: rate.value)
        let lower = min(rate.value.hertz, 500)
        let taps = 2 * table.halfTaps
        for phase in stride(from: 0, to: table.phaseCount, by: max(1, table.phaseCount / 7)) {
            let row = (0..<taps).map { tap -> Double in
                let native = Double(tap - table.halfTaps + 1) - Double(phase) / Double(table.phaseCount)
                let x = native * lower / rate.value.hertz
                guard abs(x) < 13 else { return 0 }
                let sinc = x == 0 ? 1 : sin(.pi * x) / (.pi * x)
                return sinc * besselI0(8.1 * sqrt(1 - (x / 13) * (x / 13)))
            }
            let sum = row.reduce(0, +)
            for tap in 0..<taps {
                #expect(abs(table.coefficients[phase * taps + tap] - row[tap] / sum) < 1e-14)
            }
        }
    }

    @Test func `12,800 phases are allowed, 500,000 refused, with the rate and what to do`() throws {
        let watch = try PolyphaseTable(rate: #require(SampleRate(65_615, over: 128)))
        #expect(watch.phaseCount == 12_800)
        #expect(watch.byteCount == watch.coefficients.count * 8)
        let rate = try #require(SampleRate(512_617, over: 1_000))
        #expect(PolyphaseTable.phaseCount(of: rate) == 500_000)
        let refusal = #expect(throws: PolyphaseTable.TooManyPhases.self) { try PolyphaseTable(rate: rate) }
        #expect(refusal?.description.contains("512617/1000 Hz: 500000 phases") == true)
        #expect(refusal?.description.contains("smaller denominator") == true)
    }

    @Test(arguments: seeds(200)) func `the size is known before the table`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let denominator = Int64.random(in: 1...8, using: &generator)
        let numerator = Int64.random(in: 100 * denominator...2_000 * denominator, using: &generator)
        let rate = try #require(SampleRate(numerator, over: denominator))
        let table = try PolyphaseTable(rate: rate)
        #expect(PolyphaseTable.phaseCount(of: rate) == table.phaseCount)
        #expect(PolyphaseTable.byteCount(of: rate) == table.coefficients.count * 8)
        #expect(table.coefficients.count == table.phaseCount * 2 * table.halfTaps)
    }

    /// 1 / pi times the integral of e^(x cos t) over 0 to pi, by a rule that is exact for it in practice.
    private func besselI0(_ x: Double) -> Double {
        (0..<64).reduce(0) { $0 + exp(x * cos(.pi * (Double($1) + 0.5) / 64)) } / 64
    }
}

/// What the resampler makes of e^(2 pi i f t): its answer at each grid sample, relative to that sine there.
///
/// Image m is what comes out at f + m r, folded to the grid; over whole periods of the phases the images are
/// orthogonal.
private struct Response {
    let images: [Int]
    private var real: [Double] = []
    private var imaginary: [Double] = []
    private let gridSamplesPerPeriod: Int
    private let cyclesPerPeriod: Int

    init(_ table: PolyphaseTable, hertz: Double) {
        // With few phases a higher image falls on the sine itself.
        images = (-4...4).filter { $0 == 0 || !$0.isMultiple(of: table.phaseCount) }
        gridSamplesPerPeriod = table.phaseCount
        cyclesPerPeriod = table.step
        let periods = (1_000 + table.phaseCount - 1) / table.phaseCount
        let count = periods * table.phaseCount
        let skipped = 100
        let natives = (count + 2 * skipped) * table.step / table.phaseCount + 2 * table.halfTaps
        func turns(_ cycles: Double) -> Double { 2 * .pi * (cycles - cycles.rounded()) }
        var cosine: [Float] = []
        var sine: [Float] = []
        for isSine in [false, true] {
            let signal = (0..<natives).map { index -> Float in
                let angle = turns(hertz * Double(index) / table.rate.hertz)
                return Float(isSine ? sin(angle) : cos(angle))
            }
            var resampler = Resampler(rate: table.rate, table: table)
            var output: [Float] = []
            resampler.start(at: 0)
            resampler.push(signal.span, into: &output)
            if isSine { sine = output } else { cosine = output }
        }
        for k in skipped..<skipped + count {
            let angle = turns(hertz * Double(k) / 500)
            let (c, s) = (Double(cosine[k]), Double(sine[k]))
            real.append(c * cos(angle) + s * sin(angle))
            imaginary.append(s * cos(angle) - c * sin(angle))
        }
    }

    var phaseErrorDegreesMax: Double {
        zip(real, imaginary).map { abs(atan2($1, $0)) * 180 / .pi }.max() ?? 180
    }

    func magnitude(ofImage image: Int) -> Double {
        // The phase of m r k / 500 goes by whole numbers, hence exactly.
        var sums = (real: 0.0, imaginary: 0.0)
        for k in real.indices {
            let cycle = (image * k * cyclesPerPeriod) % gridSamplesPerPeriod
            let angle = 2 * .pi * Double(cycle) / Double(gridSamplesPerPeriod)
            sums.real += real[k] * cos(angle) + imaginary[k] * sin(angle)
            sums.imaginary += imaginary[k] * cos(angle) - real[k] * sin(angle)
        }
        return hypot(sums.real, sums.imaginary) / Double(real.count)
    }
}
