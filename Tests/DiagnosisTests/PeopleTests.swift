import Diagnosis
import ECGSignal
import Findings
import TestSupport
import Testing

@Suite struct PeopleTests {
    private let catalogue = Catalogue.shipped

    private func top(_ entries: [(String, Double)]) throws -> [RankedStatement] {
        try entries.map { id, probability in
            let index = try #require(catalogue.index(of: id))
            return RankedStatement(
                statement: catalogue.statements[index],
                similarity: probability,
                probability: probability
            )
        }
    }

    private func shown(_ entries: [(String, Double)], thresholds: [String: Double] = [:]) throws -> [String] {
        try statementsForPeople(top(entries), catalogue: catalogue, thresholds: thresholds).map(
            \.statement.id
        )
    }

    @Test(arguments: [
        // A child above its parent, however small.
        ([("first_degree_av_block", 0.1), ("av_block", 0.09)], ["first_degree_av_block"]),
        // A parent above: left out from half its probability on.
        ([("av_block", 0.8), ("first_degree_av_block", 0.4)], ["first_degree_av_block"]),
        ([("av_block", 0.8), ("first_degree_av_block", 0.39)], ["av_block", "first_degree_av_block"]),
        // The grandparent goes as well, by a child that is itself left out or not.
        (
            [("suspected_myocardial_infarction", 0.9), ("old_inferior_infarction", 0.6)],
            ["old_inferior_infarction"]
        ),
        ([("sinus_rhythm", 0.9), ("atrial_fibrillation", 0.1)], ["sinus_rhythm", "atrial_fibrillation"]),
    ]) func `ancestors of what stands above or has half their probability are left out`(
        entries: [(String, Double)],
        expected: [String]
    ) throws {
        #expect(try shown(entries) == expected)
    }

    @Test func `normal is shown only where nothing of severity 1 or more reaches its threshold`() throws {
        let severity = try #require(catalogue.index(of: "left_ventricular_hypertrophy"))
        #expect(catalogue.statements[severity].severity >= 1)
        #expect(
            try shown([("normal", 0.7), ("left_ventricular_hypertrophy", 0.5)]) == [
                "left_ventricular_hypertrophy"
            ]
        )
        #expect(try shown([("normal", 0.7), ("left_ventricular_hypertrophy", 0.49)]).first == "normal")
        #expect(try shown([("sinus_rhythm", 0.9), ("normal", 0.7)]) == ["sinus_rhythm", "normal"])
        let strict = ["left_ventricular_hypertrophy": 0.6]
        #expect(
            try shown([("normal", 0.7), ("left_ventricular_hypertrophy", 0.5)], thresholds: strict).count == 2
        )
    }

    @Test(arguments: seeds(300)) func `the most special finding always stays, and the order too`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let some = catalogue.statements.shuffled(using: &generator).prefix(10)
        let ranked = some.map { statement in
            let probability = Double.random(in: 0...1, using: &generator)
            return RankedStatement(statement: statement, similarity: probability, probability: probability)
        }.sorted { $0.similarity > $1.similarity }
        let shown = statementsForPeople(ranked, catalogue: catalogue)
        let ids = ranked.map(\.statement.id)
        #expect(
            shown.map(\.statement.id) == ids.filter { shown.map(\.statement.id).contains($0) },
            "seed \(seed)"
        )
        for entry in ranked where entry.statement.id != "normal" {
            let hasDescendant = ids.contains { catalogue.ancestors(of: $0).contains(entry.statement.id) }
            if !hasDescendant { #expect(shown.contains(entry), "seed \(seed)") }
        }
    }
}
