import ECGEncoder
import ECGSignal
import TestSupport

/// The networks of the tests: the shipped one from its file, and a narrow twin with random weights.
enum Networks {
    static let narrow = Architecture(channels: [8, 16, 32, 64], embedding: 24)

    /// The shipped network, loaded once a form.
    static func shipped(_ form: KernelForm = .best) throws -> Encoder {
        let file = try modelFile.get()
        return try Encoder(.standard, form: form) { name, shape throws(EncoderWeightsError) in
            guard let tensor = try? file.tensor(name), tensor.shape == shape else {
                throw EncoderWeightsError(tensor: name, reason: "missing")
            }
            return tensor.values
        }
    }

    /// The narrow twin of that seed.
    static func narrow(seed: UInt64, form: KernelForm = .best) throws -> Encoder {
        let source = RandomWeights(seed: seed)
        return try Encoder(narrow, form: form) { name, shape throws(EncoderWeightsError) in
            source.tensor(name, shape)
        }
    }

    /// The shipped network in eight bits, its ranges those of the golden records.
    static func shippedBytes(_ form: KernelForm = .best) throws -> Encoder {
        let (file, ranges) = (try modelFile.get(), try goldenRanges.get())
        return try Encoder(.standard, form: form, precision: .int8) {
            name,
            shape throws(EncoderWeightsError) in
            if let range = ranges.tensor(name) { return range }
            guard let tensor = try? file.tensor(name), tensor.shape == shape else {
                throw EncoderWeightsError(tensor: name, reason: "missing")
            }
            return tensor.values
        }
    }

    /// The narrow twin in eight bits, its ranges those of a window of noise.
    static func narrowBytes(seed: UInt64, form: KernelForm = .best) throws -> Encoder {
        let plain = try narrow(seed: seed)
        var generator = SeededGenerator(seed: seed)
        let ranges = plain.activationRanges(
            window: noise(Grid.windowSamples, &generator),
            using: plain.makeWorkspace()
        )
        let source = RandomWeights(seed: seed)
        return try Encoder(narrow, form: form, precision: .int8) { name, shape throws(EncoderWeightsError) in
            ranges.tensor(name) ?? source.tensor(name, shape)
        }
    }

    private static let goldenRanges = Result {
        let (plain, golden) = (try shipped(), try Golden())
        let workspace = plain.makeWorkspace()
        let windows = try (0..<Golden.count).map { try golden.window($0) }
        return ActivationRanges.covering(
            1,
            of: windows.map { plain.activationRanges(window: $0, using: workspace) }
        )
    }

    private static let modelFile = Result {
        try TensorFile(path: Repository.defaultModel + "/encoder.safetensors")
    }
}

/// Weights drawn by name, so that activations stay near 1 and every batch norm does something.
struct RandomWeights {
    let seed: UInt64

    func tensor(_ name: String, _ shape: [Int]) -> [Float] {
        var generator = SeededGenerator(seed: name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 })
        let count = shape.reduce(1, *)
        if name.hasSuffix("running_var") { return floats(count, 0.5...2, &generator) }
        if shape.count == 1 {
            let isScale = name.hasSuffix(".weight")
            return floats(count, isScale ? 0.5...1.5 : -0.2...0.2, &generator)
        }
        let reach = (6 / Float(shape.dropFirst().reduce(1, *))).squareRoot()
        return floats(count, -reach...reach, &generator)
    }
}

/// `count` values of `range`, evenly spread.
func floats(_ count: Int, _ range: ClosedRange<Float>, _ generator: inout SeededGenerator) -> [Float] {
    (0..<count).map { _ in Float.random(in: range, using: &generator) }
}

/// `[time][12]` of noise, `count` grid samples.
func noise(_ count: Int, _ generator: inout SeededGenerator) -> [Float] {
    floats(count * Architecture.leads, -1.5...1.5, &generator)
}

/// Samples `range` of a signal `[time][12]`; zeros beyond its end.
func cut(_ signal: [Float], _ range: Range<Int>) -> [Float] {
    let last = min(range.upperBound * Architecture.leads, signal.count)
    let part = Array(
        signal[range.lowerBound * Architecture.leads..<max(last, range.lowerBound * Architecture.leads)]
    )
    return part + Array(repeating: 0, count: range.count * Architecture.leads - part.count)
}

extension EncoderBatch {
    /// Moves a stream in with those new samples, `[time][12]`.
    mutating func append(_ state: EncoderState, samples: [Float]) {
        append(state, rowCount: samples.count / Architecture.leads) { memory, first in
            for (offset, value) in samples.enumerated() {
                memory[first * Architecture.leads + offset] = value
            }
        }
    }
}

extension Encoder {
    /// Takes the new samples of several streams in one batch.
    func advance(_ states: inout [EncoderState], by samples: [[Float]], using workspace: EncoderWorkspace) {
        var batch = EncoderBatch()
        for (state, new) in zip(states, samples) { batch.append(state, samples: new) }
        advance(&batch, using: workspace)
        for place in states.indices { states[place] = batch.takeState(at: place) }
    }

    /// The offline embedding of the window of `signal` that begins at `start`, as bits.
    func offlineBits(_ signal: [Float], at start: Int, using workspace: EncoderWorkspace) -> [UInt32] {
        embed(window: cut(signal, start..<start + Grid.windowSamples), using: workspace).bits
    }
}

extension Embedding {
    /// The values as bits, so that equal means equal.
    var bits: [UInt32] { values.map(\.bitPattern) }
}

/// The six real records of the golden file.
struct Golden {
    let file: TensorFile

    init() throws { file = try TensorFile(path: Repository.fixtures + "/golden/golden.safetensors") }

    static let count = 6

    /// Record `index` as `[5000][12]`; channels outside `leads` are 0.
    func window(_ index: Int, leads: LeadSet = LeadSet(Lead.standard)) throws -> [Float] {
        let values = try file.tensor("conditioned").values
        let samples = Grid.windowSamples
        return (0..<samples * Architecture.leads).map { place in
            let (time, lead) = place.quotientAndRemainder(dividingBy: Architecture.leads)
            return leads.contains(channel: lead)
                ? values[(index * Architecture.leads + lead) * samples + time] : 0
        }
    }

    /// Row `index` of tensor `name`.
    func row(_ name: String, _ index: Int) throws -> [Float] {
        let tensor = try file.tensor(name)
        let length = tensor.shape.dropFirst().reduce(1, *)
        return Array(tensor.values[index * length..<(index + 1) * length])
    }

    /// All records one after the other, `[30000][12]`.
    func signal() throws -> [Float] { try (0..<Golden.count).flatMap { try window($0) } }
}
