internal import LinearAlgebra

/// What one part of a batch keeps of a block for the way back.
final class BlockState<Number: Real> {
    /// conv1's output, its rectified norm, conv2's output, the shortcut's convolution and its norm, the block's output.
    let first: Rows<Number>
    let middle: Rows<Number>
    let second: Rows<Number>
    let shortcut: Rows<Number>?
    let normedShortcut: Rows<Number>?
    let output: Rows<Number>

    init(_ layout: RowLayout, channels: Int, hasShortcut: Bool) {
        first = Rows(layout, channels: channels)
        middle = Rows(layout, channels: channels)
        second = Rows(layout, channels: channels)
        shortcut = hasShortcut ? Rows(layout, channels: channels) : nil
        normedShortcut = hasShortcut ? Rows(layout, channels: channels) : nil
        output = Rows(layout, channels: channels)
    }
}

/// Two convolutions with batch norm, and the block's input or its strided convolution added before the last ReLU.
///
///     input [time, inputs]  ->  output [time / stride rounded up, outputs]
///     output = relu(norm2(conv2(relu(norm1(conv1(input))))) + shortcut(input))
///
/// He et al. 2016, the basic block; each method runs all parts of the batch side by side.
final class ResidualBlock<Number: Real> {
    let conv1: Convolution<Number>
    let norm1: BatchNorm<Number>
    let conv2: Convolution<Number>
    let norm2: BatchNorm<Number>
    /// Where the shape changes, else the shortcut is the input itself.
    let downsample: (convolution: Convolution<Number>, norm: BatchNorm<Number>)?
    var states: [BlockState<Number>] = []

    init(_ name: String, inputs: Int, outputs: Int, stride: Int, spaces: [TileSpace<Number>]) {
        let parts = spaces.count
        conv1 = Convolution(
            "\(name).conv1",
            inputs: inputs,
            outputs: outputs,
            width: 3,
            stride: stride,
            spaces: spaces
        )
        norm1 = BatchNorm("\(name).bn1", channels: outputs, parts: parts)
        conv2 = Convolution(
            "\(name).conv2",
            inputs: outputs,
            outputs: outputs,
            width: 3,
            stride: 1,
            spaces: spaces
        )
        norm2 = BatchNorm("\(name).bn2", channels: outputs, parts: parts)
        guard stride != 1 || inputs != outputs else {
            downsample = nil
            return
        }
        downsample = (
            Convolution(
                "\(name).downsample.0",
                inputs: inputs,
                outputs: outputs,
                width: 1,
                stride: stride,
                spaces: spaces
            ),
            BatchNorm("\(name).downsample.1", channels: outputs, parts: parts)
        )
    }

    var convolutions: [Convolution<Number>] {
        [conv1, conv2] + (downsample.map { [$0.convolution] } ?? [])
    }

    var norms: [BatchNorm<Number>] { [norm1, norm2] + (downsample.map { [$0.norm] } ?? []) }

    /// Makes room for parts of those layouts.
    func prepare(_ layouts: [RowLayout]) {
        states = layouts.map {
            BlockState($0, channels: conv1.outputs, hasShortcut: downsample != nil)
        }
    }

    func forward(_ inputs: [Rows<Number>], _ team: Team) {
        team.run { part in
            let state = states[part]
            conv1.forward(inputs[part], into: state.first, part: part)
            norm1.sum(state.first, part: part)
            if let downsample, let shortcut = state.shortcut {
                downsample.convolution.forward(inputs[part], into: shortcut, part: part)
                downsample.norm.sum(shortcut, part: part)
            }
        }
        norm1.combine()
        downsample?.norm.combine()
        team.run { part in
            let state = states[part]
            norm1.normalise(state.first, isRectified: true, into: state.middle)
            conv2.forward(state.middle, into: state.second, part: part)
            norm2.sum(state.second, part: part)
        }
        norm2.combine()
        team.run { part in
            let state = states[part]
            var residual = inputs[part]
            if let downsample, let shortcut = state.shortcut, let normed = state.normedShortcut {
                downsample.norm.normalise(shortcut, isRectified: false, into: normed)
                residual = normed
            }
            norm2.normalise(state.second, residual: residual, isRectified: true, into: state.output)
        }
    }

    /// Takes the gradient of the output (and changes it) to that of the input and of all weights.
    func backward(
        _ gradients: [Rows<Number>],
        inputs: [Rows<Number>],
        into results: [Rows<Number>],
        _ team: Team,
        _ scratch: [GradientRows<Number>]
    ) {
        team.run { part in
            let state = states[part]
            norm2.sumGradients(gradients[part], output: state.output, input: state.second, part: part)
            if let downsample, let shortcut = state.shortcut {
                downsample.norm.sumGradients(gradients[part], output: nil, input: shortcut, part: part)
            }
        }
        norm2.combineGradients()
        downsample?.norm.combineGradients()
        team.run { part in
            let state = states[part]
            let padded = scratch[part].padded(like: state.second)
            let middle = scratch[part].rows(like: state.middle, .middle)
            norm2.backward(gradients[part], input: state.second, into: padded)
            conv2.backward(padded, input: state.middle, part: part, into: middle)
            norm1.sumGradients(middle, output: state.middle, input: state.first, part: part)
        }
        norm1.combineGradients()
        team.run { part in
            let state = states[part]
            let padded = scratch[part].padded(like: state.first)
            let middle = scratch[part].rows(like: state.middle, .middle)
            norm1.backward(middle, input: state.first, into: padded)
            conv1.backward(padded, input: inputs[part], part: part, into: results[part])
            if let downsample, let shortcut = state.shortcut {
                downsample.norm.backward(gradients[part], input: shortcut, into: padded)
                downsample.convolution.backward(
                    padded,
                    input: inputs[part],
                    part: part,
                    into: results[part],
                    accumulates: true
                )
            } else {
                for sample in 0..<state.output.layout.samples {
                    let range = state.output.range(sample)
                    Number.add(gradients[part].values, range, to: &results[part].values)
                }
            }
        }
    }
}

/// Rows for gradients of one part, used again by layers of the same shape.
final class GradientRows<Number: Real> {
    enum Place: Hashable {
        /// Between a block's convolutions.
        case middle
        /// Of a block's output; a block's input takes the other one.
        case even
        case odd
    }

    struct Key: Hashable {
        let rows: Int
        let time: Int
        let channels: Int
        /// Nil: its padding is 0.
        let place: Place?
    }

    private(set) var kept: [Key: Rows<Number>] = [:]

    /// Rows shaped as `other`, whose padding is 0.
    func padded(like other: Rows<Number>) -> Rows<Number> { rows(other, nil) }

    /// Rows shaped as `other`.
    func rows(like other: Rows<Number>, _ place: Place) -> Rows<Number> { rows(other, place) }

    func removeAll() { kept.removeAll() }

    private func rows(_ other: Rows<Number>, _ place: Place?) -> Rows<Number> {
        let key = Key(
            rows: other.layout.rows,
            time: other.layout.time,
            channels: other.channels,
            place: place
        )
        if let found = kept[key] { return found }
        let made = Rows<Number>(other.layout, channels: other.channels)
        kept[key] = made
        return made
    }
}
