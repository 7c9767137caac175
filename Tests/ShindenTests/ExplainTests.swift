import Foundation
import TestSupport
import Testing
import Wire

/// `shinden explain` of recordings, as people call it.
@Suite struct ExplainTests {
    private func explained(_ record: String, _ time: String) throws -> JSONObject {
        let run = try Program.run("explain", "Fixtures/" + record, "--at", time, "--json")
        #expect(run.code == 0, "\(run.words)")
        let bytes = Array(run.output.utf8)
        return try #require(try JSONValue(parsing: bytes, byteCountMax: bytes.count).object)
    }

    private func rules(_ page: JSONObject) -> [JSONObject] {
        page["streams"]?.array?.first?.object?["rules"]?.array?.compactMap(\.object) ?? []
    }

    private func answer(_ page: JSONObject) -> String {
        (page["answer"]?.array ?? []).compactMap(\.text).joined(separator: " ")
    }

    @Test func `a quiet sinus rhythm: no alarm, every rule with its figure, the leads and the window`() throws
    {
        let page = try explained("mitdb/100_0000", "40")
        #expect(answer(page).hasPrefix("No alarm stands."), "\(answer(page))")
        let rules = rules(page)
        #expect(rules.count == 26 && rules.allSatisfy { $0["holds"] == .bool(false) }, "\(rules)")
        let fast = try #require(rules.first { $0["statement"]?.text == "tachycardia" })
        #expect(fast["figure"]?.real.map { (65...85).contains($0) } == true && fast["limit"]?.real == 120)
        let stream = try #require(page["streams"]?.array?.first?.object)
        let leads = stream["leads"]?.array?.compactMap { $0.object?["lead"]?.text }
        #expect(leads == ["II", "V5"], "\(String(describing: leads))")
        #expect(stream["window"]?.object?["top"]?.array?.isEmpty == false)
        #expect(stream["vitals"]?.object?["qrs"]?.whole.map { (60...140).contains($0) } == true)
        #expect(page["judged"] == .bool(true))
        // The state is that of the second, not of the end of the chunk that it came in.
        let at = try #require(stream["judged_sample"]?.whole)
        #expect((20_000..<20_025).contains(at), "\(at)")
    }

    @Test func `fibrillation: what led to the alarm, and that it stands`() throws {
        let before = try explained("mitdb/207_1530", "9")
        #expect(!answer(before).contains("Ventricular Fibrillation alarms"), "\(answer(before))")
        let during = try explained("mitdb/207_1530", "0:25")
        let rule = try #require(
            rules(during).first { $0["statement"]?.text == "ventricular_fibrillation" }
        )
        #expect(rule["holds"] == .bool(true) && rule["unit"]?.text == "leakage")
        #expect(answer(during).contains("Ventricular Fibrillation alarms (high) since"), "\(answer(during))")
    }

    @Test func `the page for people has a line for each part of the way`() throws {
        let run = try Program.run("explain", "Fixtures/mitdb/100_0000", "--at", "30.5")
        #expect(run.code == 0, "\(run.words)")
        for head in ["patient", "stream", "samples", "quality", "vitals", "not", "model", "policy", "answer"]
        {
            #expect(run.lines.contains { $0.hasPrefix(head + " ") }, "\(head): \(run.output)")
        }
        #expect(run.words.contains("not a medical device"))
    }

    @Test(arguments: [
        (["Fixtures/mitdb/100_0000", "--at", "600"], Int32(65), "lies outside"),
        (["Fixtures/mitdb/100_0000", "--at", "5", "--patient", "x"], 65, "no stream of such a patient"),
        (["Fixtures/mitdb/none", "--at", "5"], 66, "none"),
        (["README.md", "--at", "5"], 65, "no WFDB record"),
        (["Fixtures/mitdb/100_0000", "--at", "noon"], 64, "noon"),
        (["Fixtures/mitdb/100_0000", "--at", "-3"], 64, "--at"),
        (["Fixtures/mitdb/100_0000", "--at", "2026-13-02T00:00:00Z"], 64, "2026-13"),
        (["Fixtures/mitdb/100_0000"], 64, "--at"),
    ])
    func `what cannot be explained is told with its code`(
        arguments: [String],
        code: Int32,
        words: String
    ) throws {
        let run = try Program(["explain"] + arguments).finished()
        #expect(run.code == code && run.words.contains(words), "\(run.code) \(run.words)")
        #expect(run.output.isEmpty)
    }
}
