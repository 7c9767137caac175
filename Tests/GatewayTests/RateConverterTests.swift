import ECGSignal
import Foundation
import Recordings
import TestSupport
import Testing
import Wire

@testable import Gateway

@Suite struct RateConverterTests {
    private static let amplitude = 1e6

    private func sine(_ hertz: Double, at rate: SampleRate, count: Int) -> [Double] {
        (0..<count).map { Self.amplitude * sin(2 * .pi * hertz * Double($0) / rate.hertz + 0.3) }
    }

    /// The largest error away from both ends, relative to the amplitude, in dB.
    private func error(
        of hertz: Double,
        from source: SampleRate,
        to target: SampleRate,
        expected: Bool
    ) -> Double {
        let output = RateConverter(from: source, to: target).values(
            of: [sine(hertz, at: source, count: Int(4 * source.hertz))]
        )[0]
        let margin = Int((66 * target.hertz / min(source.hertz, target.hertz)).rounded(.up))
        let wanted = sine(expected ? hertz : 0, at: target, count: output.count)
        let silence = expected ? 1.0 : 0.0
        let worst = output.indices.dropFirst(margin).dropLast(margin).map {
            abs(output[$0] - silence * wanted[$0])
        }.max()
        return 20 * log10((worst ?? .infinity) / Self.amplitude)
    }

    @Test(arguments: deviceRates, [Rate(100), Rate(360), Rate(500), Rate(1_000)].compactMap { $0 })
    func `a sine up to 0.47 of the lower rate stays that sine to -80 dB`(target: Rate, source: Rate) {
        guard target.value != source.value else { return }
        let lower = min(source.value.hertz, target.value.hertz)
        for fraction in [0.005, 0.1, 0.25, 0.4, 0.45, 0.47] {
            let error = error(of: fraction * lower, from: source.value, to: target.value, expected: true)
            #expect(error <= -80, "\(fraction): \(error) dB")
        }
    }

    @Test(arguments: deviceRates.filter { $0.value.hertz < 400 })
    func `from 0.53 of the lower rate on nothing comes through`(target: Rate) throws {
        let source = try #require(SampleRate(2_000))
        for fraction in [0.53, 0.6, 0.8, 1.0, 1.7, 2.3] {
            let hertz = fraction * target.value.hertz
            let error = error(of: hertz, from: source, to: target.value, expected: false)
            #expect(error <= -80, "\(hertz) Hz: \(error) dB")
        }
    }

    @Test(arguments: deviceRates) func `10 s are exactly 10 r samples at every whole rate`(
        target: Rate
    ) throws {
        for source in deviceRates where source.value.denominator == 1 {
            let converter = RateConverter(from: source.value, to: target.value)
            let wanted =
                (10 * target.value.numerator + target.value.denominator - 1) / target.value.denominator
            #expect(converter.count(of: 10 * Int(source.value.numerator)) == Int(wanted))
        }
        let stream = try RateConverter.convert(.of(count: 5_000), to: target.value)
        #expect(stream.sampleCount == Int((10 * target.value.hertz).rounded(.up)))
        #expect(stream.leads.allSatisfy { $0.sampleCount == stream.sampleCount })
    }

    @Test(arguments: seeds(200)) func `an output sample is missing where its source sample is`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let source = try #require(deviceRates.randomElement(using: &generator)).value
        let target = try #require(deviceRates.randomElement(using: &generator)).value
        let count = Int.random(in: 1...2_000, using: &generator)
        var missing: [Range<Int>] = []
        var from = Int.random(in: 0...100, using: &generator)
        while from < count {
            let to = min(count, from + Int.random(in: 1...200, using: &generator))
            missing.append(from..<to)
            from = to + Int.random(in: 1...300, using: &generator)
        }
        let converter = RateConverter(from: source, to: target)
        let found = converter.missing(missing, of: count)
        let step = Int128(source.numerator * target.denominator)
        let unit = Int128(source.denominator * target.numerator)
        for index in 0..<converter.count(of: count) {
            let covering = Int(Int128(index) * step / unit)
            #expect(
                found.contains { $0.contains(index) } == missing.contains { $0.contains(covering) },
                "seed \(seed), \(source) to \(target), sample \(index)"
            )
        }
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "seed \(seed)")
    }

    @Test(arguments: deviceRates.filter { $0.value != .grid })
    func `a hole neither rings nor moves what stands beside it`(target: Rate) throws {
        let level: Int32 = 5_000
        let missing = [0..<40, 900..<1_400, 2_950..<3_000]
        var values = [Int32](repeating: level, count: 3_000)
        for range in missing { for index in range { values[index] = 0 } }
        let stream = RecordedStream(
            identity: StreamIdentity(patient: "record", device: "file", epoch: 1),
            start: 0,
            leads: [
                .init(
                    lead: .ii,
                    rate: .grid,
                    samples: RecordedSamples(values: .integers(values), missing: missing),
                    nanovoltsPerUnit: 2_000
                )
            ]
        )
        let converted = try RateConverter.convert(stream, to: target.value)
        let samples = try converted.leads[0].samples(0..<converted.sampleCount)
        #expect(converted.leads[0].nanovoltsPerUnit == 1_000)
        #expect(samples.values == .integers(Array(repeating: 2 * level, count: converted.sampleCount)))
        #expect(samples.missing.count == 3)
    }

    @Test func `the same rate changes nothing`() throws {
        let stream = RecordedStream.of(count: 100, gains: [2_441.4])
        let same = try RateConverter.convert(stream, to: .grid)
        #expect(try same.leads[0].samples(0..<100) == stream.leads[0].samples(0..<100))
        #expect(same.leads[0].nanovoltsPerUnit == 2_441.4)
    }
}
