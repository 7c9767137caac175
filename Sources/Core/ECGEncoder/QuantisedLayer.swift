internal import CKernels

/// A convolution with its batch norm folded in, before a form packs it: what its numbers are, output by output.
struct FoldedConvolution {
    /// The length of an input row: taps times the row length of the tensor before.
    let inputs: Int
    /// The row length of the tensor before, so that k mod this is the input's channel.
    let inputRowLength: Int
    let outputs: Int
    let bias: (_ output: Int) -> Float
    let weight: (_ output: Int, _ k: Int) -> Float
}

/// One layer's weights in eight bits as the kernels read them, with what makes bytes or values of its sums.
///
/// An input's step is folded into the weights before they are rounded, so inputs may have a step for each channel.
/// Each output has a weight's step of its own: the smallest with which no weight leaves -127 ... 127 and no sum of a
/// 16-bit lane can overflow.
struct QuantisedLayer: Sendable {
    /// The form that applies it; all forms read the same packing and give the same bits.
    let form: KernelForm
    /// The length of an input row.
    let inputs: Int
    /// The number of outputs, a whole number of lanes; those that the network does not have are 0.
    let outputs: Int
    /// The packed weights begin at `offset`, at a multiple of 64 bytes, as in `PackedLayer`.
    private let storage: [Int8]
    private let offset: Int
    private let scale: [Float]
    private let bias: [Float]
    private let residualScale: [Float]

    /// The most that the positive weights of a lane may sum to: 127 x 258 is the greatest multiple of 127 in 16 bits.
    private static let laneSumMax = 258
    /// Half a step for each of a lane's eight weights is what rounding may add to their sum.
    private static let laneSumBeforeRounding = Double(laneSumMax - 4)
    private static let weightMax = 127.0

    /// Rounds the weights of `layer`, whose inputs are bytes in `input`.
    ///
    /// `residual` is the scale of the bytes that are added, nil where nothing is; `output` that of the outputs, nil where
    /// they are values, 0 where they are negative.
    init(
        _ layer: FoldedConvolution,
        form: KernelForm,
        input: ByteScale,
        residual: ByteScale?,
        output: ByteScale?
    ) {
        precondition(layer.inputs.isMultiple(of: Int(CK_GROUP)), "whole groups of inputs")
        let outputs = Network.rowLength(layer.outputs)
        var packed = [Int8](repeating: 0, count: layer.inputs * outputs)
        var scale = [Float](repeating: 0, count: outputs)
        var bias = scale
        var residualScale = scale
        var weights = [Double](repeating: 0, count: layer.inputs)
        for index in 0..<layer.outputs {
            for k in weights.indices {
                let channel = k % layer.inputRowLength
                let step = channel < input.steps.count ? input.steps[channel] : 0
                weights[k] = Double(layer.weight(index, k)) * step
            }
            let step = Self.step(of: weights)
            Self.pack(weights, step: step, output: index, into: &packed)
            let inverse = output?.inverse(index) ?? 1
            let added = residual?.steps[index] ?? 0
            let shift = Double(residual?.zero ?? 0) * added
            scale[index] = Float(step * inverse)
            bias[index] = Float((Double(layer.bias(index)) - shift) * inverse + Double(output?.zero ?? 0))
            residualScale[index] = Float(added * inverse)
        }
        self.form = form
        inputs = layer.inputs
        self.outputs = outputs
        (storage, offset) = Self.aligned(packed)
        self.scale = scale
        self.bias = bias
        self.residualScale = residualScale
    }

    /// Whether every factor is a number.
    var isFinite: Bool { (scale + bias + residualScale).allSatisfy(\.isFinite) }

    /// One weight in steps, as the kernels read it.
    func weight(output: Int, k: Int) -> Int {
        let lanes = Kernels.lanes
        let (panel, lane) = output.quotientAndRemainder(dividingBy: lanes)
        return Int(storage[offset + panel * lanes * inputs + k / 4 * 4 * lanes + lane * 4 + k % 4])
    }

    /// What makes an output of its sum.
    func factors(output: Int) -> (scale: Float, bias: Float, residual: Float) {
        (scale[output], bias[output], residualScale[output])
    }

    /// The step of an output's weights; 0 where all of them are.
    private static func step(of weights: [Double]) -> Double {
        var step = 0.0
        for group in stride(from: 0, to: weights.count, by: Int(CK_GROUP)) {
            for half in [0, 2] {
                var (above, below) = (0.0, 0.0)
                for quad in stride(from: group + half, to: group + Int(CK_GROUP), by: 4) {
                    for weight in weights[quad...quad + 1] {
                        step = max(step, abs(weight) / weightMax)
                        above += max(weight, 0)
                        below -= min(weight, 0)
                    }
                }
                step = max(step, above / laneSumBeforeRounding, below / laneSumBeforeRounding)
            }
        }
        return step
    }

    /// Rounds an output's weights into their places: `[panel][k / 4][lane][4]`.
    private static func pack(_ weights: [Double], step: Double, output: Int, into packed: inout [Int8]) {
        guard step > 0 else { return }
        let lanes = Kernels.lanes
        let (panel, lane) = output.quotientAndRemainder(dividingBy: lanes)
        let first = panel * lanes * weights.count
        var sums = [0, 0, 0, 0]
        for (k, weight) in weights.enumerated() {
            let value = Int((weight / step).rounded())
            packed[first + k / 4 * 4 * lanes + lane * 4 + k % 4] = Int8(value)
            // What the kernels rest on, counted in whole numbers: [positive, negative] of both halves of a group.
            if k.isMultiple(of: Int(CK_GROUP)) { sums = [0, 0, 0, 0] }
            sums[k % 4 / 2 * 2 + (value < 0 ? 1 : 0)] += abs(value)
            precondition(sums.allSatisfy { $0 <= laneSumMax }, "a lane's weights would overflow 16 bits")
        }
    }

