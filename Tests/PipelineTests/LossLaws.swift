import ECGSignal
import Findings
import Recordings
import TestSupport
import Testing

@testable import Pipeline

/// Chunks that are lost at random are no slow heart, hide no standstill for long, and are told where hardly any come.
@Suite struct LossLaws {
    private static let slow: Set<String> = ["bradycardia", "extreme_bradycardia", "pause", "asystole"]
    private static let shares = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8]

    /// Chunks of 200 ms of some leads of which a share is lost, never the last.
    private func chunks(
        _ values: [[Float]],
        _ leads: [Lead],
        rate: SampleRate,
        lost share: Double,
        _ generator: inout SeededGenerator
    ) -> [LeadChunk] {
        let count = values[0].count
        let length = Int(rate.hertz / 5)
        var chunks: [LeadChunk] = []
        for (number, from) in stride(from: 0, to: count, by: length).enumerated() {
            let to = min(from + length, count)
            let isLost = Double.random(in: 0..<1, using: &generator) < share
            guard !isLost || number == 0 || to == count else { continue }
            chunks.append(
                LeadChunk(
                    stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                    sequence: UInt64(number + 1),
                    firstSample: SampleIndex(from),
                    sampleCount: to - from,
                    rate: rate,
                    leads: leads.indices.map {
                        LeadSamples(lead: leads[$0], millivolts: Array(values[$0][from..<to]))
                    }
                )
            )
        }
        return chunks
    }

    private func seconds(_ seen: [Observation], _ statement: String) -> Double? {
        seen.first { $0.begins([statement]) }.map { Double($0.at.sample) / 500 }
    }

    @Test(arguments: ["100_0000", "100_1440", "119_0000"], seeds(16))
    func `a heart of usual rate has no slow rate, pause or asystole, whatever is lost`(
        record: String,
        seed: UInt64
    ) throws {
        let recording = try Recording.load(Repository.fixtures + "/mitdb/" + record)
        let stream = try RecordedStream.read(recording).stream
        let leads = seed.isMultiple(of: 2) ? stream.leads : Array(stream.leads.prefix(1))
        let whole = try leads.map { try $0.millivolts(0..<$0.sampleCount) }
        // The same minute over and over, so that there is time to be wrong in.
        let values = whole.map { one in (0..<4).flatMap { _ in one } }
        var generator = SeededGenerator(seed: seed)
        for share in Self.shares {
            let sent = chunks(values, leads.map(\.lead), rate: stream.rate, lost: share, &generator)
            let seen = try observations(of: sent)
            let wrong = seen.filter { $0.begins(Self.slow) }
            #expect(wrong.isEmpty, "\(record), \(share) lost, seed \(seed): \(wrong)")
            guard share >= 0.5 else { continue }
            let told = try #require(seconds(seen, "unanalyzable_ecg"), "\(record), \(share) lost")
            #expect(told <= 13, "\(told)")
            let others = seen.filter { $0.at.sample > 6_000 && $0.isEndOfUnanalysable }
            #expect(others.isEmpty, "it stays: \(others)")
        }
    }

    @Test(arguments: seeds(40))
    func `P23 a standstill is asystole within 8 s where 2 % are lost, and within 30 s where 10 % are`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        for (share, limit) in [(0.02, 8.0), (0.1, 30.0)] {
            var ecg = MadeECG(seconds: 80, seed: seed)
            let rate = Double.random(in: 60...110, using: &generator)
            let last = try #require(ecg.addRhythm(from: 0, to: 30, rate: rate).last)
            let sent = chunks([ecg.values], [.ii], rate: .grid, lost: share, &generator)
            let alarm = try #require(seconds(try observations(of: sent), "asystole"), "\(share) lost")
            #expect(alarm > last && alarm - last <= limit, "\(alarm - last) s, \(share) lost")
        }
    }

    private func chunk(of values: [Float], _ range: Range<Int>, number: Int) -> LeadChunk {
        LeadChunk(
            stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
            sequence: UInt64(number),
            firstSample: SampleIndex(range.lowerBound),
            sampleCount: range.count,
            rate: .grid,
            leads: [LeadSamples(lead: .ii, millivolts: Array(values[range]))]
        )
    }

    /// Chunks of `every` samples of which the first `lost` samples of each do not come.
    private func periodic(_ values: [Float], every: Int, lost: Int) -> [LeadChunk] {
        var chunks: [LeadChunk] = []
        for from in stride(from: 0, to: values.count, by: every) {
            for part in stride(from: from + lost, to: min(from + every, values.count), by: 100) {
                let end = min(part + 100, from + every, values.count)
                chunks.append(
                    chunk(of: values, part..<end, number: chunks.count + 1)
                )
            }
        }
        return chunks
    }

    @Test(arguments: [(500, 1), (500, 10), (500, 50), (500, 100), (1_000, 100), (250, 40), (2_950, 1_050)])
    func `P24 a standstill with a loss at regular times is asystole, or it is told that it cannot be judged`(
        every: Int,
        lost: Int
    ) throws {
        for seed in seeds(4) {
            var ecg = MadeECG(seconds: 80, seed: seed)
            let last = try #require(ecg.addRhythm(from: 0, to: 30, rate: 75).last)
            let seen = try observations(of: periodic(ecg.values, every: every, lost: lost))
            let asystole = seconds(seen.filter { Double($0.at.sample) / 500 > last }, "asystole")
            let unjudged = seconds(seen, "unanalyzable_ecg")
            let told = try #require([asystole, unjudged].compactMap(\.self).min(), "\(every), \(lost)")
            #expect(told - last <= 25, "\(told - last) s, \(lost) of \(every)")
            if lost <= 10 { #expect(asystole.map { $0 - last <= 6 } ?? false, "\(lost) of \(every)") }
        }
    }

    @Test(arguments: [0, 30, 60, 90, 110, 130, 150])
    func `P23 a gap behind the last beat delays asystole by no more than itself`(
        offset: Int
    ) throws {
        for seed in seeds(6) {
            var ecg = MadeECG(seconds: 60, seed: seed)
            let last = Int(try #require(ecg.addRhythm(from: 0, to: 30, rate: 75).last) * 500)
            let gap = last + offset..<last + offset + 100
            var sent: [LeadChunk] = []
            for part in [0..<gap.lowerBound, gap.upperBound..<ecg.values.count] {
                for from in stride(from: part.lowerBound, to: part.upperBound, by: 100) {
                    let end = min(from + 100, part.upperBound)
                    sent.append(
                        chunk(of: ecg.values, from..<end, number: sent.count + 1)
                    )
                }
            }
            let alarm = try #require(seconds(try observations(of: sent), "asystole"))
            #expect(alarm - Double(last) / 500 <= 6.5, "\(alarm - Double(last) / 500) s")
        }
    }

    @Test(arguments: seeds(20)) func `a heart at 30 beats a minute is told where 2 % are lost`(
        seed: UInt64
    )
        throws
    {
        var generator = SeededGenerator(seed: seed)
        var ecg = MadeECG(seconds: 60, seed: seed)
        ecg.addRhythm(from: 0, to: 60, rate: 30)
        let sent = chunks([ecg.values], [.ii], rate: .grid, lost: 0.02, &generator)
        let seen = try observations(of: sent)
        let told = try #require(seconds(seen, "extreme_bradycardia"))
        #expect(told <= 30, "\(told)")
        #expect(seconds(seen, "asystole") == nil)
    }
}

extension Observation {
    /// Whether it says that the signal can be analysed again.
    fileprivate var isEndOfUnanalysable: Bool {
        guard case .finding(let finding) = content else { return false }
        return !finding.holds && finding.statement == "unanalyzable_ecg"
    }
}
