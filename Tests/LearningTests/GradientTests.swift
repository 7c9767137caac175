import LinearAlgebra
import TestSupport
import Testing

@testable import Learning

/// Each layer's backward pass against central differences in Double, on random small shapes.
@Suite struct GradientTests {
    /// Far above the error of the differences (about 1e-9), far below any wrong term.
    private let tolerance = 1e-6

    @Test(arguments: seeds(3))
    func `a convolution's gradients are those of its output`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for (width, stride) in [(3, 1), (3, 2), (1, 2), (1, 1), (7, 2)] {
            let (inputs, outputs, time) = (3, 5, Int.random(in: 17...26, using: &generator))
            let layer = Convolution<Double>(
                "conv",
                inputs: inputs,
                outputs: outputs,
                width: width,
                stride: stride,
                spaces: [TileSpace()]
            )
            layer.weight.set(random(layer.weight.values.count, &generator))
            let outTime = layer.time(of: time)
            let outLayout = RowLayout(samples: 3, time: outTime, pitch: outTime + 6, margin: 1)
            let inLayout = RowLayout(samples: 3, time: time, pitch: (outTime + 6) * stride, margin: 3)
            let input = randomRows(inLayout, inputs, &generator)
            let slope = randomRows(outLayout, outputs, &generator)
            let output = Rows<Double>(outLayout, channels: outputs)
            func loss() -> Double {
                layer.prepareWeights()
                layer.forward(input, into: output, part: 0)
                return dot(samples(output), samples(slope))
            }
            _ = loss()
            #expect(distance(samples(output), slowConvolution(layer, input, outTime)) < 1e-12)
            // The strided shortcut adds to what is there and leaves the other rows; width 7 wants no gradient of its input.
            let result = width == 7 ? nil : Rows<Double>(inLayout, channels: inputs)
            layer.backward(slope, input: input, part: 0, into: result, accumulates: width == 1)
            let weights = differences(
                Array(layer.weight.values.indices),
                read: { layer.weight.values[$0] },
                write: { layer.weight.values[$0] = $1 },
                loss: loss
            )
            #expect(distance(layer.weight.gradient, weights) < tolerance, "width \(width), stride \(stride)")
            guard let result else { continue }
            let expected = differences(places(input), of: input, loss: loss)
            #expect(distance(samples(result), expected) < tolerance, "width \(width), stride \(stride)")
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 8, 9, 31])
    func `tiles of any length and any number of channels give the definition's output`(time: Int) {
        var generator = SeededGenerator(seed: UInt64(time))
        let layer = Convolution<Double>(
            "conv",
            inputs: 33,
            outputs: 70,
            width: 3,
            stride: 1,
            spaces: [TileSpace()]
        )
        layer.weight.set(random(layer.weight.values.count, &generator))
        layer.prepareWeights()
        let layout = RowLayout(samples: 3, time: time, pitch: time + 2, margin: 1)
        let input = randomRows(layout, 33, &generator)
        let output = Rows<Double>(layout, channels: 70)
        layer.forward(input, into: output, part: 0)
        #expect(distance(samples(output), slowConvolution(layer, input, time)) < 1e-13)
    }

    /// The definition, with padding of zeros.
    private func slowConvolution(_ layer: Convolution<Double>, _ input: Rows<Double>, _ time: Int) -> [Double]
    {
        var result: [Double] = []
        for sample in 0..<input.layout.samples {
            let range = input.range(sample)
            for t in 0..<time {
                for output in 0..<layer.outputs {
                    var sum = 0.0
                    for tap in 0..<layer.width {
                        let row = t * layer.stride + tap - layer.padding
                        guard (0..<range.rows).contains(row) else { continue }
                        for channel in 0..<layer.inputs {
                            sum +=
                                input.values[range.offset + row * layer.inputs + channel]
                                * layer.weight.values[(tap * layer.inputs + channel) * layer.outputs + output]
                        }
                    }
                    result.append(sum)
                }
            }
        }
        return result
    }

    /// The gradients of the inputs of all parts; the norm then holds those of gamma and beta.
    private func backward(
        _ norm: BatchNorm<Double>,
        _ gradients: [Rows<Double>],
        _ inputs: [Rows<Double>],
        _ outputs: [Rows<Double>]?
    ) -> [Rows<Double>] {
        for part in inputs.indices {
            norm.sumGradients(gradients[part], output: outputs?[part], input: inputs[part], part: part)
        }
        norm.combineGradients()
        return inputs.indices.map { part in
            let result = Rows<Double>(inputs[part].layout, channels: norm.channels)
            norm.backward(gradients[part], input: inputs[part], into: result)
            return result
        }
    }

    @Test(arguments: seeds(3), [false, true])
    func `a batch norm's gradients go through mean, variance, residual and ReLU`(
        seed: UInt64,
        rectifies: Bool
    ) {
        var generator = SeededGenerator(seed: seed)
        let layout = RowLayout(samples: 2, time: 70, pitch: 73, margin: 1)
        let channels = 35
        let norm = BatchNorm<Double>("bn", channels: channels, parts: 2)
        norm.gamma.set(random(channels, &generator))
        norm.beta.set(random(channels, &generator))
        norm.setRunning(mean: random(channels, &generator), variance: (0..<channels).map { _ in 1 })
        let inputs = (0..<2).map { _ in randomRows(layout, channels, &generator) }
        let residuals = (0..<2).map { _ in randomRows(layout, channels, &generator) }
        let slopes = (0..<2).map { _ in randomRows(layout, channels, &generator) }
        let outputs = (0..<2).map { _ in Rows<Double>(layout, channels: channels) }
        let start = (norm.runningMean, norm.runningVariance)
        var isRectified = false
        func loss() -> Double {
            norm.setRunning(mean: start.0, variance: start.1)
            for part in 0..<2 { norm.sum(inputs[part], part: part) }
            norm.combine()
            var sum = 0.0
            for part in 0..<2 {
                let (input, output) = (inputs[part], outputs[part])
                norm.normalise(input, residual: residuals[part], isRectified: isRectified, into: output)
                sum += dot(samples(output), samples(slopes[part]))
            }
            return sum
        }
        _ = loss()
        // ReLU has no slope at 0: what lies so near that a difference would step over it is moved away.
        for part in 0..<2 {
            for place in places(outputs[part]) where abs(outputs[part].values[place]) < 0.01 {
                residuals[part].values[place] += 0.1
            }
        }
        isRectified = rectifies
        _ = loss()
        let gradients = slopes.map(copy)
        let results = backward(norm, gradients, inputs, isRectified ? outputs : nil)
        for part in 0..<2 {
            let some = places(inputs[part]).filter { _ in Double.random(in: 0..<1, using: &generator) < 0.03 }
            for (values, found) in [(inputs[part], results[part]), (residuals[part], gradients[part])] {
                let expected = differences(some, of: values, loss: loss)
                #expect(distance(some.map { found.values[$0] }, expected) < tolerance)
            }
        }
        for parameter in [norm.gamma, norm.beta] {
            let expected = differences(
                Array(0..<channels),
                read: { parameter.values[$0] },
                write: { parameter.values[$0] = $1 },
                loss: loss
            )
            #expect(distance(parameter.gradient, expected) < tolerance)
        }
    }

    @Test(arguments: seeds(3), [20, 21])
    func `a max-pool's gradient goes to the input that won`(seed: UInt64, time: Int) {
        var generator = SeededGenerator(seed: seed)
        let outTime = MaxPool.time(of: time)
        let inLayout = RowLayout(samples: 2, time: time, pitch: 2 * (outTime + 2), margin: 1)
        let outLayout = RowLayout(samples: 2, time: outTime, pitch: outTime + 2, margin: 1)
        let input = randomRows(inLayout, 19, &generator)
        for place in places(input) { input.values[place] = abs(input.values[place]) }
        let slope = randomRows(outLayout, 19, &generator)
        let output = Rows<Double>(outLayout, channels: 19)
        func loss() -> Double {
            MaxPool.forward(input, into: output)
            return dot(samples(output), samples(slope))
        }
        _ = loss()
        let result = Rows<Double>(inLayout, channels: 19)
        MaxPool.backward(slope, output: output, input: input, into: result)
        let expected = differences(
            places(input),
            read: { input.values[$0] },
            write: { input.values[$0] = $1 },
            loss: loss
        )
        #expect(distance(samples(result), expected) < tolerance)
    }

    @Test(arguments: seeds(3), InteriorPooling<Double>.Kind.allCases)
    func `the pooling's gradients reach features and attention`(
        seed: UInt64,
        kind: InteriorPooling<Double>.Kind
    ) {
        var generator = SeededGenerator(seed: seed)
        let layout = RowLayout(samples: 2, time: 17, pitch: 19, margin: 1)
        let pooling = InteriorPooling<Double>(channels: 11, kind: kind, parts: 1)
        pooling.attention.set(random(11, &generator))
        let features = randomRows(layout, 11, &generator)
        let slope = random(2 * pooling.outputs, &generator)
        func loss() -> Double { dot(pooling.forward(features, positions: 7..<14, part: 0), slope) }
        _ = loss()
        let result = Rows<Double>(layout, channels: 11)
        pooling.backward(slope, features: features, positions: 7..<14, into: result, part: 0)
        let expected = differences(
            places(features),
            read: { features.values[$0] },
            write: { features.values[$0] = $1 },
            loss: loss
        )
        #expect(distance(samples(result), expected) < tolerance)
        guard kind == .meanAndAttention else { return }
        let attention = differences(
            Array(0..<11),
            read: { pooling.attention.values[$0] },
            write: { pooling.attention.values[$0] = $1 },
            loss: loss
        )
        #expect(distance(pooling.attention.gradient, attention) < tolerance)
    }

    @Test(arguments: seeds(3))
    func `a linear layer and unit length have the gradients of their output`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let layer = Linear<Double>("linear", inputs: 7, outputs: 5, hasBias: true)
        layer.weight.set(random(35, &generator))
        layer.bias?.set(random(5, &generator))
        var input = random(21, &generator)
        let slope = random(15, &generator)
        func loss() -> Double { dot(UnitLength.forward(layer.forward(input), width: 5).rows, slope) }
        let (rows, lengths) = UnitLength.forward(layer.forward(input), width: 5)
        let result = layer.backward(
            UnitLength.backward(slope, output: rows, lengths: lengths, width: 5),
            input: input
        )
        let expected = differences(
            Array(0..<21),
            read: { input[$0] },
            write: { input[$0] = $1 },
            loss: loss
        )
        #expect(distance(result, expected) < tolerance)
        for parameter in [layer.weight, layer.bias].compactMap(\.self) {
            let expected = differences(
                Array(parameter.values.indices),
                read: { parameter.values[$0] },
                write: { parameter.values[$0] = $1 },
                loss: loss
            )
            #expect(distance(parameter.gradient, expected) < tolerance)
        }
    }

    @Test(arguments: seeds(3))
    func `the sigmoid loss has the gradients of its value and masked pairs have none`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var similarity = random(24, &generator)
        let truth = (0..<24).map { _ in Float(Int.random(in: 0...1, using: &generator)) }
        let weight = (0..<24).map { $0 % 5 == 0 ? 0 : Float.random(in: 0.2...2, using: &generator) }
        var (scale, bias) = (7.0, -2.0)
        func result() -> SigmoidLoss.Result<Double> {
            SigmoidLoss.of(
                similarity,
                truth: truth,
                weight: weight,
                scale: scale,
                bias: bias,
                smoothing: 0.01
            )
        }
        let found = result()
        let expected = differences(
            Array(0..<24),
            read: { similarity[$0] },
            write: { similarity[$0] = $1 },
            loss: { result().loss }
        )
        #expect(distance(found.similarity, expected) < tolerance)
        #expect(stride(from: 0, to: 24, by: 5).allSatisfy { found.similarity[$0] == 0 })
        let byScale = differences([0], read: { _ in scale }, write: { scale = $1 }, loss: { result().loss })
        let byBias = differences([0], read: { _ in bias }, write: { bias = $1 }, loss: { result().loss })
        #expect(abs(byScale[0] - found.scale) < 1e-7 && abs(byBias[0] - found.bias) < 1e-7)
    }

    @Test(arguments: seeds(3))
    func `the loss of two views has the gradient of its value and is 0 where they agree`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var rows = random(24, &generator)
        // Six rows, of which the last two are the first two again.
        let found = AgreementLoss.of(rows, width: 4, pairs: 2, weight: 7)
        let expected = differences(
            Array(0..<24),
            read: { rows[$0] },
            write: { rows[$0] = $1 },
            loss: { AgreementLoss.of(rows, width: 4, pairs: 2, weight: 7).loss }
        )
        #expect(distance(found.gradient, expected) < tolerance)
        #expect((8..<16).allSatisfy { found.gradient[$0] == 0 })
        let (alike, other): ([Double], [Double]) = ([0.6, 0.8, 1, 0, 0.6, 0.8], [0.6, 0.8, 1, 0, -0.8, 0.6])
        #expect(abs(AgreementLoss.of(alike, width: 2, pairs: 1, weight: 7).loss) < 1e-12)
        #expect(abs(AgreementLoss.of(other, width: 2, pairs: 1, weight: 7).loss - 7) < 1e-12)
    }

    @Test(arguments: seeds(3))
    func `the contrastive loss has the gradients of its value and excluded pairs have none`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var similarity = random(36, &generator)
        let isAllowed = (0..<36).map { _ in Bool.random(using: &generator) }
        func result() -> (loss: Double, gradient: [Double]) {
            ContrastiveLoss.of(similarity, isAllowed: isAllowed, count: 6, temperature: 0.07)
        }
        let found = result()
        let expected = differences(
            Array(0..<36),
            read: { similarity[$0] },
            write: { similarity[$0] = $1 },
            loss: { result().loss }
        )
        #expect(distance(found.gradient, expected) < tolerance)
        for index in 0..<36 where !isAllowed[index] && index % 7 != 0 { #expect(found.gradient[index] == 0) }
    }
}
