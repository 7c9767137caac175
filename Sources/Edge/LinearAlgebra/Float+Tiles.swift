private import CLearning

// Safe, all of this file: each function checks first that rows and planes lie inside their arrays; an array given to C
// lives through the call, which keeps no pointer; what is written is inout, so it is none of what is read.

/// The transforms of `TilePlanes` for Float; the twin of Double but for the names of the C functions.
extension Float {
    /// The planes of the tiles of `range`: of inputs, or of the gradients of outputs.
    public static func spread(
        _ x: [Self],
        _ range: RowRange,
        areGradients: Bool,
        into values: inout [Self],
        _ planes: TilePlanes
    ) {
        range.check(x.count)
        planes.check(range, values.count)
        unsafe reading(x, range.offset) { x in
            unsafe writing(&values, planes.offset) { values in
                unsafe cl_to_tiles_f(
                    areGradients ? 1 : 0,
                    range.rows,
                    range.channels,
                    x,
                    values,
                    planes.size
                )
            }
        }
    }

    /// The rows of `range` from the planes of their tiles: outputs, or the gradients of inputs.
    public static func gather(
        _ values: [Self],
        _ planes: TilePlanes,
        areGradients: Bool,
        into y: inout [Self],
        _ range: RowRange
    ) {
        range.check(y.count)
        planes.check(range, values.count)
        unsafe reading(values, planes.offset) { values in
            unsafe writing(&y, range.offset) { y in
                unsafe cl_from_tiles_f(
                    areGradients ? 1 : 0,
                    range.rows,
                    range.channels,
                    values,
                    planes.size,
                    y
                )
            }
        }
    }

    /// The six planes of weights of three taps.
    public static func spreadWeights(_ weights: [Self], into planes: inout [Self]) {
        precondition(
            planes.count == 2 * weights.count && weights.count.isMultiple(of: 3),
            "three taps, six planes"
        )
        let count = weights.count / 3
        unsafe cl_weights_to_tiles_f(count, weights, &planes)
    }

    /// Adds what the gradients of the six planes, the first of `planes`, say of the three taps.
    public static func gatherWeights(_ planes: [Self], into gradient: inout [Self]) {
        precondition(
            planes.count >= 2 * gradient.count && gradient.count.isMultiple(of: 3),
            "three taps, six planes"
        )
        let count = gradient.count / 3
        unsafe cl_weights_from_tiles_f(count, planes, &gradient)
    }
}
