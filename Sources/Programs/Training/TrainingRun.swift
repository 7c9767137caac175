private import DataSets
private import Diagnosis
private import ECGEncoder
private import ECGSignal
private import Findings
private import Foundation
private import Learning
private import LinearAlgebra
private import Machine
private import ModelFolder

/// A run from options to a model folder: data, steps, checkpoints, looks at the validation fold.
///
///     OUT/checkpoint.safetensors   what a resumed run goes on from
///     OUT/metrics.jsonl            a line every 20 steps and at the end of each epoch
///     OUT/curves.svg               loss and validation
///     OUT/windows.cache            the conditioned windows, where no other place is named for them
///     OUT/labels.tsv               positives and masked by statement and fold
///     OUT/model/                   the best model so far by the validation fold, ready for the daemon
public struct TrainingRun {
    /// What a listener hears.
    public enum Report: Sendable {
        /// A sentence for people.
        case words(String)
        /// Recordings conditioned, of all.
        case conditioned(done: Int, of: Int)
        /// Steps done, steps in all, mean loss of the epoch, seconds that a step takes now.
        case progress(step: Int, steps: Int, loss: Double, secondsPerStep: Double)
    }

    /// How a run ended.
    public enum End: Sendable, Equatable {
        /// All epochs are done.
        case finished
        /// It was asked to stop; the checkpoint has everything.
        case interrupted
        /// It was asked to stop while it made the data ready; there is nothing new to save.
        case interruptedBeforeLearning
    }

    private let options: TrainingOptions
    private let report: (Report) -> Void

    /// A run of those options that tells `report` how it goes.
    public init(_ options: TrainingOptions, report: @escaping (Report) -> Void) {
        self.options = options
        self.report = report
    }

    /// Trains until all epochs are done or `isInterrupted` says so after a step or while an epoch is validated.
    /// - Throws: A `TrainingError`, or the error of the data that cannot be used.
    public func run(resumes: Bool, isInterrupted: () -> Bool) throws -> End {
        OpenBLAS.useOneThread()
        adviseOnKernels()
        let team = try Team(parts: options.threads)
        let model = ContrastiveModel<Float>(channels: options.channels, team: team)
        try refuseWhatDoesNotFit(model.network)
        try start(model)
        let sentences = try Sentences.read(options.sentences)
        let noise = try options.noise.map(NoiseTracks.read)
        do {
            try FileManager.default.createDirectory(atPath: options.out, withIntermediateDirectories: true)
        } catch {
            throw TrainingError(
                .inputOutput,
                "\(options.out): no folder can be made there; check the path and permissions"
            )
        }
        let lock = try RunLock(folder: options.out)
        defer { lock.release() }
        let known = resumes ? try resume(model) : nil
        if known == nil { try refuseOverwriting() }
        guard
            let data = try TrainingData.read(options, sentences.catalogue, sentences, isInterrupted, report)
        else { return .interruptedBeforeLearning }
        var state = known ?? Checkpoint(options: options, core: OpenBLAS.core)
        if known != nil { try compare(state, with: data) }
        state.dataDigest = data.digest
        let parts = try parts(model, team, data, sentences, noise)
        return try loop(parts, &state, isInterrupted)
    }

    /// Says so where OpenBLAS does not know the processor and leaves most of its arithmetic unused.
    private func adviseOnKernels() {
        let advice = OpenBLAS.advice(
            hasAVX2: KernelForm.avx2.isAvailable,
            hasAVX512: KernelForm.avx512.isAvailable
        )
        guard let advice else { return }
        report(.words("\(advice.words): stop, set \(advice.setting) and begin again"))
    }

