public import ECGEncoder
public import Pipeline

extension LoadedModel {
    /// The model with its encoder built from the folder's weights.
    public func runnable(form: KernelForm = .best) throws(EncoderWeightsError) -> Model {
        let encoder = try Encoder(form: form, precision: precision) {
            (name, shape) throws(EncoderWeightsError) in
            try encoderTensor(name, shape)
        }
        return Model(encoder: encoder, ranker: ranker, revisions: revisions)
    }

    /// The same model with an encoder of eight bits whose activations become as large as `ranges` says.
    public func runnable(
        quantisedBy ranges: ActivationRanges,
        form: KernelForm = .best
    ) throws(EncoderWeightsError) -> Model {
        let encoder = try Encoder(form: form, precision: .int8) {
            (name, shape) throws(EncoderWeightsError) in
            if let range = ranges.tensor(name) { return range }
            return try encoderTensor(name, shape)
        }
        return Model(encoder: encoder, ranker: ranker, revisions: revisions)
    }

    private func encoderTensor(_ name: String, _ shape: [Int]) throws(EncoderWeightsError) -> [Float] {
        do { return try tensor(name, shape) } catch {
            throw EncoderWeightsError(tensor: name, reason: "\(error)")
        }
    }
}
