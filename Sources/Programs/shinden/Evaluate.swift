internal import ArgumentParser
internal import DataSets
private import Diagnosis
internal import Evaluation
private import Pipeline
internal import Wire

/// Evaluates a model on labelled recordings.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Evaluate a model on labelled recordings, or the beats that are found against annotated ones.",
        discussion: """
            LIST.csv has the columns record and label_ids, and optionally source, masked_ids, patient, fold, age and sex;
            ids are the catalogue's, `;` between them, paths relative to the list. A folder of PTB-XL, of the
            PhysioNet/CinC Challenges 2017, 2020 or 2021, or a folder of such folders works too.

            --beats takes a folder of records with annotation files (.atr) instead, or one record. Beats within 150 ms of an
            annotated one are pairs, one to one; nothing counts within 150 ms of ventricular flutter. Figures leave out the
            first 5 s; those without the first 5 minutes, as EC57 has them, stand beside them.

            --alarms takes the same and scores the alarms that rules raise: how many an hour of each priority, which of them
            the annotated beats bear out, what was missed, and after how many seconds each came. An alarm is true within
            10 s of what should alarm by the catalogue's definitions.

            --intervals takes records with an annotation file for each lead (NAME.ii for lead ii) that marks where P, QRS and
            T begin and end, as LUDB has them, and scores PR, QRS and QT as they are known at the last second.

            With --records the folder --out gets evaluation.json, evaluation.md and evaluation.html. Research software,
            not a medical device.

            EXAMPLES
              shinden evaluate --records ptbxl100 --folds 10 --out report
              shinden evaluate --records ptbxl100 --folds 10 --model run/model --reference Models/default --out report
              shinden evaluate --records LIST.csv --model Models/default --out report --json | jq .macro_auroc
              shinden evaluate --beats mitdb --first-lead --json | jq .gross
              shinden evaluate --beats mitdb --noise nstdb/em --snr 12
              shinden evaluate --alarms mitdb
              shinden evaluate --intervals ludb --leads II

            EXIT CODES
              0 done  64 usage  65 bad labels or data  66 no such file  74 cannot be read or written  78 model
            """
    )

    @Option(help: "A LIST.csv, or a folder of labelled recordings.") var records: String?
    @Option(help: "The folder that gets the reports; made where there is none. With --records.") var out:
        String?
    @Option(help: "Only these folds: 10, or 9,10; all recordings without it.") var folds: String?
    @Option(help: "Resamples behind each interval, 0 to 10000.") var resamples = 1_000
    @Option(help: "Seed of resamples and of the random encoder.") var seed: UInt64 = 1
    @Option(help: "Threads that encode, 1 to 64.") var threads = 2
    @Option(help: "The folder of a model to compare with.", completion: .directory) var reference: String?
    @Flag(help: "Print the figures as one JSON on stdout.") var json = false
    @OptionGroup var modelOption: ModelOption
    @OptionGroup var beatOptions: BeatOptions

    func validate() throws {
        let sources = [records, beatOptions.beats, beatOptions.alarms, beatOptions.intervals]
        guard sources.compactMap(\.self).count == 1 else {
            throw ValidationError("give one of --records, --beats, --alarms and --intervals")
        }
        guard records == nil || out != nil else {
            throw ValidationError("give --out, the folder that gets the reports")
        }
        let given = [("--out", out), ("--folds", folds), ("--reference", reference)]
        if records == nil, let option = given.first(where: { $0.1 != nil }) {
            throw ValidationError("\(option.0) is for --records; without it, it changes nothing")
        }
        _ = try Folds.numbers(folds)
        guard (0...10_000).contains(resamples) else {
            throw ValidationError("--resamples \(resamples): give 0 to 10000")
        }
        guard (1...64).contains(threads) else { throw ValidationError("--threads \(threads): give 1 to 64") }
    }

    func run() throws {
        Output.words("Research software, not a medical device.")
        if let alarms = beatOptions.alarms { return try beatOptions.runAlarms(alarms, json: json) }
        if let intervals = beatOptions.intervals {
            return try beatOptions.runIntervals(intervals, json: json)
        }
        if let beats = beatOptions.beats { return try beatOptions.run(beats, json: json) }
        guard let records, let out else { return }
        try evaluate(records, into: out)
    }

    private func evaluate(_ records: String, into out: String) throws {
        let (model, name, benchmark) = try modelOption.loadWithBenchmark()
        let other = try reference.map { folder in
            let all = try ModelOption.loadWithBenchmark(folder)
            return ReferenceModel(model: all.model, benchmark: all.benchmark, name: all.name)
        }
        do throws(DataSetError) {
            let folder = try ReportFolder(path: out)
            let set = try DataSet.read([records], catalogue: model.ranker.catalogue)
            let options = EvaluationOptions(
                folds: try? Folds.numbers(folds),
                resamples: resamples,
                seed: seed,
                threads: threads
            )
            let bar = ProgressBar()
            let figures = try Evaluator(
                model: model,
                benchmark: benchmark,
                reference: other,
                name: name,
                options: options
            ).evaluate(set) { bar.show($0.phase, done: $0.done, of: $0.total) }
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
