import Foundation
import Metrics
import TestSupport
import Testing

/// Figures beside those of scikit-learn; the command stands in golden/metrics.py.
@Suite struct GoldenTests {
    struct Golden: Decodable {
        struct Case: Decodable {
            let scores: [Double]
            let truths: [Bool]
            let counts: [Int]
            let auroc: Double
            let aurocCounted: Double
            let averagePrecision: Double
            let brier: Double
            let reliability: [[Double]]?
        }
        struct Ranking: Decodable {
            let scores: [Double]
            let truths: [Bool]
            let lrap: Double
        }
        struct Head: Decodable {
            let features: [[Float]]
            let truths: [Bool]
            let ridge: Double
            let weights: [Double]
            let bias: Double
        }
        let cases: [Case]
        let rankings: [Ranking]
        let head: Head
    }

    private let golden: Golden

    init() throws {
        let path = Repository.root + "/Tests/MetricsTests/golden/metrics.json"
        golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func `areas, precisions and Brier scores are scikit-learn's`() throws {
        #expect(golden.cases.count == 12)
        for item in golden.cases {
            let cases = ScoredCases(scores: item.scores, truths: item.truths.map(Optional.some))
            #expect(abs(try #require(cases.areaUnderCurve) - item.auroc) < 1e-12)
            #expect(abs(try #require(cases.areaUnderCurve(counts: item.counts)) - item.aurocCounted) < 1e-12)
            #expect(abs(try #require(cases.averagePrecision) - item.averagePrecision) < 1e-12)
            let pairs = zip(item.scores, item.truths).map { (probability: $0, isTrue: $1) }
            #expect(abs(try #require(ProbabilityFigures.brier(pairs)) - item.brier) < 1e-12)
        }
    }

    @Test func `bins of the reliability diagram are scikit-learn's`() {
        for item in golden.cases {
            guard let expected = item.reliability else { continue }
            let pairs = zip(item.scores, item.truths).map { (probability: $0, isTrue: $1) }
            let bins = ProbabilityFigures.reliability(pairs).compactMap(\.self)
            #expect(bins.count == expected[0].count)
            for (bin, pair) in zip(bins, zip(expected[0], expected[1])) {
                #expect(abs(bin.shareTrue - pair.0) < 1e-12 && abs(bin.meanProbability - pair.1) < 1e-12)
            }
        }
    }

    @Test func `label ranking precision is scikit-learn's`() throws {
        for item in golden.rankings {
            let ranking = RankedLabels(scores: item.scores, isTrue: item.truths)
            #expect(abs(try #require(ranking.averagePrecision) - item.lrap) < 1e-12)
        }
    }

    @Test func `a logistic head finds scikit-learn's minimum`() throws {
        let head = try #require(
            LogisticHead(
                features: golden.head.features,
                truths: golden.head.truths.map(Optional.some),
                ridge: golden.head.ridge,
                steps: 20_000
            )
        )
        for (weight, expected) in zip(head.weights, golden.head.weights) {
            #expect(abs(weight - expected) < 1e-4)
        }
        #expect(abs(head.bias - golden.head.bias) < 1e-4)
    }
}
