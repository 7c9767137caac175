import ECGSignal
import TestSupport
import Testing

@testable import Rhythm

/// What missing samples, and the end of a stream, say of the beats before them: nothing.
@Suite struct InterruptionTests {
    @Test(arguments: [0.2, 0.35]) func `the last beat before the end is judged like the others`(
        rest: Double
    ) throws {
        var ecg = MadeECG(seconds: 30)
        let last = try #require(ecg.addRhythm(from: 0, to: 28, rate: 75).last)
        let count = Int((last + 0.3 + rest) * 500)
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        lane.take(rows([.ii: ecg.values], 0..<count), into: &output)
        lane.close(at: GridIndex(count), into: &output)
        let scores = output.beats.map(\.ventricularScore)
        let before = try #require(scores.dropLast().last)
        let own = try #require(scores.last)
        #expect(own - before < 0.2, "\(before), then \(own)")
    }

    @Test func `what a lead learns does not depend on when those beside it come back`() {
        var ecg = MadeECG(seconds: 30)
        let times = ecg.addRhythm(from: 0, to: 30, rate: 75)
        var alone = QRSFour()
        var beside = QRSFour()
        var lastPeak = -1_000_000
        for n in ecg.values.indices {
            let here = (5_000..<5_500).contains(n) ? Float.nan : ecg.values[n]
            let there = (5_000..<5_650).contains(n) ? Float.nan : ecg.values[n]
            let beatEnd = lastPeak + QRSLead.noiseMargin
            alone.take(SIMD4(here, .nan, .nan, .nan), at: n, beatEnd: beatEnd)
            beside.take(SIMD4(here, there, .nan, .nan), at: n, beatEnd: beatEnd)
            guard times.contains(where: { Int($0 * 500) + 130 == n }) else { continue }
            lastPeak = n - 80
            alone.noteBeat(at: lastPeak, activity: alone.activity(around: lastPeak), sparing: 0)
            beside.noteBeat(at: lastPeak, activity: beside.activity(around: lastPeak), sparing: 0)
            #expect(alone.leads[0] == beside.leads[0], "at \(Double(n) / 500) s")
        }
    }
}
