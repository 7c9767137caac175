public import LinearAlgebra

/// The largest of three rows at every second row, each channel: what follows the first convolution.
///
///     input   [time in, channels], not negative, padding 0, which is below no value then
///     output  [time out, channels], time out = (time in - 1) / 2 + 1
public enum MaxPool {
    /// Rows of the output for so many of the input.
    public static func time(of input: Int) -> Int { (input - 1) / 2 + 1 }

    /// output[t] = the largest of input[2t - 1], input[2t], input[2t + 1].
    public static func forward<Number: Real>(_ input: Rows<Number>, into output: Rows<Number>) {
        for sample in 0..<output.layout.samples {
            Number.maximum(
                input.values,
                input: offset(input, sample),
                into: &output.values,
                output.range(sample)
            )
        }
    }

    /// Each output's gradient goes to the first input that equals it; `result` is overwritten.
    public static func backward<Number: Real>(
        _ gradient: Rows<Number>,
        output: Rows<Number>,
        input: Rows<Number>,
        into result: Rows<Number>
    ) {
        Number.clear(&result.values)
        for sample in 0..<output.layout.samples {
            Number.maximumGradient(
                gradient.values,
                output: output.values,
                output.range(sample),
                of: input.values,
                into: &result.values,
                input: offset(input, sample)
            )
        }
    }

    private static func offset<Number: Real>(_ input: Rows<Number>, _ sample: Int) -> Int {
        precondition(input.layout.margin >= 1, "no row of padding before the first")
        return input.range(sample).offset - input.channels
    }
}
