import DataSets
import ECGSignal
import Evaluation
import Findings
import Metrics
import ModelFolder
import Pipeline
import TestSupport
import Testing
import Wire

/// The shipped model on the labelled fixtures: real recordings, real weights, every page.
@Suite struct EndToEndTests {
    /// Computed once for all laws: fourteen recordings by eight lead sets and noise.
    private static let result = Result {
        let model = try ModelFolder.load(Repository.defaultModel).runnable()
        let set = try DataSet.read([Repository.fixtures + "/LIST.csv"])
        let options = EvaluationOptions(casesMin: 2, resamples: 20, seed: 3)
        return try Evaluator(model: model, name: "shipped", options: options).evaluate(set)
    }

    private let figures: EvaluationFigures

    init() throws { figures = try Self.result.get() }

    @Test func `every recording is judged and every statement that can be`() {
        #expect(figures.recordings == 14)
        #expect(figures.unreadable == [])
        #expect(figures.labels.contains { $0.statement.id == "complete_left_bundle_branch_block" })
        #expect(!figures.labels.contains { $0.statement.id == "asystole" })
        for label in figures.labels { #expect(label.cases > 0 && label.negatives > 0) }
    }

    @Test func `the macro figure is the mean over the statements with enough cases`() throws {
        let areas = figures.labels.filter { $0.cases >= 2 }.compactMap(\.area.both)
        #expect(figures.labelsCounted == areas.count)
        let macro = try #require(figures.macroArea.both)
        #expect(abs(macro - areas.reduce(0, +) / Double(areas.count)) < 1e-12)
        // A model that was not shown these recordings' labels at random ranks them far better than chance.
        #expect(macro > 0.75)
    }

    @Test func `the floors are always there and the model stands above them`() throws {
        #expect(figures.floors.map(\.name) == ["base_rates", "always_sinus", "random_encoder", "class_ids"])
        #expect(figures.floors[0].macroArea == 0.5)
        let own = try #require(figures.anyOf)
        let rates = try #require(figures.floors[0].anyOf)
        #expect(own.top1 > rates.top1 && own.recordings == rates.recordings)
    }

    @Test func `twelve leads give the figures of all leads, fewer give others`() throws {
        let twelve = try #require(figures.leadSets.first { $0.name == "12" })
        // Recordings with a lead that is mostly missing do not have twelve.
        #expect(twelve.recordings <= figures.recordings)
        #expect(figures.leadSets.map(\.name) == LeadSelection.usual.map(\.name))
        let lead = try #require(figures.leadSets.first { $0.name == "I" })
        #expect(lead.macroArea.both != nil && lead.macroArea != twelve.macroArea)
    }

    @Test func `the JSON has the names that programs read`() throws {
        let json = try #require(figures.json.object)
        for bank in ["en", "ja", "both"] { #expect(json["macro_auroc"]?.object?[bank]?.real != nil) }
        #expect(json["any_of"]?.object?["top1"]?.real != nil)
        #expect(json["any_of"]?.object?["top5"]?.real != nil)
        #expect(json["lrap"]?.real != nil)
        #expect(json["labels"]?.object?["sinus_rhythm"]?.object?["auroc"]?.real != nil)
        #expect(json["lead_sets"]?.object?["I"]?.object?["macro_auroc"]?.real != nil)
        #expect(json["floors"]?.object?["class_ids"]?.object?["any_of"]?.object?["top1"]?.real != nil)
        // A list of one hospital has no benchmark.
        #expect(json["ptbxl"] == .null)
        let bytes = figures.json.canonical
        // A whole number is read as one, so the texts are compared.
        #expect(try JSONValue(parsing: bytes, byteCountMax: bytes.count).canonical == bytes)
    }

    @Test func `the page stands alone, with plots and without scripts`() {
        let html = figures.html
        #expect(html.contains("<svg") && html.hasSuffix("</html>\n"))
        for part in ["<script", "<link", "<img", "url(", "href="] { #expect(!html.contains(part), "\(part)") }
        let markdown = figures.markdown
        for table in ["# Evaluation", "## Floors", "## Fewer leads", "## Families"] {
            #expect(markdown.contains(table), "\(table)")
        }
    }

    @Test func `the same recordings and seed give the same figures`() throws {
        let model = try ModelFolder.load(Repository.defaultModel).runnable()
        let set = try DataSet.read([Repository.fixtures + "/LIST.csv"])
        let options = EvaluationOptions(
            leadSets: [LeadSelection.usual[0]],
            casesMin: 2,
            resamples: 20,
            seed: 3,
            threads: 1
        )
        let again = try Evaluator(model: model, name: "shipped", options: options).evaluate(set)
        #expect(again.labels.map(\.area) == figures.labels.map(\.area))
        #expect(again.macroIntervals == figures.macroIntervals)
        #expect(again.floors.map(\.macroArea) == figures.floors.map(\.macroArea))
    }
}
