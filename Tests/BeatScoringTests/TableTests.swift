import BeatScoring
import TestSupport
import Testing

@Suite struct TableTests {
    private func beats(_ text: String) -> [ScoredBeat] {
        text.split(separator: " ").compactMap { word in
            guard let sign = word.first, let kind = ScoredClass(sign: sign),
                let sample = Int64(word.dropFirst())
            else { return nil }
            return ScoredBeat(sample: sample, kind: kind)
        }
    }

    private func score(_ reference: String, _ found: String, flutter: [ClosedRange<Int64>] = []) -> BeatTable
    {
        BeatReference(beats: beats(reference), flutter: flutter, rate: 100, sampleCount: 10_000)
            .score(beats(found))
    }

    @Test func `the signs of EC57 are beats and no other is`() {
        let signs = Array(" NLRaVFJASEj/Q~|sT*D\"=pB^t+u?![]en@xf()r").filter { ScoredClass(sign: $0) != nil }
        #expect(Set(signs) == Set("NLReJjBnAaSVEF/fQ?"))
    }

    @Test func `a fusion or an unclassified beat called ventricular is neither hit nor false`() {
        let table = score("N600 F700 Q800 V900 V1000 A1100", "V600 V700 V800 V900 N1000 V1100 V1500")
        #expect(table.ventricularHits == 1)
        #expect(table.ventricularMissed == 1)
        #expect(table.ventricularFalse == 3)
        #expect(table.hits == 6)
        #expect(table.falseBeats == 1)
    }

    @Test func `nothing counts in the first 5 s nor within 150 ms of flutter`() {
        let table = score(
            "N400 N600 N1010 N2000",
            "N450 N600 N990 N1500 N1614 N1616",
            flutter: [1_000...1_600]
        )
        #expect(table.hits == 1)
        #expect(table.missed == 1)
        #expect(table.falseBeats == 1)
        #expect(abs(table.excludedSeconds - 6.31) < 1e-9)
        #expect(abs(table.scoredSeconds - (95 - 6.31)) < 1e-9)
    }

    @Test(arguments: seeds(50))
    func `stretches that meet, in any order, exclude what each excludes`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let flutter = (0..<Int.random(in: 1...8, using: &generator)).map { _ in
            let from = Int64.random(in: 0...9_000, using: &generator)
            return from...from + Int64.random(in: 0...2_000, using: &generator)
        }
        let all = (0..<200).map { _ in Int64.random(in: 0...10_100, using: &generator) }.sorted()
        let found = all.map { ScoredBeat(sample: $0, kind: .normal) }
        // The slow way: each beat against each stretch.
        let counted = all.count { sample in
            sample >= 500 && sample < 10_000
                && !flutter.contains { $0.lowerBound - 15 <= sample && sample <= $0.upperBound + 15 }
        }
        let excluded = (500..<10_000).count { sample in
            flutter.contains { $0.lowerBound - 15 <= sample && sample <= $0.upperBound + 15 }
        }
        let table = BeatReference(beats: [], flutter: flutter, rate: 100, sampleCount: 10_000).score(found)
        #expect(table.falseBeats == counted)
        #expect(abs(table.excludedSeconds - Double(excluded) / 100) < 1e-9)
    }

    @Test func `a pair is at most 150 ms apart and tells its jitter`() {
        let table = score("N600 N800", "N615 N816")
        #expect(table.hits == 1)
        #expect(table.jitterMeanMilliseconds == 150)
        #expect(score("", "").sensitivity == nil)
    }

    @Test func `tables add up`() {
        var sum = score("N600 V700", "N600 V700")
        sum.add(score("N600 V700", "N600"))
        #expect(sum.sensitivity == 0.75)
        #expect(sum.ventricularSensitivity == 0.5)
        #expect(sum.number(reference: .ventricular, found: nil) == 1)
    }
}
