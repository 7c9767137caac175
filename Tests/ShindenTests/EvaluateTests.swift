import Foundation
import TestSupport
import Testing
import Wire

/// `shinden evaluate` as people and scripts call it.
@Suite struct EvaluateTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/shinden-\(UUID().uuidString)"

    private func list(_ text: String) throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/LIST.csv"))
        return folder + "/LIST.csv"
    }

    @Test func `the labelled fixtures give one JSON on stdout and three files`() throws {
        let run = try Program.run(
            "evaluate",
            "--records",
            "Fixtures/LIST.csv",
            "--out",
            folder,
            "--json",
            "--resamples",
            "10"
        )
        #expect(run.code == 0, "\(run.words)")
        #expect(run.lines.count == 1)
        let bytes = Array(run.output.utf8)
        let json = try JSONValue(parsing: bytes, byteCountMax: bytes.count)
        #expect(json.object?["records"]?.whole == 14)
        let saved = try Data(contentsOf: URL(fileURLWithPath: folder + "/evaluation.json"))
        #expect(String(decoding: saved, as: UTF8.self) == run.output)
        for name in ["evaluation.md", "evaluation.html"] {
            #expect(FileManager.default.fileExists(atPath: folder + "/" + name))
        }
        #expect(run.words.contains("not a medical device"))
        // No bar where stderr is a file.
        #expect(!run.words.contains("\r") && !run.words.contains("#"))
    }

    @Test(arguments: [
        ("record,label_ids\nx,no_such_id\n", "no_such_id"), ("record,label_ids\nx,normal\n", "none of 1"),
        ("record\nx\n", "label_ids"),
    ])
    func `a bad list: 65 and what is wrong`(text: String, word: String) throws {
        let run = try Program.run("evaluate", "--records", list(text), "--out", folder)
        #expect(run.code == 65, "\(run.words)")
        #expect(run.words.contains(word) && run.output.isEmpty)
    }

    @Test func `records that are not there: 66`() throws {
        let run = try Program.run("evaluate", "--records", folder + "/none", "--out", folder)
        #expect(run.code == 66)
        #expect(run.words.contains(folder + "/none"))
    }

    @Test func `a folder that cannot be made: 74`() throws {
        let run = try Program.run("evaluate", "--records", "Fixtures/LIST.csv", "--out", "/dev/null/x")
        #expect(run.code == 74)
    }

    @Test(arguments: [
        ["--folds", "ten"], ["--folds", ""], ["--resamples", "-1"], ["--threads", "0"],
    ])
    func `a value out of its range: 64`(arguments: [String]) throws {
        let run = try Program(["evaluate", "--records", "x", "--out", folder] + arguments).finished()
        #expect(run.code == 64, "\(run.words)")
    }

    @Test func `no records: 64`() throws {
        #expect(try Program(["evaluate", "--out", folder]).finished().code == 64)
    }

    @Test func `intervals beside marked limits: a table, and one JSON with the figures of all and of each`()
        throws
    {
        let page = try Program.run("evaluate", "--intervals", "Fixtures/ludb/20", "--leads", "II")
        #expect(page.code == 0, "\(page.words)")
        #expect(page.lines.contains { $0.hasPrefix("QRS ") } && page.lines.contains { $0.hasPrefix("20 ") })
        let run = try Program.run("evaluate", "--intervals", "Fixtures/ludb", "--json")
        #expect(run.code == 0, "\(run.words)")
        let bytes = Array(run.output.utf8)
        let json = try #require(try JSONValue(parsing: bytes, byteCountMax: bytes.count).object)
        let gross = try #require(json["gross"]?.object?["qrs"]?.object)
        #expect(gross["records"]?.whole.map { $0 >= 10 } == true)
        #expect(gross["sd_ms"]?.real.map { $0 <= 15 } == true, "\(gross)")
        let records = json["records"]?.array?.compactMap(\.object) ?? []
        #expect(records.count == 11 && records.first { $0["name"]?.text == "8" }?["pr_why"] != nil)
    }

    @Test(arguments: [
        (["--intervals", "Fixtures/ludb/20", "--noise", "x"], Int32(64), "--intervals"),
        (["--intervals", "Fixtures/ludb/20", "--beats", "x"], 64, "one of"),
        (["--intervals", "Fixtures/georgia/E00001"], 66, "annotation"),
        (["--intervals", "Fixtures/none"], 66, "none"),
    ])
    func `intervals that cannot be scored are told with their code`(
        arguments: [String],
        code: Int32,
        words: String
    ) throws {
        let run = try Program(["evaluate"] + arguments).finished()
        #expect(run.code == code && run.words.contains(words), "\(run.code) \(run.words)")
    }
}
