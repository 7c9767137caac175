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
        abstract: "Show a recording or a model folder in one page.",
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
    @Flag(help: "Print one JSON object; of recordings only.") var json = false

    func run() throws {
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
        Output.data("model       \(name)")
        Output.data("model.json  \(model.revisions.model)  bank \(model.revisions.bank)")
        Output.data(
            "catalogue   \(model.revisions.catalogue), \(Catalogue.shipped.statements.count) statements"
        )
        Output.data("ranked      \(model.ranker.model.ranked.count) statements")
        Output.data("similarity  scale \(model.ranker.model.scale), bias \(model.ranker.model.bias)")
        Output.data("            research software, not a medical device")
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
