public import ECGEncoder
public import ECGSignal

/// Runs each layer once over the new rows of all streams that are due.
///
/// A stream's bits do not depend on its batch-mates, so how streams are gathered changes nothing but the time it takes.
public enum StreamBatch {
    /// The most streams whose rows are gathered at once: bounds what a worker holds.
    public static let streamsMax = 64

    /// Takes one step of each of `processors` that has one; the events, in the order of the streams.
    /// - Returns: nil where no stream had a step.
    public static func step(
        _ processors: inout [StreamProcessor],
        model: Model,
        using workspace: EncoderWorkspace
    ) -> [Event]? {
        var batch = EncoderBatch()
        var steps: [(index: Int, step: StreamProcessor.Step)] = []
        for index in processors.indices {
            if let step = processors[index].nextStep(into: &batch) { steps.append((index, step)) }
        }
        guard !steps.isEmpty else { return nil }
        model.encoder.advance(&batch, using: workspace)
        return steps.compactMap { processors[$0.index].finish($0.step, in: &batch, using: workspace) }
    }
}
