internal import ArgumentParser
internal import DataSets
internal import Evaluation
internal import Wire

/// Evaluates a model on labelled recordings.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate a model on labelled recordings: every figure as JSON, Markdown and HTML.",
        discussion: """
            LIST.csv has the columns record and label_ids, and optionally source, masked_ids, patient, fold, age and sex;
            ids are the catalogue's, `;` between them, paths relative to the list. A folder of PTB-XL, of the
            PhysioNet/CinC Challenges 2017, 2020 or 2021, or a folder of such folders works too.

            The folder --out gets evaluation.json, evaluation.md and evaluation.html. Research software, not a medical
            device.

            EXAMPLES
              shinden evaluate --records ptbxl100 --folds 10 --out report
              shinden evaluate --records LIST.csv --model Models/default --out report --json | jq .macro_auroc

            EXIT CODES
              0 done  64 usage  65 bad labels or data  66 no such file  74 cannot be read or written  78 model
            """
    )

    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String
    @Option(help: "The folder that gets the reports; made where there is none.") var out: String
    @Option(help: "Only these folds: 10, or 9,10; all recordings without it.") var folds: String?
    @Option(help: "Resamples behind each interval, 0 to 10000.") var resamples = 1_000
    @Option(help: "Seed of resamples and of the random encoder.") var seed: UInt64 = 1
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2
    @Flag(help: "Print evaluation.json on stdout too.") var json = false
    @OptionGroup var modelOption: ModelOption

    func validate() throws {
        _ = try foldNumbers()
        guard (0...10_000).contains(resamples) else {
            throw ValidationError("--resamples \(resamples): give 0 to 10000")
        }
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        let (model, name) = try modelOption.load()
        do throws(DataSetError) {
            let folder = try ReportFolder(path: out)
            let set = try DataSet.read([records])
            let options = EvaluationOptions(
                folds: try? foldNumbers(),
                resamples: resamples,
                seed: seed,
                threads: threads
            )
            let bar = ProgressBar()
            let figures = try Evaluator(model: model, name: name, options: options).evaluate(set) {
                bar.show($0.phase, done: $0.done, of: $0.total)
            }
            bar.end()
            try folder.write(figures)
            for left in figures.unreadable { Output.words("left out: \(left.path): \(left.reason)") }
            if json { Output.data(figures.json.canonicalText) }
            Output.words("\(figures.recordings) recordings evaluated; see \(out)/evaluation.html")
        } catch {
            Output.words("shinden evaluate: \(error)")
            throw Failure.code(of: error)
        }
    }

    private func foldNumbers() throws -> [Int]? {
        guard let folds else { return nil }
        return try folds.split(separator: ",", omittingEmptySubsequences: false).map { word in
            guard let fold = Int(word) else {
                throw ValidationError("--folds \(folds): \"\(word)\" is no number; write 10 or 9,10")
            }
            return fold
        }
    }
}

extension Failure {
    /// The code of labelled recordings that cannot be used.
    static func code(of error: DataSetError) -> ExitCode {
        switch error.kind {
        case .notFound: noInput
        case .unreadable: inputOutput
        case .malformed, .labels, .empty, .leakage: data
        }
    }
}