    /// Refuses a batch that the machine has no room for, which would end the run, and maybe others, without a word.
    private func refuseWhatDoesNotFit(_ network: ResNet<Float>) throws {
        let samples = options.wholeEpochs > 0 ? Grid.windowSamples : options.cropSamples
        let window = network.bytes(perWindowOf: samples)
        // A tenth stays for weights, windows and the rest of the machine.
        let room = (options.memoryBytesMax ?? Memory.totalBytes) / 10 * 9
        guard options.batch * window <= room else {
            throw TrainingError(
                .options,
                "--batch \(options.batch): a step needs \(options.batch * window / 1_000_000) MB and nine tenths of this "
                    + "machine's memory are \(room / 1_000_000) MB; give at most \(room / window)"
            )
        }
    }

    /// Refuses data that differ from those of the checkpoint, and takes away lines of steps that come again.
    private func compare(_ state: Checkpoint, with data: TrainingData) throws {
        if state.dataDigest == nil {
            report(
                .words("the checkpoint does not say which data it learned from, so they cannot be compared")
            )
        }
        guard state.dataDigest ?? data.digest == data.digest else {
            throw TrainingError(
                .options,
                "recordings (by name, size and time of change), labels or sentences are not those of \(options.out); "
                    + "resume with what the run began with, or begin a run from its model: --init \(options.out)/model and another --out"
            )
        }
        try metrics.keep(steps: state.step, epochs: state.history.count)
    }

    /// What the run works with; refuses data from which no model could be chosen or ranked.
    private func parts(
        _ model: ContrastiveModel<Float>,
        _ team: Team,
        _ data: TrainingData,
        _ sentences: Sentences,
        _ noise: NoiseTracks?
    ) throws -> Parts {
        let step = TrainingStep(
            options: options,
            set: data.training,
            cache: data.cache,
            noise: noise,
            texts: (sentences.centred(isEnglish: true), sentences.centred(isEnglish: false)),
            isRhythm: isRhythm(sentences, sentences.catalogue)
        )
        guard step.steps > 0 else {
            throw TrainingError(
                .data,
                "\(data.training.windows.count) windows fill no batch of \(options.batch)"
            )
        }
        let parts = Parts(
            model: model,
            step: step,
            team: team,
            look: Validation(
                set: data.validation,
                cache: data.cache,
                sentences: sentences,
                threads: options.threads,
                positivesMin: options.scoredPositivesMin
            ),
            folder: TrainedFolder(
                sentences: sentences,
                name: "trained",
                positives: Dictionary(
                    zip(sentences.statements.ids, data.training.positives),
                    uniquingKeysWith: { first, _ in first }
                ),
                positivesMin: options.rankedPositivesMin
            ),
            schedule: LearningRate(
                peak: options.rate,
                warmUpSteps: min(200, step.steps / 10 + 1),
                steps: step.steps
            )
        )
        try refuseWhatCannotServe(parts, data)
        return parts
    }

    /// Refuses data by which no epoch could be told from the next, and data by which the daemon would rank nothing.
    private func refuseWhatCannotServe(_ parts: Parts, _ data: TrainingData) throws {
        guard parts.look.canChoose else {
            throw TrainingError(
                .data,
                "among the \(data.validation.windows.count) windows to choose on no statement is true in "
                    + "\(options.scoredPositivesMin) and false in another, so the best epoch could not be told; give more "
                    + "recordings, or a list whose column fold names those to choose on (--validation-fold)"
            )
        }
        guard !parts.folder.ranked.isEmpty else {
            throw TrainingError(
                .data,
                "no statement is true in \(options.rankedPositivesMin) of the \(data.training.windows.count) windows to "
                    + "learn from, so the daemon would rank none; give more recordings"
            )
        }
    }

    /// What a run works with.
    private struct Parts {
        let model: ContrastiveModel<Float>
        let step: TrainingStep
        let team: Team
        let look: Validation
        let folder: TrainedFolder
        let schedule: LearningRate
    }

