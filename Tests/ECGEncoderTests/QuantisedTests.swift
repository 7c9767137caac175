import ECGSignal
import TestSupport
import Testing

@testable import ECGEncoder

/// The encoder in eight bits: its sums are exact, so every law of the one in floats holds bit for bit.
@Suite struct QuantisedTests {
    @Test(arguments: KernelTests.forms, KernelTests.rowCounts)
    func `every form equals the plain sums at every row count`(form: KernelForm, rowCount: Int) {
        var generator = SeededGenerator(seed: UInt64(rowCount + 1))
        for (inputs, outputs) in [(16, 16), (32, 1), (48, 64), (192, 33), (208, 112)] {
            for (isAdded, isBytes) in [(false, false), (false, true), (true, false), (true, true)] {
                let layer = RandomBytesLayer(
                    inputs: inputs,
                    outputs: outputs,
                    isAdded: isAdded,
                    isBytes: isBytes,
                    form
                )
                layer.expectPlainSums(rowCount: rowCount, &generator)
            }
        }
    }

    @Test(arguments: ["equal", "alternating", "one great", "random"])
    func `no sum of a 16-bit lane can overflow, and some come as near as they may`(kind: String) {
        var generator = SeededGenerator(seed: 5)
        let weights: [Float] =
            switch kind {
            case "equal": Array(repeating: 0.25, count: 64)
            case "alternating": (0..<64).map { $0 % 2 == 0 ? 3 : -3 }
            case "one great": (0..<64).map { $0 == 17 ? 1e6 : 1 }
            default: floats(64, -1...1, &generator)
            }
        let layer = QuantisedLayer(
            folded(inputs: 64, outputs: 1, bias: [0]) { _, k in weights[k] },
            form: .portable,
            input: ByteScale(range: Array(repeating: 127, count: 64), isRectified: true),
            residual: nil,
            output: nil
        )
        var greatest = 0
        for group in stride(from: 0, to: 64, by: 16) {
            for half in [0, 2] {
                let lane = (0..<16).filter { $0 % 4 / 2 * 2 == half }.map {
                    layer.weight(output: 0, k: group + $0)
                }
                let above = lane.reduce(0) { $0 + max($1, 0) }
                let below = lane.reduce(0) { $0 - min($1, 0) }
                greatest = max(greatest, above, below)
                #expect(127 * max(above, below) <= Int(Int16.max))
                #expect(lane.allSatisfy { abs($0) <= 127 })
            }
        }
        if kind == "equal" { #expect(greatest > 250) }
    }

    @Test(arguments: StreamingTests.hops, seeds(6))
    func `streaming equals offline bit for bit`(hop: Int, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let signal = noise(Grid.windowSamples + 8 * hop, &generator)
        try expectStreamingEqualsOffline(
            try Networks.narrowBytes(seed: seed),
            signal,
            hop: hop,
            windows: 8
        )
    }

    @Test(arguments: StreamingTests.hops)
    func `streaming equals offline bit for bit on real records`(hop: Int) throws {
        let encoder = try Networks.shippedBytes()
        try expectStreamingEqualsOffline(encoder, try Golden().signal(), hop: hop, windows: 12)
    }

    @Test(arguments: seeds(60)) func `P05 a stream ignores its batch-mates`(seed: UInt64) throws {
        try expectStreamsIgnoreEachOther(
            try Networks.narrowBytes(seed: seed % 16),
            seed: seed,
            streamsMax: 64
        )
    }

    @Test(arguments: seeds(10)) func `all forms give the same bits`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let window = noise(Grid.windowSamples, &generator)
        try expectFormsAgree(window) { try Networks.narrowBytes(seed: seed, form: $0) }
    }

    @Test func `all forms give the same bits in the shipped network`() throws {
        try expectFormsAgree(try Golden().window(0)) { try Networks.shippedBytes($0) }
    }

    @Test func `the shipped network in eight bits stays near the one in floats`() throws {
        let (plain, bytes, golden) = (try Networks.shipped(), try Networks.shippedBytes(), try Golden())
        let workspaces = (plain.makeWorkspace(), bytes.makeWorkspace())
        for index in 0..<Golden.count {
            let window = try golden.window(index)
            let one = plain.embed(window: window, using: workspaces.0).values
            let other = bytes.embed(window: window, using: workspaces.1).values
            let cosine = zip(one, other).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(cosine > 0.99, "record \(index)")
            #expect(cosine < 1, "record \(index): it computed in floats")
        }
    }

