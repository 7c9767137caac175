private import Diagnosis
private import Digest
private import ECGSignal
private import Findings
private import FoundationEssentials

extension ModelFolderCopy {
    /// Writes the source with weights between its own and those of the model in `other`.
    ///
    /// Every tensor of the encoder becomes `share` of the source's and the rest of the other's, and the label bank is
    /// projected anew by the layer that results. One of the two must have been learned on from the other, or both from a third:
    /// weights between two models that were trained apart are no model. Between a network and what became of it by
    /// learning on, the mean is often better than both and keeps more of what the first could do (Wortsman M et al., "Robust
    /// fine-tuning of zero-shot models", CVPR 2022, arXiv:2109.01903). What recordings have shown of the source, its
    /// probabilities and thresholds, does not hold for the copy and is left out.
    /// - Parameters:
    ///   - other: A model folder with the same catalogue and the same frozen sentences.
    ///   - share: What the source counts, above 0 and below 1.
    ///   - name: The name of the copy.
    /// - Throws: A `ModelFolderError` where a folder is no model, the two do not fit, or the copy exists or cannot be
    ///   written.
    public func write(between other: String, share: Double, name: String) throws(ModelFolderError) {
        precondition(share > 0 && share < 1, "a share between 0 and 1, not \(share)")
        try keepOut(of: other)
        let models = (try ModelFolder.load(source), try ModelFolder.load(other))
        guard models.0.ranker.catalogue.bytes == models.1.ranker.catalogue.bytes else {
            throw ModelFolderError(
                other,
                "has another catalogue than \(source); average models of one catalogue"
            )
        }
        let blend = Blend(first: source, second: other, share: share)
        let weights = try blend.encoder()
        guard let layer = weights.first(where: { $0.name == "text_projection.weight" }) else {
            throw ModelFolderError(
                source + "/" + ModelFolder.weightsFile,
                "text_projection.weight",
                "the layer that takes sentences to ECGs is missing; take models that `shinden train` wrote"
            )
        }
        var files = [ModelFolder.weightsFile: SafetensorsWriter.bytes(weights)]
        let sentences = try blend.sentences(ModelFolder.bankFile)
        let centres = try SentenceTable(sentences, path: source + "/" + ModelFolder.bankFile)
        files[ModelFolder.bankFile] = bank(centres, by: layer)
        if models.0.benchmark != nil {
            files[ModelFolder.benchmarkFile] = try blend.benchmark()
        }
        let hashes = files.mapValues { JSONFragment.string(SHA256.hex($0)) }
        let similarity = (models.0.ranker.model, models.1.ranker.model)
        // What was measured of the source's activations does not hold for other weights: the copy computes in floats.
        try write(files: files, leavingOut: [ModelFolder.rangesFile]) { description in
            for key in [
                "revision", "calibrations", "calibration_set", "thresholds", "unvalidated", "precision",
                "quantisation",
            ] {
                description[key] = nil
            }
            description["name"] = .string(name)
            description["files"] = .object(hashes)
            description["similarity_scale"] = .number(blend.mean(similarity.0.scale, similarity.1.scale))
            description["similarity_bias"] = .number(blend.mean(similarity.0.bias, similarity.1.bias))
            description["averaged"] = .array(
                [(models.0.name, share), (models.1.name, 1 - share)].map { name, share in
                    .object(["model": .string(name), "share": .number(share)])
                }
            )
        }
    }
}

/// The label bank of those sentences, projected by that layer.
private func bank(_ sentences: SentenceTable, by layer: SafetensorsWriter.Tensor) -> [UInt8] {
    let rows = sentences.projected(by: layer.values, dimensions: Embedding.dimensions)
    let shape = [sentences.ids.count, Embedding.dimensions]
    return SafetensorsWriter.bytes(
        sentences.tensors + [.init("bank.en", shape, rows.english), .init("bank.ja", shape, rows.japanese)],
        metadata: ["ids": sentences.ids.joined(separator: "\n")]
    )
}

/// Two folders, and how much each of them counts.
private struct Blend {
    let first: String
    let second: String
    let share: Double

    func mean(_ one: Double, _ other: Double) -> Double { share * one + (1 - share) * other }

    private func file(_ name: String, in folder: String) throws(ModelFolderError) -> Safetensors {
        let path = folder + "/" + name
        return try Safetensors(ModelFolder.bytes(path), file: path)
    }

    /// Every tensor of Floats of the first encoder between itself and the second's.
    func encoder() throws(ModelFolderError) -> [SafetensorsWriter.Tensor] {
        let ours = try file(ModelFolder.weightsFile, in: first)
        let theirs = try file(ModelFolder.weightsFile, in: second)
        var result: [SafetensorsWriter.Tensor] = []
        // PyTorch also counts batches, in whole numbers, which no network reads.
        for tensor in ours.tensors where tensor.dtype == "F32" {
            let one = try ours.floats(tensor.name, shape: tensor.shape)
            let other = try theirs.floats(tensor.name, shape: tensor.shape)
            let between = one.indices.map { Float(mean(Double(one[$0]), Double(other[$0]))) }
            result.append(.init(tensor.name, tensor.shape, between))
        }
        return result
    }

    /// The frozen sentences of a bank, which must be the same in both folders.
    func sentences(_ name: String) throws(ModelFolderError) -> Safetensors {
        let (ours, theirs) = (try file(name, in: first), try file(name, in: second))
        guard ours.metadata["ids"] == theirs.metadata["ids"] else {
            throw ModelFolderError(
                second + "/" + name,
                "__metadata__.ids",
                "other sentences than in \(first); average models that learned the same sentences"
            )
        }
        for tensor in ours.tensors where tensor.name.hasPrefix("text.") || tensor.name.hasPrefix("mean.") {
            guard
                try ours.floats(tensor.name, shape: tensor.shape)
                    == theirs.floats(tensor.name, shape: tensor.shape)
            else {
                throw ModelFolderError(
                    second + "/" + name,
                    tensor.name,
                    "differs from that of \(first); average models that learned the same sentences"
                )
            }
        }
        return ours
    }

    /// The benchmark's sentences, whose rows lie between those of both, of unit length again.
    ///
    /// They serve evaluation alone. Their template is not the catalogue's, and the mean of two layers that were learned on
    /// takes them further from the ECGs than the mean of what each layer makes of them.
    func benchmark() throws(ModelFolderError) -> [UInt8] {
        let ours = try sentences(ModelFolder.benchmarkFile)
        let theirs = try file(ModelFolder.benchmarkFile, in: second)
        var tensors: [SafetensorsWriter.Tensor] = []
        for tensor in ours.tensors {
            var values = try ours.floats(tensor.name, shape: tensor.shape)
            if tensor.name.hasPrefix("bank.") {
                let other = try theirs.floats(tensor.name, shape: tensor.shape)
                values = unitRows(values, other)
            }
            tensors.append(.init(tensor.name, tensor.shape, values))
        }
        return SafetensorsWriter.bytes(tensors, metadata: ours.metadata)
    }

    private func unitRows(_ ours: [Float], _ theirs: [Float]) -> [Float] {
        let width = Embedding.dimensions
        return stride(from: 0, to: ours.count, by: width).flatMap { start in
            let row = (start..<start + width).map { mean(Double(ours[$0]), Double(theirs[$0])) }
            let length = max(row.reduce(0) { $0 + $1 * $1 }.squareRoot(), 1e-12)
            return row.map { Float($0 / length) }
        }
    }
}
