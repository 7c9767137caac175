private import DataSets
private import Findings
private import Foundation
private import Learning
private import LinearAlgebra
private import ModelFolder

/// A run from options to a model folder: data, steps, checkpoints, looks at the validation fold.
///
///     OUT/checkpoint.safetensors   what a resumed run goes on from
///     OUT/metrics.jsonl            a line every 20 steps and at the end of each epoch
///     OUT/curves.svg               loss and validation
///     OUT/labels.tsv               positives and masked by statement and fold
///     OUT/model/                   the best model so far by the validation fold, ready for the daemon
public struct TrainingRun {
    /// What a listener hears.
    public enum Report: Sendable {
        /// A sentence for people.
        case words(String)
        /// Steps done, steps in all, mean loss of the epoch, seconds that a step takes now.
        case progress(step: Int, steps: Int, loss: Double, secondsPerStep: Double)
    }

    /// How a run ended.
    public enum End: Sendable, Equatable {
        /// All epochs are done.
        case finished
        /// It was asked to stop; the checkpoint has everything.
        case interrupted
    }

    private let options: TrainingOptions
    private let report: (Report) -> Void

    /// A run of those options that tells `report` how it goes.
    public init(_ options: TrainingOptions, report: @escaping (Report) -> Void) {
        self.options = options
        self.report = report
    }

    /// Trains until all epochs are done or `isInterrupted` says so after a step.
    /// - Throws: A `TrainingError`, or the error of the data that cannot be used.
    public func run(resumes: Bool, isInterrupted: () -> Bool) throws -> End {
        OpenBLAS.useOneThread()
        let catalogue = Catalogue.shipped
        let sentences = try Sentences.read(options.sentences)
        let (training, validation, data) = try sets(catalogue, sentences)
        let team = Team(parts: options.threads)
        let model = ContrastiveModel<Float>(channels: options.channels, team: team)
        try start(model)
        var state = Checkpoint(
            step: 0,
            options: options,
            core: OpenBLAS.core,
            best: nil,
            history: [],
            losses: [],
            lossSum: 0
        )
        if resumes { state = try resume(model) ?? state } else { try refuseOverwriting() }
        try FileManager.default.createDirectory(atPath: options.out, withIntermediateDirectories: true)
        try TensorFiles.write(LabelCounts(data).table(catalogue), to: options.out + "/labels.tsv")

        let step = TrainingStep(
            options: options,
            set: training,
            noise: try options.noise.map(NoiseTracks.read),
            texts: (sentences.centred(isEnglish: true), sentences.centred(isEnglish: false)),
            isRhythm: isRhythm(sentences, catalogue)
        )
        guard step.steps > 0 else {
            throw TrainingError(.data, "\(training.windows.count) windows fill no batch of \(options.batch)")
        }
        let look = Validation(set: validation, sentences: sentences, threads: options.threads)
        let folder = TrainedFolder(
            sentences: sentences,
            catalogue: catalogue,
            name: "trained",
            positives: Dictionary(
                zip(sentences.statements.ids, training.positives),
                uniquingKeysWith: { first, _ in first }
            )
        )
        return try loop(model, step, team, look, folder, &state, isInterrupted)
    }

