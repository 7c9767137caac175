private import Diagnosis
private import Digest
private import ECGEncoder
internal import ECGSignal
private import Findings

/// Weights that were trained elsewhere, by PyTorch's names, in one safetensors file.
///
/// The names may all have one prefix, as `module.` or `encoder.`; what the network does not have, such as
/// `num_batches_tracked` or a classifier's last layer, is left out and named.
public struct ImportedWeights: Sendable {
    /// The encoder's tensors and `text_projection.weight`, by the names of a model folder.
    let tensors: [SafetensorsWriter.Tensor]
    /// What the file holds beside them.
    public let ignored: [String]

    private static let stem = "conv1.weight"
    private static let sentenceLayer = "text_projection.weight"

    /// Reads the file and finds every tensor of a ResNet1d18 in it; sentences have `width` numbers.
    /// - Throws: A `ModelFolderError` where the file is no safetensors file, a tensor is missing, or has another shape or
    ///   type, or a value is not finite.
    public init(path: String, sentenceWidth width: Int) throws(ModelFolderError) {
        let file = try Safetensors(ModelFolder.bytes(path), file: path)
        let shape = [Architecture.standard.channels[0], Architecture.leads, 7]
        let stems = file.tensors.filter { tensor in
            tensor.shape == shape
                && (tensor.name == ImportedWeights.stem
                    || tensor.name.hasSuffix("." + ImportedWeights.stem))
        }
        guard stems.count == 1, let prefix = stems.first?.name.dropLast(ImportedWeights.stem.count) else {
            throw ModelFolderError(
                path,
                ImportedWeights.stem,
                "\(stems.count) tensors of shape \(shape) end in that name where a ResNet1d18 has one; its twelve leads "
                    + "come in the order I, II, III, aVR, aVL, aVF, V1 to V6"
            )
        }
        let names = Set(file.tensors.map(\.name))
        var found: [SafetensorsWriter.Tensor] = []
        var taken: Set<String> = []
        func take(_ name: String, _ shape: [Int]) throws(ModelFolderError) -> [Float] {
            // Heads may stand beside the encoder, outside its prefix.
            let stored = names.contains(prefix + name) ? prefix + name : name
            let values = try file.floats(stored, shape: shape)
            found.append(.init(name, shape, values))
            taken.insert(stored)
            return values
        }
        do {
            _ = try Encoder(form: .portable) { (name, shape) throws(EncoderWeightsError) in
                do { return try take(name, shape) } catch {
                    throw EncoderWeightsError(tensor: name, reason: "\(error)")
                }
            }
        } catch {
            throw ModelFolderError(path, error.tensor, error.reason)
        }
        _ = try take(ImportedWeights.sentenceLayer, [Embedding.dimensions, width])
        tensors = found
        ignored = file.tensors.map(\.name).filter { !taken.contains($0) }
    }
}

extension ModelFolder {
    /// How many numbers the language model of a folder's label bank gives a sentence.
    public static func sentenceWidth(_ folder: String) throws(ModelFolderError) -> Int {
        let path = folder + "/" + bankFile
        return try SentenceTable(Safetensors(bytes(path), file: path), path: path).width
    }
}

extension ModelFolderCopy {
    /// Writes a folder with those weights in place of the source's, the source's sentences projected by them.
    ///
    /// Every statement that no rule owns is ranked there, although no recording has shown any: the folder is for
    /// `model calibrate` to judge, not to be run. The sentences of the benchmark are left out.
    /// - Throws: A `ModelFolderError` where the source is no model, or the copy exists or cannot be written.
    public func write(_ weights: ImportedWeights, name: String) throws(ModelFolderError) {
        let loaded = try ModelFolder.load(source)
        let path = source + "/" + ModelFolder.bankFile
        let sentences = try SentenceTable(Safetensors(ModelFolder.bytes(path), file: path), path: path)
        guard let layer = weights.tensors.last else { return }
        let (english, japanese) = sentences.projected(by: layer.values, dimensions: Embedding.dimensions)
        let shape = [sentences.ids.count, Embedding.dimensions]
        let bank = SafetensorsWriter.bytes(
            sentences.tensors + [.init("bank.en", shape, english), .init("bank.ja", shape, japanese)],
            metadata: ["ids": sentences.ids.joined(separator: "\n")]
        )
        let encoder = SafetensorsWriter.bytes(weights.tensors)
        let catalogue = loaded.ranker.catalogue
        let ranked = catalogue.statements.enumerated().filter { row, statement in
            statement.evidence != .rule && loaded.ranker.bank.contains(statement: row)
        }.map { JSONFragment.string($0.element.id) }
        try write(
            files: [ModelFolder.weightsFile: encoder, ModelFolder.bankFile: bank],
            leavingOut: [ModelFolder.benchmarkFile]
        ) { description in
            for key in [
                "training", "training_positives", "revision", "calibrations", "thresholds", "unvalidated",
            ] {
                description[key] = nil
            }
            description["name"] = .string(name)
            description["ranked"] = .array(ranked)
            description["files"] = .object([
                ModelFolder.weightsFile: .string(SHA256.hex(encoder)),
                ModelFolder.bankFile: .string(SHA256.hex(bank)),
            ])
        }
    }
}
