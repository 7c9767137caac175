import ECGEncoder
import ECGSignal
import Mathematics

/// The network in the plainest form: every position with zero padding, one output after the other, no state.
///
/// It names the order in which things are added, so it must agree bit for bit at positions that see no
/// padding.
struct SlowTwin {
    let architecture: Architecture
    let tensor: (_ name: String, _ shape: [Int]) -> [Float]

    /// `[position][channel]`, all positions, of samples `[time][12]`.
    func features(_ samples: [Float]) -> [[Float]] {
        var rows = stride(from: 0, to: samples.count, by: Architecture.leads).map {
            Array(samples[$0..<$0 + Architecture.leads])
        }
        var inputs = Architecture.leads
        rows = rectified(
            convolve(rows, "conv1", "bn1", from: inputs, to: architecture.channels[0], width: 7, stride: 2)
        )
        rows = maximum(rows)
        inputs = architecture.channels[0]
        for stage in 0..<4 {
            for block in 0..<2 {
                let outputs = architecture.channels[stage]
                let step = stage > 0 && block == 0 ? 2 : 1
                let name = "layer\(stage + 1).\(block)"
                let first = rectified(
                    convolve(
                        rows,
                        "\(name).conv1",
                        "\(name).bn1",
                        from: inputs,
                        to: outputs,
                        width: 3,
                        stride: step
                    )
                )
                let second = convolve(
                    first,
                    "\(name).conv2",
                    "\(name).bn2",
                    from: outputs,
                    to: outputs,
                    width: 3,
                    stride: 1
                )
                let shortcut =
                    step == 1 && inputs == outputs
                    ? rows
                    : convolve(
                        rows,
                        "\(name).downsample.0",
                        "\(name).downsample.1",
                        from: inputs,
                        to: outputs,
                        width: 1,
                        stride: step
                    )
                rows = rectified(zip(second, shortcut).map { row, added in zip(row, added).map { $0 + $1 } })
                inputs = outputs
            }
        }
        return rows
    }

    /// The embedding of a window's `features`: its 143 inner positions, added in their order.
    func embedding(_ features: [[Float]]) -> [Float] {
        let first = Architecture.firstPosition
        let pooled = Array(features[first..<first + Architecture.positions])
        let attention = tensor("attention.weight", [1, architecture.channels[3]])
        let scores = pooled.map { Double(chain(from: 0, $0, attention)) }
        let exponentials = scores.map { ElementaryFunctions.exp($0 - (scores.max() ?? 0)) }
        let sum = exponentials.reduce(0, +)
        let weights = exponentials.map { Float($0 / sum) }
        let columns = pooled[0].indices.map { channel in pooled.map { $0[channel] } }
        let mean = columns.map { $0.reduce(0, +) / Float(Architecture.positions) }
        let input = mean + columns.map { chain(from: 0, weights, $0) }
        let projection = tensor("projection.weight", [architecture.embedding, input.count])
        let bias = tensor("projection.bias", [architecture.embedding])
        let output = bias.indices.map { row in
            chain(from: bias[row], input, Array(projection[row * input.count..<(row + 1) * input.count]))
        }
        let norm = output.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        return output.map { Float(Double($0) / norm) }
    }

    private func chain(from start: Float, _ left: [Float], _ right: [Float]) -> Float {
        zip(left, right).reduce(start) { $0.addingProduct($1.0, $1.1) }
    }

    private func convolve(
        _ rows: [[Float]],
        _ name: String,
        _ norm: String,
        from inputs: Int,
        to outputs: Int,
        width: Int,
        stride: Int
    ) -> [[Float]] {
        let weights = tensor("\(name).weight", [outputs, inputs, width])
        let gamma = tensor("\(norm).weight", [outputs])
        let beta = tensor("\(norm).bias", [outputs])
        let mean = tensor("\(norm).running_mean", [outputs])
        let variance = tensor("\(norm).running_var", [outputs])
        let scale = (0..<outputs).map { Double(gamma[$0]) / (Double(variance[$0]) + 1e-5).squareRoot() }
        let padding = width / 2
        return (0..<(rows.count + 2 * padding - width) / stride + 1).map { position in
            (0..<outputs).map { output in
                var sum = Float(Double(beta[output]) - Double(mean[output]) * scale[output])
                for tap in 0..<width {
                    let time = stride * position + tap - padding
                    guard rows.indices.contains(time) else { continue }
                    for channel in 0..<inputs {
                        let weight = Float(
                            Double(weights[(output * inputs + channel) * width + tap]) * scale[output]
                        )
                        sum.addProduct(rows[time][channel], weight)
                    }
                }
                return sum
            }
        }
    }

    private func maximum(_ rows: [[Float]]) -> [[Float]] {
        (0...(rows.count - 1) / 2).map { position -> [Float] in
            var greatest = rows[2 * position]
            for time in [2 * position - 1, 2 * position + 1] where rows.indices.contains(time) {
                greatest = zip(greatest, rows[time]).map { max($0, $1) }
            }
            return greatest
        }
    }

    private func rectified(_ rows: [[Float]]) -> [[Float]] { rows.map { row in row.map { max($0, 0) } } }
}