    private static func aligned(_ packed: [Int8]) -> (storage: [Int8], offset: Int) {
        var offset = 0
        // Safe: the buffer has packed.count + 64 bytes, offset is at most 63.
        let storage = unsafe [Int8](unsafeUninitializedCapacity: packed.count + 64) { buffer, initialized in
            unsafe buffer.initialize(repeating: 0)
            initialized = packed.count + 64
            offset = (64 - Int(bitPattern: buffer.baseAddress) % 64) % 64
            for (place, value) in packed.enumerated() { unsafe buffer[offset + place] = value }
        }
        return (storage, offset)
    }

    fileprivate func withLayer(_ body: (UnsafePointer<ck_bytes_layer>) -> Void) {
        // Safe: all arrays outlive the call; the kernels read inputs * outputs weights from offset and `outputs`
        // of the others.
        unsafe storage.withUnsafeBufferPointer { weights in
            unsafe scale.withUnsafeBufferPointer { scale in
                unsafe bias.withUnsafeBufferPointer { bias in
                    unsafe residualScale.withUnsafeBufferPointer { added in
                        guard let first = weights.baseAddress, let scaleFirst = scale.baseAddress,
                            let biasFirst = bias.baseAddress, let addedFirst = added.baseAddress
                        else { return }
                        var layer = unsafe ck_bytes_layer(
                            weights: first + offset,
                            scale: scaleFirst,
                            bias: biasFirst,
                            residualScale: addedFirst,
                            inputs: inputs,
                            outputs: outputs
                        )
                        unsafe body(&layer)
                    }
                }
            }
        }
    }
}

/// The kernels of eight bits; every row's bounds are checked here, once a call.
extension Kernels {
    /// Applies a layer row by row: bytes[output + o] = the nearest byte of 0 to 127 to what it makes of the input row
    /// and bytes[residual + o].
    ///
    /// Output rows overlap neither input nor residual rows.
    static func apply(_ layer: QuantisedLayer, rows: RowLists, bytes: inout [UInt8]) {
        guard checkRows(rows, of: layer, bytes: bytes.count, outputs: bytes.count) else { return }
        // Safe: every row was checked against the bytes above; the lists outlive the call.
        unsafe withBuffers(&bytes, rows) { base, input, residual, output in
            unsafe layer.withLayer { raw in
                unsafe ck_apply_bytes(
                    layer.form.raw,
                    raw,
                    rows.input.count,
                    base,
                    input,
                    residual == nil ? nil : UnsafePointer(base),
                    residual,
                    base,
                    output
                )
            }
        }
    }

    /// The same with values in `memory` as outputs, 0 where they are negative.
    static func apply(
        _ layer: QuantisedLayer,
        rows: RowLists,
        bytes: inout [UInt8],
        into memory: inout [Float]
    ) {
        guard checkRows(rows, of: layer, bytes: bytes.count, outputs: memory.count) else { return }
        // Safe: every row was checked above; the lists and both arrays outlive the call.
        unsafe memory.withUnsafeMutableBufferPointer { values in
            guard let first = values.baseAddress else { return }
            unsafe withBuffers(&bytes, rows) { base, input, residual, output in
                unsafe layer.withLayer { raw in
                    unsafe ck_apply_bytes_to_floats(
                        layer.form.raw,
                        raw,
                        rows.input.count,
                        base,
                        input,
                        residual == nil ? nil : UnsafePointer(base),
                        residual,
                        first,
                        output
                    )
                }
            }
        }
    }

    /// Makes bytes of values: bytes[row + c] = the nearest of 0 to 127 to memory[row + c] * scale[c], for each row of
    /// `rows.output`.
    static func quantise(scale: [Float], rows: RowLists, memory: [Float], into bytes: inout [UInt8]) {
        checkBounds(rows.output, length: scale.count, memory: min(memory.count, bytes.count))
        // Safe: every row was checked above; the list and the arrays outlive the call.
        unsafe scale.withUnsafeBufferPointer { scale in
            unsafe memory.withUnsafeBufferPointer { memory in
                unsafe withBuffers(&bytes, rows) { base, _, _, output in
                    guard let scaleFirst = scale.baseAddress, let first = memory.baseAddress else { return }
                    unsafe ck_quantise(
                        scale.count,
                        rows.output.count,
                        scaleFirst,
                        first,
                        output,
                        base,
                        output
                    )
                }
            }
        }
    }

    /// False where there is no row.
    private static func checkRows(
        _ rows: RowLists,
        of layer: QuantisedLayer,
        bytes: Int,
        outputs: Int
    ) -> Bool {
        guard !rows.input.isEmpty else { return false }
        precondition(rows.output.count == rows.input.count)
        precondition(rows.residual.isEmpty || rows.residual.count == rows.input.count)
        checkBounds(rows.input, length: layer.inputs, memory: bytes)
        checkBounds(rows.residual, length: layer.outputs, memory: bytes)
        checkBounds(rows.output, length: layer.outputs, memory: outputs)
        return true
    }
}
