internal import CKernels

/// Which of the machine's instructions the arithmetic uses; every form gives the same bits.
public enum KernelForm: String, Sendable, CaseIterable {
    /// C's `fmaf`, which every machine has.
    case portable
    /// AVX2 with FMA, eight outputs side by side.
    case avx2
    /// AVX-512, sixteen outputs side by side.
    case avx512
    /// NEON of 64-bit Arm, four outputs side by side.
    case neon

    /// Whether this machine has the instructions.
    public var isAvailable: Bool { ck_has_form(raw) != 0 }

    /// The fastest form that this machine has.
    public static var best: KernelForm { allCases.last { $0.isAvailable } ?? .portable }

    /// How many outputs a panel of packed weights has.
    fileprivate var panel: Int { ck_panel(raw) }

    var raw: ck_form {
        switch self {
        case .portable: CK_PORTABLE
        case .avx2: CK_AVX2
        case .avx512: CK_AVX512
        case .neon: CK_NEON
        }
    }
}

/// One layer's weights as a form reads them: `[panel][k][outputs of the panel]`, and the bias.
struct PackedLayer: Sendable {
    /// The form that applies it; forms differ in the width of their panels.
    let form: KernelForm
    /// The length of an input row.
    let inputs: Int
    /// The number of outputs, a whole number of lanes; those that the network does not have are 0.
    let outputs: Int
    /// The packed weights begin at `offset`, the first float at a multiple of 64 bytes: the storage is never
    /// written again, so it does not move; if it did, only speed would change.
    private let storage: [Float]
    private let offset: Int
    private let bias: [Float]

    /// Packs the weights that `weight(output, k)` gives for the network's own `realOutputs`.
    init(
        inputs: Int,
        realOutputs: Int,
        form: KernelForm,
        bias: (Int) -> Float,
        weight: (_ output: Int, _ k: Int) -> Float
    ) {
        let outputs = Network.rowLength(realOutputs)
        let count = inputs * outputs
        var offset = 0
        // Safe: the buffer has count + 16 floats; offset is at most 15 and the panels fill exactly count
        // after it.
        let storage = unsafe [Float](unsafeUninitializedCapacity: count + 16) { buffer, initialized in
            unsafe buffer.initialize(repeating: 0)
            initialized = count + 16
            let address = Int(bitPattern: buffer.baseAddress)
            offset = (64 - address % 64) % 64 / MemoryLayout<Float>.stride
            for panel in stride(from: 0, to: outputs, by: form.panel) {
                let width = min(form.panel, outputs - panel)
                for output in 0..<min(width, max(0, realOutputs - panel)) {
                    for k in 0..<inputs {
                        unsafe buffer[offset + panel * inputs + k * width + output] = weight(
                            panel + output,
                            k
                        )
                    }
                }
            }
        }
        self.form = form
        self.inputs = inputs
        self.outputs = outputs
        self.storage = storage
        self.offset = offset
        self.bias = (0..<outputs).map { $0 < realOutputs ? bias($0) : 0 }
    }

    /// Whether every weight and bias is a number.
    var isFinite: Bool { storage.allSatisfy(\.isFinite) && bias.allSatisfy(\.isFinite) }

    fileprivate func withLayer(isRectified: Bool, _ body: (UnsafePointer<ck_layer>) -> Void) {
        // Safe: both arrays outlive the call; the kernels read inputs * outputs weights from offset and
        // outputs biases.
        unsafe storage.withUnsafeBufferPointer { weights in
            unsafe bias.withUnsafeBufferPointer { bias in
                guard let first = weights.baseAddress, let biasFirst = bias.baseAddress else {
                    return
                }
                var layer = unsafe ck_layer(
                    weights: first + offset,
                    bias: biasFirst,
                    inputs: inputs,
                    outputs: outputs,
                    relu: isRectified ? 1 : 0
                )
                unsafe body(&layer)
            }
        }
    }
}

/// The rows of one call, as offsets into one memory of floats; kept and refilled, so that nothing is
/// allocated.
struct RowLists {
    var input: [Int] = []
    /// The offsets of the residual rows; empty, or one for each input row.
    var residual: [Int] = []
    var output: [Int] = []

    /// Adds `count` rows that follow each other, each list in its own step.
    mutating func append(
        count: Int,
        input: Int,
        inputStep: Int,
        residual: Int?,
        output: Int,
        outputStep: Int
    ) {
        for row in 0..<count {
            self.input.append(input + row * inputStep)
            self.output.append(output + row * outputStep)
        }
        guard let residual else { return }
        for row in 0..<count { self.residual.append(residual + row * outputStep) }
    }

