import BeatScoring
import Foundation
import TestSupport
import Testing

/// `golden/matching.py` made the cases with the Python package wfdb.
@Suite struct MatchingTests {
    struct Case: Decodable, Sendable {
        let reference: [Int64]
        let found: [Int64]
        let window: Int64
        let pairs: [Int]
        let hits: Int
        let missed: Int
        let falseBeats: Int
    }

    static func cases() throws -> [Case] {
        let path = Repository.root + "/Tests/BeatScoringTests/golden/matching.json"
        return try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func `pairs are those of wfdb's compare_annotations`() throws {
        let cases = try Self.cases()
        #expect(cases.count == 180)
        for (number, one) in cases.enumerated() {
            let pairs = BeatMatching.pairs(one.reference, one.found, windowSamples: one.window)
            #expect(pairs.map { $0 ?? -1 } == one.pairs, "case \(number)")
        }
    }

    @Test func `counts after the exclusions are wfdb's too`() throws {
        for one in try Self.cases() where one.window == 54 {
            let reference = BeatReference(
                beats: one.reference.map { ScoredBeat(sample: $0, kind: .normal) },
                flutter: [],
                rate: 360,
                sampleCount: 100_000
            )
            let table = reference.score(
                one.found.map { ScoredBeat(sample: $0, kind: .normal) },
                BeatScoringRules(skippedSeconds: 0)
            )
            #expect(table.hits == one.hits)
            #expect(table.missed == one.missed)
            #expect(table.falseBeats == one.falseBeats)
        }
    }
}
