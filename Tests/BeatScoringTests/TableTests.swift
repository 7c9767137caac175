import BeatScoring
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
