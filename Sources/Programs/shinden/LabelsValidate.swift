internal import ArgumentParser
private import DataSets
private import Diagnosis
private import Evaluation
private import Findings
private import Foundation
private import ModelFolder

/// Shows added statements on recordings.
struct LabelsValidate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Show on labelled recordings that a model can tell the statements that were added to it.",
        discussion: """
            A statement that was added by a sentence is ranked once recordings have shown it: at least 5 with it, and an \
            AUROC whose 95 % interval stays above 0.70. A model with fitted probabilities gets the statement's too. The \
            model is written to --out. Research software, not a medical device.

            EXAMPLES
              shinden labels validate --model models/osborn --records LIST.csv --out models/validated

            EXIT CODES
              0 at least one is ranked now  64 usage  65 none is, or bad labels  66 no such file  74 I/O  78 model
            """
    )

    @Option(help: "The folder of the model.", completion: .directory) var model: String
    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2

    func validate() throws {
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        do {
            let loaded = try ModelFolder.load(model)
            let added = Set(
                loaded.ranker.catalogue.statements.map(\.id).filter {
                    loaded.unvalidated[$0] != nil && loaded.trainingPositives[$0] == nil
                }
            )
            guard !added.isEmpty else {
                Output.words(
                    "shinden labels validate: no statement of \(model) was added and waits; see `shinden labels add`"
                )
                throw Failure.data
            }
            let evaluator = Evaluator(
                model: try loaded.runnable(),
                name: loaded.name,
                options: EvaluationOptions(leadSets: [], threads: threads)
            )
            let bar = ProgressBar()
            let fitted = try Calibrator(evaluator, added: added)
                .fit(DataSet.read([records], catalogue: loaded.ranker.catalogue)) {
                    bar.show($0.phase, done: $0.done, of: $0.total)
                }
            bar.end()
            try ModelFolderCopy(of: model, at: out).write(merged(loaded, fitted))
            for (id, reason) in fitted.unvalidated { Output.words("not ranked: \(id): \(reason)") }
            Output.words("ranked now: \(fitted.ranked.joined(separator: ", ")); the model is in \(out)")
        } catch let error as DataSetError {
            Output.words("shinden labels validate: \(error)")
            throw Failure.code(of: error)
        } catch let error as ModelFolderError {
            Output.words("shinden labels validate: \(error)")
            throw Failure.configuration
        }
    }

    /// What the folder holds of the other statements, with what is known of the new ones.
    private func merged(_ loaded: LoadedModel, _ fitted: FittedProbabilities) -> ModelFolderCopy.Probabilities
    {
        let old = loaded.ranker.model
        var calibrations = old.calibrations
        if !calibrations.isEmpty {
            for (leads, corrections) in fitted.calibrations {
                calibrations[leads, default: [:]].merge(corrections) { _, new in new }
            }
        }
        var unvalidated = loaded.unvalidated
        for id in fitted.ranked { unvalidated[id] = nil }
        for (id, reason) in fitted.unvalidated { unvalidated[id] = reason }
        // What the other statements rest on stays written down.
        let name = URL(fileURLWithPath: records).lastPathComponent
        let own = "\(fitted.recordings) recordings of \(name) for \(fitted.ranked.joined(separator: ", "))"
        return ModelFolderCopy.Probabilities(
            calibrations: calibrations,
            thresholds: old.thresholds.merging(fitted.thresholds) { _, new in new },
            ranked: old.ranked + fitted.ranked,
            unvalidated: unvalidated,
            recordings: [loaded.calibrationSet, own].compactMap(\.self).joined(separator: "; ")
        )
    }
}
