private import CLearning
private import COpenBLAS

// Safe, all of this file: each function checks first that the rows or matrices lie inside their arrays; an array given
// to C lives through the call, which keeps no pointer; what is written is inout, so it is none of what is read.

/// Double by OpenBLAS and the loops of CLearning; the twin of Float but for the names of the C functions.
extension Double: Real {
    /// c = a b, or c + a b where the product accumulates.
    public static func multiply(_ product: MatrixProduct, _ a: [Self], _ b: [Self], into c: inout [Self]) {
        guard product.rows > 0, product.columns > 0 else { return }
        product.check(a: a.count, b: b.count, c: c.count)
        unsafe a.withUnsafeBufferPointer { a in
            unsafe b.withUnsafeBufferPointer { b in
                unsafe c.withUnsafeMutableBufferPointer { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                    unsafe cblas_dgemm(
                        CblasRowMajor,
                        product.a.isTransposed ? CblasTrans : CblasNoTrans,
                        product.b.isTransposed ? CblasTrans : CblasNoTrans,
                        Int32(product.rows),
                        Int32(product.columns),
                        Int32(product.inner),
                        1,
                        a + product.a.offset,
                        Int32(product.a.step),
                        b + product.b.offset,
                        Int32(product.b.step),
                        product.accumulates ? 1 : 0,
                        c + product.c.offset,
                        Int32(product.c.step)
                    )
                }
            }
        }
    }

    /// Adds, for each channel, the sum of x - origin and of its square over the rows of `range`.
    public static func addSums(
        of x: [Self],
        _ range: RowRange,
        from origin: [Self],
        to sums: inout [Double],
        squares: inout [Double]
    ) {
        range.check(x.count)
        let channels = range.channels
        precondition(origin.count == channels && sums.count == channels && squares.count == channels)
        unsafe reading(x, range.offset) { x in
            unsafe cl_sums_d(range.rows, channels, x, origin, &sums, &squares)
        }
    }

    /// y = x * scale + shift, then the residual is added, then negative values become 0; each part where asked for.
    public static func normalise(
        _ x: [Self],
        _ range: RowRange,
        scale: [Self],
        shift: [Self],
        residual: [Self]?,
        isRectified: Bool,
        into y: inout [Self]
    ) {
        range.check(x.count)
        range.check(y.count)
        if let residual { range.check(residual.count) }
        let channels = range.channels
        precondition(scale.count == channels && shift.count == channels)
        unsafe reading(x, range.offset) { x in
            unsafe reading(residual, range.offset) { residual in
                unsafe writing(&y, range.offset) { y in
                    unsafe cl_normalise_d(
                        range.rows,
                        channels,
                        x,
                        scale,
                        shift,
                        residual,
                        isRectified ? 1 : 0,
                        y
                    )
                }
            }
        }
    }

    /// Clears the gradient where the output is not above 0 (nil: nowhere), then adds its sums.
    public static func addGradientSums(
        _ gradient: inout [Self],
        output: [Self]?,
        of x: [Self],
        _ range: RowRange,
        mean: [Self],
        to sums: inout [Double],
        products: inout [Double]
    ) {
        range.check(gradient.count)
        range.check(x.count)
        if let output { range.check(output.count) }
        let channels = range.channels
        precondition(mean.count == channels && sums.count == channels && products.count == channels)
        unsafe reading(x, range.offset) { x in
            unsafe reading(output, range.offset) { output in
                unsafe writing(&gradient, range.offset) { gradient in
                    unsafe cl_gradient_sums_d(
                        range.rows,
                        channels,
                        gradient,
                        output,
                        x,
                        mean,
                        &sums,
                        &products
                    )
                }
            }
        }
    }

