import Conditioning
import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

/// What those who look are shown, and that looking changes nothing.
@Suite struct TraceLaws {
    @Test(arguments: seeds(200)) func `looking changes no event`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var stream = SentStream.random(seconds: 14, using: &generator)
        stream.mask(longest: 3, using: &generator)
        stream.spoil(using: &generator)
        let chunks = stream.chunks(using: &generator)
        let hop = try Hop(samples: [96, 512, 992].randomElement(using: &generator) ?? 512)
        var alone = ProcessorRun(chunks[0], hop: hop)
        var watched = ProcessorRun(chunks[0], hop: hop)
        var bands: [TraceBlock.Band] = []
        for chunk in chunks {
            let isLazy = Bool.random(using: &generator)
            try watched.take(chunk, isLazy: isLazy)
            try alone.take(chunk)
            #expect(watched.processor.observations == alone.processor.observations)
            if Int.random(in: 0..<10, using: &generator) == 0 {
                bands = TraceBlock.Band.allCases.filter { _ in Bool.random(using: &generator) }
            }
            if Bool.random(using: &generator) { _ = watched.look(bands) }
        }
        watched.close()
        alone.close()
        #expect(watched.processor.observations == alone.processor.observations)
        #expect(watched.events.map(\.content) == alone.events.map(\.content))
        #expect(watched.events.map(\.time) == alone.events.map(\.time))
    }

    /// The rows of chunks by the readers of the analysis, which are laws of their own, in both bands.
    private func rows(of chunks: [LeadChunk]) -> (narrow: [Float], wide: WideRows) {
        var offline = ConditionedStream()
        _ = offline.addWideReader()
        var timeline = StreamTimeline()
        for chunk in chunks { _ = offline.take(timeline.place(chunk), table: nil) }
        let end = offline.ready
        var narrow = [Float](repeating: 0, count: Int(end) * Lead.channelCount)
        var wide = WideRows()
        offline.copyRows(0..<end, into: &narrow)
        offline.copyWideRows(0..<end, into: &wide)
        return (narrow, wide)
    }

    @Test(arguments: seeds(100)) func `a block holds the rows, and a gap is a gap`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let origin = SampleIndex([0, 0, 100, 12_345].randomElement(using: &generator) ?? 0)
        var stream = SentStream(tracks: [
            SentTrack(
                rate: .grid,
                leads: [.ii, .v1],
                first: origin,
                values: [noise(6_000, &generator), noise(6_000, &generator)]
            )
        ])
        stream.mask(longest: 1.5, using: &generator)
        let sent = stream.tracks[0].values
        let chunks = stream.chunks(using: &generator)
        var run = ProcessorRun(chunks[0])
        var blocks: [TraceBlock] = []
        // The starts of what is shown: of a chunk that makes more than 2 s final only the newest 2 s.
        var due: [GridIndex] = []
        var shownTo: GridIndex = 0
        _ = run.look(TraceBlock.Band.allCases)
        for chunk in chunks {
            try run.take(chunk)
            blocks += run.look(TraceBlock.Band.allCases)
            let end = run.processor.stream.ready / 100 * 100
            due += stride(from: max(shownTo, end - 1_000), to: end, by: 100)
            shownTo = max(shownTo, end)
        }
        let (narrow, wide) = rows(of: chunks)
        let whole = due.filter { start in
            (start..<start + 100).contains { index in
                index >= origin && sent.contains { !$0[Int(index - origin)].isNaN }
            }
        }
        for band in TraceBlock.Band.allCases {
            let shown = blocks.filter { $0.band == band }
            #expect(shown.map(\.start) == whole)
            for block in shown {
                let leads = block.leads.leads
                #expect(block.values.count == leads.count * band.sampleCount)
                for (place, lead) in leads.enumerated() {
                    let channel = lead == .ii ? 1 : 6
                    for sample in 0..<band.sampleCount {
                        let index = block.start + Int64(sample * band.step)
                        let there = index >= origin && !sent[lead == .ii ? 0 : 1][Int(index - origin)].isNaN
                        let position = Int(index) * Lead.channelCount + channel
                        let value =
                            band == .monitor ? narrow[position] : wide.value(Int(index), channel: channel)
                        let unit = TraceBlock.unit(ofMillivolts: there ? value : .nan)
                        #expect(block.values[place * band.sampleCount + sample] == unit)
                    }
                }
            }
        }
    }

    @Test func `who begins to look sees what comes from then on, and nothing older than 2 s is shown`() throws
    {
        var generator = SeededGenerator(seed: 1)
        let stream = SentStream(tracks: [
            SentTrack(rate: .grid, leads: [.i], values: [noise(8_000, &generator)])
        ])
        let chunks = stream.chunks(longest: 0.2, using: &generator)
        var run = ProcessorRun(chunks[0])
        var next = chunks.count / 2
        for chunk in chunks[..<next] { try run.take(chunk) }
        #expect(run.look([.monitor, .diagnostic]).isEmpty)
        let whole = (run.processor.stream.ready + 99) / 100 * 100
        var first: [TraceBlock] = []
        while first.isEmpty, next < chunks.count {
            try run.take(chunks[next])
            first = run.look([.monitor, .diagnostic])
            next += 1
        }
        #expect(first.map(\.start) == [whole, whole])
        #expect(first.map(\.band) == [.monitor, .diagnostic])
        #expect(first.allSatisfy { !$0.values.contains(TraceBlock.missing) })
        for chunk in chunks[next...] { try run.take(chunk) }
        let late = run.look([.monitor])
        #expect(late.count == 10)
        #expect(late.allSatisfy { $0.leads == LeadSet([.i]) })
        #expect(zip(late, late.dropFirst()).allSatisfy { $1.start - $0.start == 100 })
        #expect(run.look([.monitor]).isEmpty)
    }

    @Test func `leads that follow from two others are shown as computed ones`() throws {
        let first = (0..<2_000).map { Float(($0 * 7) % 400) / 400 }
        let second = (0..<2_000).map { Float(($0 * 13) % 500) / 250 }
        let stream = SentStream(tracks: [
            SentTrack(rate: .grid, leads: [.i, .ii], values: [first, second])
        ])
        var generator = SeededGenerator(seed: 3)
        let chunks = stream.chunks(longest: 0.2, using: &generator)
        var run = ProcessorRun(chunks[0])
        var blocks: [TraceBlock] = []
        for chunk in chunks {
            try run.take(chunk)
            blocks += run.look([.diagnostic])
        }
        let block = try #require(blocks.last)
        #expect(block.leads == .limb)
        #expect(block.derived == LeadSet([.iii, .aVR, .aVL, .aVF]))
        for sample in 0..<100 {
            let value = { (lead: Int) in Int(block.values[lead * 100 + sample]) }
            // Each is rounded by itself, to 2.5 microvolts.
            #expect(abs(value(2) - (value(1) - value(0))) <= 1)
            #expect(abs(2 * value(3) + value(0) + value(1)) <= 3)
        }
    }

    @Test func `the one lead that is shown does not change at every gap`() {
        var choice = MonitorLead()
        let both = LeadSet([.i, .ii])
        #expect(choice.choose(among: both) == .ii)
        for _ in 0..<9 { #expect(choice.choose(among: LeadSet([.i])) == .ii) }
        #expect(choice.choose(among: LeadSet([.i])) == .i)
        for _ in 0..<9 { #expect(choice.choose(among: both) == .i) }
        #expect(choice.choose(among: both) == .ii)
        #expect(choice.choose(among: LeadSet([.v6])) == .ii)
    }
}
