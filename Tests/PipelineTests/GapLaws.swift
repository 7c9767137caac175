import Conditioning
import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct GapLaws {
    /// Stretches of signal with gaps of up to 40 s in all leads between them, not sent or marked as missing.
    private func chunks(
        _ generator: inout SeededGenerator,
        isMarked: Bool
    ) -> (chunks: [LeadChunk], gaps: [Int]) {
        let rate = SentStream.rates.randomElement(using: &generator) ?? .grid
        let leads: [Lead] = Array([Lead.i, .ii, .v2].shuffled(using: &generator).prefix(2))
        var chunks: [LeadChunk] = []
        var gaps: [Int] = []
        let origin = [0, 0, 777, 1 << 40].randomElement(using: &generator) ?? 0
        var from = SampleIndex(origin)
        for stretch in 0..<3 {
            let seconds = Double.random(in: 0.3...13, using: &generator)
            let count = max(1, Int(seconds * rate.hertz))
            let track = SentTrack(
                rate: rate,
                leads: leads,
                first: from,
                values: leads.map { _ in noise(count, &generator) }
            )
            chunks += SentStream(tracks: [track]).chunks(longest: 0.9, using: &generator)
            from += SampleIndex(count)
            guard stretch < 2 else { break }
            let gap = Int(Double.random(in: 8...40, using: &generator) * rate.hertz)
            gaps.append(Int(rate.gridIndex(notBefore: from + Int64(gap)) - rate.gridIndex(notBefore: from)))
            if isMarked {
                let filler = SentTrack(
                    rate: rate,
                    leads: leads,
                    first: from,
                    values: leads.map { _ in Array(repeating: .nan, count: gap) }
                )
                chunks += SentStream(tracks: [filler]).chunks(longest: 0.9, using: &generator)
            }
            from += SampleIndex(gap)
        }
        return (chunks, gaps)
    }

    @Test(arguments: seeds(300))
    func `P03 windows beside a gap are those of an encoder that ran through zeros; one event tells of it`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let isMarked = Bool.random(using: &generator)
        let (chunks, gaps) = chunks(&generator, isMarked: isMarked)
        let hop = try Hop(samples: [96, 512, 992, 4_992].randomElement(using: &generator) ?? 512)
        var run = ProcessorRun(chunks[0], hop: hop)
        for chunk in chunks { try run.take(chunk, isLazy: .random(using: &generator)) }
        run.close()
        let offline = try offlineDiagnoses(of: chunks, hop: hop)
        let found = timeless(run.events).diagnoses
        #expect(found.map(\.firstSample) == offline.map(\.firstSample))
        let isSame = found == offline
        #expect(isSame)
        #expect(found.allSatisfy { $0.leads.contains { $0.samplesPresent > 0 } }, "no window within a gap")
        let told = run.events.facts(.streamGap)
        #expect(told.count == gaps.count { $0 >= 5_000 }, "gaps of \(gaps) grid samples")
        #expect(told.allSatisfy { $0.phase == .timePoint && $0.count == 1 })
        #expect(told.map(\.ordinal) == Array(1..<told.count + 1))
    }

    /// The leap is 281 thousand million seconds long at 500 Hz; running through it would never end.
    @Test(arguments: SentStream.rates)
    func `an index leap of 2^47 costs no rows`(rate: SampleRate) throws {
        let before = constant(rate, samples: Int(11 * rate.hertz), at: 0)
        let after = constant(rate, samples: Int(11 * rate.hertz), at: 1 << 47)
        var run = ProcessorRun(before[0])
        for chunk in before + after { try run.take(chunk) }
        run.close()
        let windows = run.events.diagnoses
        // Windows that hold a sample: those that begin within the first 11 s, and those that end after the leap.
        #expect(windows.count { $0.firstSample < 6_000 } == 11)
        let leap = rate.gridIndex(notBefore: 1 << 47)
        let last = windows.last?.firstSample ?? 0
        #expect(windows.first { $0.firstSample > 6_000 }.map { $0.firstSample + 5_000 > leap } == true)
        #expect(windows.filter { $0.firstSample > 6_000 }.allSatisfy { $0.firstSample + 5_000 > leap })
        #expect(last + 5_000 <= leap + 5_500 && last + 5_512 > leap + 5_500)
        #expect(windows.allSatisfy { $0.firstSample.isMultiple(of: 512) })
        #expect(run.rowsFed < 30_000)
        let told = run.events.facts(.streamGap)
        #expect(told.map(\.firstSample) == [rate.gridIndex(notBefore: Int64(11 * rate.hertz))])
    }

    /// 65615/128 Hz needs 12,800 phases; products of its leaps pass 64 bits.
    @Test func `a stream may begin and leap anywhere below 2^48, at any rate`() throws {
        let rates = [
            SampleRate(100), SampleRate(2_000), SampleRate(65_615, over: 128),
            SampleRate(100_001, over: 1_000),
        ]
        for rate in rates.compactMap({ $0 }) where PolyphaseTableReference.byteCount(of: rate) != nil {
            for (first, second) in [(0, (1 << 48) - 700), (1 << 47, (1 << 48) - 700)]
                as [(SampleIndex, SampleIndex)]
            {
                let chunks =
                    constant(rate, samples: 300, at: first) + constant(rate, samples: 700, at: second)
                var run = ProcessorRun(chunks[0])
                for chunk in chunks { try run.take(chunk) }
                run.close()
                #expect(!run.events.diagnoses.isEmpty)
                #expect(run.events.facts(.streamGap).count == 1)
                #expect(
                    run.processor.ledgers.allSatisfy { $0.ledger.isBalanced && $0.ledger.analysed == 1_000 }
                )
                #expect(run.rowsFed < 30_000)
            }
        }
    }

    @Test func `an electrode that is off or a converter at its rail for an hour takes the room of a minute`()
        throws
    {
        func ranges(after seconds: Int) throws -> Int {
            func chunk(_ second: Int) -> LeadChunk {
                LeadChunk(
                    stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
                    sequence: UInt64(second + 1),
                    firstSample: SampleIndex(second * 250),
                    sampleCount: 250,
                    rate: SampleRate(250) ?? .grid,
                    leads: [
                        // Every other sample at the rail, the others invalid: no sample is ever there.
                        LeadSamples(
                            lead: .ii,
                            millivolts: Array(repeating: .nan, count: 250),
                            facts: LeadFacts(saturated: (0..<125).map { 2 * $0..<2 * $0 + 1 })
                        ),
                        LeadSamples(
                            lead: .v1,
                            millivolts: Array(repeating: .nan, count: 250),
                            facts: LeadFacts(contact: second.isMultiple(of: 2) ? .off : .on)
                        ),
                    ]
                )
            }
            var run = ProcessorRun(chunk(0))
            for second in 0..<seconds { try run.take(chunk(second)) }
            #expect(run.events.diagnoses.isEmpty)
            #expect(run.processor.completing.count < 20)
            return run.processor.stream.factRangeCount
        }
        let minute = try ranges(after: 60)
        #expect(minute > 1_000)
        // The windows' starts stand at another place to the second: less than a hop more.
        #expect(abs(try ranges(after: 3_600) - minute) < 128)
    }

    @Test func `the label of a window counts from the wall clock at the first frame`() throws {
        let rate = try #require(SampleRate(500))
        for first: SampleIndex in [0, 5_120_000, 1 << 47] {
            let chunks = constant(rate, samples: 5_600, at: first)
            var run = ProcessorRun(chunks[0])
            for chunk in chunks { try run.take(chunk) }
            let window = try #require(run.events.diagnoses.first)
            // The first frame's last sample, number 124, stood at the wall clock's reading.
            let expected = arrival(0).utc + (window.firstSample - first - 124) * 2_000_000
            #expect(window.start == expected)
            #expect(window.end == expected + 10_000_000_000)
        }
    }
}
