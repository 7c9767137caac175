import ECGEncoder
import ECGSignal
import TestSupport

/// What is timed: the shipped encoder in one form, a window, and streams that have taken a window's samples.
struct Subject {
    static let hop = 512
    let encoder: Encoder
    private let workspace: EncoderWorkspace
    private let windows: [[Float]]
    private var streams: [EncoderState] = []
    private var batch = EncoderBatch()

    init(form: KernelForm, precision: Precision = .float32) throws {
        let file = try TensorFile(path: Repository.defaultModel + "/encoder.safetensors")
        let golden = try TensorFile(path: Repository.fixtures + "/golden/golden.safetensors")
        let values = try golden.tensor("conditioned").values
        let windows: [[Float]] = (0..<6).map { record in
            (0..<Grid.windowSamples * 12).map { values[record * 60_000 + $0 % 12 * 5_000 + $0 / 12] }
        }
        func make(_ precision: Precision, _ ranges: ActivationRanges?) throws -> Encoder {
            try Encoder(form: form, precision: precision) { name, shape throws(EncoderWeightsError) in
                if let range = ranges?.tensor(name) { return range }
                guard let tensor = try? file.tensor(name), tensor.shape == shape else {
                    throw EncoderWeightsError(tensor: name, reason: "missing")
                }
                return tensor.values
            }
        }
        // Times do not depend on the ranges, so those of the golden records do.
        var ranges: ActivationRanges?
        if precision == .int8 {
            let plain = try make(.float32, nil)
            let workspace = plain.makeWorkspace()
            let each = windows.map { plain.activationRanges(window: $0, using: workspace) }
            ranges = .covering(1, of: each)
        }
        encoder = try make(precision, ranges)
        workspace = encoder.makeWorkspace()
        self.windows = windows
    }

    /// All golden records one after the other, `[time][12]` millivolts.
    var longSignal: [Float] { windows.flatMap(\.self) }

    /// The embedding of golden record `record`.
    func embedding(ofRecord record: Int) -> Embedding {
        encoder.embed(window: windows[record % windows.count], using: workspace)
    }

    /// Takes one window by itself through the network.
    @inline(never)
    func runWindow() {
        let embedding = encoder.embed(window: windows[0], using: workspace)
        precondition(embedding.values[0].isFinite)
    }

    /// Makes `count` streams that have taken `taken` samples, a whole window unless something else is said.
    mutating func openStreams(_ count: Int, taken: Int = Architecture.samplesSeen) {
        guard streams.count != count else { return }
        var state = encoder.makeState(at: 0)
        let samples = Array(windows[0].prefix(taken * 12))
        encoder.advance(&state, by: samples, using: workspace)
        streams = Array(repeating: state, count: count)
    }

    /// Moves all streams into the batch with `samples` new samples each.
    mutating func fillBatch(samples: Int = Subject.hop) {
        batch.removeAll()
        let signal = windows[1]
        for state in streams {
            let from = Int(state.end % 4_096)
            batch.append(state, rowCount: samples) { memory, first in
                for offset in 0..<samples * 12 { memory[first * 12 + offset] = signal[from * 12 + offset] }
            }
        }
        streams.removeAll(keepingCapacity: true)
    }

    /// Takes the batch through the network.
    @inline(never)
    mutating func advanceBatch() { encoder.advance(&batch, using: workspace) }

    /// Moves the streams out of the batch again.
    mutating func emptyBatch() {
        for place in 0..<batch.count { streams.append(batch.takeState(at: place)) }
    }

    /// Makes each stream's embedding.
    @inline(never)
    func embedStreams() {
        for state in streams {
            let first = state.end - GridIndex(Architecture.samplesSeen)
            precondition(encoder.embedding(of: state, windowStart: first, using: workspace) != nil)
        }
    }

    /// Nanoseconds from `samples` new samples of each of `count` streams to their embeddings.
    mutating func timeHop(streams count: Int, samples: Int = Subject.hop) -> Int64 {
        openStreams(count)
        fillBatch(samples: samples)
        let advance = ThreadClock.nanoseconds { advanceBatch() }
        emptyBatch()
        return advance + ThreadClock.nanoseconds { embedStreams() }
    }
}
