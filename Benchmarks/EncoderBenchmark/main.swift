import ECGEncoder
import ECGSignal
import Glibc
import TestSupport

/// Times the encoder on one thread, on request, so that a peer can be measured in turn with it.
///
/// Reads lines: `window` runs one offline pass of 5,000 samples, `hop` takes 512 samples of a running stream
/// and gives its embedding; answers each with the nanoseconds it took. `embed N` prints the embedding of
/// golden record N. With `--self` it prints medians of its own.
struct EncoderBenchmark {
    static let hop = 512
    let encoder: Encoder
    let workspace: EncoderWorkspace
    let golden: TensorFile
    let windows: [[Float]]
    let state: EncoderState
    let clock = ContinuousClock()

    init() throws {
        let file = try TensorFile(path: Repository.defaultModel + "/encoder.safetensors")
        let start = clock.now
        encoder = try Encoder { name, shape throws(EncoderWeightsError) in
            guard let tensor = try? file.tensor(name), tensor.shape == shape else {
                throw EncoderWeightsError(tensor: name, reason: "missing")
            }
            return tensor.values
        }
        loading = clock.now - start
        workspace = encoder.makeWorkspace()
        golden = try TensorFile(path: Repository.fixtures + "/golden/golden.safetensors")
        let values = try golden.tensor("conditioned").values
        windows = (0..<6).map { record in
            (0..<Grid.windowSamples * 12).map { values[record * 60_000 + $0 % 12 * 5_000 + $0 / 12] }
        }
        state = encoder.makeState(at: 0)
        encoder.advance(
            [EncoderPush(state, samples: Array(windows[0].prefix(Architecture.samplesSeen * 12)))],
            using: workspace
        )
    }
    let loading: Duration

    /// Nanoseconds of one offline pass.
    func window() -> Int64 {
        let start = clock.now
        let embedding = encoder.embed(window: windows[0], using: workspace)
        let time = clock.now - start
        precondition(embedding.values[0].isFinite)
        return nanoseconds(time)
    }

    /// Nanoseconds from 512 new samples to the embedding.
    func hop(streams: [EncoderState]) -> Int64 {
        let batch = streams.map { state in
            let first = Int(state.end % 4_096)
            return EncoderPush(
                state,
                samples: Array(windows[1][first * 12..<(first + EncoderBenchmark.hop) * 12])
            )
        }
        let start = clock.now
        encoder.advance(batch, using: workspace)
        for state in streams {
            let first = state.end - GridIndex(Architecture.samplesSeen)
            precondition(encoder.embedding(of: state, windowStart: first, using: workspace) != nil)
        }
        return nanoseconds(clock.now - start)
    }

    func nanoseconds(_ time: Duration) -> Int64 { Int64(time / .nanoseconds(1)) }

    func median(_ count: Int, _ body: () -> Int64) -> Double {
        let times = (0..<count).map { _ in body() }.sorted()
        return Double(times[count / 2]) / 1e6
    }

    func printMedians() {
        print("form \(encoder.form.rawValue), weights packed in \(loading)")
        print("window \(median(200, window)) ms")
        print("hop, 1 stream \(median(400) { hop(streams: [state]) }) ms")
        for count in [8, 64] {
            let states = (0..<count).map { _ in encoder.makeState(at: 0) }
            let samples = Array(windows[0].prefix(Architecture.samplesSeen * 12))
            encoder.advance(states.map { EncoderPush($0, samples: samples) }, using: workspace)
            print("hop, \(count) streams, each \(median(60) { hop(streams: states) } / Double(count)) ms")
        }
    }

    func answer(_ line: String) -> String {
        let words = line.split(separator: " ")
        switch words.first {
        case "window": return String(window())
        case "hop": return String(hop(streams: [state]))
        case "embed":
            let record = words.count > 1 ? Int(words[1]) ?? 0 : 0
            let embedding = encoder.embed(window: windows[record % windows.count], using: workspace)
            return embedding.values.map { String($0) }.joined(separator: " ")
        default: return "unknown: say window, hop or embed N"
        }
    }
}

let benchmark = try EncoderBenchmark()
if CommandLine.arguments.contains("--self") {
    benchmark.printMedians()
} else {
    while let line = readLine() { say(benchmark.answer(line)) }
}

/// Prints a line at once, also into a pipe.
func say(_ line: String) {
    print(line)
    fflush(nil)
}
