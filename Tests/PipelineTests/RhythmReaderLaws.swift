import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

@testable import Pipeline

/// The rhythm lane in the way of a stream: what it gives is a function of the samples alone.
@Suite struct RhythmReaderLaws {
    /// Beats of changing rate in one to three leads, with a standstill and gaps of up to 30 s, as chunks.
    private func chunks(_ generator: inout SeededGenerator) -> [LeadChunk] {
        let step = [1, 2].randomElement(using: &generator) ?? 1
        let rate = SampleRate(Int64(500 / step)) ?? .grid
        let leads = Array([Lead.i, .ii, .v2, .v5, .patch].shuffled(using: &generator).prefix(3))
        var ecg = MadeECG(seconds: 60, seed: generator.next())
        var from = 0.0
        while from < 55 {
            let to = from + Double.random(in: 3...15, using: &generator)
            if Int.random(in: 0..<4, using: &generator) > 0 {
                ecg.addRhythm(from: from, to: to, rate: .random(in: 30...180, using: &generator))
            }
            from = to
        }
        let values = stride(from: 0, to: ecg.values.count, by: step).map { ecg.values[$0] }
        let first = SampleIndex([0, 0, 1_001, 1 << 36].randomElement(using: &generator) ?? 0)
        var track = SentTrack(
            rate: rate,
            leads: leads,
            first: first,
            values: leads.map { lead in values.map { lead == .v2 ? -0.6 * $0 : $0 } }
        )
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let length = Int(Double.random(in: 0.02...30, using: &generator) * rate.hertz)
            let start = Int.random(in: 0..<values.count, using: &generator)
            let isOfAll = Bool.random(using: &generator)
            for lead in leads.indices where isOfAll || lead == 0 {
                for index in start..<min(start + length, values.count) { track.values[lead][index] = .nan }
            }
        }
        return SentStream(tracks: [track]).chunks(longest: 0.9, using: &generator)
    }

    @Test(arguments: seeds(60))
    func
        `beats and rhythms are those of all rows at once, whatever the hop, the chunks and the pace of windows`(
            seed: UInt64
        ) throws
    {
        var generator = SeededGenerator(seed: seed)
        let sent = chunks(&generator)
        let hop = try Hop(samples: [32, 512, 4_992].randomElement(using: &generator) ?? 512)
        var run = ProcessorRun(sent[0], hop: hop)
        for chunk in sent { try run.take(chunk, isLazy: .random(using: &generator)) }
        run.close()
        let whole = try offlineRhythm(of: sent)
        #expect(!whole.beats.isEmpty && run.rhythm.beats == whole.beats)
        #expect(run.rhythm.found == whole.found)
        #expect(run.rhythm.changes == whole.changes)
        #expect(run.rhythm.analysis == whole.analysis)
        #expect(run.rhythm.trust == whole.trust && run.rhythm.vitals == whole.vitals)
    }

    @Test(arguments: seeds(20))
    func `a copy of a processor and the rest of the chunks give the beats and rhythms of the whole`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let sent = chunks(&generator)
        let cut = Int.random(in: 1..<sent.count, using: &generator)
        var original = ProcessorRun(sent[0])
        for chunk in sent.prefix(cut) { try original.take(chunk) }
        var copy = original
        for chunk in sent.dropFirst(cut) {
            let other = chunk.mapLeads { LeadSamples(lead: $0.lead, millivolts: $0.millivolts.map { -$0 }) }
            try original.take(other)
        }
        for chunk in sent.dropFirst(cut) { try copy.take(chunk) }
        copy.close()
        let whole = try offlineRhythm(of: sent)
        #expect(copy.rhythm == whole)
    }

    @Test func `a stream that goes on after an idle close is not asked for the beats before`() throws {
        var ecg = MadeECG(seconds: 20)
        ecg.addRhythm(from: 0, to: 20, rate: 70)
        func second(_ number: Int, from first: SampleIndex) -> LeadChunk {
            LeadChunk(
                stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                sequence: UInt64(first / 500 + 1),
                firstSample: first,
                sampleCount: 500,
                rate: .grid,
                nanovoltsPerUnit: 1_000,
                leads: [
                    LeadSamples(lead: .ii, millivolts: Array(ecg.values[number * 500..<number * 500 + 500]))
                ]
            )
        }
        var run = ProcessorRun(second(0, from: 0))
        for number in 0..<12 { try run.take(second(number, from: SampleIndex(number * 500))) }
        run.tick()
        run.reopen()
        let before = run.rhythm.beats.count
        #expect(before >= 12)
        let later: SampleIndex = 500 * 100
        for number in 0..<12 { try run.take(second(number, from: later + SampleIndex(number * 500))) }
        run.close()
        let after = run.rhythm.beats.dropFirst(before)
        #expect(after.count >= 12 && after.first?.interval == nil)
        #expect(run.rhythm.changes.allSatisfy { $0.finding != .asystole })
    }
}
