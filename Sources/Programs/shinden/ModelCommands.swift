internal import ArgumentParser
private import DataSets
private import Diagnosis
private import ECGEncoder
internal import Evaluation
private import FoundationEssentials
internal import ModelFolder

/// Model folders: checked, and their probabilities fitted.
struct ModelCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Check, calibrate, quantise, average, export or import a model folder.",
        subcommands: [
            ModelVerify.self, ModelCalibrate.self, ModelQuantise.self, ModelAverage.self, ModelExport.self,
            ModelImport.self,
        ]
    )
}

/// Checks all of a folder.
struct ModelVerify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a model folder as the daemon does: hashes, shapes, catalogue, calibrations.",
        discussion: """
            EXAMPLES
              shinden model verify Models/default

            EXIT CODES
              0 the folder can be run  64 usage  78 refused, with the reason
            """
    )

    @Argument(help: "The folder.", completion: .directory) var folder: String

    func run() throws {
        do {
            let loaded = try ModelFolder.load(folder)
            _ = try loaded.runnable()
            let model = loaded.ranker.model
            let fitted = FittedLeads.allCases.filter { model.calibrations[$0] != nil }.map(\.rawValue)
            Output.page(
                "\(loaded.name) \(loaded.revision): \(model.ranked.count) statements ranked; probabilities fitted for "
                    + (fitted.isEmpty ? "no set of leads" : fitted.joined(separator: ", "))
                    + "; computes in \(loaded.precision.rawValue); research software, not a medical device"
            )
        } catch {
            Output.words("shinden model verify: \(error)")
            throw Failure.configuration
        }
    }
}

/// Fits probabilities, thresholds and the list of ranked statements.
struct ModelCalibrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit a model's probabilities on recordings that it has not learned from.",
        discussion: """
            Encodes the recordings with twelve leads, the limb leads, lead II and lead I, and fits for each statement \
            and each of these sets how its similarity becomes a probability. A statement with fewer than 20 training \
            positives, fewer than 5 cases here, or an AUROC whose 95 % interval reaches below 0.70 is not ranked. \
            The model is written to --out; weights and sentences stay as they are. Probabilities hold at the \
            prevalence of these recordings, not a ward's. Research software, not a medical device.

            EXAMPLES
              shinden model calibrate --model run/model --records ptbxl100 --folds 9 --out calibrated

            EXIT CODES
              0 done  64 usage  65 bad labels or data  66 no such file  74 cannot be read or written  78 model
            """
    )

    @Option(help: "The folder of the model.", completion: .directory) var model: String
    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String
    @Option(help: "Only these folds: 9, or 8,9; all recordings without it.") var folds: String?
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2

    func validate() throws {
        _ = try Folds.numbers(folds)
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        do {
            let loaded = try ModelFolder.load(model)
            let fitting = Fitting(records: records, folds: folds, threads: threads)
            let fitted = try fitting.fit(loaded) {
                Calibrator($0, trainingPositives: loaded.trainingPositives)
            }
            try ModelFolderCopy(of: model, at: out).write(fitting.probabilities(fitted))
            fitting.report(fitted, in: out)
        } catch let error as DataSetError {
            Output.words("shinden model calibrate: \(error)")
            throw Failure.code(of: error)
        } catch let error as ModelFolderError {
            Output.words("shinden model calibrate: \(error)")
            throw Failure.configuration
        }
    }
}

/// A model's probabilities, fitted on chosen recordings with a progress bar.
struct Fitting {
    let records: String
    let folds: String?
    let threads: Int

    /// What the recordings say; `calibrator` says which statements they judge.
    func fit(_ loaded: LoadedModel, _ calibrator: (Evaluator) -> Calibrator) throws -> FittedProbabilities {
        let options = EvaluationOptions(folds: try Folds.numbers(folds), leadSets: [], threads: threads)
        let evaluator = Evaluator(model: try loaded.runnable(), name: loaded.name, options: options)
        let bar = ProgressBar()
        let set = try DataSet.read([records], catalogue: loaded.ranker.catalogue)
        let fitted = try calibrator(evaluator).fit(set) { bar.show($0.phase, done: $0.done, of: $0.total) }
        bar.end()
        return fitted
    }

    /// What model.json gets of it.
    func probabilities(_ fitted: FittedProbabilities) -> ModelFolderCopy.Probabilities {
        let name = URL(fileURLWithPath: records).lastPathComponent
        let part = folds.map { ", folds \($0)" } ?? ""
        return ModelFolderCopy.Probabilities(
            calibrations: fitted.calibrations,
            thresholds: fitted.thresholds,
            ranked: fitted.ranked,
            unvalidated: Dictionary(uniqueKeysWithValues: fitted.unvalidated.map { ($0.id, $0.reason) }),
            recordings: "\(fitted.recordings) recordings of \(name)\(part)"
        )
    }

    /// Says which statements are not ranked, why, and where the model is.
    func report(_ fitted: FittedProbabilities, in folder: String) {
        for (id, reason) in fitted.unvalidated { Output.words("not ranked: \(id): \(reason)") }
        Output.words("\(fitted.ranked.count) statements are ranked; the model is in \(folder)")
    }
}

/// `--folds 9,10` as numbers.
enum Folds {
    static func numbers(_ text: String?) throws -> [Int]? {
        guard let text else { return nil }
        return try text.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let fold = Int(word) else {
                throw ValidationError("--folds \(text): \"\(word)\" is no number; write 10 or 9,10")
            }
            return fold
        }
    }
}
