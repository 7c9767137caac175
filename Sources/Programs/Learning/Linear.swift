public import LinearAlgebra

/// output = input * weight^T + bias, rows by themselves; runs in the calling thread.
///
///     input [rows, inputs]   weight [outputs, inputs]   bias [outputs]   output [rows, outputs]
public final class Linear<Number: Real> {
    /// `[outputs, inputs]`, PyTorch's order.
    public let weight: Parameter<Number>
    /// `[outputs]`; nil where there is none.
    public let bias: Parameter<Number>?
    /// Numbers of an input row.
    public let inputs: Int
    /// Numbers of an output row.
    public let outputs: Int

    /// Weights and bias 0.
    public init(_ name: String, inputs: Int, outputs: Int, hasBias: Bool) {
        self.inputs = inputs
        self.outputs = outputs
        let count = inputs * outputs
        weight = Parameter("\(name).weight", Array(repeating: 0, count: count), parts: 1, isDecayed: true)
        bias =
            hasBias
            ? Parameter("\(name).bias", Array(repeating: 0, count: outputs), parts: 1, isDecayed: false) : nil
    }

    /// `[rows, outputs]`.
    public func forward(_ input: [Number]) -> [Number] {
        let rows = input.count / inputs
        var output = [Number](repeating: 0, count: rows * outputs)
        if let bias {
            for row in 0..<rows {
                output.replaceSubrange(row * outputs..<(row + 1) * outputs, with: bias.values)
            }
        }
        Number.multiply(
            MatrixProduct(
                rows: rows,
                columns: outputs,
                inner: inputs,
                a: MatrixPlace(step: inputs),
                b: MatrixPlace(step: inputs, isTransposed: true),
                c: MatrixPlace(step: outputs),
                accumulates: true
            ),
            input,
            weight.values,
            into: &output
        )
        return output
    }

    /// Adds to the gradients of weight and bias; returns that of the input, `[rows, inputs]`.
    @discardableResult
    public func backward(_ gradient: [Number], input: [Number]) -> [Number] {
        let rows = input.count / inputs
        Number.multiply(
            MatrixProduct(
                rows: outputs,
                columns: inputs,
                inner: rows,
                a: MatrixPlace(step: outputs, isTransposed: true),
                b: MatrixPlace(step: inputs),
                c: MatrixPlace(step: inputs),
                accumulates: true
            ),
            gradient,
            input,
            into: &weight.gradients[0].values
        )
        if let bias {
            let all = [Number](repeating: 1, count: rows)
            Number.multiply(
                MatrixProduct(
                    rows: 1,
                    columns: outputs,
                    inner: rows,
                    a: MatrixPlace(step: rows),
                    b: MatrixPlace(step: outputs),
                    c: MatrixPlace(step: outputs),
                    accumulates: true
                ),
                all,
                gradient,
                into: &bias.gradients[0].values
            )
        }
        var result = [Number](repeating: 0, count: rows * inputs)
        Number.multiply(
            MatrixProduct(
                rows: rows,
                columns: inputs,
                inner: outputs,
                a: MatrixPlace(step: outputs),
                b: MatrixPlace(step: inputs),
                c: MatrixPlace(step: inputs)
            ),
            gradient,
            weight.values,
            into: &result
        )
        return result
    }
}

/// Rows scaled to unit length.
///
///     input, output [rows, width];  output = input / |input|
public enum UnitLength {
    /// The scaled rows, and the lengths that they had; a row of zeros stays.
    public static func forward<Number: Real>(
        _ input: [Number],
        width: Int
    ) -> (rows: [Number], lengths: [Number]) {
        var rows = input
        var lengths: [Number] = []
        for start in stride(from: 0, to: input.count, by: width) {
            let square = input[start..<start + width].reduce(0.0) { $0 + Double($1) * Double($1) }
            let length = Number(max(square.squareRoot(), 1e-12))  // 1e-12: PyTorch's normalize
            lengths.append(length)
            for index in start..<start + width { rows[index] /= length }
        }
        return (rows, lengths)
    }

    /// The gradient of the input, each row (dy - y * <y, dy>) / length.
    public static func backward<Number: Real>(
        _ gradient: [Number],
        output: [Number],
        lengths: [Number],
        width: Int
    ) -> [Number] {
        var result = gradient
        for (row, length) in lengths.enumerated() {
            let range = row * width..<(row + 1) * width
            let along = Number(range.reduce(0.0) { $0 + Double(output[$1]) * Double(gradient[$1]) })
            for index in range { result[index] = (gradient[index] - output[index] * along) / length }
        }
        return result
    }
}
