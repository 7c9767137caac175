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

    @Test func `one ECG under two names is judged once and the other is listed`() throws {
        let folder = TemporaryFolder()
        for ending in ["hea", "dat"] {
            try folder.copy(ptbxl("00017_hr.\(ending)"), to: "00017_hr.\(ending)")
        }
        let figures = try evaluate(
            """
            record,label_ids
            \(ptbxl("00001_hr")),sinus_rhythm
            \(ptbxl("00017_hr")),atrial_fibrillation
            \(folder.path)/00017_hr,atrial_fibrillation

            """
        )
        #expect(figures.recordings == 2)
        #expect(figures.unreadable.map(\.path) == [folder.path + "/00017_hr"])
        #expect(figures.unreadable.first?.reason == "the same samples as \(ptbxl("00017_hr"))")
    }

    @Test func `leads that carry no ECG in any recording give no figures, and the others do`() throws {
        let folder = TemporaryFolder()
        for (name, beat) in [("a", 400), ("b", 300)] {
            try folder.write(
                "\(name) 2 500 6000\n" + "\(name).dat 16 200/mV 16 0 0 0 0 II\n"
                    + "\(name).dat 16 200/mV 16 0 0 0 0 V1\n",
                to: "\(name).hea"
            )
            let samples = (0..<6_000).flatMap { time -> [Int] in
                let place = time % beat
                return [0, abs(time % 700 - 350) / 7 + (place < 20 ? 200 - abs(place - 10) * 20 : 0)]
            }
            let bytes = samples.flatMap {
                [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
            }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder.path)/\(name).dat"))
        }
        try folder.write("record,label_ids\na,sinus_rhythm\nb,atrial_fibrillation\n", to: "LIST.csv")
        let selections = LeadSelection.usual.filter { ["II", "V1"].contains($0.name) }
        let options = EvaluationOptions(leadSets: selections, casesMin: 1, resamples: 5, threads: 1)
        let figures = try Evaluator(model: NarrowModel.shared, name: "narrow", options: options)
            .evaluate(DataSet.read([folder.path + "/LIST.csv"]))
        #expect(figures.recordings == 2)
        #expect(figures.leadSets.map(\.name) == ["V1"])
    }

    @Test func `a record that goes while it is compared is an error that names it`() throws {
        let folder = TemporaryFolder()
        for name in ["00001_hr", "00017_hr"] {
            for ending in ["hea", "dat"] {
                try folder.copy(ptbxl("\(name).\(ending)"), to: "\(name).\(ending)")
            }
        }
        try folder.write(
            "record,label_ids\n00001_hr,sinus_rhythm\n00017_hr,atrial_fibrillation\n",
            to: "LIST.csv"
        )
        let narrow = ReferenceModel(model: NarrowModel.shared, benchmark: nil, name: "narrow")
        let options = EvaluationOptions(leadSets: [], casesMin: 1, resamples: 5, threads: 1)
        let evaluator = Evaluator(model: NarrowModel.shared, reference: narrow, name: "own", options: options)
        let set = try DataSet.read([folder.path + "/LIST.csv"])
        #expect {
            try evaluator.evaluate(set) { progress in
                guard progress.phase == "encoding by narrow" else { return }
                try? FileManager.default.removeItem(atPath: folder.path + "/00017_hr.dat")
            }
        } throws: { error in
            (error as? DataSetError)?.place == folder.path + "/00017_hr"
        }
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
