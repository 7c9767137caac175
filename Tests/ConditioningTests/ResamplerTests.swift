import ECGSignal
import TestSupport
import Testing

@testable import Conditioning

/// The laws of a run: what comes out does not depend on cuts or on the past, and stands where it should.
@Suite struct ResamplerTests {
    @Test(arguments: rates) func `any chunking gives the same bits as the definition`(rate: Rate) throws {
        let table = rate.value == .grid ? nil : try PolyphaseTable(rate: rate.value)
        for seed in seeds(6) {
            var generator = SeededGenerator(seed: seed)
            let signal = noise(Int.random(in: 1...3_000, using: &generator), &generator)
            let first = SampleIndex.random(in: 0...(1 << 48) - 3_000, using: &generator)
            var resampler = Resampler(rate: rate.value, table: table)
            let output = run(&resampler, signal, from: first, cutBy: &generator)
            let expected = definition(rate.value, table, signal, from: first)
            #expect(output.map(\.bitPattern) == expected.map(\.bitPattern), "\(rate), seed \(seed)")
        }
    }

    @Test(arguments: rates) func `started again it is a fresh one`(rate: Rate) throws {
        let table = rate.value == .grid ? nil : try PolyphaseTable(rate: rate.value)
        for seed in seeds(4) {
            var generator = SeededGenerator(seed: seed)
            var used = Resampler(rate: rate.value, table: table)
            var dropped: [Float] = []
            used.start(at: 77)
            used.push(noise(Int.random(in: 1...500, using: &generator), &generator).span, into: &dropped)
            if generator.next() & 1 == 0 { used.finish(into: &dropped) }
            let signal = noise(700, &generator)
            var fresh = Resampler(rate: rate.value, table: table)
            let again = run(&used, signal, from: 123_456, cutBy: &generator)
            let once = run(&fresh, signal, from: 123_456, cutBy: &generator)
            #expect(again.map(\.bitPattern) == once.map(\.bitPattern), "\(rate), seed \(seed)")
            #expect(used.nextGridIndex == fresh.nextGridIndex)
        }
    }

    @Test func `10 r samples drain to 5,000 grid samples, each in its place`() throws {
        var generator = SeededGenerator(seed: 1)
        var hertz: [Int64] = [100, 125, 128, 130, 200, 250, 256, 257, 300, 360, 500, 512, 1_000, 2_000]
        hertz += (0..<100).map { _ in Int64.random(in: 100...2_000, using: &generator) }
        for hertz in hertz {
            let rate = try #require(SampleRate(hertz))
            var resampler = Resampler(
                rate: rate,
                table: rate == .grid ? nil : try PolyphaseTable(rate: rate)
            )
            // A ramp of 1 mV a second: its value is its time.
            let ramp = (0..<10 * hertz).map { Float($0) / Float(hertz) }
            let output = run(&resampler, ramp, from: 0, cutBy: &generator)
            try #require(output.count == 5_000, "\(hertz) Hz")
            #expect(resampler.nextGridIndex == 5_000)
            // 65 grid samples: the look-ahead of 100 Hz. 2e-5 s is a hundredth of a grid sample.
            let worst = (65..<4_935).map { abs(output[$0] - Float($0) / 500) }.max() ?? 1
            #expect(worst < 2e-5, "\(hertz) Hz")
        }
    }

    @Test(arguments: rates) func `a run begins and ends on its own grid samples`(rate: Rate) throws {
        let table = rate.value == .grid ? nil : try PolyphaseTable(rate: rate.value)
        let numerator = Int128(rate.value.numerator)
        let grid = Int128(500 * rate.value.denominator)
        for first: SampleIndex in [0, 1, 2, 3, 999, 123_457, (1 << 48) - 1_000] {
            var resampler = Resampler(rate: rate.value, table: table)
            var output: [Float] = []
            resampler.start(at: first)
            #expect(resampler.isRunning)
            let begin = resampler.nextGridIndex
            // k is the first with k r / 500 >= n0.
            #expect(Int128(begin) * numerator >= Int128(first) * grid)
            #expect(Int128(begin - 1) * numerator < Int128(first) * grid)
            let count = 733
            resampler.push(Array(repeating: Float(0.7), count: count).span, into: &output)
            resampler.finish(into: &output)
            #expect(!resampler.isRunning)
            // One past the last is the first k with k r / 500 >= N.
            let end = resampler.nextGridIndex
            #expect(Int128(end) * numerator >= (Int128(first) + Int128(count)) * grid)
            #expect(Int128(end - 1) * numerator < (Int128(first) + Int128(count)) * grid)
            #expect(output.count == Int(end - begin))
            #expect(output.allSatisfy { $0 == 0.7 }, "a constant passes as it is")
        }
    }

