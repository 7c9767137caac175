public import ArgumentParser
private import DataSets
private import Foundation
private import ModelFolder
private import Recordings
public import Training

/// `shinden train`: learns a model from labelled recordings.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Learn a model from labelled recordings.",
        discussion: """
            EXAMPLES
              shinden train --data data/ptbxl100 --data data/challenge --out run --init Models/default --epochs 6
              shinden train --data data/ptbxl100 --out run --resume        # goes on where the run was ended

            OUT/model is a model folder that `shinden serve --model OUT/model` loads. Ctrl-C finishes the step and saves.
            Research software, not a medical device.

            EXIT CODES
              0 done  64 usage, or other options than the run began with  65 data, or a loss that is no number
              66 no such file  74 cannot be read or written  78 a model folder is at fault  130 Ctrl-C
            """
    )

    @Option(help: "Folder or LIST.csv with labelled recordings; may be given again.") var data: [String]
    @Option(help: "paper: one sentence an ECG, contrastive; multilabel: every sentence, sigmoid.")
    var recipe =
        TrainingOptions.Recipe.multilabel
    @Option(help: "Passes over the training windows.") var epochs = 30
    @Option(help: "How many of them, the last ones, see whole windows of 10 s (default a third, at most 4).")
    var wholeEpochs: Int?
    @Option(help: "Windows of a step.") var batch = 32
    @Option(help: "The greatest learning rate.") var lr = 1e-3
    @Option(help: "AdamW's weight decay.") var weightDecay = 1e-3
    @Option(help: "Seconds of a random crop, 3 to 10.") var crop = 5.0
    @Option(help: "All that is drawn follows from it.") var seed: UInt64 = 1
    @Option(help: "Folder that the run writes to.") var out: String
    @Option(name: .customLong("init"), help: "Model folder to start from.") var initial: String?
    @Option(
        help:
            "Model folder whose frozen sentence embeddings are used (default --init, else $SHINDEN_MODEL, else the installed model, else Models/default)."
    )
    var sentences: String?
    @Option(help: "Folds to learn from, as 1-7 or 1,2,5; recordings without a fold are learned from.")
    var folds = "1-7"
    @Option(help: "Fold to choose on.") var validationFold = 9
    @Option(help: "Folder with the noise records bw, em and ma; their first half is added at random.")
    var noise: String?
    @Option(
        help: ArgumentHelp(
            "File of conditioned windows, made where it is missing; runs on the same data may share one.",
            discussion: "Default OUT/windows.cache; about 240 kB a window."
        )
    )
    var cache: String?
    @Option(
        help: ArgumentHelp(
            "How strongly a window's embedding is drawn to that of the same window with a narrower band.",
            discussion: "Half of a step's windows are then the other half's again; multilabel alone, some 50."
        )
    )
    var agreement: Double?
    @Flag(help: "Go on from the checkpoint in --out.") var resume = false
    @Option(help: "Threads, each with its part of a batch.") var threads = 2

    func validate() throws {
        guard (1...100_000).contains(epochs), (0...epochs).contains(wholeEpochs ?? 0) else {
            throw ValidationError("--epochs is 1 to 100000 and --whole-epochs at most that.")
        }
        guard (3...10).contains(crop) else { throw ValidationError("--crop is 3 to 10 seconds.") }
        guard (1...64).contains(threads) else {
            throw ValidationError("--threads \(threads): give 1 to 64")
        }
        guard (threads...4_096).contains(batch) else {
            throw ValidationError("--batch \(batch): give as many as there are threads, \(threads), to 4096")
        }
        guard lr > 0, lr < 1, weightDecay >= 0, weightDecay < 1 else {
            throw ValidationError("--lr is between 0 and 1, --weight-decay from 0 to 1.")
        }
        if let agreement {
            guard agreement > 0, agreement <= 1_000, recipe == .multilabel, batch >= 4 else {
                throw ValidationError(
                    "--agreement is above 0 and at most 1000, with --recipe multilabel and a --batch of 4 or more."
                )
            }
        }
        guard Train.numbers(folds) != nil else { throw ValidationError("--folds is 1-7 or 1,2,5.") }
    }

    func run() throws {
        Output.prepare()
        var options = TrainingOptions()
        options.data = data
        options.recipe = recipe
        options.epochs = epochs
        options.wholeEpochs = wholeEpochs ?? min(4, (epochs + 2) / 3)
        options.batch = batch
        options.rate = lr
        options.decay = weightDecay
        options.cropSeconds = crop
        options.seed = seed
        options.out = out.count > 1 && out.hasSuffix("/") ? String(out.dropLast()) : out
        options.initial = initial
        options.sentences =
            try sentences ?? initial ?? Environment.value(nil, "MODEL", or: ModelOption.defaultFolder)
        options.trainingFolds = Train.numbers(folds) ?? []
        options.validationFold = validationFold
        options.noise = noise
        options.cache = cache
        options.agreement = agreement
        options.threads = threads
        let interruption = Interruption()
        defer { interruption.end() }
        let run = TrainingRun(options) { report in
            switch report {
            case .words(let line):
                if Output.isTerminal { Output.overwrite("") }
                Output.words(line)
            case .conditioned(let done, let count):
                if Output.isTerminal { Output.overwrite("conditioning: \(done) of \(count) recordings") }
            case .progress(let step, let steps, let loss, let seconds):
                if Output.isTerminal { Output.overwrite(Train.bar(step, steps, loss, seconds)) }
            }
        }
        do {
            switch try run.run(resumes: resume, isInterrupted: { interruption.hasCome }) {
            case .finished: Output.words("the best model stands in \(options.out)/model")
            case .interrupted:
                Output.words("stopped and saved; go on with --resume")
                throw Failure.interrupted
            case .interruptedBeforeLearning:
                Output.words("stopped; nothing to save yet")
                throw Failure.interrupted
            }
        } catch let error as ExitCode {
            throw error
        } catch {
            Output.words("shinden train: \(error)")
            throw Train.code(of: error)
        }
    }

    /// The exit code of what ended a run.
    private static func code(of error: any Error) -> ExitCode {
        switch error {
        case let error as TrainingError:
            switch error.kind {
            case .options: Failure.usage
            case .data, .diverged: Failure.data
            case .notFound: Failure.noInput
            case .inputOutput: Failure.inputOutput
            }
        case let error as DataSetError: Failure.code(of: error)
        case let error as RecordingError: Failure.code(of: error)
        case is ModelFolderError: Failure.configuration
        default: Failure.data
        }
    }

    /// 1-7 or 1,2,5 as numbers.
    static func numbers(_ text: String) -> [Int]? {
        var found: [Int] = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: "-", omittingEmptySubsequences: false)
            let ends = words.compactMap { Int($0) }
            guard ends.count == words.count else { return nil }
            switch ends.count {
            case 1: found.append(ends[0])
            case 2 where ends[0] <= ends[1] && ends[1] < 1_000: found += ends[0]...ends[1]
            default: return nil
            }
        }
        return found.isEmpty ? nil : found
    }

    private static func bar(_ step: Int, _ steps: Int, _ loss: Double, _ seconds: Double) -> String {
        let filled = 30 * step / max(1, steps)
        let rest = Int(seconds * Double(steps - step))
        let left =
            rest >= 3_600 ? "\(rest / 3_600) h \(rest / 60 % 60) min" : "\(rest / 60) min \(rest % 60) s"
        return "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: 30 - filled))] "
            + "\(step)/\(steps) loss \(String(format: "%.4f", loss)), \(left) left"
    }
}

/// `--recipe`, by the names of the recipes.
extension TrainingOptions.Recipe: ExpressibleByArgument {}
