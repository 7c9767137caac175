import ECGSignal
import TestSupport
import Testing

@testable import ECGEncoder

@Suite struct KernelTests {
    static let forms = KernelForm.allCases.filter(\.isAvailable)
    static let rowCounts = [0, 1, 2, 3, 4, 5, 6, 7, 13, 32]

    @Test(arguments: forms, rowCounts)
    func `every form equals the plain chain at every row count`(form: KernelForm, rowCount: Int) {
        var generator = SeededGenerator(seed: UInt64(rowCount + 1))
        for (inputs, outputs) in [
            (1, 16), (3, 64), (84, 64), (85, 80), (191, 128), (7, 1), (33, 24), (48, 112),
        ] {
            for (hasResidual, isRectified) in [(false, false), (false, true), (true, false), (true, true)] {
                let layer = RandomLayer(inputs: inputs, outputs: outputs, form: form, &generator)
                layer.expectPlainChain(
                    rowCount: rowCount,
                    hasResidual: hasResidual,
                    isRectified: isRectified,
                    &generator
                )
            }
        }
    }

    @Test(arguments: forms) func `the largest of some rows is exact`(form: KernelForm) {
        var generator = SeededGenerator(seed: 3)
        for (width, channels, rowCount) in [(1, 16, 3), (3, 16, 7), (3, 64, 5), (2, 33, 4)] {
            let input = floats((rowCount * 2 + width) * channels, -1...1, &generator)
            var memory = input + Array(repeating: 0, count: rowCount * channels)
            var rows = RowLists()
            for row in 0..<rowCount {
                rows.input.append(row * 2 * channels)
                rows.output.append(input.count + row * channels)
            }
            Kernels.maximum(width: width, channels: channels, rows: rows, memory: &memory)
            for row in 0..<rowCount {
                for channel in 0..<channels {
                    let greatest = (0..<width).map { input[(row * 2 + $0) * channels + channel] }.max()
                    #expect(memory[input.count + row * channels + channel] == greatest)
                }
            }
        }
    }

    @Test(arguments: forms, [1, 2, 143])
    func `a weighted sum is one chain in the order of its rows`(form: KernelForm, rowCount: Int) {
        var generator = SeededGenerator(seed: UInt64(rowCount))
        let channels = 48
        let memory = floats(rowCount * channels, -1...1, &generator)
        let weights = floats(rowCount, 0...1, &generator)
        let rows = (0..<rowCount).map { $0 * channels }.shuffled(using: &generator)
        var sum = [Float](repeating: 9, count: channels + 2)
        Kernels.weightedSum(
            weights: weights,
            rows: rows,
            memory: memory,
            form: form,
            into: &sum,
            at: 1,
            channels: channels
        )
        for channel in 0..<channels {
            var expected: Float = 0
            for row in 0..<rowCount { expected.addProduct(weights[row], memory[rows[row] + channel]) }
            #expect(sum[channel + 1].bitPattern == expected.bitPattern)
        }
        #expect(sum[0] == 9 && sum[channels + 1] == 9)
    }

    @Test(arguments: seeds(30))
    func `AVX-512, AVX2 and portable give the same bits`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let window = noise(Grid.windowSamples, &generator)
        try expectFormsAgree(window) { try Networks.narrow(seed: seed, form: $0) }
    }

    @Test func `AVX-512, AVX2 and portable give the same bits in the shipped network`() throws {
        try expectFormsAgree(try Golden().window(0)) { try Networks.shipped($0) }
    }

    @Test func `a row outside its memory stops the program`() async {
        await #expect(processExitsWith: .failure) {
            let layer = PackedLayer(
                inputs: 4,
                realOutputs: 16,
                form: .portable,
                bias: { _ in 0 },
                weight: { _, _ in 1 }
            )
            var memory = [Float](repeating: 0, count: 64)
            var rows = RowLists()
            rows.input = [0]
            rows.output = [49]
            Kernels.apply(layer, isRectified: false, rows: rows, memory: &memory)
        }
    }
}

func expectFormsAgree(_ window: [Float], _ encoder: (KernelForm) throws -> Encoder) throws {
    var bits: [[UInt32]] = []
    var pools: [[UInt32]] = []
    for form in KernelTests.forms {
        let encoder = try encoder(form)
        let workspace = encoder.makeWorkspace()
        bits.append(encoder.embed(window: window, using: workspace).bits)
        pools.append(workspace.pool.map(\.bitPattern))
    }
    #expect(bits.allSatisfy { $0 == bits[0] })
    #expect(pools.allSatisfy { $0 == pools[0] })
}

/// A layer with its weights unpacked beside it.
private struct RandomLayer {
    let inputs: Int
    let outputs: Int
    let weights: [Float]
    let bias: [Float]
    let packed: PackedLayer

    init(inputs: Int, outputs: Int, form: KernelForm, _ generator: inout SeededGenerator) {
        let weights = floats(inputs * outputs, -1...1, &generator)
        let bias = floats(outputs, -1...1, &generator)
        packed = PackedLayer(
            inputs: inputs,
            realOutputs: outputs,
            form: form,
            bias: { bias[$0] },
            weight: { weights[$0 * inputs + $1] }
        )
        self.inputs = inputs
        self.outputs = outputs
        self.weights = weights
        self.bias = bias
    }

    /// Runs rows that overlap, as a convolution's do, and compares every output; what lies between stays
    /// untouched.
    func expectPlainChain(
        rowCount: Int,
        hasResidual: Bool,
        isRectified: Bool,
        _ generator: inout SeededGenerator
    ) {
        let length = packed.outputs
        let input = floats(inputs + 5 * rowCount, -1...1, &generator)
        let residual = floats(rowCount * length, -1...1, &generator)
        let target = input.count + residual.count
        var memory = input + residual + Array(repeating: 7, count: rowCount * (length + 1))
        var rows = RowLists()
        for row in 0..<rowCount {
            rows.input.append(5 * row)
            if hasResidual { rows.residual.append(input.count + row * length) }
            rows.output.append(target + row * (length + 1))
        }
        Kernels.apply(packed, isRectified: isRectified, rows: rows, memory: &memory)
        for row in 0..<rowCount {
            for output in 0..<length {
                var sum: Float = output < outputs ? bias[output] : 0
                for k in 0..<inputs {
                    sum.addProduct(input[5 * row + k], output < outputs ? weights[output * inputs + k] : 0)
                }
                if hasResidual { sum += residual[row * length + output] }
                if isRectified { sum = sum > 0 ? sum : 0 }
                #expect(memory[rows.output[row] + output].bitPattern == sum.bitPattern)
            }
            #expect(memory[rows.output[row] + length] == 7)
        }
        #expect(Array(memory.prefix(target)) == input + residual)
    }
}
