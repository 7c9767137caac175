import ECGSignal
import TestSupport
import Testing

@testable import Rhythm

/// What is taken out of the wide band as a pacing spike, and what is not.
@Suite struct SpikeTests {
    private func chunk(
        _ leads: [Lead],
        rate: SampleRate = .grid,
        first: Int = 0,
        spikes: [Int] = []
    ) -> LeadChunk {
        LeadChunk(
            stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
            sequence: 1,
            firstSample: SampleIndex(first),
            sampleCount: 500,
            rate: rate,
            leads: leads.map {
                LeadSamples(
                    lead: $0,
                    millivolts: [Float](repeating: 0, count: 500),
                    facts: LeadFacts(pacerSpikes: spikes)
                )
            }
        )
    }

    /// The rows of some leads as they are passed on, read in pieces of `cut` rows.
    private func cleaned(_ leads: [Lead: [Float]], _ notes: [LeadChunk], cut: Int = 100) -> [Lead: [Float]] {
        var spikes = PacingSpikes()
        for note in notes { spikes.note(note) }
        var out: [Lead: [Float]] = [:]
        var end: GridIndex = 0
        func collect(_ part: WideRows) {
            guard part.count > 0 else { return }
            #expect(part.start == end)
            end = part.start + GridIndex(part.count)
            for lead in leads.keys {
                out[lead, default: []] += (0..<part.count).map { part[$0].values[lead.channel ?? 0] }
            }
        }
        let count = leads.values.map(\.count).max() ?? 0
        for from in stride(from: 0, to: count, by: cut) {
            var part = rows(leads, from..<min(from + cut, count))
            spikes.clean(&part)
            collect(part)
        }
        var rest = WideRows()
        spikes.close(into: &rest)
        collect(rest)
        return out
    }

    @Test func `beats of any height and width pass as they are, bit for bit`() {
        for (height, deviation) in [(0.5, 0.009), (3, 0.009), (5, 0.011), (-2, 0.02), (4, 0.03)] {
            var ecg = MadeECG(seconds: 20, noiseMillivolts: 0.02, seed: 4)
            var time = 0.5
            while time < 19 {
                ecg.addBell(at: time, height: height, deviation: deviation)
                ecg.addBell(at: time + 0.03, height: -0.4 * height, deviation: deviation)
                time += 0.7
            }
            #expect(cleaned([.ii: ecg.values], [chunk([.ii])]) == [.ii: ecg.values], "\(height) \(deviation)")
        }
    }

    @Test func `a spike goes, what lies 10 ms beside it stays, and its tail goes too`() throws {
        for tail in [Float(0), 0.1, -0.5] {
            var values = MadeECG(seconds: 4, noiseMillivolts: 0.002, seed: 2).values
            values[1_000] += 2
            var left = tail
            for index in 1_001..<values.count {
                values[index] += left
                left *= 0.96
            }
            let out = try #require(cleaned([.v2: values], [chunk([.v2])])[.v2])
            #expect(out.count == values.count && out[..<998] == values[..<998])
            #expect(out[990...].allSatisfy { abs($0) < 0.03 + 0.06 * abs(tail) }, "\(tail)")
        }
    }

    @Test func `below 500 Hz only a mark makes a spike of a jump, and 40 ms at most are bridged`() throws {
        let slow = try #require(SampleRate(250))
        var values = [Float](repeating: 0, count: 2_000)
        for (offset, value) in [Float(0.4), 1.2, 2, 1.2, 0.4].enumerated() { values[998 + offset] = value }
        #expect(cleaned([.ii: values], [chunk([.ii], rate: slow)]) == [.ii: values])
        let marked = chunk([.ii], rate: slow, first: 250, spikes: [250])
        let out = try #require(cleaned([.ii: values], [marked])[.ii])
        #expect(out.allSatisfy { abs($0) < 0.15 })
        var other = values
        for index in 1_019..<2_000 { other[index] = 0.1 }
        let beside = try #require(cleaned([.ii: other], [marked])[.ii])
        #expect(beside[1_019...] == other[1_019...])
    }

    @Test func `where rows are cut changes nothing, and neither does a gap`() {
        var values = MadeECG(seconds: 8, noiseMillivolts: 0.02, seed: 2).values
        for place in stride(from: 300, to: 3_900, by: 77) { values[place] += 1.5 }
        for index in 1_500..<1_650 { values[index] = .nan }
        let whole = cleaned([.ii: values], [chunk([.ii])], cut: 4_000)[.ii] ?? []
        #expect(whole.count == 4_000)
        for cut in [1, 7, 23, 128] {
            let out = cleaned([.ii: values], [chunk([.ii])], cut: cut)[.ii] ?? []
            #expect(
                zip(out, whole).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN } && out.count == whole.count
            )
        }
    }

    @Test func `four spikes within 10 s are a pacemaker's, for a minute`() {
        var spikes = PacingSpikes()
        spikes.note(chunk([.ii]))
        var values = [Float](repeating: 0, count: 20_000)
        for place in [1_000, 1_400, 1_800, 2_200] { values[place] = 1 }
        var part = rows([.ii: values])
        spikes.clean(&part)
        #expect(!spikes.isPaced(before: 2_200) && spikes.isPaced(before: 2_250))
        #expect(spikes.isPaced(before: 32_000) && !spikes.isPaced(before: 32_300))
    }
}
