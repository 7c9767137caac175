public import LinearAlgebra

/// What a part of a batch computes tiles in, shared by all convolutions: one is done before the next begins.
public final class TileSpace<Number: Real> {
    /// Planes of the input or of its gradient, of the output or its gradient, and of the weights' gradient.
    var inputs: [Number] = []
    var outputs: [Number] = []
    var weights: [Number] = []

    /// Room for nothing; it grows to what the largest convolution needs.
    public init() {}

    func makeRoom(inputs: Int, outputs: Int, weights: Int) {
        TileSpace.grow(&self.inputs, to: inputs)
        TileSpace.grow(&self.outputs, to: outputs)
        TileSpace.grow(&self.weights, to: weights)
    }

    private static func grow(_ values: inout [Number], to count: Int) {
        if values.count < count { values = Array(repeating: 0, count: count) }
    }
}

/// A convolution of width 3 and stride 1 by tiles of four rows: half the products of the definition.
///
///     planes of the input   [6, tiles, inputs]
///     planes of the weights [6, inputs, outputs]
///     planes of the output  [6, tiles, outputs], each the product of the two above
struct TiledProduct<Number: Real> {
    /// Rows of a product at least, where the part has so many: fewer do not repay what BLAS does before it multiplies.
    private static var rowsMin: Int { 600 }

    let inputs: Int
    let outputs: Int
    /// `[6, inputs, outputs]`.
    private var planes: [Number]

    init(inputs: Int, outputs: Int) {
        self.inputs = inputs
        self.outputs = outputs
        planes = Array(repeating: 0, count: TilePlanes.count * inputs * outputs)
    }

    /// Takes weights `[3, inputs, outputs]`.
    mutating func prepare(_ weights: [Number]) { Number.spreadWeights(weights, into: &planes) }

    /// The output's samples; its padding is left as it is.
    func forward(_ input: Rows<Number>, into output: Rows<Number>, _ space: TileSpace<Number>) {
        let tiles = TilePlanes.tiles(of: output.layout.time)
        for group in groups(output.layout) {
            let rows = group.count * tiles
            makeRoom(rows, space)
            for sample in group {
                let place = TilePlanes((sample - group.lowerBound) * tiles * inputs, size: rows * inputs)
                Number.spread(
                    input.values,
                    input.range(sample),
                    areGradients: false,
                    into: &space.inputs,
                    place
                )
            }
            for plane in 0..<TilePlanes.count {
                Number.multiply(
                    MatrixProduct(
                        rows: rows,
                        columns: outputs,
                        inner: inputs,
                        a: MatrixPlace(plane * rows * inputs, step: inputs),
                        b: MatrixPlace(plane * inputs * outputs, step: outputs),
                        c: MatrixPlace(plane * rows * outputs, step: outputs)
                    ),
                    space.inputs,
                    planes,
                    into: &space.outputs
                )
            }
            for sample in group {
                let place = TilePlanes((sample - group.lowerBound) * tiles * outputs, size: rows * outputs)
                Number.gather(
                    space.outputs,
                    place,
                    areGradients: false,
                    into: &output.values,
                    output.range(sample)
                )
            }
        }
    }

    /// Adds to the weights' gradient and fills the samples of the input's.
    func backward(
        _ gradient: Rows<Number>,
        input: Rows<Number>,
        weights: inout [Number],
        into result: Rows<Number>,
        _ space: TileSpace<Number>
    ) {
        let tiles = TilePlanes.tiles(of: gradient.layout.time)
        for group in groups(gradient.layout) {
            let rows = group.count * tiles
            makeRoom(rows, space)
            for sample in group {
                let first = (sample - group.lowerBound) * tiles
                Number.spread(
                    input.values,
                    input.range(sample),
                    areGradients: false,
                    into: &space.inputs,
                    TilePlanes(first * inputs, size: rows * inputs)
                )
                Number.spread(
                    gradient.values,
                    gradient.range(sample),
                    areGradients: true,
                    into: &space.outputs,
                    TilePlanes(first * outputs, size: rows * outputs)
                )
            }
            for plane in 0..<TilePlanes.count {
                multiplyBack(plane, rows, isFirst: group.lowerBound == 0, space)
            }
            for sample in group {
                let place = TilePlanes((sample - group.lowerBound) * tiles * inputs, size: rows * inputs)
                Number.gather(
                    space.inputs,
                    place,
                    areGradients: true,
                    into: &result.values,
                    result.range(sample)
                )
            }
        }
        Number.gatherWeights(space.weights, into: &weights)
    }

    /// The gradients of one plane: of the weights, added up over groups, then of the input, in the input's own place.
    private func multiplyBack(_ plane: Int, _ rows: Int, isFirst: Bool, _ space: TileSpace<Number>) {
        let ofInputs = MatrixPlace(plane * rows * inputs, step: inputs)
        let ofOutputs = MatrixPlace(plane * rows * outputs, step: outputs)
        Number.multiply(
            MatrixProduct(
                rows: inputs,
                columns: outputs,
                inner: rows,
                a: MatrixPlace(ofInputs.offset, step: inputs, isTransposed: true),
                b: ofOutputs,
                c: MatrixPlace(plane * inputs * outputs, step: outputs),
                accumulates: !isFirst
            ),
            space.inputs,
            space.outputs,
            into: &space.weights
        )
        Number.multiply(
            MatrixProduct(
                rows: rows,
                columns: inputs,
                inner: outputs,
                a: ofOutputs,
                b: MatrixPlace(plane * inputs * outputs, step: outputs, isTransposed: true),
                c: ofInputs
            ),
            space.outputs,
            planes,
            into: &space.inputs
        )
    }

    private func makeRoom(_ rows: Int, _ space: TileSpace<Number>) {
        space.makeRoom(
            inputs: TilePlanes.count * rows * inputs,
            outputs: TilePlanes.count * rows * outputs,
            weights: planes.count
        )
    }

    /// The samples, a few at a time.
    private func groups(_ layout: RowLayout) -> [Range<Int>] {
        let tiles = TilePlanes.tiles(of: layout.time)
        let size = (TiledProduct.rowsMin + tiles - 1) / tiles
        return stride(from: 0, to: layout.samples, by: size).map { $0..<min($0 + size, layout.samples) }
    }
}
