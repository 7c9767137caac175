import BeatEvaluation
import Findings
import Foundation
import Recordings
import TestSupport
import Testing

/// Intervals beside the limits that cardiologists marked in recordings of LUDB: every twentieth record, by which nothing
/// was chosen.
@Suite struct MarkedLimits {
    private static let names = stride(from: 20, through: 200, by: 20).map(String.init)

    private func scores(leads: String?) throws -> [IntervalScore] {
        try Self.names.map { try IntervalScore(path: Repository.fixtures + "/ludb/" + $0, leads: leads) }
    }

    private func judge(
        _ pairs: [IntervalScore.Pair],
        bias biasMax: Double,
        deviation deviationMax: Double
    ) {
        let errors = pairs.compactMap(\.error)
        #expect(errors.count >= 9, "\(pairs)")
        let bias = errors.reduce(0, +) / Double(errors.count)
        let squares = errors.reduce(0) { $0 + ($1 - bias) * ($1 - bias) }
        #expect(abs(bias) <= biasMax, "\(bias) of \(errors)")
        #expect((squares / Double(errors.count - 1)).squareRoot() <= deviationMax, "\(errors)")
    }

    @Test func `twelve leads: PR, QRS and QT within the bars`() throws {
        let scores = try scores(leads: nil)
        judge(scores.map(\.pr), bias: 10, deviation: 20)
        judge(scores.map(\.qrs), bias: 10, deviation: 15)
        judge(scores.map(\.qt), bias: 25, deviation: 35)
        #expect(scores.allSatisfy { (4...8).contains($0.beats) })
    }

    @Test(arguments: ["I", "II"]) func `one lead alone: PR, QRS and QT within the bars`(lead: String) throws {
        let scores = try scores(leads: lead)
        judge(scores.map(\.pr), bias: 10, deviation: 20)
        judge(scores.map(\.qrs), bias: 10, deviation: 15)
        judge(scores.map(\.qt), bias: 25, deviation: 35)
    }

    @Test func `a heart whose atria fibrillate has no PR`() throws {
        let score = try IntervalScore(path: Repository.fixtures + "/ludb/8")
        #expect(score.pr.found.value == nil && score.pr.marked == nil, "\(score)")
    }

    @Test func `a record without marks is told by its path`() {
        let path = Repository.fixtures + "/georgia/E00001"
        let error = #expect(throws: RecordingError.self) { try IntervalScore(path: path) }
        #expect(error.map { "\($0)".contains("E00001") && "\($0)".contains("annotation") } == true)
    }
}
