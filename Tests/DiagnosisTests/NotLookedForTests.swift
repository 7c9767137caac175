import Diagnosis
import Findings
import ModelFolder
import TestSupport
import Testing

/// What can never appear is said, and counted from the model and the catalogue.
@Suite struct NotLookedForTests {
    private let catalogue = Catalogue.shipped

    private func missing(without lookedFor: Set<String>) -> StatementsNotLookedFor {
        StatementsNotLookedFor(catalogue: catalogue, lookedFor: lookedFor)
    }

    @Test func `the shipped model's sentence counts what it neither ranks nor may rank`() throws {
        let loaded = try ModelFolder.load(Repository.defaultModel)
        let ranked = Set(loaded.ranker.model.ranked)
        let expected = catalogue.statements.filter { !ranked.contains($0.id) || $0.evidence == .rule }
        #expect(missing(without: loaded.ranker.rankedIDs).count == expected.count)
        let sentence = try #require(missing(without: loaded.ranker.rankedIDs).sentence)
        #expect(sentence.contains("and \(expected.count - 4) other statements"))
        for words in ["Ventricular Fibrillation", "Ventricular Tachycardia", "Asystole", "AV Block"] {
            #expect(sentence.contains(words))
        }
    }

    @Test func `what is looked for is not named`() {
        let found = missing(without: ["ventricular_fibrillation", "asystole"])
        #expect(found.named.map(\.id).prefix(2) == ["ventricular_tachycardia", "third_degree_av_block"])
        #expect(found.named.count == 4 && found.named.allSatisfy { $0.severity == 3 })
        #expect(found.count == catalogue.statements.count - 2)
    }

    @Test func `one and none are told in good English`() {
        let all = Set(catalogue.statements.map(\.id))
        #expect(missing(without: all).sentence == nil)
        #expect(
            missing(without: all.subtracting(["asystole"])).sentence?.hasPrefix("Asystole is not looked for")
                == true
        )
        let two = missing(without: all.subtracting(["asystole", "pause"]))
        #expect(two.sentence?.hasPrefix("Asystole and Pause are not looked for") == true)
    }
}
