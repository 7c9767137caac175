internal import ArgumentParser
private import DataSets
private import Diagnosis
private import ECGEncoder
private import Evaluation
internal import Foundation
private import ModelFolder
private import Pipeline
internal import Wire

/// A model whose convolutions compute in eight bits.
struct ModelQuantise: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantise",
        abstract: "Make a model that computes in eight bits, faster and a little less exact.",
        discussion: """
            Shows recordings to the model and measures how large the numbers between its layers become, so that 128 steps \
            can be spread over them; a fourth of the recordings with the limb leads alone, with lead II, with lead I. The \
            copy in --out has the same weights, and its daemon takes about half of the processor time. Then both rank the \
            same windows, and what they differ in is printed and written to the copy's model.json. Judge the copy with \
            `shinden evaluate` before it is used. Research software, not a medical device.

            EXAMPLES
              shinden model quantise --model Models/default --records ptbxl100 --folds 9 --out int8
              shinden model quantise --model Models/default --records LIST.csv --windows 200 --out int8 --json

            EXIT CODES
              0 done  64 usage  65 bad labels or data  66 no such file  74 cannot be read or written  78 model
            """
    )

    @Option(help: "The folder of the model, which computes in floats.", completion: .directory)
    var model: String
    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String
    @Option(help: "Only these folds: 9, or 8,9; all recordings without it.") var folds: String?
    @Option(help: "Recordings that are shown at most, evenly spread over the set.") var windows = 512
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2
    @Flag(help: "Print what was measured as JSON.") var json = false

    func validate() throws {
        _ = try Folds.numbers(folds)
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
        guard (1...10_000).contains(windows) else {
            throw ValidationError("--windows \(windows): give 1 to 10000")
        }
    }

    func run() throws {
        Output.notice(nil)
        do {
            let loaded = try ModelFolder.load(model)
            guard loaded.precision == .float32 else {
                Output.words(
                    "shinden model quantise: \(model) computes in \(loaded.precision.rawValue) already; give the model of "
                        + "floats that it was made of"
                )
                throw Failure.configuration
            }
            let plain = try loaded.runnable()
            let set = try DataSet.read([records], catalogue: loaded.ranker.catalogue)
            let quantiser = try Quantiser(
                set,
                folds: try Folds.numbers(folds),
                windows: windows,
                threads: threads
            )
            let bar = ProgressBar()
            let measured = try quantiser.ranges(of: plain.encoder) {
                bar.show($0.phase, done: $0.done, of: $0.total)
            }
            let bytes = try loaded.runnable(quantisedBy: measured.ranges)
            let agreement = quantiser.agreement(of: plain, with: bytes) {
                bar.show($0.phase, done: $0.done, of: $0.total)
            }
            bar.end()
            guard let agreement else {
                Output.words("shinden model quantise: \(records): no window could be ranked")
                throw Failure.data
            }
            try ModelFolderCopy(of: model, at: out).write(quantisedBy: measured.ranges, written(agreement))
            report(agreement)
        } catch let error as DataSetError {
            Output.words("shinden model quantise: \(error)")
            throw Failure.code(of: error)
        } catch let error as ModelFolderError {
            Output.words("shinden model quantise: \(error)")
            throw Failure.configuration
        } catch let error as EncoderWeightsError {
            Output.words("shinden model quantise: \(error)")
            throw Failure.configuration
        }
    }

    private func written(_ agreement: Agreement) -> ModelFolderCopy.Quantisation {
        let name = URL(fileURLWithPath: records).lastPathComponent
        return ModelFolderCopy.Quantisation(
            recordings: "\(agreement.windows) recordings of \(name)" + (folds.map { ", folds \($0)" } ?? ""),
            windows: agreement.windows,
            firstAgreement: agreement.first,
            fiveAgreement: agreement.five,
            cosineLeast: agreement.cosineLeast
        )
    }
    private func report(_ agreement: Agreement) {
        if json {
            let object = JSONValue.object([
                "windows": .integer(Int64(agreement.windows)),
                "same_first": .decimal(agreement.first, places: 4),
                "same_five": .decimal(agreement.five, places: 4),
                "five_in_common": .decimal(agreement.common, places: 4),
                "cosine_least": .decimal(agreement.cosineLeast, places: 6),
                "cosine_median": .decimal(agreement.cosineMedian, places: 6),
            ])
            Output.data(object.canonicalText)
            return
        }
        func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
        Output.page(
            "\(agreement.windows) windows ranked by both: the same first statement in \(percent(agreement.first)), the same "
                + "five in \(percent(agreement.five)), \(percent(agreement.common)) of the five in common; "
                + String(format: "cosine of the embeddings at least %.4f, ", agreement.cosineLeast)
                + String(format: "median %.5f", agreement.cosineMedian)
        )
        Output.words("the model of eight bits is in \(out); judge it with shinden evaluate")
    }
}
