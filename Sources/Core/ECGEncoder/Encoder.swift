public import ECGSignal

/// The ResNet1d18 that makes an embedding of 10 s of ECG; immutable, one for all threads.
///
/// Positions that see no padding alone enter the pool, so the features of a position do not depend on the
/// window they are used in: a stream computes each of them once, and the offline pass is a stream that begins
/// at the window. Every number is one chain of operations in a fixed order, so a stream's bits depend on
/// neither its chunks nor its batch-mates nor the machine.
public final class Encoder: Sendable {
    /// The sizes of the network.
    public let architecture: Architecture
    /// The machine's instructions that it uses.
    public let form: KernelForm
    /// The numbers in which its convolutions are computed.
    public var precision: Precision { network.precision }
    let network: Network
    let weights: EncoderWeights

    // 8,192 samples: layer 4 sees 256 rows for each reading of its weights; more gives no more speed, but
    // more memory.
    static let passSamplesMax = 8_192

    /// Makes an encoder of a network's weights and folds the batch norms into them.
    ///
    /// `tensor` gives each tensor by PyTorch's name and shape, as `layer2.0.conv1.weight`, [128, 64, 3]; for `int8` also
    /// the greatest magnitudes of each convolution's outputs, as `layer2.0.conv1.range`, [128].
    ///
    /// - Throws: The first tensor that is missing, has another size, or is not finite.
    public init(
        _ architecture: Architecture = .standard,
        form: KernelForm = .best,
        precision: Precision = .float32,
        tensor: TensorSource
    ) throws(EncoderWeightsError) {
        precondition(form.isAvailable, "this machine lacks \(form.rawValue)")
        self.architecture = architecture
        self.form = form
        network = Network(architecture, precision: precision)
        weights = try EncoderWeights(network, form: form, tensor: tensor)
    }

    /// Makes the memory that a thread needs to run this encoder.
    public func makeWorkspace() -> EncoderWorkspace { EncoderWorkspace(network) }

    /// Makes the state of a stream whose first sample will stand at `origin`, a multiple of 32.
    public func makeState(at origin: GridIndex) -> EncoderState { EncoderState(network, at: origin) }

    /// Takes the new samples of all streams of `batch` through every layer.
    public func advance(_ batch: inout EncoderBatch, using workspace: EncoderWorkspace) {
        var next = 0
        var offset = 0
        while next < batch.entries.count {
            workspace.portions.removeAll(keepingCapacity: true)
            var room = Encoder.passSamplesMax
            while next < batch.entries.count, room > 0 {
                let entry = (first: batch.entries[next].first, count: batch.entries[next].count)
                let count = min(entry.count - offset, room)
                workspace.portions.append(.init(stream: next, first: entry.first + offset, count: count))
                room -= count
                offset += count
                if offset == entry.count { (next, offset) = (next + 1, 0) }
            }
            workspace.run(&batch, weights: weights)
        }
    }

    /// Takes the new samples of one stream, `[time][12]` as `EncoderBatch.append` wants them, through every layer.
    public func advance(
        _ state: inout EncoderState,
        by samples: [Float],
        using workspace: EncoderWorkspace
    ) {
        precondition(samples.count.isMultiple(of: Architecture.leads), "rows of 12")
        var batch = EncoderBatch()
        batch.append(state, rowCount: samples.count / Architecture.leads) { memory, _ in
            copyValues(samples.count, from: samples, at: 0, into: &memory, at: 0)
        }
        advance(&batch, using: workspace)
        state = batch.takeState(at: 0)
    }

    /// The embedding of the window [`windowStart`, `windowStart` + 5,000); nil where the stream does not hold
    /// it.
    ///
    /// The stream holds it once it has taken its samples up to `windowStart` + 4,992, until it takes 32 more.
    public func embedding(
        of state: EncoderState,
        windowStart: GridIndex,
        using workspace: EncoderWorkspace
    ) -> Embedding? {
        guard state.holds(windowStart: windowStart) else { return nil }
        return workspace.embedding(of: state, weights: weights, form: form)
    }

    /// The embedding of one window by itself.
    ///
    /// `window` is `[5000][12]`, millivolts at 500 Hz in the encoder's band, 0 where a lead has none; finite.
    public func embed(window: [Float], using workspace: EncoderWorkspace) -> Embedding {
        precondition(window.count == Grid.windowSamples * Architecture.leads, "a window is [5000][12]")
        var state = EncoderState.taken
        swap(&state, &workspace.window)
        state.restart(at: 0)
        workspace.windowBatch.removeAll()
        workspace.windowBatch.append(state, rowCount: Architecture.samplesSeen) { memory, _ in
            copyValues(
                Architecture.samplesSeen * Architecture.leads,
                from: window,
                at: 0,
                into: &memory,
                at: 0
            )
        }
        var batch = EncoderBatch()
        swap(&batch, &workspace.windowBatch)
        advance(&batch, using: workspace)
        workspace.window = batch.takeState(at: 0)
        swap(&batch, &workspace.windowBatch)
        return workspace.embedding(of: workspace.window, weights: weights, form: form)
    }
}
