import DataSets
import Evaluation
import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct WrongDataTests {
    private func list(_ text: String) throws -> String {
        let path = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString).csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func evaluate(_ text: String, folds: [Int]? = nil) throws -> EvaluationFigures {
        let options = EvaluationOptions(folds: folds, leadSets: [], casesMin: 1, resamples: 5)
        return try Evaluator(model: NarrowModel.shared, name: "narrow", options: options)
            .evaluate(DataSet.read([list(text)]))
    }

    private func ptbxl(_ name: String) -> String { Repository.fixtures + "/ptbxl/" + name }

    @Test func `a record that cannot be read is listed and left out`() throws {
        let figures = try evaluate(
            """
            record,label_ids
            \(ptbxl("00001_hr")),sinus_rhythm
            \(ptbxl("99999_hr")),normal
            \(ptbxl("00017_hr")),atrial_fibrillation

            """
        )
        #expect(figures.recordings == 2)
        #expect(figures.unreadable.map(\.path) == [ptbxl("99999_hr")])
        #expect(figures.markdown.contains("99999_hr") && figures.html.contains("99999_hr"))
    }

    @Test(arguments: ["record,label_ids\nnone,normal\n", "record,label_ids,fold\nnone,normal,3\n"])
    func `nothing to judge is an error, not a page of dashes`(text: String) throws {
        #expect {
            try evaluate(text, folds: text.contains("fold") ? [10] : nil)
        } throws: { error in
            (error as? DataSetError)?.kind == .empty
        }
    }

    @Test func `an ECG in two forms is judged once`() throws {
        let first = try list("record,label_ids\n\(ptbxl("00001_hr")),sinus_rhythm\n")
        let options = EvaluationOptions(leadSets: [], casesMin: 1, resamples: 5)
        let evaluator = Evaluator(model: NarrowModel.shared, name: "narrow", options: options)
        #expect(try evaluator.evaluate(DataSet.read([first, first])).recordings == 1)
    }

    @Test func `a folder that cannot be made is an error`() {
        #expect(throws: DataSetError.self) { try ReportFolder(path: "/dev/null/report") }
    }

    @Test func `names and reasons cannot break the page`() throws {
        let path = FileManager.default.temporaryDirectory.path + "/<b>&\(UUID().uuidString)"
        let figures = try evaluate(
            "record,label_ids\n\(ptbxl("00001_hr")),sinus_rhythm\n\(ptbxl("00017_hr")),normal\n\(path),normal\n"
        )
        #expect(figures.html.contains("&lt;b&gt;&amp;"))
        #expect(!figures.html.contains("<b>"))
    }
}
