import DataSets
import ECGSignal
import Findings
import Foundation
import Metrics
import Pipeline
import TestSupport
import Testing

@testable import Evaluation

/// Figures from scores that are written down here, so that each can be counted by hand.
@Suite struct CountingTests {
    private let ranker = NarrowModel.shared.ranker
    private let rows: [String: Int]

    init() {
        var rows: [String: Int] = [:]
        for (row, statement) in Catalogue.shipped.statements.enumerated() { rows[statement.id] = row }
        self.rows = rows
    }

    /// Labels a recording, and the scores of a few statements; all other scores are -1.
    private struct Case {
        let labels: String
        var masked = ""
        let english: [String: Double]
        var japanese: [String: Double] = [:]
    }

    private func evidence(_ cases: [Case], casesMin: Int = 1) throws -> Evidence {
        let lines = cases.enumerated().map { "r\($0.offset),\($0.element.labels),\($0.element.masked)" }
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).csv"
        try Data((["record,label_ids,masked_ids"] + lines).joined(separator: "\n").utf8)
            .write(to: URL(fileURLWithPath: path))
        let set = try DataSet.read([path])
        func table(_ scores: [String: Double]) -> [Double] {
            Catalogue.shipped.statements.map { scores[$0.id] ?? -1 }
        }
        let english = cases.map { table($0.english) }
        let japanese = cases.map { table($0.japanese.isEmpty ? $0.english : $0.japanese) }
        return Evidence(
            judged: Judged(set, Array(set.recordings.indices)),
            table: ScoreTable(
                english: english,
                japanese: japanese,
                probability: english.map { $0.map { ($0 + 1) / 2 } }
            ),
            ranker: ranker,
            resamples: Resamples(groups: Array(cases.indices), resamples: 10, seed: 1),
            casesMin: casesMin
        )
    }

    @Test func `any-of counts the first true statement, without what is open and without the everyday ones`()
        throws
    {
        let evidence = try evidence([
            // sinus_rhythm is nearest but does not count, so wpw_pattern is first.
            Case(labels: "sinus_rhythm;wpw_pattern", english: ["sinus_rhythm": 0.9, "wpw_pattern": 0.8]),
            // The nearest is open, so the second counts.
            Case(
                labels: "atrial_fibrillation",
                masked: "wpw_pattern",
                english: ["wpw_pattern": 0.9, "atrial_fibrillation": 0.5]
            ),
            // Second of five.
            Case(labels: "wpw_pattern", english: ["prolonged_qt": 0.4, "wpw_pattern": 0.3]),
            // Nothing but everyday statements: not counted.
            Case(labels: "sinus_rhythm;prolonged_qt", english: ["sinus_rhythm": 1]),
        ])
        let anyOf = try #require(Evidence.anyOf(evidence.rankings(evidence.telling, by: .both)))
        #expect(anyOf.recordings == 4)
        #expect(anyOf.top1 == 0.5)
    }

    @Test func `a macro figure takes the statements with enough cases`() throws {
        let evidence = try evidence(
            [
                Case(labels: "wpw_pattern", english: ["wpw_pattern": 0.9]),
                Case(labels: "wpw_pattern", english: ["wpw_pattern": 0.2]),
                Case(labels: "sinus_rhythm", english: ["wpw_pattern": 0.5, "sinus_rhythm": 0.1]),
            ],
            casesMin: 2
        )
        #expect(evidence.scorable == [rows["sinus_rhythm"], rows["wpw_pattern"]].compactMap(\.self))
        #expect(evidence.counted == [rows["wpw_pattern"]].compactMap(\.self))
        #expect(evidence.macroArea(evidence.counted).both == 0.5)
    }

    @Test func `languages are compared recording by recording`() throws {
        let languages = try evidence([
            Case(labels: "wpw_pattern", english: ["wpw_pattern": 0.9], japanese: ["prolonged_qt": 0.9]),
            Case(labels: "prolonged_qt", english: ["prolonged_qt": 0.9]),
        ]).languages()
        #expect(languages.sameFirst == 0.5)
        #expect(languages.english?.top1 == 1 && languages.japanese?.top1 == 0.5)
    }

    @Test func `the most special truths leave their parents out`() throws {
        let evidence = try evidence([Case(labels: "old_inferior_infarction;wpw_pattern", english: [:])])
        #expect(
            evidence.mostSpecial(0).map { evidence.catalogue.statements[$0].id }
                == ["wpw_pattern", "old_inferior_infarction"]
        )
    }

    @Test func `families that are true meet the family that is first`() throws {
        let confusion = try evidence([
            Case(labels: "wpw_pattern", english: ["atrial_fibrillation": 0.9]),
            Case(labels: "atrial_fibrillation", english: ["atrial_fibrillation": 0.9]),
        ]).confusion()
        let rhythm = try #require(confusion.families.firstIndex(of: "rhythm"))
        let conduction = try #require(confusion.families.firstIndex(of: "conduction"))
        #expect(confusion.counts[conduction][rhythm] == 1)
        #expect(confusion.counts[rhythm][rhythm] == 1)
        #expect(confusion.counts.joined().reduce(0, +) == 2)
    }

    @Test func `the base rates' floor ranks every recording alike`() throws {
        let evidence = try evidence([
            Case(labels: "wpw_pattern", english: ["wpw_pattern": 0.9]),
            Case(labels: "wpw_pattern", english: ["wpw_pattern": 0.9]),
            Case(labels: "prolonged_qt", english: ["prolonged_qt": 0.9]),
        ])
        let floors = Floors(evidence: evidence, counted: evidence.counted, threads: 1)
        #expect(floors.baseRates().anyOf?.top1 == 2.0 / 3)
        #expect(floors.baseRates().macroArea == 0.5)
        #expect(floors.alwaysSinus().macroArea == 0.5)
    }

    @Test(arguments: [
        (0.5, 3, "0.500"), (-0.000_4, 3, "0.000"), (-1.25, 1, "-1.2"), (12.345_6, 2, "12.35"), (0, 1, "0.0"),
    ])
    func `numbers are printed with fixed decimals`(value: Double, places: Int, text: String) {
        #expect(fixed(value, places: places) == text)
    }
}
