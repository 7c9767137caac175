internal import Foundation
internal import Learning
internal import LinearAlgebra
internal import ModelFolder

/// Everything that a run needs to go on: weights, both means of the optimiser, the average, and the place in the run.
///
///     checkpoint.safetensors   values/NAME, first/NAME, second/NAME, average/NAME; metadata `state` is JSON
///
/// What is drawn follows from the seed and the place, so no generator has a state of its own.
struct Checkpoint: Codable, Sendable {
    /// Steps done; the next one has this number.
    var step = 0
    let options: TrainingOptions
    /// OpenBLAS's kernels; others round differently.
    let core: String
    /// The best validation so far.
    var best: Double?
    /// Validations so far.
    var history: [ValidationFigures] = []
    /// Mean loss of each finished epoch.
    var losses: [Double] = []
    /// Sum of the losses of the epoch that has begun.
    var lossSum = 0.0
    /// The digest of windows, verdicts and sentences; nil in checkpoints of versions that did not keep it.
    var dataDigest: String?

    init(options: TrainingOptions, core: String) { (self.options, self.core) = (options, core) }

    static func path(in folder: String) -> String { folder + "/checkpoint.safetensors" }

    func write(_ model: ContrastiveModel<Float>, to folder: String) throws {
        var tensors: [SafetensorsWriter.Tensor] = []
        for kind in ContrastiveModel<Float>.Kind.allCases {
            for tensor in model.tensors(kind) {
                tensors.append(.init("\(kind.rawValue)/\(tensor.name)", tensor.shape, tensor.values))
            }
        }
        let state = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        let bytes = SafetensorsWriter.bytes(tensors, metadata: ["state": state])
        try TensorFiles.write(bytes, to: Checkpoint.path(in: folder))
    }

    /// Reads the folder's checkpoint into the model; nil where there is none.
    static func read(into model: ContrastiveModel<Float>, from folder: String) throws -> Checkpoint? {
        let path = path(in: folder)
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try TensorFiles.read(path)
        guard let state = file.metadata["state"] else {
            throw TrainingError(
                .inputOutput,
                "\(path): no state in it; take another --out, or remove the file"
            )
        }
        let checkpoint: Checkpoint
        do { checkpoint = try JSONDecoder().decode(Checkpoint.self, from: Data(state.utf8)) } catch {
            throw TrainingError(
                .inputOutput,
                "\(path): its state cannot be read; take another --out, or remove the file"
            )
        }
        // An epoch that ended but was not validated yet has a loss more.
        guard checkpoint.step >= 0, checkpoint.lossSum.isFinite,
            (0...1).contains(checkpoint.losses.count - checkpoint.history.count)
        else {
            throw TrainingError(
                .inputOutput,
                "\(path): step \(checkpoint.step) with \(checkpoint.losses.count) losses and "
                    + "\(checkpoint.history.count) validations is no state of a run; take another --out"
            )
        }
        for kind in ContrastiveModel<Float>.Kind.allCases {
            try model.set(kind) { name, shape throws(ModelFolderError) in
                try file.floats("\(kind.rawValue)/\(name)", shape: shape)
            }
        }
        model.resume(afterSteps: checkpoint.step)
        return checkpoint
    }
}
