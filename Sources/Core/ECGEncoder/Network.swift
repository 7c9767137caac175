/// One convolution with its batch norm, as the state dictionary names them.
struct Convolution: Sendable, Equatable {
    /// The name of the convolution, for example `layer2.0.conv1`; its weights are `[outputs, inputs, width]`.
    let name: String
    /// The name of its batch norm, for example `layer2.0.bn1`.
    let norm: String
    let inputs: Int
    let outputs: Int
    let width: Int
    let stride: Int
}

/// Values of one kind over time, `[position][channel]`; the output of an operation or the samples themselves.
struct TensorShape: Sendable, Equatable {
    /// How many floats a row has: the channels, and zeros up to a whole number of lanes.
    let rowLength: Int
    /// How many rows a later operation may still want when it has computed all that it could.
    var historyRows: Int
    /// Where its history stands in a stream's state, in floats.
    var historyOffset: Int
    /// The part of the workspace that holds it; shared with tensors that nobody reads any more.
    var slot: Int
    /// Whether its values are bytes instead of floats.
    var isBytes = false
}

/// One step of the network: which rows of which tensors give a row of the next tensor.
struct Operation: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// It takes the largest of each channel.
        case maximum
        /// It convolves: the index into the network's convolutions, and whether negative outputs become 0.
        case convolution(Int, isRectified: Bool)
    }
    let kind: Kind
    let input: Int
    /// The tensor whose row of the same position is added; nil where nothing is.
    let residual: Int?
    /// Row p reads `width` input rows from row `stride` p - `padding` on.
    let width: Int
    let stride: Int
    let padding: Int

    /// The first output position that sees no padding, where the input begins at position `begin`.
    func firstPosition(inputBegin begin: Int) -> Int { (begin + padding + stride - 1) / stride }

    /// One past the last output position that an input of `end` rows gives.
    func endPosition(inputEnd end: Int) -> Int {
        let room = end - width + padding
        return room < 0 ? 0 : room / stride + 1
    }

    /// The first input row that output position `position` reads.
    func firstInput(of position: Int) -> Int { stride * position - padding }
}

/// The network as a list: operation i gives tensor i + 1, tensor 0 holds the samples, the last one the
/// features.
struct Network: Sendable {
    let architecture: Architecture
    let precision: Precision
    private(set) var convolutions: [Convolution] = []
    private(set) var operations: [Operation] = []
    private(set) var tensors: [TensorShape]
    /// For each tensor the first position that sees no padding, in a stream that begins at sample 0.
    private(set) var begins: [Int] = [0]
    /// How many floats the histories of a stream have.
    private(set) var historyCount = 0

    init(_ architecture: Architecture, precision: Precision = .float32) {
        self.architecture = architecture
        self.precision = precision
        tensors = [TensorShape(rowLength: Architecture.leads, historyRows: 0, historyOffset: 0, slot: 0)]
        var last = add(
            "conv1",
            "bn1",
            of: 0,
            from: Architecture.leads,
            to: architecture.channels[0],
            width: 7,
            stride: 2
        )
        last = append(
            .init(kind: .maximum, input: last, residual: nil, width: 3, stride: 2, padding: 1),
            rowLength: tensors[last].rowLength
        )
        var inputs = architecture.channels[0]
        for stage in 0..<4 {
            for block in 0..<2 {
                let stride = stage > 0 && block == 0 ? 2 : 1
                let outputs = architecture.channels[stage]
                last = addBlock(
                    "layer\(stage + 1).\(block)",
                    of: last,
                    from: inputs,
                    to: outputs,
                    stride: stride
                )
                inputs = outputs
            }
        }
        layHistories()
        assignSlots()
        // Samples and what the first convolution makes of them stay floats, and so do the features.
        if precision == .int8 { for index in 2..<tensors.count - 1 { tensors[index].isBytes = true } }
    }

    /// How many floats a row of `channels` has, since the kernels work on whole lanes.
    static func rowLength(_ channels: Int) -> Int {
        (channels + Kernels.lanes - 1) / Kernels.lanes * Kernels.lanes
    }

    private mutating func addBlock(
        _ name: String,
        of input: Int,
        from inputs: Int,
        to outputs: Int,
        stride: Int
    ) -> Int {
        let first = add(
            "\(name).conv1",
            "\(name).bn1",
            of: input,
            from: inputs,
            to: outputs,
            width: 3,
            stride: stride
        )
        var shortcut = input
        if stride != 1 || inputs != outputs {
            shortcut = add(
                "\(name).downsample.0",
                "\(name).downsample.1",
                of: input,
                from: inputs,
                to: outputs,
                width: 1,
                stride: stride,
                isRectified: false
            )
        }
        return add(
            "\(name).conv2",
            "\(name).bn2",
            of: first,
            from: outputs,
            to: outputs,
            width: 3,
            stride: 1,
            residual: shortcut
        )
    }

    private mutating func add(
        _ name: String,
        _ norm: String,
        of input: Int,
        from inputs: Int,
        to outputs: Int,
        width: Int,
        stride: Int,
        residual: Int? = nil,
        isRectified: Bool = true
    ) -> Int {
        convolutions.append(
            Convolution(
                name: name,
                norm: norm,
                inputs: inputs,
                outputs: outputs,
                width: width,
                stride: stride
            )
        )
        return append(
            Operation(
                kind: .convolution(convolutions.count - 1, isRectified: isRectified),
                input: input,
                residual: residual,
                width: width,
                stride: stride,
                padding: width / 2
            ),
            rowLength: Network.rowLength(outputs)
        )
    }

    private mutating func append(_ operation: Operation, rowLength: Int) -> Int {
        operations.append(operation)
        tensors.append(TensorShape(rowLength: rowLength, historyRows: 0, historyOffset: 0, slot: 0))
        let own = operation.firstPosition(inputBegin: begins[operation.input])
        begins.append(max(own, operation.residual.map { begins[$0] } ?? 0))
        return tensors.count - 1
    }

    /// A reader of width w leaves at most w - 1 rows unread; a shortcut lags two rows behind its block's
    /// input.
    private mutating func layHistories() {
        for operation in operations {
            tensors[operation.input].historyRows = max(
                tensors[operation.input].historyRows,
                operation.width - 1
            )
            if let residual = operation.residual {
                tensors[residual].historyRows = max(tensors[residual].historyRows, 2)
            }
        }
        for index in tensors.indices {
            tensors[index].historyOffset = historyCount
            historyCount += tensors[index].historyRows * tensors[index].rowLength
        }
    }

    /// Gives each output the first slot that no tensor still to be read stands in.
    private mutating func assignSlots() {
        let lastReader = tensors.indices.map { tensor in
            operations.lastIndex { $0.input == tensor || $0.residual == tensor } ?? operations.count
        }
        for index in operations.indices {
            let taken = (0...index).filter { lastReader[$0] >= index }.map { tensors[$0].slot }
            tensors[index + 1].slot = (0...index + 1).first { !taken.contains($0) } ?? 0
        }
    }
}