    /// out = gradient * a + (x - mean) * b + k, each channel.
    public static func normGradient(
        _ gradient: [Self],
        of x: [Self],
        _ range: RowRange,
        mean: [Self],
        _ a: [Self],
        _ b: [Self],
        _ k: [Self],
        into out: inout [Self]
    ) {
        range.check(gradient.count)
        range.check(x.count)
        range.check(out.count)
        let channels = range.channels
        precondition(
            mean.count == channels && a.count == channels && b.count == channels && k.count == channels
        )
        unsafe reading(x, range.offset) { x in
            unsafe reading(gradient, range.offset) { gradient in
                unsafe writing(&out, range.offset) { out in
                    unsafe cl_norm_gradient_d(range.rows, channels, gradient, x, mean, a, b, k, out)
                }
            }
        }
    }

    /// y[r] = the largest of x[2r], x[2r + 1], x[2r + 2]; `input` is the offset of x[0].
    public static func maximum(_ x: [Self], input: Int, into y: inout [Self], _ range: RowRange) {
        range.check(y.count)
        guard range.rows > 0 else { return }
        RowRange(input, rows: 2 * range.rows + 1, channels: range.channels).check(x.count)
        unsafe reading(x, input) { x in
            unsafe writing(&y, range.offset) { y in
                unsafe cl_maximum_d(range.rows, range.channels, x, y)
            }
        }
    }

    /// Adds each gradient to the first of its three inputs that equals the output.
    public static func maximumGradient(
        _ gradient: [Self],
        output: [Self],
        _ range: RowRange,
        of x: [Self],
        into out: inout [Self],
        input: Int
    ) {
        range.check(gradient.count)
        range.check(output.count)
        guard range.rows > 0 else { return }
        let inputs = RowRange(input, rows: 2 * range.rows + 1, channels: range.channels)
        inputs.check(x.count)
        inputs.check(out.count)
        unsafe reading(x, input) { x in
            unsafe reading(output, range.offset) { output in
                unsafe reading(gradient, range.offset) { gradient in
                    unsafe writing(&out, input) { out in
                        unsafe cl_maximum_gradient_d(range.rows, range.channels, x, output, gradient, out)
                    }
                }
            }
        }
    }

    /// turned[place + o * inputs + i] = x[offset + i * outputs + o]: the transpose of one matrix.
    public static func turn(
        _ x: [Self],
        at offset: Int,
        inputs: Int,
        outputs: Int,
        into turned: inout [Self],
        at place: Int
    ) {
        RowRange(offset, rows: inputs, channels: outputs).check(x.count)
        RowRange(place, rows: outputs, channels: inputs).check(turned.count)
        unsafe reading(x, offset) { x in
            unsafe writing(&turned, place) { turned in unsafe cl_turn_d(inputs, outputs, x, turned) }
        }
    }

    /// x = 0.
    public static func clear(_ x: inout [Self]) {
        let count = x.count
        unsafe cl_clear_d(count, &x)
    }

    /// Copies all of `x` to y from `offset` on.
    public static func copy(_ x: [Float], into y: inout [Self], at offset: Int) {
        let numbers = x.count
        RowRange(offset, rows: numbers, channels: 1).check(y.count)
        unsafe reading(x, 0) { x in
            unsafe writing(&y, offset) { y in unsafe cl_convert_d(numbers, x, y) }
        }
    }

    /// y += x over `range`.
    public static func add(_ x: [Self], _ range: RowRange, to y: inout [Self]) {
        range.check(x.count)
        range.check(y.count)
        unsafe reading(x, range.offset) { x in
            unsafe writing(&y, range.offset) { y in unsafe cl_add_d(range.rows * range.channels, x, y) }
        }
    }

    /// y += (x - y) * share.
    public static func follow(_ x: [Self], share: Double, by y: inout [Self]) {
        precondition(x.count == y.count)
        unsafe cl_follow_d(x.count, x, share, &y)
    }

    /// One step of AdamW: values and the means of gradients and squares.
    public static func adam(
        _ step: AdamStep,
        gradient: [Self],
        first: inout [Self],
        second: inout [Self],
        values: inout [Self]
    ) {
        let count = gradient.count
        precondition(first.count == count && second.count == count && values.count == count)
        unsafe cl_adam_d(count, step.numbers, gradient, &first, &second, &values)
    }
}