    @Test func `ranges are those of the outputs, and a share of the windows keeps within what covers them`()
        throws
    {
        let encoder = try Networks.narrow(seed: 2)
        let workspace = encoder.makeWorkspace()
        var generator = SeededGenerator(seed: 2)
        let window = noise(Grid.windowSamples, &generator)
        let ranges = encoder.activationRanges(window: window, using: workspace)
        let last = try #require(ranges.tensor("layer4.1.conv2.range"))
        let features = workspace.window.features
        for channel in last.indices {
            let column = stride(
                from: channel,
                to: features.count,
                by: features.count / Architecture.positions
            )
            #expect(column.reduce(0) { max($0, abs(features[$1])) } == last[channel])
        }
        #expect(ranges.tensor("layer4.1.conv2") == nil)
        let louder = encoder.activationRanges(window: window.map { 2 * $0 }, using: workspace)
        let all = ActivationRanges.covering(1, of: [louder, ranges, ranges])
        for name in ranges.names {
            let (one, other) = (try #require(louder.tensor(name)), try #require(ranges.tensor(name)))
            #expect(all.tensor(name) == zip(one, other).map { max($0, $1) }, "\(name)")
        }
        #expect(all != ranges)
        #expect(ActivationRanges.covering(0.5, of: [louder, ranges, ranges]) == ranges)
    }

    @Test(arguments: [
        ("layer2.0.conv1.range", Float.nan), ("conv1.range", -1), ("layer1.0.conv1.range", .infinity),
    ])
    func `ranges that are none are refused by their name`(name: String, value: Float) throws {
        let source = RandomWeights(seed: 1)
        var refused: EncoderWeightsError?
        do throws(EncoderWeightsError) {
            _ = try Encoder(Networks.narrow, precision: .int8) { asked, shape throws(EncoderWeightsError) in
                guard asked.hasSuffix(".range") else { return source.tensor(asked, shape) }
                return Array(repeating: asked == name ? value : 1, count: shape[0])
            }
        } catch { refused = error }
        #expect(refused?.tensor == name)
    }

    @Test func `a channel that was never seen to hold anything gives nothing`() throws {
        let source = RandomWeights(seed: 1)
        let encoder = try Encoder(Networks.narrow, precision: .int8) {
            name,
            shape throws(EncoderWeightsError) in
            name.hasSuffix(".range") ? Array(repeating: 0, count: shape[0]) : source.tensor(name, shape)
        }
        var generator = SeededGenerator(seed: 1)
        let embedding = encoder.embed(
            window: noise(Grid.windowSamples, &generator),
            using: encoder.makeWorkspace()
        )
        #expect(embedding.values.allSatisfy { $0.isFinite })
    }
}

private func folded(
    inputs: Int,
    outputs: Int,
    bias: [Float],
    weight: @escaping (Int, Int) -> Float
) -> FoldedConvolution {
    FoldedConvolution(
        inputs: inputs,
        inputRowLength: inputs,
        outputs: outputs,
        bias: { bias[$0] },
        weight: weight
    )
}

/// A layer of random weights and scales, with what its sums become computed plainly beside it.
private struct RandomBytesLayer {
    let packed: QuantisedLayer
    let outputs: Int
    let isAdded: Bool
    let isBytes: Bool

    init(inputs: Int, outputs: Int, isAdded: Bool, isBytes: Bool, _ form: KernelForm) {
        var generator = SeededGenerator(seed: UInt64(inputs * outputs))
        let weights = floats(inputs * outputs, -1...1, &generator)
        let scale = { (count: Int, isRectified: Bool) in
            ByteScale(range: floats(count, 0.5...4, &generator), isRectified: isRectified)
        }
        packed = QuantisedLayer(
            folded(inputs: inputs, outputs: outputs, bias: floats(outputs, -1...1, &generator)) {
                weights[$0 * inputs + $1]
            },
            form: form,
            input: scale(inputs, true),
            residual: isAdded ? scale(outputs, false) : nil,
            output: isBytes ? scale(outputs, outputs % 2 == 0) : nil
        )
        self.outputs = outputs
        self.isAdded = isAdded
        self.isBytes = isBytes
    }

    /// Runs rows that overlap, as a convolution's do; what lies between the outputs stays untouched.
    func expectPlainSums(rowCount: Int, _ generator: inout SeededGenerator) {
        let length = packed.outputs
        let isGreatest = rowCount == 7
        let input = (0..<packed.inputs + 5 * rowCount).map { _ in
            isGreatest ? 127 : UInt8.random(in: 0...127, using: &generator)
        }
        let residual = (0..<rowCount * length).map { _ in UInt8.random(in: 0...127, using: &generator) }
        let target = input.count + residual.count
        var bytes = input + residual + Array(repeating: 200, count: rowCount * (length + 1))
        var memory = [Float](repeating: -1, count: bytes.count)
        var rows = RowLists()
        for row in 0..<rowCount {
            rows.input.append(5 * row)
            if isAdded { rows.residual.append(input.count + row * length) }
            rows.output.append(target + row * (length + 1))
        }
        if isBytes {
            Kernels.apply(packed, rows: rows, bytes: &bytes)
        } else {
            Kernels.apply(packed, rows: rows, bytes: &bytes, into: &memory)
        }
        for row in 0..<rowCount {
            for output in 0..<length {
                let sum = (0..<packed.inputs).reduce(0) {
                    $0 + Int(input[5 * row + $1]) * packed.weight(output: output, k: $1)
                }
                let factors = packed.factors(output: output)
                var value = factors.bias.addingProduct(Float(sum), factors.scale)
                if isAdded { value.addProduct(Float(residual[row * length + output]), factors.residual) }
                let place = rows.output[row] + output
                if isBytes {
                    #expect(bytes[place] == UInt8(min(max(value, 0), 127).rounded(.toNearestOrEven)))
                } else {
                    #expect(memory[place].bitPattern == max(value, 0).bitPattern)
                }
            }
            if isBytes { #expect(bytes[rows.output[row] + length] == 200) }
            if !isBytes { #expect(memory[rows.output[row] + length] == -1) }
        }
        #expect(Array(bytes.prefix(target)) == input + residual)
    }
}