    @Test(arguments: rates) func `a grid sample comes as soon as its look-ahead is there`(rate: Rate) throws {
        let table = rate.value == .grid ? nil : try PolyphaseTable(rate: rate.value)
        let ahead = table?.halfTaps ?? 0
        let seconds = Double(ahead) / rate.value.hertz
        #expect(seconds <= 13 / min(rate.value.hertz, 500) + 1 / rate.value.hertz)
        var resampler = Resampler(rate: rate.value, table: table)
        var output: [Float] = []
        resampler.start(at: 5)
        for index in SampleIndex(5)..<1_000 {
            resampler.push([1].span, into: &output)
            #expect(rate.value.sampleIndex(covering: resampler.nextGridIndex) + SampleIndex(ahead) > index)
            let last = resampler.nextGridIndex - 1
            #expect(output.isEmpty || rate.value.sampleIndex(covering: last) + SampleIndex(ahead) <= index)
        }
    }

    @Test func `a run without a sample gives none`() throws {
        let rate = try #require(SampleRate(360))
        var resampler = Resampler(rate: rate, table: try PolyphaseTable(rate: rate))
        var output: [Float] = []
        resampler.finish(into: &output)
        resampler.start(at: 10)
        resampler.push([Float]().span, into: &output)
        resampler.finish(into: &output)
        #expect(output.isEmpty)
        #expect(!resampler.isRunning)
    }

    @Test func `500 Hz passes bit for bit`() {
        let signal: [Float] = [-0.0, .leastNonzeroMagnitude, 1, .greatestFiniteMagnitude, -3.3]
        var resampler = Resampler(rate: .grid, table: nil)
        var output: [Float] = []
        resampler.start(at: 1 << 40)
        #expect(resampler.nextGridIndex == 1 << 40)
        resampler.push(signal.span, into: &output)
        #expect(output.map(\.bitPattern) == signal.map(\.bitPattern))
        resampler.finish(into: &output)
        #expect(output.count == signal.count)
    }

    private func noise(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in Float.random(in: -5...5, using: &generator) }
    }

    /// A whole run, cut at random places.
    private func run(
        _ resampler: inout Resampler,
        _ signal: [Float],
        from first: SampleIndex,
        cutBy generator: inout SeededGenerator
    ) -> [Float] {
        var output: [Float] = []
        resampler.start(at: first)
        var index = 0
        let longest = Int.random(in: 1...600, using: &generator)
        while index < signal.count {
            let end = min(signal.count, index + Int.random(in: 0...longest, using: &generator))
            resampler.push(Array(signal[index..<end]).span, into: &output)
            index = end
        }
        resampler.finish(into: &output)
        return output
    }

    /// The slow twin: each grid sample by itself, its position a fraction, the ends extended by the edge sample.
    private func definition(
        _ rate: SampleRate,
        _ table: PolyphaseTable?,
        _ signal: [Float],
        from first: SampleIndex
    ) -> [Float] {
        guard let table else { return signal }
        var output: [Float] = []
        let numerator = Int128(rate.numerator)
        let grid = Int128(500 * rate.denominator)
        var k = (Int128(first) * grid + numerator - 1) / numerator
        while k * numerator < (Int128(first) + Int128(signal.count)) * grid {
            let whole = k * numerator / grid
            let phase = Int((k * numerator % grid) * Int128(table.phaseCount) / grid)
            var sums = [0.0, 0.0]
            for tap in 0..<2 * table.halfTaps {
                let index = Int(whole - Int128(first)) - (table.halfTaps - 1) + tap
                let sample = signal[min(max(index, 0), signal.count - 1)]
                sums[tap % 2] += table.coefficients[phase * 2 * table.halfTaps + tap] * Double(sample)
            }
            output.append(Float(sums[0] + sums[1]))
            k += 1
        }
        return output
    }
}
