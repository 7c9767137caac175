import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct WindowLaws {
    @Test func `P06 order and duplication change no event, and findings are those of windows by themselves`()
        throws
    {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed)
            let origin = Bool.random(using: &generator) ? 0 : Int64.random(in: 0...1 << 36, using: &generator)
            var stream = SentStream.random(
                seconds: .random(in: 8.9...11.5, using: &generator),
                origin: origin,
                from: Array(Lead.limb + [.v1, .v5, .patch]),
                using: &generator
            )
            if Bool.random(using: &generator) { stream.mask(longest: 2, using: &generator) }
            if Int.random(in: 0..<4, using: &generator) == 0 { stream.spoil(using: &generator) }
            let share = Bool.random(using: &generator) ? 0 : 0.1
            let chunks = losing(stream.chunks(using: &generator), share: share, using: &generator)
            let hop = try Hop(samples: [512, 992, 1_984].randomElement(using: &generator) ?? 512)
            let inOrder = timeless(try ProcessorRun.events(of: chunks, hop: hop))
            let offline = try offlineDiagnoses(of: chunks, hop: hop)
            let isOffline = timeless(inOrder).diagnoses == offline
            #expect(isOffline, "\(inOrder.diagnoses.count) and \(offline.count) windows, seed \(seed)")
            let arriving = disordered(chunks, spread: 0.8, origin: origin, using: &generator)
            let isSame = timeless(try ProcessorRun.events(of: arriving, hop: hop)) == inOrder
            #expect(isSame, "seed \(seed)")
        }
    }

    @Test(arguments: [32, 96, 160, 512, 992, 4_992], seeds(4))
    func `every hop and chunking gives the findings of windows by themselves`(hop: Int, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let hop = try Hop(samples: hop)
        let origin = Int64.random(in: 0...100, using: &generator)
        let stream = SentStream.random(
            seconds: .random(in: 10.2...13, using: &generator),
            origin: origin,
            using: &generator
        )
        let chunks = stream.chunks(longest: .random(in: 0.02...1, using: &generator), using: &generator)
        let offline = try offlineDiagnoses(of: chunks, hop: hop)
        let found = timeless(try ProcessorRun.events(of: chunks, hop: hop)).diagnoses
        #expect(found.map(\.firstSample) == offline.map(\.firstSample))
        let isSame = found == offline
        #expect(isSame)
        // What a worker leaves to later changes nothing either.
        var lazy = ProcessorRun(chunks[0], hop: hop)
        for chunk in chunks { try lazy.take(chunk, isLazy: .random(using: &generator)) }
        lazy.close()
        let isLazySame = timeless(lazy.events).diagnoses == offline
        #expect(isLazySame)
    }

    @Test(arguments: seeds(20))
    func `a copy of a processor goes its own way, and the original is as if it had never been copied`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let chunks = SentStream.random(seconds: .random(in: 11...13, using: &generator), using: &generator)
            .chunks(using: &generator)
        let cut = Int.random(in: 1..<chunks.count, using: &generator)
        var original = ProcessorRun(chunks[0])
        for chunk in chunks.prefix(cut) { try original.take(chunk) }
        var copy = original
        for chunk in chunks.dropFirst(cut) { try copy.take(chunk.mapLeads { $0.negated }) }
        copy.close()
        for chunk in chunks.dropFirst(cut) { try original.take(chunk) }
        original.close()
        let isSame = timeless(original.events) == timeless(try ProcessorRun.events(of: chunks))
        #expect(isSame)
    }

    @Test(arguments: [100, 128, 130, 250, 256, 360, 500, 512, 1_000, 2_000] as [Int64])
    func `10 r samples give one window, whole; a longer recording its last whole one; a tail none`(
        hertz: Int64
    ) throws {
        let rate = try #require(SampleRate(hertz))
        let cases: [(extra: Int64, starts: [GridIndex])] = [
            (0, [0]), (511, [0]), (512, [0, 512]), (1_535, [0, 512, 1_024]), (1_536, [0, 512, 1_024, 1_536]),
        ]
        for (extra, starts) in cases {
            // The most samples that give no more than `extra` grid samples, or the fewest that give a hop's last one.
            let scaled = extra * hertz
            let samples = Int(10 * hertz + (extra % 512 == 0 ? (scaled + 499) / 500 : scaled / 500))
            let events = try ProcessorRun.events(of: constant(rate, samples: samples, at: 0))
            #expect(events.diagnoses.map(\.firstSample) == starts, "\(extra) more")
            #expect(events.diagnoses.allSatisfy { $0.leads[1].samplesPresent == 5_000 && $0.joinedAt == 0 })
        }
    }

    @Test func `9 to 10 s give one window with its coverage, less gives none`() throws {
        for rate in SentStream.rates {
            let hertz = Int(rate.hertz)
            for samples in [9 * hertz, 9 * hertz + hertz / 2, 10 * hertz - 1] {
                let found = try ProcessorRun.events(of: constant(rate, samples: samples, at: 0)).diagnoses
                let grid = Int(rate.gridIndex(notBefore: SampleIndex(samples)))
                #expect(found.map(\.firstSample) == [0])
                #expect(found.first?.leads[1].samplesPresent == grid)
                #expect(found.first?.usedLeads == [.ii])
            }
            let short = try ProcessorRun.events(
                of: constant(rate, samples: 9 * hertz - hertz / 100 - 1, at: 0)
            )
            #expect(short.diagnoses.isEmpty)
        }
    }

    @Test(arguments: seeds(60))
    func `a joiner begins at the first boundary at or after its first sample, and its key says so`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let hop = try Hop(samples: 32 * Int.random(in: 1...156, using: &generator))
        let boundary = GridIndex(hop.samples) * GridIndex.random(in: 0...1 << 30, using: &generator)
        let rate = SentStream.rates.randomElement(using: &generator) ?? .grid
        let first = max(0, rate.sampleIndex(covering: boundary) + .random(in: -200...200, using: &generator))
        let joined = rate.gridIndex(notBefore: first)
        let samples = Int((10.5 + Double(hop.samples) / 500) * rate.hertz)
        let events = try ProcessorRun.events(of: constant(rate, samples: samples, at: first), hop: hop)
        let windows = events.diagnoses
        try #require(!windows.isEmpty)
        let start = windows[0].firstSample
        #expect(start >= joined && start - joined < hop.samples && start % GridIndex(hop.samples) == 0)
        #expect(
            zip(windows, windows.dropFirst()).allSatisfy { $1.firstSample - $0.firstSample == hop.samples }
        )
        #expect(windows.allSatisfy { $0.joinedAt == joined })
        for event in events {
            guard case .diagnosis(_, _, _, let told) = event.key else { continue }
            #expect(told == joined)
        }
    }

    @Test func `why a window is withheld is settled by the leads before its end, whenever it is cut`() throws
    {
        var generator = SeededGenerator(seed: 1)
        let tracks = [
            SentTrack(number: 0, rate: .grid, leads: [.patch], values: [heart(6_500, .grid, &generator)]),
            SentTrack(
                number: 1,
                rate: .grid,
                leads: [.v1],
                first: 5_200,
                values: [heart(1_300, .grid, &generator)]
            ),
        ]
        let chunks = SentStream(tracks: tracks).chunks(using: &generator)
        for isLazy in [false, true] {
            var run = ProcessorRun(chunks[0])
            for chunk in chunks { try run.take(chunk, isLazy: isLazy) }
            run.close()
            // The patch stands in channel I until a standard lead has been sent, in the first window alone.
            let windows = run.events.diagnoses
            #expect(windows.map(\.windowWithheld) == [nil, .coverage, .coverage])
            #expect(windows.map(\.leads[0].source) == [.patch, .absent, .absent])
            #expect(windows[0].usedLeads == [.i] && !windows[0].top.isEmpty)
            #expect(windows.dropFirst().allSatisfy { $0.top.isEmpty && $0.withheld.isEmpty })
        }
    }

    @Test func `a silence tick neither ends a run nor cuts a window`() throws {
        let rate = try #require(SampleRate(250))
        let chunks = constant(rate, samples: 2_500, at: 0)
        var run = ProcessorRun(chunks[0])
        for chunk in chunks.dropLast() { try run.take(chunk) }
        run.tick()
        try run.take(chunks[chunks.count - 1])
        run.tick()
        #expect(run.events.isEmpty)
        run.close()
        #expect(run.events.diagnoses.map(\.firstSample) == [0])
        #expect(timeless(run.events) == timeless(try ProcessorRun.events(of: chunks)))
    }

    @Test func `the hop is a multiple of 32 from 32 to 4,992, and a refusal says why`() throws {
        for samples in -100...6_000 {
            let isAllowed = samples % 32 == 0 && (32...4_992).contains(samples)
            let hop = Result { try Hop(samples: samples) }
            #expect((try? hop.get())?.samples == (isAllowed ? samples : nil))
            if case .failure(let error) = hop { #expect("\(error)".contains("multiple of 32")) }
        }
    }
}

/// Lead II of a slow wave, in chunks of a quarter second.
func constant(_ rate: SampleRate, samples: Int, at first: SampleIndex) -> [LeadChunk] {
    let values = (0..<samples).map { Float($0 % 97) / 97 }
    let stream = SentStream(tracks: [SentTrack(rate: rate, leads: [.ii], first: first, values: [values])])
    let most = SampleIndex(rate.hertz / 4)
    var chunks: [LeadChunk] = []
    var from = first
    while from < first + SampleIndex(samples) {
        let end = min(from + most, first + SampleIndex(samples))
        chunks.append(
            stream.chunk(of: stream.tracks[0], leads: [0], from..<end, sequence: UInt64(chunks.count + 1))
        )
        from = end
    }
    return chunks
}

extension LeadSamples {
    fileprivate var negated: LeadSamples { LeadSamples(lead: lead, millivolts: millivolts.map { -$0 }) }
}
