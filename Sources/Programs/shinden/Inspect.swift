internal import ArgumentParser
internal import Diagnosis
internal import ECGSignal
internal import Findings
private import FoundationEssentials
internal import FrameLog
internal import Pipeline
internal import Recordings
internal import Wire

/// A recording, a model folder or a frame log in one page.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show a recording, a model folder or a frame log in one page. Research software, not a medical device.",
        discussion: """
            EXAMPLES
              shinden inspect Fixtures/ptbxl/00017_hr
              shinden inspect Models/default
              shinden inspect LOGS
            """
    )

    @Argument(
        help: "RECORD, RECORD.hea, the folder of a model, or a frame log.",
        completion: .file(extensions: ["hea"])
    ) var path: String
    @Flag(help: "Print the same facts as one JSON object; one for each run of a folder of logs.") var json =
        false

    func run() throws {
        Output.notice(nil)
        if FrameLogReader.isLog(path) { return try log(path) }
        guard isFolder else { return try recording() }
        let log = path + "/log"
        if FrameLogReader.isLog(log) {
            Output.words("shinden inspect: \(path) is the state of a daemon; this is its frame log, \(log)")
            return try self.log(log)
        }
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
        Output.page("model       \(name)")
        Output.page("model.json  \(model.revisions.model)  bank \(model.revisions.bank)")
        Output.page(
            "catalogue   \(model.revisions.catalogue), \(model.ranker.catalogue.statements.count) statements"
        )
        Output.page("ranked      \(model.ranker.model.ranked.count) statements")
        Output.page("similarity  scale \(model.ranker.model.scale), bias \(model.ranker.model.bias)")
        Output.page("by rules    \(RuleStatements.ids.count) statements")
        Output.page("never said  \(model.notLookedFor.count) statements")
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

    /// Shows a log as far as it can be read, or the logs of all runs that a folder holds.
    ///
    /// One that is damaged ends the program with 65 all the same, after the others were shown.
    private func log(_ path: String) throws {
        var code: ExitCode?
        var count = 0
        func fail(_ error: FrameLogError) {
            Output.words("shinden inspect: \(error)")
            code = code ?? Failure.code(of: error)
        }
        do throws(FrameLogError) {
            let logs = try FrameLogReader.logs(path)
            for path in logs {
                do throws(FrameLogError) {
                    let page = try FrameLogPage(path)
                    if json {
                        Output.data(page.json.canonicalText)
                    } else {
                        if count > 0 { Output.data("") }
                        if logs.count > 1 { Output.data("file      \(path)") }
                        for line in page.lines { Output.data(line) }
                    }
                    count += 1
                    if let damage = page.damage { fail(damage) }
                } catch { fail(error) }
            }
        } catch { fail(error) }
        if let code { throw code }
    }

    private func recording() throws {
        do throws(RecordingError) {
            let page = try RecordingPage(try Recording.load(path))
            if json {
                Output.data(page.json.canonicalText)
            } else {
                for line in page.lines { Output.page(line) }
            }
        } catch {
            Output.words("shinden inspect: \(error)")
            throw Failure.code(of: error)
        }
    }
}
