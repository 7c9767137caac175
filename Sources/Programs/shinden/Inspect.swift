internal import ArgumentParser
internal import Diagnosis
internal import ECGSignal
internal import Findings
private import FoundationEssentials
internal import Pipeline
internal import Recordings
internal import Wire

/// A recording or a model folder in one page.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a recording or a model folder in one page. Research software, not a medical device.",
        discussion: """
            EXAMPLES
              shinden inspect Fixtures/ptbxl/00017_hr
              shinden inspect Models/default
            """
    )

    @Argument(
        help: "RECORD, RECORD.hea, or the folder of a model.",
        completion: .file(extensions: ["hea"])
    ) var path: String
    @Flag(help: "Print the same facts as one JSON object.") var json = false

    func run() throws {
        Output.notice(nil)
        guard isFolder else { return try recording() }
        guard FileManager.default.fileExists(atPath: path + "/model.json") else {
            Output.words(
                "shinden inspect: \(path) is a folder without a model (model.json); name a recording in it, or give the "
                    + "folder to shinden classify"
            )
            throw Failure.noInput
        }
        try model()
    }

    private var isFolder: Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
            && !FileManager.default.fileExists(atPath: path + ".hea")
    }

    private func model() throws {
        let (model, name) = try ModelOption.load(path)
        if json { return Output.data(facts(of: model, named: name).canonicalText) }
        Output.data("model       \(name)")
        Output.data("model.json  \(model.revisions.model)  bank \(model.revisions.bank)")
        Output.data(
            "catalogue   \(model.revisions.catalogue), \(model.ranker.catalogue.statements.count) statements"
        )
        Output.data("ranked      \(model.ranker.model.ranked.count) statements")
        Output.data("similarity  scale \(model.ranker.model.scale), bias \(model.ranker.model.bias)")
        Output.data("by rules    \(RuleStatements.ids.count) statements")
        Output.data("never said  \(model.notLookedFor.count) statements")
        Output.people("            " + model.lookedForSentences, indent: 12)
    }

    private func facts(of model: Model, named name: String) -> JSONValue {
        .object([
            "bank": .string(model.revisions.bank), "bias": .number(model.ranker.model.bias),
            "catalogue": .string(model.revisions.catalogue), "model": .string(model.revisions.model),
            "name": .string(name), "ranked": .array(model.ranker.model.ranked.map(JSONValue.string)),
            "scale": .number(model.ranker.model.scale),
            "statements": .integer(Int64(model.ranker.catalogue.statements.count)),
        ])
    }

    private func recording() throws {
        do throws(RecordingError) {
            let page = try RecordingPage(try Recording.load(path))
            if json {
                Output.data(page.json.canonicalText)
            } else {
                for line in page.lines { Output.data(line) }
            }
        } catch {
            Output.words("shinden inspect: \(error)")
            throw Failure.code(of: error)
        }
    }
}
