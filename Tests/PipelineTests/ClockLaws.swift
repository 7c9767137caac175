import ECGSignal
import TestSupport
import Testing

@testable import Pipeline

/// The clock of a stream over a day, and labels that depend on nothing but what came before.
@Suite struct ClockLaws {
    /// A chunk without leads, of which a clock needs no more.
    private func chunk(_ number: Int, _ rate: SampleRate, size: Int) -> LeadChunk {
        LeadChunk(
            stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
            sequence: UInt64(number + 1),
            firstSample: SampleIndex(number * size),
            sampleCount: size,
            rate: rate,
            leads: []
        )
    }

    /// When the last sample of a chunk is there, seconds, by a clock that is right.
    private func due(_ chunk: LeadChunk, _ partsPerMillion: Double) -> Double {
        Double(chunk.endSample - 1) / chunk.rate.hertz / (1 + partsPerMillion / 1e6)
    }

    @Test func `a day of 130 Hz that is 128.4 ends with its times right`() throws {
        let rate = try #require(SampleRate(130))
        let drift = (128.4 / 130 - 1) * 1e6
        var generator = SeededGenerator(seed: 1)
        var clock: StreamClock?
        var (first, news) = (0.0, 0)
        for number in 0..<24 * 3_600 * 5 {
            let chunk = chunk(number, rate, size: 26)
            let there = due(chunk, drift) + Double.random(in: 0...0.1, using: &generator)
            if clock == nil {
                first = there
                clock = StreamClock(time: rate.time(of: chunk.endSample - 1), at: arrival(there))
            }
            news += clock?.note(chunk, at: arrival(there)).count ?? 0
        }
        #expect(news == 0)
        let facts = try #require(clock?.facts)
        #expect(abs((facts.driftPartsPerMillion ?? 0) - drift) < 30)
        let index = GridIndex(86_390 * 500)
        let truth = arrival(86_390 / (1 + drift / 1e6)).utc
        let error = Double((clock?.utc(of: index) ?? 0) - truth) / 1e6
        #expect(abs(error) <= (facts.offsetUncertaintyMilliseconds ?? 0), "\(error) ms, first at \(first)")
        #expect((facts.offsetUncertaintyMilliseconds ?? .infinity) < 60)
    }

    @Test(arguments: seeds(100))
    func `labels never go back, bend by at most 5 ms a second, and once there never change`(
        seed: UInt64
    )
        throws
    {
        var generator = SeededGenerator(seed: seed)
        let rate = try #require(SentStream.rates.randomElement(using: &generator))
        let drift = Double.random(in: -15_000...15_000, using: &generator)
        let jitter = Double.random(in: 0...0.3, using: &generator)
        let size = Int(rate.hertz / 5)
        var clock: StreamClock?
        var labels: [GridIndex: UTCNanoseconds] = [:]
        var (slowest, fastest) = (Double.infinity, 0.0)
        for number in 0..<5 * 200 {
            let chunk = chunk(number, rate, size: size)
            let there = arrival(due(chunk, drift) + Double.random(in: 0...jitter, using: &generator) + 1)
            var known = clock ?? StreamClock(time: rate.time(of: chunk.endSample - 1), at: there)
            _ = known.note(chunk, at: there)
            clock = known
            let newest = rate.gridIndex(notBefore: chunk.endSample)
            labels[newest] = known.utc(of: newest)
        }
        let final = try #require(clock)
        let indices = labels.keys.sorted()
        for (index, next) in zip(indices, indices.dropFirst()) {
            let pace = Double(final.utc(of: next) - final.utc(of: index)) / Double((next - index) * 2_000_000)
            (slowest, fastest) = (min(slowest, pace), max(fastest, pace))
        }
        // The line itself moves by the drift.
        let expected = 1 / (1 + drift / 1e6)
        #expect(slowest > min(1, expected) - 0.0055 && fastest < max(1, expected) + 0.0055, "seed \(seed)")
        for index in indices.suffix(500) { #expect(final.utc(of: index) == labels[index], "seed \(seed)") }
    }

    @Test func `one early stumble does not move the line`() throws {
        var fit = ClockFit()
        for second in 0..<300 {
            fit.note(time: Double(second), delay: second == 150 ? -30 : 0.01 + Double(second % 7) * 0.001)
        }
        let fitted = fit.line()
        let line = try #require(fitted)
        #expect(abs(line.partsPerMillion) < 5)
        #expect(abs(line.delay(at: 300) - 0.01) < 0.002)
    }

    @Test(arguments: seeds(500)) func `no delays, however wild, break a fit`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var fit = ClockFit()
        for _ in 0..<200 {
            fit.note(
                time: .random(in: -1e13...1e13, using: &generator) / .random(in: 1...1e10, using: &generator),
                delay: .random(in: -1e13...1e13, using: &generator)
            )
            if let line = fit.line() { #expect(!line.slope.isNaN && !line.offset.isNaN) }
        }
    }
}
