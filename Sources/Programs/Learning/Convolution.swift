public import LinearAlgebra

/// A convolution over time without bias, as matrix products over views of its rows.
///
///     input   [time in,  inputs]     row t of the output reads rows stride * t - padding + k, k < width
///     weight  [width, inputs, outputs]
///     output  [time out, outputs]    time out = (time in + 2 * padding - width) / stride + 1
///
/// The rows that one output row reads follow each other, so a row of the left matrix is a stretch of the input itself
/// and nothing is copied. BLAS refuses rows that overlap; every q-th output row with q = width / stride rounded up reads
/// rows that do not, so one convolution is q products over every q-th row.
public final class Convolution<Number: Real> {
    /// `[width, inputs, outputs]`.
    public let weight: Parameter<Number>
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the output.
    public let outputs: Int
    /// Rows that an output row reads.
    public let width: Int
    /// Input rows from one output row to the next.
    public let stride: Int
    /// Rows of padding before the first.
    public let padding: Int
    /// The weights as the backward pass multiplies by them, `[tap][output][input]`, taps in the order of `turnedTaps`.
    private var turned: [Number]
    private let turnedTaps: [Int]

    /// A convolution of those sizes with weights 0; width 3 or 1 where gradients of the input are wanted.
    public init(_ name: String, inputs: Int, outputs: Int, width: Int, stride: Int, parts: Int) {
        self.inputs = inputs
        self.outputs = outputs
        self.width = width
        self.stride = stride
        padding = width / 2
        let count = width * inputs * outputs
        weight = Parameter("\(name).weight", Array(repeating: 0, count: count), parts: parts, isDecayed: true)
        turned = weight.values
        // The gradient of input row t sums gradient rows (t + padding - k) / stride: with stride 2 the even rows read
        // the middle tap, the odd ones the last and the first.
        turnedTaps = width == 3 && stride == 2 ? [1, 2, 0] : (0..<width).reversed()
    }

    /// Rows of the output for so many of the input.
    public func time(of input: Int) -> Int { (input + 2 * padding - width) / stride + 1 }

    /// output = weight * input, for all samples of a part; the rows between samples are written too and mean nothing.
    public func forward(_ input: Rows<Number>, into output: Rows<Number>) {
        let first = stride * output.layout.first + offset(input, output)
        for view in views(of: output.layout.span, width: width, stride: stride) {
            Number.multiply(
                MatrixProduct(
                    rows: view.rows,
                    columns: outputs,
                    inner: width * inputs,
                    a: MatrixPlace((first + stride * view.first) * inputs, step: stride * view.step * inputs),
                    b: MatrixPlace(step: outputs),
                    c: MatrixPlace((output.layout.first + view.first) * outputs, step: view.step * outputs)
                ),
                input.values,
                weight.values,
                into: &output.values
            )
        }
    }

    /// Adds input^T * gradient to the part's gradient of the weights; the gradient's padding is 0.
    public func backward(weightsFrom gradient: Rows<Number>, input: Rows<Number>, part: Int) {
        let first = stride * gradient.layout.first + offset(input, gradient)
        for view in views(of: gradient.layout.span, width: width, stride: stride) {
            Number.multiply(
                MatrixProduct(
                    rows: width * inputs,
                    columns: outputs,
                    inner: view.rows,
                    a: MatrixPlace(
                        (first + stride * view.first) * inputs,
                        step: stride * view.step * inputs,
                        isTransposed: true
                    ),
                    b: MatrixPlace((gradient.layout.first + view.first) * outputs, step: view.step * outputs),
                    c: MatrixPlace(step: outputs),
                    accumulates: true
                ),
                input.values,
                gradient.values,
                into: &weight.gradients[part].values
            )
        }
    }

    /// The weights as `backward(inputFrom:into:)` needs them; once a step, before any part goes backward.
    public func turnWeights() {
        let size = inputs * outputs
        for (place, tap) in turnedTaps.enumerated() {
            Number.turn(
                weight.values,
                at: tap * size,
                inputs: inputs,
                outputs: outputs,
                into: &turned,
                at: place * size
            )
        }
    }

    /// result = gradient * weight^T, or added to it; the gradient's padding is 0, the result's means nothing.
    public func backward(
        inputFrom gradient: Rows<Number>,
        into result: Rows<Number>,
        accumulates: Bool = false
    ) {
        precondition(width == 1 || width == 3 && !accumulates, "no such backward pass")
        let row = gradient.layout.first
        let start = stride * row + offset(result, gradient) + padding
        if width == 3, stride == 1 {
            turnedProduct(gradient, from: row - 1, taps: 0..<3, into: result, at: start, every: 1)
        } else if width == 3 {
            turnedProduct(gradient, from: row, taps: 0..<1, into: result, at: start, every: 2)
            turnedProduct(gradient, from: row, taps: 1..<3, into: result, at: start + 1, every: 2)
        } else {
            turnedProduct(
                gradient,
                from: row,
                taps: 0..<1,
                into: result,
                at: start,
                every: stride,
                accumulates: accumulates
            )
        }
    }

    /// Every `every`-th row of the result, from `at` on, from stretches of the gradient that begin at row `from`.
    private func turnedProduct(
        _ gradient: Rows<Number>,
        from row: Int,
        taps: Range<Int>,
        into result: Rows<Number>,
        at start: Int,
        every: Int,
        accumulates: Bool = false
    ) {
        // No row beyond the array: the last sample may end on an even row.
        let count = min(gradient.layout.span, (result.layout.rows - start + every - 1) / every)
        for view in views(of: count, width: taps.count, stride: 1) {
            Number.multiply(
                MatrixProduct(
                    rows: view.rows,
                    columns: inputs,
                    inner: taps.count * outputs,
                    a: MatrixPlace((row + view.first) * outputs, step: view.step * outputs),
                    b: MatrixPlace(taps.lowerBound * outputs * inputs, step: inputs),
                    c: MatrixPlace((start + every * view.first) * inputs, step: every * view.step * inputs),
                    accumulates: accumulates
                ),
                gradient.values,
                turned,
                into: &result.values
            )
        }
    }

    /// Input row stride * r + offset is the first that output row r reads.
    private func offset(_ input: Rows<Number>, _ output: Rows<Number>) -> Int {
        precondition(input.channels == inputs && output.channels == outputs, "other channels")
        precondition(input.layout.pitch == stride * output.layout.pitch, "the pitches do not match")
        precondition(input.layout.margin >= padding && input.layout.samples == output.layout.samples)
        return input.layout.margin - stride * output.layout.margin - padding
    }

    /// Every q-th of `count` rows, q times, so that no two rows of one product overlap.
    private func views(of count: Int, width: Int, stride: Int) -> [(first: Int, step: Int, rows: Int)] {
        let step = (width + stride - 1) / stride
        return (0..<step).map { ($0, step, (count - $0 + step - 1) / step) }.filter { $0.2 > 0 }
    }
}
