internal import ArgumentParser
internal import Diagnosis
internal import ECGSignal
private import FoundationEssentials
internal import Gateway
internal import Pipeline
internal import Recordings

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

    @Argument(help: "RECORD, RECORD.hea, or the folder of a model.") var path: String

    func run() throws {
        Output.notice(nil)
        if isFolder { try model() } else { try recording() }
    }

    private var isFolder: Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory
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
        let missing = model.ranker.notLookedFor
        Output.data("never said  \(missing.count) statements")
        if let sentence = missing.sentence { Output.people("            " + sentence, indent: 12) }
    }

    private func recording() throws {
        do throws(RecordingError) {
            let recording = try Recording.load(path)
            let seconds = Double(recording.sampleCount) / recording.rate.hertz
            Output.data("record    \(recording.name)")
            Output.data(
                "length    \(recording.sampleCount) samples at \(recording.rate.hertz) Hz, \(seconds) s"
            )
            for channel in recording.channels {
                let values = channel.millivolts().filter { !$0.isNaN }
                let missing = channel.missing.reduce(0) { $0 + $1.count }
                Output.data(
                    "channel   \(channel.name)  \(values.min() ?? 0) to \(values.max() ?? 0) mV, "
                        + "\(1e3 * channel.nanovoltsPerUnit / 1e6) uV a unit, \(missing) samples missing"
                )
            }
            for comment in recording.comments { Output.data("comment   \(comment)") }
            let (stream, remarks) = try RecordedStream.read(recording)
            Output.data("stream    \(stream.identity.name)")
            for remark in remarks { Output.words("\(recording.name): \(remark)") }
        } catch {
            Output.words("shinden inspect: \(error)")
            throw Failure.code(of: error)
        }
    }
}
