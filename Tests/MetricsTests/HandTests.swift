import Metrics
import TestSupport
import Testing

/// Figures small enough to be counted on fingers.
@Suite struct HandTests {
    @Test func `an area counts pairs in the right order, a tie half`() {
        // Positives 3 and 1, negatives 2 and 1: 3 > 2, 3 > 1, 1 < 2, 1 = 1, so 2.5 of 4 pairs.
        let cases = ScoredCases(scores: [3, 1, 2, 1, 9], truths: [true, true, false, false, nil])
        #expect(cases.areaUnderCurve == 0.625)
        #expect((cases.positiveCount, cases.negativeCount) == (2, 2))
        #expect(cases.areaUnderCurve(counts: [1, 0, 1, 1, 5]) == 1)
        #expect(cases.areaUnderCurve(counts: [0, 0, 1, 1, 5]) == nil)
    }

    @Test func `one kind alone has no area`() {
        #expect(ScoredCases(scores: [1, 2], truths: [true, true]).areaUnderCurve == nil)
        #expect(ScoredCases(scores: [1, 2], truths: [false, nil]).averagePrecision == nil)
        #expect(ScoredCases(scores: [], truths: []).areaUnderCurve == nil)
    }

    @Test func `average precision steps down the ranking`() {
        // Hits at places 1 and 3: (1/1 + 2/3) / 2.
        let cases = ScoredCases(scores: [4, 3, 2, 1], truths: [true, false, true, false])
        let expected: Double = (1 + 2.0 / 3) / 2
        #expect(cases.averagePrecision == expected)
    }

    @Test func `a decision has sensitivity and precision, or nothing to divide by`() {
        let scores = [0.9, 0.6, 0.5, 0.1]
        let cases = ScoredCases(scores: scores, truths: [true, false, true, true])
        let made = cases.decision(scores: scores, threshold: 0.5)
        let twoThirds: Double = 2 / 3
        #expect(made.sensitivity == twoThirds)
        #expect(made.precision == twoThirds)
        #expect(cases.decision(scores: scores, threshold: 0.95).precision == nil)
    }

    @Test func `a Brier skill is 0 for the base rate and 1 for certainty`() {
        let truths = [true, false, false, false]
        let rate = truths.map { (probability: 0.25, isTrue: $0) }
        #expect(ProbabilityFigures.brier(rate) == 0.1875)
        #expect(ProbabilityFigures.brierSkill(rate) == 0)
        #expect(ProbabilityFigures.brierSkill(truths.map { (probability: $0 ? 1 : 0, isTrue: $0) }) == 1)
        #expect(ProbabilityFigures.brierSkill([(probability: 0.5, isTrue: true)]) == nil)
        #expect(ProbabilityFigures.brier([]) == nil)
    }

    @Test func `a calibration error is the mean distance from the diagonal`() {
        // Two pairs said 0.05, one true; two said 1, both true: (0.45 * 2 + 0 * 2) / 4.
        let bins = ProbabilityFigures.reliability([
            (probability: 0.05, isTrue: true), (probability: 0.05, isTrue: false),
            (probability: 1, isTrue: true), (probability: 1, isTrue: true),
        ])
        #expect(bins.count == 10)
        #expect(bins[9]?.count == 2 && bins[5] == nil)
        #expect(ProbabilityFigures.expectedCalibrationError(bins).map { abs($0 - 0.225) < 1e-15 } == true)
        #expect(ProbabilityFigures.expectedCalibrationError([nil, nil]) == nil)
    }

    @Test func `a ranking has hits, ceilings and a label ranking precision`() {
        let ranking = RankedLabels(scores: [0.1, 0.9, 0.5, 0.4], isTrue: [true, false, true, false])
        #expect(ranking.order == [1, 2, 3, 0])
        #expect(!ranking.hasHit(in: 1) && ranking.hasHit(in: 2))
        #expect(ranking.contains(1, in: 1) && !ranking.contains(0, in: 3))
        #expect(ranking.ceiling(in: 1) == 0.5 && ranking.ceiling(in: 5) == 1)
        // Candidate 0 is last of 4 with 2 hits, candidate 2 second with 1.
        let expected: Double = (2.0 / 4 + 1.0 / 2) / 2
        #expect(ranking.averagePrecision == expected)
        #expect(RankedLabels(scores: [1], isTrue: [false]).averagePrecision == nil)
        #expect(RankedLabels(scores: [1], isTrue: [false]).ceiling(in: 1) == nil)
    }

    @Test func `a percentile stands between its neighbours`() throws {
        let interval = try #require(Interval(middle95: (0...40).reversed().map(Double.init)))
        #expect(interval.lower == 1 && interval.upper == 39)
        #expect(Interval(middle95: []) == nil)
        #expect(Interval(middle95: [2]) == Interval(middle95: [2, 2]))
    }

    @Test func `a patient's recordings are drawn together and a seed repeats the draws`() {
        let resamples = Resamples(groups: [0, 1, 0, 2], resamples: 50, seed: 7)
        #expect(resamples.counts.count == 50)
        #expect(resamples.counts.allSatisfy { $0[0] == $0[2] && $0[0] + $0[1] + $0[3] == 3 })
        #expect(resamples.counts == Resamples(groups: [0, 1, 0, 2], resamples: 50, seed: 7).counts)
        #expect(resamples.counts != Resamples(groups: [0, 1, 0, 2], resamples: 50, seed: 8).counts)
    }

    @Test(arguments: seeds(5))
    func `an interval holds the figure it is about`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let truths = (0..<200).map { _ in Bool.random(using: &generator) }
        let scores = truths.map { Double.random(in: 0...1, using: &generator) + ($0 ? 0.5 : 0) }
        let cases = ScoredCases(scores: scores, truths: truths.map(Optional.some))
        let resamples = Resamples(groups: Array(0..<200), resamples: 200, seed: seed)
        let interval = try #require(resamples.intervalOfMeanArea([cases]))
        let area = try #require(cases.areaUnderCurve)
        #expect(interval.lower < area && area < interval.upper)
        #expect(interval.upper - interval.lower < 0.2)
    }

    @Test func `a head needs both kinds`() {
        #expect(LogisticHead(features: [[1], [2]], truths: [true, nil]) == nil)
    }
}
