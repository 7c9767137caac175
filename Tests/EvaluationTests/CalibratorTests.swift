import DataSets
import Diagnosis
import ECGSignal
import Findings
import Foundation
import Metrics
import Pipeline
import TestSupport
import Testing

@testable import Evaluation

/// Which statements recordings validate, and from which probability on they count as found.
@Suite struct CalibratorTests {
    private let catalogue = Catalogue.shipped
    private let ids = ["atrial_fibrillation", "wpw_pattern", "sinus_rhythm", "prolonged_qt"]

    /// Two hundred recordings; `scores` gives each statement's similarity by whether it is true.
    ///
    /// The recordings of a patient, `copies` of them, have the same scores and truths.
    private func evidence(
        cases: [String: Int],
        copies: Int = 1,
        seed: UInt64,
        score: (_ id: String, _ isTrue: Bool, inout SeededGenerator) -> Double
    ) throws -> Evidence {
        var generator = SeededGenerator(seed: seed)
        var lines = ["record,label_ids,patient"]
        var similarities: [[Double]] = []
        for number in 0..<200 {
            let truths = ids.filter { number < cases[$0] ?? 0 }
            let scores = catalogue.statements.map { score($0.id, truths.contains($0.id), &generator) }
            for copy in 0..<copies {
                let labels = (truths + ["normal"]).joined(separator: ";")
                lines.append("r\(number)-\(copy),\(labels),\(copies > 1 ? "p\(number)" : "")")
                similarities.append(scores)
            }
        }
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).csv"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        let set = try DataSet.read([path])
        return Evidence(
            judged: Judged(set, Array(set.recordings.indices)),
            table: ScoreTable(
                english: similarities,
                japanese: similarities,
                probability: similarities.map { $0.map(Optional.some) }
            ),
            ranker: NarrowModel.shared.ranker,
            resamples: Resamples(groups: patientGroups(set.recordings), resamples: 200, seed: 1),
            casesMin: 5
        )
    }

    private func calibrator(_ positives: [String: Int]) -> Calibrator {
        Calibrator(Evaluator(model: NarrowModel.shared, name: "narrow"), trainingPositives: positives)
    }

    @Test func `a statement is ranked where training, cases and AUROC allow it, and else the reason is told`()
        throws
    {
        let evidence = try evidence(
            cases: ["atrial_fibrillation": 30, "wpw_pattern": 4, "sinus_rhythm": 60, "prolonged_qt": 40],
            seed: 7
        ) { id, isTrue, generator in
            // Of prolonged_qt the scores know nothing.
            Double.random(in: 0...0.2, using: &generator) + (isTrue && id != "prolonged_qt" ? 0.15 : 0)
        }
        let verdict = calibrator([
            "atrial_fibrillation": 500, "wpw_pattern": 80, "sinus_rhythm": 19, "prolonged_qt": 90,
        ]).judge(evidence)
        #expect(verdict.ranked.map { catalogue.statements[$0].id } == ["atrial_fibrillation"])
        let reasons = Dictionary(uniqueKeysWithValues: verdict.unvalidated.map { ($0.id, $0.reason) })
        #expect(reasons["sinus_rhythm"] == "19 training positives")
        #expect(reasons["wpw_pattern"] == "4 cases to judge it by")
        #expect(reasons["prolonged_qt"]?.hasPrefix("AUROC may be as low as 0.") == true)
        #expect(reasons.count == 3)
    }

    @Test(arguments: seeds(5)) func `fitted probabilities are right on the average, whatever the scale`(
        seed: UInt64
    ) throws {
        let evidence = try evidence(
            cases: ["atrial_fibrillation": 60, "sinus_rhythm": 100],
            seed: seed
        ) { _, isTrue, generator in Double.random(in: 0...0.5, using: &generator) + (isTrue ? 0.25 : 0) }
        let rows = try ["atrial_fibrillation", "sinus_rhythm"].map { try #require(catalogue.index(of: $0)) }
        let calibrator = calibrator([:])
        let lines = calibrator.lines(evidence, leads: LeadSet(Lead.standard), statements: rows)
        let model = evidence.ranker.model
        for row in rows {
            let line = try #require(lines[row])
            let truths = evidence.judged.truths(of: row)
            let mean = truths.indices.reduce(0.0) { sum, recording in
                let logOdds = model.scale * evidence.table.score(recording, row, by: .both) + model.bias
                return sum + line.probability(ofLogOdds: logOdds) / Double(truths.count)
            }
            let share = Double(truths.count { $0 == true }) / Double(truths.count)
            #expect(abs(mean - share) < 0.01, "seed \(seed)")
        }
        for threshold in calibrator.thresholds(evidence, lines).values {
            #expect(Calibrator.thresholdRange.contains(threshold), "seed \(seed)")
        }
    }

    @Test(arguments: seeds(3)) func `several recordings of one patient count once`(seed: UInt64) throws {
        let cases = ["atrial_fibrillation": 30, "wpw_pattern": 4, "sinus_rhythm": 60]
        func evidence(copies: Int) throws -> Evidence {
            try self.evidence(cases: cases, copies: copies, seed: seed) { _, isTrue, generator in
                Double.random(in: 0...0.5, using: &generator) + (isTrue ? 0.25 : 0)
            }
        }
        let calibrator = calibrator(["atrial_fibrillation": 99, "wpw_pattern": 99, "sinus_rhythm": 99])
        let (once, often) = (try evidence(copies: 1), try evidence(copies: 5))
        let (few, many) = (calibrator.judge(once), calibrator.judge(often))
        #expect(few.ranked == many.ranked && few.ranked.count == 2, "seed \(seed)")
        #expect(many.unvalidated.first { $0.id == "wpw_pattern" }?.reason == "4 cases to judge it by")
        let leads = LeadSet(Lead.standard)
        let lines = calibrator.lines(once, leads: leads, statements: few.ranked)
        let same = calibrator.lines(often, leads: leads, statements: many.ranked)
        for row in few.ranked {
            let (line, other) = (try #require(lines[row]), try #require(same[row]))
            #expect(abs(line.scale - other.scale) < 1e-6, "seed \(seed)")
            #expect(abs(line.offset - other.offset) < 1e-6, "seed \(seed)")
        }
        #expect(calibrator.thresholds(once, lines) == calibrator.thresholds(often, same), "seed \(seed)")
    }

    @Test func `a statement that the leads cannot show gets no line`() throws {
        let evidence = try evidence(cases: ["sinus_rhythm": 50], seed: 3) { _, isTrue, _ in isTrue ? 0.5 : 0 }
        let row = try #require(catalogue.index(of: "sinus_rhythm"))
        #expect(calibrator([:]).lines(evidence, leads: LeadSet([.v1]), statements: [row]).isEmpty)
        #expect(calibrator([:]).lines(evidence, leads: LeadSet([.ii]), statements: [row]).count == 1)
    }
}