    private func loop(_ parts: Parts, _ state: inout Checkpoint, _ isInterrupted: () -> Bool) throws -> End {
        let step = parts.step
        let clock = ContinuousClock()
        var saved = clock.now
        var (pace, order, orderedEpoch) = (0.0, [Int](), -1)
        if state.losses.count > state.history.count {
            guard try finishEpoch(state.history.count, parts, &state, isInterrupted) else {
                return .interrupted
            }
        }
        while state.step < step.steps {
            let epoch = state.step / step.stepsPerEpoch
            if epoch != orderedEpoch { (order, orderedEpoch) = (step.order(ofEpoch: epoch), epoch) }
            let begun = clock.now
            let loss = try advance(parts, &state, order)
            let seconds = Double((clock.now - begun) / .milliseconds(1)) / 1_000
            pace = pace == 0 ? seconds : pace * 0.9 + seconds * 0.1
            let done = (state.step - 1) % step.stepsPerEpoch + 1
            let mean = state.lossSum / Double(done)
            report(.progress(step: state.step, steps: step.steps, loss: mean, secondsPerStep: pace))
            if state.step.isMultiple(of: 20) {
                try metrics.append([
                    "step": Double(state.step), "epoch": Double(epoch), "loss": loss, "mean_loss": mean,
                    "rate": parts.schedule.rate(at: state.step - 1), "seconds": pace,
                ])
            }
            if done == step.stepsPerEpoch {
                state.losses.append(mean)
                state.lossSum = 0
                // Saved first: a run that ends while it validates does that alone again.
                try state.write(parts.model, to: options.out)
                guard try finishEpoch(epoch, parts, &state, isInterrupted) else { return .interrupted }
                saved = clock.now
            } else if clock.now - saved > .seconds(options.checkpointMinutes * 60) {
                try state.write(parts.model, to: options.out)
                saved = clock.now
            }
            if state.step < step.steps, isInterrupted() {
                try state.write(parts.model, to: options.out)
                return .interrupted
            }
        }
        return .finished
    }

    /// One step: forward, backward, and the weights follow; gives the loss.
    private func advance(_ parts: Parts, _ state: inout Checkpoint, _ order: [Int]) throws -> Double {
        let loss = parts.step.run(parts.model, step: state.step, order: order, team: parts.team)
        guard loss.isFinite else {
            throw TrainingError(
                .diverged,
                "step \(state.step): the loss is \(loss); the last checkpoint is intact, go on with a smaller --lr"
            )
        }
        parts.model.update(rate: parts.schedule.rate(at: state.step), decay: options.decay)
        state.step += 1
        state.lossSum += loss
        return loss
    }

    /// Looks at the validation fold, keeps the model where it is the best so far, and saves; false where it was stopped.
    private func finishEpoch(
        _ epoch: Int,
        _ parts: Parts,
        _ state: inout Checkpoint,
        _ isInterrupted: () -> Bool
    ) throws -> Bool {
        guard
            let figures = try parts.look.figures(parts.model, epoch: epoch, isInterrupted: isInterrupted)
        else { return false }
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
        if state.best.map({ figures.score > $0 }) ?? true {
            state.best = figures.score
            try parts.folder.write(parts.model, record: record(parts.step, state), to: options.out + "/model")
        }
        try state.write(parts.model, to: options.out)
        return true
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

    /// Weights from the model folder that was named, which is checked as the daemon checks it; else drawn.
    private func start(_ model: ContrastiveModel<Float>) throws {
        guard let folder = options.initial else { return model.initialise(seed: options.seed) }
        let loaded = try ModelFolder.load(folder)
        try model.set(.values) { name, shape throws(ModelFolderError) in
            switch name {
            case "log_scale": [Float(log(loaded.ranker.model.scale))]
            case "bias": [Float(loaded.ranker.model.bias)]
            default: try loaded.tensor(name, shape)
            }
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
        guard
            !FileManager.default.fileExists(atPath: options.out + "/model/model.json")
                || FileManager.default.fileExists(atPath: Checkpoint.path(in: options.out))
        else {
            throw TrainingError(
                .options,
                "\(options.out)/model is a model of another making; take another --out"
            )
        }
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

    private func rounded(_ value: Double) -> String { String(format: "%.4f", value) }
}
