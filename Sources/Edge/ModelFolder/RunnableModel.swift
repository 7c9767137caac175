public import ECGEncoder
public import Pipeline

extension LoadedModel {
    /// The model with its encoder built from the folder's weights.
    public func runnable(form: KernelForm = .best) throws(EncoderWeightsError) -> Model {
        let encoder = try Encoder(form: form) { (name, shape) throws(EncoderWeightsError) in
            do { return try tensor(name, shape) } catch {
                throw EncoderWeightsError(tensor: name, reason: "\(error)")
            }
        }
        return Model(encoder: encoder, ranker: ranker, revisions: revisions)
    }
}
