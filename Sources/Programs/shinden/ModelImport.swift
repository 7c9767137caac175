internal import ArgumentParser
private import DataSets
private import Diagnosis
private import Evaluation
private import Findings
private import FoundationEssentials
private import ModelFolder

/// Weights that PyTorch trained, as a model folder that recordings have shown to be right.
struct ModelImport: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make a model folder of a ResNet1d18 that PyTorch trained.",
        discussion: """
            The weights are a state dict in one safetensors file, F32, under PyTorch's names (conv1, bn1, \
            layer1.0.conv1 ... layer4.1.bn2, attention.weight, projection, text_projection.weight), with a common prefix \
            or without; leads in the order I II III aVR aVL aVF V1-V6, millivolts at 500 Hz, 0.5-40 Hz. The sentences \
            come from --sentences. Probabilities and the list of ranked statements are fitted on --records as \
            `shinden model calibrate` does; how often a statement was true in training is not known here, so the \
            recordings alone judge. Research software, not a medical device.

            EXAMPLES
              shinden model import --weights resnet1d18.safetensors --sentences Models/default \\
                  --records ptbxl100 --folds 9 --out imported

            EXIT CODES
              0 done  64 usage  65 bad labels or data  66 no such file  74 cannot be read or written  78 model
            """
    )

    @Option(help: "The state dict.", completion: .file(extensions: ["safetensors"])) var weights: String
    @Option(help: "The model folder whose sentences they were trained with.", completion: .directory)
    var sentences: String
    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String
    @Option(help: "Only these folds: 9, or 8,9; all recordings without it.") var folds: String?
    @Option(help: "The folder that gets the model.", completion: .directory) var out: String
    @Option(help: "The model's name.") var name = "imported"
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2

    func validate() throws {
        _ = try Folds.numbers(folds)
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
        guard (1...64).contains(name.utf8.count) else {
            throw ValidationError("--name has \(name.utf8.count) bytes; give 1 to 64")
        }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        let place = out + ".unjudged"
        defer { try? FileManager.default.removeItem(atPath: place) }
        do {
            guard !FileManager.default.fileExists(atPath: out + "/model.json") else {
                throw ModelFolderError(out, "holds a model already; take another --out, or remove it first")
            }
            let width = try ModelFolder.sentenceWidth(sentences)
            let imported = try ImportedWeights(path: weights, sentenceWidth: width)
            if !imported.ignored.isEmpty {
                Output.words(
                    "left out: \(imported.ignored.count) tensors that the network does not have, "
                        + imported.ignored.prefix(3).joined(separator: ", ")
                        + (imported.ignored.count > 3 ? ", ..." : "")
                )
            }
            try ModelFolderCopy(of: sentences, at: place).write(imported, name: name)
            try calibrate(place)
        } catch let error as DataSetError {
            Output.words("shinden model import: \(error)")
            throw Failure.code(of: error)
        } catch let error as ModelFolderError {
            Output.words("shinden model import: \(error)")
            throw Failure.configuration
        }
    }

    /// Judges every statement of the folder by the recordings, and writes what they show to `out`.
    private func calibrate(_ folder: String) throws {
        let loaded = try ModelFolder.load(folder)
        let fitting = Fitting(records: records, folds: folds, threads: threads)
        let fitted = try fitting.fit(loaded) { Calibrator($0, added: Set(loaded.ranker.model.ranked)) }
        try ModelFolderCopy(of: folder, at: out).write(fitting.probabilities(fitted))
        fitting.report(fitted, in: out)
    }
}
