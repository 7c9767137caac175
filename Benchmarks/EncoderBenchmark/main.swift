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
    var state: EncoderState
    var batch = EncoderBatch()
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
            &state,
            by: Array(windows[0].prefix(Architecture.samplesSeen * 12)),
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
    mutating func hop(streams: inout [EncoderState]) -> Int64 {
        batch.removeAll()
        let signal = windows[1]
        for index in streams.indices {
            let from = Int(streams[index].end % 4_096)
            batch.append(streams[index], rowCount: EncoderBenchmark.hop) { memory, first in
                for offset in 0..<EncoderBenchmark.hop * 12 {
                    memory[first * 12 + offset] = signal[from * 12 + offset]
                }
            }
        }
        streams.removeAll(keepingCapacity: true)
        let start = clock.now
        encoder.advance(&batch, using: workspace)
        let time = clock.now - start
        for place in 0..<batch.count { streams.append(batch.takeState(at: place)) }
        let embedding = clock.now
        for state in streams {
            let first = state.end - GridIndex(Architecture.samplesSeen)
            precondition(encoder.embedding(of: state, windowStart: first, using: workspace) != nil)
        }
        return nanoseconds(time + (clock.now - embedding))
    }

    /// One stream's hop.
    mutating func hop() -> Int64 {
        var streams = [state]
        let time = hop(streams: &streams)
        state = streams[0]
        return time
    }

    func nanoseconds(_ time: Duration) -> Int64 { Int64(time / .nanoseconds(1)) }

    static func median(_ count: Int, _ body: () -> Int64) -> Double {
        let times = (0..<count).map { _ in body() }.sorted()
        return Double(times[count / 2]) / 1e6
    }

    mutating func printMedians() {
        print("form \(encoder.form.rawValue), weights packed in \(loading)")
        print("window \(Self.median(200, window)) ms")
        print("hop, 1 stream \(Self.median(400) { hop() }) ms")
        for count in [8, 64] {
            var states = [EncoderState](repeating: encoder.makeState(at: 0), count: count)
            let samples = Array(windows[0].prefix(Architecture.samplesSeen * 12))
            for index in states.indices { encoder.advance(&states[index], by: samples, using: workspace) }
            print(
                "hop, \(count) streams, each \(Self.median(60) { hop(streams: &states) } / Double(count)) ms"
            )
        }
    }

    mutating func answer(_ line: String) -> String {
        let words = line.split(separator: " ")
        switch words.first {
        case "window": return String(window())
        case "hop": return String(hop())
        case "embed":
            let record = words.count > 1 ? Int(words[1]) ?? 0 : 0
            let embedding = encoder.embed(window: windows[record % windows.count], using: workspace)
            return embedding.values.map { String($0) }.joined(separator: " ")
        default: return "unknown: say window, hop or embed N"
        }
    }
}

var benchmark = try EncoderBenchmark()
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
