import Diagnosis
import ECGSignal
import Findings
import TestSupport
import Testing

@Suite struct PeopleTests {
    private let catalogue = Catalogue.shipped

    private func found(_ entries: [(String, Double)], thresholds: [String: Double] = [:]) -> [String] {
        let rules = StatementsForPeople(catalogue: catalogue, thresholds: thresholds)
        return rules.select(entries.map { ($0.0, $0.1) }).found.map { entries[$0].0 }
    }

    private func near(_ entries: [(String, Double)]) -> [String] {
        StatementsForPeople(catalogue: catalogue).select(entries.map { ($0.0, $0.1) }).near.map {
            entries[$0].0
        }
    }

    @Test(arguments: [
        // A child that is found replaces its parent, which has more of the probability.
        ([("av_block", 0.8), ("first_degree_av_block", 0.5)], ["first_degree_av_block"]),
        // One that is not found hides nothing.
        ([("av_block", 0.8), ("first_degree_av_block", 0.49)], ["av_block"]),
        // The grandparent goes as well.
        (
            [("suspected_myocardial_infarction", 0.9), ("old_inferior_infarction", 0.6)],
            ["old_inferior_infarction"]
        ),
        // Similarity ranked them; the probability orders what is told.
        ([("sinus_rhythm", 0.6), ("atrial_fibrillation", 0.7)], ["atrial_fibrillation", "sinus_rhythm"]),
        ([("sinus_rhythm", 0.9), ("atrial_fibrillation", 0.1)], ["sinus_rhythm"]),
        ([("sinus_rhythm", 0.1)], []),
    ]) func `the special finding is told instead of the general one`(
        entries: [(String, Double)],
        expected: [String]
    ) {
        #expect(found(entries) == expected)
    }

    @Test func `with thresholds of its own a weak child that is found leaves a far stronger parent`() {
        let entries = [("av_block", 0.8), ("first_degree_av_block", 0.3)]
        #expect(
            found(entries, thresholds: ["first_degree_av_block": 0.2]) == [
                "av_block", "first_degree_av_block",
            ]
        )
        #expect(
            found(
                [("av_block", 0.8), ("first_degree_av_block", 0.4)],
                thresholds: ["first_degree_av_block": 0.2]
            )
                == ["first_degree_av_block"]
        )
    }

    @Test func `below the threshold the special one replaces the general one too`() {
        #expect(near([("first_degree_av_block", 0.1), ("av_block", 0.09)]) == ["first_degree_av_block"])
        #expect(
            near([("av_block", 0.4), ("first_degree_av_block", 0.19)]) == [
                "av_block", "first_degree_av_block",
            ]
        )
        #expect(near([("first_degree_av_block", 0.9), ("av_block", 0.4)]) == [])
    }

    @Test func `normal is told only where nothing of severity 1 or more is found`() throws {
        let severity = try #require(catalogue.index(of: "left_ventricular_hypertrophy"))
        #expect(catalogue.statements[severity].severity >= 1)
        let abnormal = [("normal", 0.7), ("left_ventricular_hypertrophy", 0.5)]
        #expect(found(abnormal) == ["left_ventricular_hypertrophy"])
        #expect(found(abnormal, thresholds: ["left_ventricular_hypertrophy": 0.6]) == ["normal"])
        #expect(found([("sinus_rhythm", 0.9), ("normal", 0.7)]) == ["sinus_rhythm", "normal"])
        #expect(
            found([("normal", 0.7), ("a_statement_of_a_later_catalogue", 0.6)]) == [
                "a_statement_of_a_later_catalogue"
            ]
        )
    }

    @Test(arguments: seeds(300))
    func `every statement is told, near or left out once, and the most special one stays`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        let entries = catalogue.statements.shuffled(using: &generator).prefix(10).map {
            ($0.id, Double(Int.random(in: 0...20, using: &generator)) / 20)
        }
        let selection = StatementsForPeople(catalogue: catalogue).select(entries.map { ($0.0, $0.1) })
        let all = selection.found + selection.near + selection.leftOut
        #expect(all.sorted() == Array(entries.indices), "seed \(seed)")
        #expect(selection.found.allSatisfy { entries[$0].1 >= 0.5 }, "seed \(seed)")
        #expect(selection.near.allSatisfy { entries[$0].1 < 0.5 }, "seed \(seed)")
        for list in [selection.found, selection.near] {
            let figures = list.map { entries[$0].1 }
            #expect(figures == figures.sorted(by: >), "seed \(seed)")
        }
        for (index, entry) in entries.enumerated() where entry.0 != "normal" {
            let hasDescendant = entries.contains { catalogue.ancestors(of: $0.0).contains(entry.0) }
            if !hasDescendant { #expect(!selection.leftOut.contains(index), "seed \(seed)") }
        }
    }
}
