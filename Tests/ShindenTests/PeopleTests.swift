import ECGSignal
import Foundation
import TestSupport
import Testing
import Wire
import ZeroMQ

@testable import Presentation

/// What people read of real recordings, by the program itself.
@Suite struct PeopleTests {
    /// The windows of a recording, as `--json` prints them.
    private func windows(of record: String) throws -> [JSONObject] {
        try Program.run("classify", fixture(record), "--json").windowLines.map { line in
            try #require(try JSONValue(parsing: Array(line.utf8)).object)
        }
    }

    /// The probability from which a statement counts as found, by the shipped model.
    private static func threshold(of id: String) throws -> Double {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Repository.defaultModel + "/model.json"))
        return try JSONValue(parsing: Array(bytes)).object?["thresholds"]?.object?[id]?.real ?? 0.5
    }

    @Test(arguments: [
        // One ventricular extrasystole in 180 s; runs; fibrillation; a second degree block.
        ("mitdb/100_1440", nil), ("mitdb/217_0060", nil),
        ("mitdb/207_1530", "ventricular_premature_contractions"),
        ("mitdb/231_0090", nil),
    ]) func `a summary is the mean over all windows, with the count beside it`(
        record: String,
        rare: String?
    ) throws {
        let windows = try windows(of: record)
        let run = try Program.run("classify", fixture(record), "--summary")
        #expect(run.code == 0 && run.lines.count == 1)
        let line = try #require(run.lines.first)
        #expect(line.contains("  \(windows.count) windows; "))
        var sums: [String: Double] = [:]
        var findings: [String: Int] = [:]
        var words: [String: String] = [:]
        for entry in windows.flatMap({ $0["top"]?.array ?? [] }).compactMap(\.object) {
            let id = try #require(entry["id"]?.text)
            // Without one, nothing was fitted for these leads: it is ranked and never found.
            guard let probability = entry["probability"]?.real else { continue }
            sums[id, default: 0] += probability
            findings[id, default: 0] += probability >= (try Self.threshold(of: id)) ? 1 : 0
            words[id] = "\(entry["en"]?.text ?? "?") / \(entry["ja"]?.text ?? "?") "
        }
        let told = words.filter { line.contains($0.value) }.map(\.key)
        #expect(!told.isEmpty)
        for id in told {
            let mean = (sums[id] ?? 0) / Double(windows.count)
            let expected = (words[id] ?? "") + Percent.probability(mean)
            #expect(line.contains(expected + " (found in "), "\(id) \(mean): \(line)")
        }
        if let rare {
            let mean = (sums[rare] ?? 0) / Double(windows.count)
            #expect(told.contains(rare) && mean < 0.05, "\(mean)")
            let found = findings[rare] ?? 0
            #expect(line.contains("(found in \(found) windows)") && found * 10 < windows.count)
        }
    }

    @Test func `no window of a recording is told below the threshold, and each names its leads`() throws {
        var least: [String: Double] = [:]
        for entry in try windows(of: "mitdb/231_0090").flatMap({ $0["top"]?.array ?? [] }).compactMap(
            \.object
        ) {
            let words = "\(entry["en"]?.text ?? "?") / \(entry["ja"]?.text ?? "?")"
            least[words] = try Self.threshold(of: try #require(entry["id"]?.text))
        }
        let run = try Program.run("classify", fixture("mitdb/231_0090"))
        #expect(run.windowLines.count == 79)
        for line in run.windowLines {
            #expect(line.contains("  2 of 12 leads (II, V1), 16 % of a 12-lead ECG; "), "\(line)")
            #expect(!line.contains("coverage 100 %"))
            // After the colon: statements with their percentages.
            let told = line.split(separator: "12-lead ECG; ").last?.split(separator: ": ").last ?? ""
            for statement in told.split(separator: "; ") where statement.hasSuffix(" %") {
                let parts = statement.dropLast(2).split(separator: " ")
                let figure = try #require(parts.last.flatMap { Double($0) }, "\(line)")
                let threshold = try #require(least[parts.dropLast().joined(separator: " ")], "\(line)")
                // The figure is rounded to whole per cents.
                #expect(figure >= 100 * threshold - 0.5, "\(line)")
            }
        }
    }

    @Test func `classify says once what can never appear`() throws {
        let run = try Program.run("classify", fixture("ptbxl/00017_hr"), fixture("ptbxl/00001_hr"))
        let sentences = run.words.split(separator: "\n").filter { $0.contains("not looked for") }
        #expect(sentences.count == 1)
        #expect(
            sentences.first?.contains("Rules look for Asystole, Pause, ") == true
        )
        #expect(!run.output.contains("not looked for"))
    }

    @Test func `inspect of a model says what can never appear`() throws {
        let run = try Program.run("inspect", "Models/default")
        #expect(run.code == 0)
        #expect(run.output.contains("Third Degree AV Block") && run.output.contains("not looked for"))
        #expect(run.output.contains("Rules look for ") && run.output.contains("Ventricular Fibrillation"))
        #expect(run.words.contains("Research software, not a medical device"))
    }

    @Test func `an asked number of statements is printed, those below their threshold marked`() throws {
        let run = try Program.run("classify", fixture("ptbxl/00017_hr"), "--top", "5")
        let told = run.output.split(separator: ": ").last?.split(separator: "; ") ?? []
        #expect(told.count == 5 || run.output.contains("of the 5 asked for; "), "\(run.output)")
        #expect(run.output.contains("(below threshold)"))
    }

    @Test(arguments: ["quality"]) func `watch of a kind that nobody publishes says so`(
        kind: String
    ) throws {
        let run = try Program.run("watch", "--kind", kind, "--events", freshEndpoint().text)
        #expect(run.code == 69, "no daemon is there either")
        #expect(run.words.contains("\(kind) events are not produced by this daemon"))
    }
}