    private func loop(
        _ model: ContrastiveModel<Float>,
        _ step: TrainingStep,
        _ team: Team,
        _ look: Validation,
        _ folder: TrainedFolder,
        _ state: inout Checkpoint,
        _ isInterrupted: () -> Bool
    ) throws -> End {
        let schedule = LearningRate(
            peak: options.rate,
            warmUpSteps: min(200, step.steps / 10 + 1),
            steps: step.steps
        )
        let clock = ContinuousClock()
        var saved = clock.now
        var (pace, order, orderedEpoch) = (0.0, [Int](), -1)
        while state.step < step.steps {
            let epoch = state.step / step.stepsPerEpoch
            if epoch != orderedEpoch { (order, orderedEpoch) = (step.order(ofEpoch: epoch), epoch) }
            let begun = clock.now
            let loss = step.run(model, step: state.step, order: order, team: team)
            guard loss.isFinite else {
                throw TrainingError(
                    .diverged,
                    "step \(state.step): the loss is \(loss); the last checkpoint is intact, go on with a smaller --lr"
                )
            }
            model.update(rate: schedule.rate(at: state.step), decay: options.decay)
            state.step += 1
            state.lossSum += loss
            let seconds = Double((clock.now - begun) / .milliseconds(1)) / 1_000
            pace = pace == 0 ? seconds : pace * 0.9 + seconds * 0.1
            let done = (state.step - 1) % step.stepsPerEpoch + 1
            let mean = state.lossSum / Double(done)
            report(.progress(step: state.step, steps: step.steps, loss: mean, secondsPerStep: pace))
            if state.step.isMultiple(of: 20) {
                let rate = schedule.rate(at: state.step - 1)
                try metrics.append(
                    [
                        "step": Double(state.step), "epoch": Double(epoch), "loss": loss, "rate": rate,
                        "seconds": pace,
                    ]
                )
            }
            if done == step.stepsPerEpoch {
                state.losses.append(mean)
                state.lossSum = 0
                try finishEpoch(epoch, model, step, look, folder, &state)
                saved = clock.now
            } else if clock.now - saved > .seconds(options.checkpointMinutes * 60) {
                try state.write(model, to: options.out)
                saved = clock.now
            }
            if state.step < step.steps, isInterrupted() {
                try state.write(model, to: options.out)
                return .interrupted
            }
        }
        return .finished
    }

    /// Looks at the validation fold, keeps the model where it is the best so far, and saves.
    private func finishEpoch(
        _ epoch: Int,
        _ model: ContrastiveModel<Float>,
        _ step: TrainingStep,
        _ look: Validation,
        _ folder: TrainedFolder,
        _ state: inout Checkpoint
    ) throws {
        let figures = try look.figures(model, epoch: epoch)
        state.history.append(figures)
        let benchmark = figures.benchmark.map { ", benchmark's wordings \(rounded($0))" } ?? ""
        report(
            .words(
                "epoch \(epoch + 1)/\(options.epochs): loss \(rounded(state.losses.last ?? 0)), validation macro AUROC "
                    + "\(rounded(figures.macro)) over \(figures.statements) statements\(benchmark)"
            )
        )
        try metrics.append([
            "step": Double(state.step), "epoch": Double(epoch), "epoch_loss": state.losses.last ?? 0,
            "macro_auroc": figures.macro, "benchmark_auroc": figures.benchmark ?? 0,
        ])
        try TensorFiles.write(
            Curves.svg(losses: state.losses, validation: state.history),
            to: options.out + "/curves.svg"
        )
        if figures.macro > state.best ?? 0 {
            state.best = figures.macro
            try folder.write(model, record: record(step, state), to: options.out + "/model")
        }
        try state.write(model, to: options.out)
    }

    private func record(_ step: TrainingStep, _ state: Checkpoint) -> TrainedFolder.Record {
        TrainedFolder.Record(
            recipe: options.recipe.rawValue,
            epochs: options.epochs,
            wholeEpochs: options.wholeEpochs,
            batch: options.batch,
            rate: options.rate,
            weightDecay: options.decay,
            cropSeconds: options.cropSeconds,
            seed: options.seed,
            initial: options.initial,
            windows: step.set.windows.count,
            steps: state.step,
            validation: state.history
        )
    }

    /// Weights from the folder that was named, else drawn.
    private func start(_ model: ContrastiveModel<Float>) throws {
        guard let folder = options.initial else { return model.initialise(seed: options.seed) }
        let file = try TensorFiles.read(folder + "/encoder.safetensors")
        let similarity = try Similarity.read(folder + "/model.json")
        try model.set(.values) { name, shape throws(ModelFolderError) in
            switch name {
            case "log_scale": [Float(log(similarity.scale))]
            case "bias": [Float(similarity.bias)]
            default: try file.floats(name, shape: shape)
            }
        }
    }

    private struct Similarity: Decodable {
        let scale: Double
        let bias: Double