    mutating func removeAll() {
        input.removeAll(keepingCapacity: true)
        residual.removeAll(keepingCapacity: true)
        output.removeAll(keepingCapacity: true)
    }
}

/// The C kernels over one memory of floats: every row's bounds are checked here, once a call.
enum Kernels {
    /// How many outputs the kernels compute side by side; row lengths are multiples of it.
    static let lanes = 16

    /// memory[output + o] = relu(bias[o] + chain of memory[input + k] * weight[o][k] + memory[residual + o]),
    /// row by row.
    ///
    /// Output rows overlap neither input nor residual rows.
    static func apply(
        _ layer: PackedLayer,
        isRectified: Bool,
        rows: RowLists,
        memory: inout [Float]
    ) {
        let count = rows.input.count
        guard count > 0 else { return }
        checkBounds(rows.input, length: layer.inputs, memory: memory.count)
        checkBounds(rows.output, length: layer.outputs, memory: memory.count)
        checkBounds(rows.residual, length: layer.outputs, memory: memory.count)
        precondition(rows.output.count == count && (rows.residual.isEmpty || rows.residual.count == count))
        // Safe: every row was checked against the memory above; the lists outlive the call.
        unsafe layer.withLayer(isRectified: isRectified) { raw in
            unsafe withBuffers(&memory, rows) { base, input, residual, output in
                unsafe ck_apply(
                    layer.form.raw,
                    raw,
                    count,
                    base,
                    input,
                    residual == nil ? nil : base,
                    residual,
                    base,
                    output
                )
            }
        }
    }

    /// memory[output + c] = the largest of memory[input + i * channels + c], i < `width`, row by row.
    static func maximum(width: Int, channels: Int, rows: RowLists, memory: inout [Float]) {
        guard !rows.input.isEmpty else { return }
        precondition(rows.output.count == rows.input.count)
        checkBounds(rows.input, length: width * channels, memory: memory.count)
        checkBounds(rows.output, length: channels, memory: memory.count)
        // Safe: every row was checked against the memory above; the lists outlive the call.
        unsafe withBuffers(&memory, rows) { base, input, _, output in
            unsafe ck_max(width, channels, rows.input.count, base, input, base, output)
        }
    }

    /// sum[c] = chain of weights[r] * memory[rows[r] + c] over r in order.
    static func weightedSum(
        weights: [Float],
        rows: [Int],
        memory: [Float],
        form: KernelForm,
        into sum: inout [Float],
        at offset: Int,
        channels: Int
    ) {
        precondition(weights.count == rows.count && channels.isMultiple(of: lanes))
        precondition(offset >= 0 && offset + channels <= sum.count)
        checkBounds(rows, length: channels, memory: memory.count)
        // Safe: rows and sum were checked above; all four arrays outlive the call.
        unsafe weights.withUnsafeBufferPointer { weights in
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe memory.withUnsafeBufferPointer { memory in
                    unsafe sum.withUnsafeMutableBufferPointer { sum in
                        guard let weightsFirst = weights.baseAddress,
                            let rowsFirst = rows.baseAddress,
                            let first = memory.baseAddress, let sumFirst = sum.baseAddress
                        else { return }
                        unsafe ck_weighted_sum(
                            form.raw,
                            channels,
                            rows.count,
                            weightsFirst,
                            first,
                            rowsFirst,
                            sumFirst + offset
                        )
                    }
                }
            }
        }
    }

    static func checkBounds(_ rows: [Int], length: Int, memory: Int) {
        var least = Int.max
        var greatest = 0
        for row in rows {
            least = min(least, row)
            greatest = max(greatest, row)
        }
        precondition(rows.isEmpty || (least >= 0 && greatest <= memory - length), "a row outside its memory")
    }

    static func withBuffers<Element>(
        _ memory: inout [Element],
        _ rows: RowLists,
        _ body: (UnsafeMutablePointer<Element>, UnsafePointer<Int>, UnsafePointer<Int>?, UnsafePointer<Int>)
            -> Void
    ) {
        unsafe memory.withUnsafeMutableBufferPointer { memory in
            unsafe rows.input.withUnsafeBufferPointer { input in
                unsafe rows.residual.withUnsafeBufferPointer { residual in
                    unsafe rows.output.withUnsafeBufferPointer { output in
                        guard let base = memory.baseAddress, let inputFirst = input.baseAddress,
                            let outputFirst = output.baseAddress
                        else { return }
                        let residualFirst = residual.isEmpty ? nil : residual.baseAddress
                        unsafe body(base, inputFirst, residualFirst, outputFirst)
                    }
                }
            }
        }
    }
}
