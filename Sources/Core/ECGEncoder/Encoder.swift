public import ECGSignal

/// New samples of one stream.
public struct EncoderPush {
    /// Whose; each stream once a batch.
    public let state: EncoderState
    /// `[time][12]`, millivolts at 500 Hz in the encoder's band, 0 where a lead has none.
    ///
    /// Finite, and a multiple of 32 grid samples.
    public let samples: [Float]

    /// The samples that follow those which `state` has taken.
    public init(_ state: EncoderState, samples: [Float]) {
        self.state = state
        self.samples = samples
    }
}

/// The ResNet1d18 that makes an embedding of 10 s of ECG; immutable, one for all threads.
///
/// Positions that see no padding alone enter the pool, so the features of a position do not depend on the
/// window they are used in: a stream computes each of them once, and the offline pass is a stream that begins
/// at the window. Every number is one chain of operations in a fixed order, so a stream's bits depend on
/// neither its chunks nor its batch-mates nor the machine.
public final class Encoder: Sendable {
    /// Its sizes.
    public let architecture: Architecture
    /// The instructions it uses.
    public let form: KernelForm
    let network: Network
    let weights: EncoderWeights

    // 8,192 samples: layer 4 sees 256 rows for each reading of its weights; more gives no more speed, but
    // more memory.
    static let passSamplesMax = 8_192

    /// The encoder of those weights, batch norm folded in.
    ///
    /// `tensor` gives each tensor by PyTorch's name and shape, as `layer2.0.conv1.weight`, [128, 64, 3].
    ///
    /// - Throws: the first tensor that is missing, of another size, or not finite.
    public init(
        _ architecture: Architecture = .standard,
        form: KernelForm = .best,
        tensor: TensorSource
    ) throws(EncoderWeightsError) {
        precondition(form.isAvailable, "this machine lacks \(form.rawValue)")
        self.architecture = architecture
        self.form = form
        network = Network(architecture)
        weights = try EncoderWeights(network, tensor: tensor)
    }

    /// The memory that a thread needs to run this encoder.
    public func makeWorkspace() -> EncoderWorkspace { EncoderWorkspace(network) }

    /// A stream whose first sample will stand at `origin`, a multiple of 32.
    public func makeState(at origin: GridIndex) -> EncoderState { EncoderState(network, at: origin) }

    /// Takes the new samples of all streams of `batch` through every layer.
    public func advance(_ batch: [EncoderPush], using workspace: EncoderWorkspace) {
        for push in batch {
            let unit = Architecture.leads * Architecture.stride
            precondition(push.samples.count.isMultiple(of: unit), "samples not a multiple of 32 x 12")
        }
        var next = 0
        var offset = 0
        while next < batch.count {
            workspace.portions.removeAll(keepingCapacity: true)
            var room = Encoder.passSamplesMax
            while next < batch.count, room > 0 {
                let push = batch[next]
                let total = push.samples.count / Architecture.leads
                let count = min(total - offset, room)
                workspace.portions.append(
                    .init(state: push.state, samples: push.samples, offset: offset, count: count)
                )
                room -= count
                offset += count
                if offset == total { (next, offset) = (next + 1, 0) }
            }
            workspace.run(weights: weights, form: form)
        }
        workspace.portions.removeAll(keepingCapacity: true)
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
        let state = workspace.window
        state.restart(at: 0)
        workspace.portions.removeAll(keepingCapacity: true)
        workspace.portions.append(
            .init(state: state, samples: window, offset: 0, count: Architecture.samplesSeen)
        )
        workspace.run(weights: weights, form: form)
        workspace.portions.removeAll(keepingCapacity: true)
        return workspace.embedding(of: state, weights: weights, form: form)
    }
}