        enum CodingKeys: String, CodingKey {
            case scale = "similarity_scale"
            case bias = "similarity_bias"
        }

        static func read(_ path: String) throws -> Similarity {
            guard let bytes = FileManager.default.contents(atPath: path) else {
                throw TrainingError(.inputOutput, "\(path): cannot be read; give the folder of a whole model")
            }
            return try JSONDecoder().decode(Similarity.self, from: bytes)
        }
    }

    private func resume(_ model: ContrastiveModel<Float>) throws -> Checkpoint? {
        guard let state = try Checkpoint.read(into: model, from: options.out) else {
            report(.words("\(options.out) has no checkpoint; the run begins"))
            return nil
        }
        if let difference = options.difference(from: state.options) {
            throw TrainingError(.options, "\(difference); resume with the options of the run")
        }
        if state.options.threads != options.threads {
            report(
                .words(
                    "--threads \(options.threads), \(state.options.threads) before: the last bits will differ"
                )
            )
        }
        if state.core != OpenBLAS.core {
            report(.words("OpenBLAS core \(OpenBLAS.core), \(state.core) before: the last bits will differ"))
        }
        report(.words("resumed after step \(state.step)"))
        return state
    }

    private func refuseOverwriting() throws {
        guard !FileManager.default.fileExists(atPath: Checkpoint.path(in: options.out)) else {
            throw TrainingError(
                .options,
                "\(options.out) holds a run; go on with --resume, or take another --out"
            )
        }
    }

    private var metrics: MetricsFile { MetricsFile(path: options.out + "/metrics.jsonl") }

    private func isRhythm(_ sentences: Sentences, _ catalogue: Catalogue) -> [Bool] {
        let own = sentences.statements.ids.map { id in
            catalogue.index(of: id).map { ["rhythm", "ectopy"].contains(catalogue.statements[$0].family) }
                ?? false
        }
        // PTB-XL's rhythm codes by scp_statements.csv.
        let codes: Set = [
            "SR", "AFIB", "STACH", "SARRH", "SBRAD", "PACE", "SVARR", "BIGU", "AFLT", "SVTAC", "PSVT",
            "TRIGU",
        ]
        return own + sentences.benchmark.ids.map { codes.contains($0) }
    }

    /// Training and validation windows, no ECG, patient or samples in both.
    private func sets(
        _ catalogue: Catalogue,
        _ sentences: Sentences
    ) throws -> (TrainingSet, TrainingSet, DataSet) {
        let data = try DataSet.read(options.data, catalogue: catalogue)
        let split = TrainingSplit(data, options)
        try Leakage.check([
            DataPart(name: "training", recordings: split.training),
            DataPart(name: "validation", recordings: split.validation),
        ])
        report(
            .words(
                "\(split.training.count) recordings to learn from, \(split.validation.count) to choose on (\(split.rule))"
            )
        )
        var seen: [[UInt8]: String] = [:]
        let looked = WindowStore.read(
            split.validation,
            threads: options.threads,
            keepsSettled: false,
            seen: &seen
        )
        let learned = WindowStore.read(
            split.training,
            threads: options.threads,
            keepsSettled: true,
            seen: &seen
        )
        for record in data.unreadable + learned.unreadable + looked.unreadable {
            report(.words("left out: \(record.path): \(record.reason)"))
        }
        guard !learned.windows.isEmpty else {
            throw TrainingError(.data, "no window to learn from; check --data and the folds")
        }
        let trainingSet = TrainingSet(learned.windows, of: split.training, in: data, sentences: sentences)
        guard trainingSet.positives.contains(where: { $0 > 0 && $0 < learned.windows.count }) else {
            throw TrainingError(
                .data,
                "no statement is true in some windows and false in others; check the labels"
            )
        }
        let validationSet = TrainingSet(
            looked.windows,
            of: split.validation,
            in: data,
            sentences: sentences,
            counted: trainingSet.positives
        )
        report(.words("\(learned.windows.count) windows to learn from, \(looked.windows.count) to choose on"))
        return (trainingSet, validationSet, data)
    }

    private func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}
