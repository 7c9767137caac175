public import ECGEncoder
internal import ECGSignal
public import Findings

/// Runs each layer once over the new rows of all streams that are due, in memory that is used again.
///
/// A stream's bits do not depend on its batch-mates, so how streams are gathered changes nothing but the time it takes.
/// A stream's state is moved in and out: nothing of it is copied.
public struct StreamBatch: Sendable {
    /// The most streams whose rows are gathered at once: bounds what a worker holds.
    public static let streamsMax = 64

    private var memory = EncoderBatch()
    private var steps: [(slot: Int, step: StreamProcessor.Step)] = []

    /// An empty batch.
    public init() {}

    /// Moves the next step of `processor`, which the caller knows as `slot`, into the batch if it has one.
    public mutating func gather(_ processor: inout StreamProcessor, as slot: Int) {
        if let step = processor.nextStep(into: &memory) { steps.append((slot, step)) }
    }

    /// Whether no stream had a step.
    public var isEmpty: Bool { steps.isEmpty }

    /// The streams in the batch, in the order in which they came.
    public var count: Int { steps.count }

    /// What the caller knows the stream at `place` as.
    public func slot(at place: Int) -> Int { steps[place].slot }

    /// Takes the rows of all streams through the encoder; each stream is finished afterwards, and the batch emptied.
    public mutating func run(_ model: Model, using workspace: EncoderWorkspace) {
        model.encoder.advance(&memory, using: workspace)
    }

    /// Moves the state at `place` back into its processor; the window's event, if the step completed one.
    public mutating func finish(
        _ place: Int,
        _ processor: inout StreamProcessor,
        using workspace: EncoderWorkspace
    ) -> Event? {
        processor.finish(steps[place].step, in: &memory, using: workspace)
    }

    /// Makes room for the next streams.
    public mutating func removeAll() {
        steps.removeAll(keepingCapacity: true)
        memory.removeAll()
    }
}
