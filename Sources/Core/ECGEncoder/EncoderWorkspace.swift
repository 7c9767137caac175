/// The memory of a pass, one for each thread and used again; it allocates nothing once it has seen its largest pass.
///
/// A pass takes new samples of several streams through every layer once. Each tensor stands in a slot, stream
/// after stream, each stream's rows as they follow in time: first those that its state kept, then the new
/// ones. So a convolution's input row, `width` rows of the tensor before, is one stretch of floats.
public final class EncoderWorkspace {
    /// Some new samples of one stream.
    struct Portion {
        /// The stream's place in the batch.
        let stream: Int
        /// The first row of the batch's samples.
        let first: Int
        /// How many rows of it there are.
        let count: Int
    }

    let network: Network
    /// For the offline pass, which uses the same memory each time.
    var window: EncoderState
    var windowBatch = EncoderBatch()
    var portions: [Portion] = []
    /// The pool, `[mean, attention-weighted mean, embedding]`, each a whole number of lanes.
    var pool: [Float]
    /// Where the features of the pooled positions stand, and how each is weighed.
    var poolRows: [Int] = []
    var poolWeights: [Float]
    let ones = [Float](repeating: 1, count: Architecture.positions)
    var rows = RowLists()

    /// What each convolution's outputs were at most, while a network of floats is watched; else nil.
    var watched: ActivationRanges?

    private var memory: [Float] = []
    /// The same slots for tensors of bytes; empty where the network has none.
    private var bytes: [UInt8] = []
    private var slotCount: Int
    private var slotLength = 0
    /// `[portion][tensor]`: the first row held before this pass and the first one that it adds.
    private var kept: [Int] = []
    private var starts: [Int] = []
    /// `[portion][tensor]`: one past the last row after this pass, the first row kept then, and where its
    /// rows begin.
    private var ends: [Int] = []
    private var keeps: [Int] = []
    private var offsets: [Int] = []

    init(_ network: Network) {
        self.network = network
        window = EncoderState(network, at: 0)
        slotCount = (network.tensors.map(\.slot).max() ?? 0) + 1
        let features = network.tensors[network.tensors.count - 1].rowLength
        pool = Array(repeating: 0, count: 2 * features + Network.rowLength(network.architecture.embedding))
        poolWeights = Array(repeating: 0, count: Architecture.positions)
    }

    /// Takes the samples of all portions through the network; every state of the batch has its new rows then.
    func run(_ batch: inout EncoderBatch, weights: EncoderWeights) {
        plan(batch)
        fillSamples(&batch)
        for index in network.operations.indices {
            runOperation(index, &batch, weights: weights)
        }
        takeFeatures(&batch, attention: weights.attention)
        for portion in portions.indices { finish(portion, &batch) }
    }

    private var tensorCount: Int { network.tensors.count }

    // MARK: The plan: pure arithmetic on positions

    private func plan(_ batch: EncoderBatch) {
        kept.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        keeps.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        for portion in portions {
            let base = starts.count
            for tensor in 0..<tensorCount {
                kept.append(batch.entries[portion.stream].state.kept[tensor])
                starts.append(batch.entries[portion.stream].state.ends[tensor])
            }
            planStream(base, newSamples: portion.count)
        }
        placeTensors()
    }

    /// `base` is where the stream's tensors begin in the lists.
    private func planStream(_ base: Int, newSamples: Int) {
        ends.append(starts[base] + newSamples)
        for (index, operation) in network.operations.enumerated() {
            ends.append(
                max(starts[base + index + 1], operation.endPosition(inputEnd: ends[base + operation.input]))
            )
        }
        for tensor in 0..<tensorCount { keeps.append(ends[base + tensor]) }
        for (index, operation) in network.operations.enumerated() {
            let next = ends[base + index + 1]
            let input = base + operation.input
            keeps[input] = min(keeps[input], operation.firstInput(of: next))
            if let residual = operation.residual {
                keeps[base + residual] = min(keeps[base + residual], next)
            }
        }
        for tensor in 0..<tensorCount {
            precondition(ends[base + tensor] - keeps[base + tensor] <= network.tensors[tensor].historyRows)
        }
    }

    /// Gives each stream its place in each tensor's slot.
    private func placeTensors() {
        slotLength = 0
        offsets.append(contentsOf: repeatElement(0, count: ends.count))
        for tensor in 0..<tensorCount {
            var length = 0
            for portion in portions.indices {
                let index = portion * tensorCount + tensor
                offsets[index] = length
                length += (ends[index] - kept[index]) * network.tensors[tensor].rowLength
            }
            slotLength = max(slotLength, length)
        }
        slotLength = Network.rowLength(slotLength)
        for index in offsets.indices {
            offsets[index] += network.tensors[index % tensorCount].slot * slotLength
        }
        let needed = slotCount * slotLength
        if memory.count < needed { memory = Array(repeating: 0, count: needed) }
        if network.precision == .int8, bytes.count < needed { bytes = Array(repeating: 0, count: needed) }
    }

    /// Where row `position` of that stream's tensor stands.
    private func offset(_ portion: Int, _ tensor: Int, _ position: Int) -> Int {
        let index = portion * tensorCount + tensor
        return offsets[index] + (position - kept[index]) * network.tensors[tensor].rowLength
    }

    // MARK: The pass

    private func fillSamples(_ batch: inout EncoderBatch) {
        let rowLength = network.tensors[0].rowLength
        for (index, portion) in portions.enumerated() {
            loadHistory(index, 0, batch)
            copyValues(
                portion.count * rowLength,
                from: batch.samples,
                at: portion.first * rowLength,
                into: &memory,
                at: offset(index, 0, starts[index * tensorCount])
            )
            saveHistory(index, 0, &batch)
        }
    }

    private func runOperation(_ index: Int, _ batch: inout EncoderBatch, weights: EncoderWeights) {
        let operation = network.operations[index]
        let output = index + 1
        rows.removeAll()
        for portion in portions.indices {
            loadHistory(portion, output, batch)
            listRows(operation, portion, output)
        }
        switch operation.kind {
        case .maximum:
            Kernels.maximum(
                width: operation.width,
                channels: network.tensors[output].rowLength,
                rows: rows,
                memory: &memory
            )
            if let scale = weights.quantisers[output] {
                Kernels.quantise(scale: scale, rows: rows, memory: memory, into: &bytes)
            }
        case .convolution(let number, let isRectified):
            switch weights.convolutions[number] {
            case .floats(let layer):
                Kernels.apply(layer, isRectified: isRectified, rows: rows, memory: &memory)
            case .bytes(let layer) where network.tensors[output].isBytes:
                Kernels.apply(layer, rows: rows, bytes: &bytes)
            case .bytes(let layer):
                Kernels.apply(layer, rows: rows, bytes: &bytes, into: &memory)
            }
            watched?.note(number, rows: rows.output, memory: memory)
        }
        for portion in portions.indices { saveHistory(portion, output, &batch) }
    }

    private func listRows(_ operation: Operation, _ portion: Int, _ output: Int) {
        let first = starts[portion * tensorCount + output]
        let count = ends[portion * tensorCount + output] - first
        guard count > 0 else { return }
        rows.append(
            count: count,
            input: offset(portion, operation.input, operation.firstInput(of: first)),
            inputStep: operation.stride * network.tensors[operation.input].rowLength,
            residual: operation.residual.map { offset(portion, $0, first) },
            output: offset(portion, output, first),
            outputStep: network.tensors[output].rowLength
        )
    }

    private func takeFeatures(_ batch: inout EncoderBatch, attention: PackedLayer) {
        let tensor = tensorCount - 1
        let rowLength = network.tensors[tensor].rowLength
        let scratch = (network.tensors[tensor].slot + 1) % slotCount * slotLength
        rows.removeAll()
        for portion in portions.indices {
            for position in newFeatures(of: portion) {
                rows.output.append(scratch + rows.input.count * attention.outputs)
                rows.input.append(offset(portion, tensor, position))
            }
        }
        Kernels.apply(attention, isRectified: false, rows: rows, memory: &memory)
        var row = 0
        for portion in portions.indices {
            for position in newFeatures(of: portion) {
                batch.entries[portions[portion].stream].state.appendFeatures(
                    position: position,
                    score: memory[rows.output[row]],
                    from: memory,
                    at: rows.input[row],
                    rowLength: rowLength
                )
                row += 1
            }
        }
    }

    private func newFeatures(of portion: Int) -> Range<Int> {
        let last = portion * tensorCount + tensorCount - 1
        return starts[last]..<ends[last]
    }

    // MARK: What a state keeps from pass to pass

    private func loadHistory(_ portion: Int, _ tensor: Int, _ batch: EncoderBatch) {
        let shape = network.tensors[tensor]
        let index = portion * tensorCount + tensor
        let count = (starts[index] - kept[index]) * shape.rowLength
        let place = offset(portion, tensor, kept[index])
        let stream = portions[portion].stream
        if shape.isBytes {
            let held = batch.entries[stream].state.bytes
            copyValues(count, from: held, at: shape.historyOffset, into: &bytes, at: place)
        } else {
            let held = batch.entries[stream].state.history
            copyValues(count, from: held, at: shape.historyOffset, into: &memory, at: place)
        }
    }

    private func saveHistory(_ portion: Int, _ tensor: Int, _ batch: inout EncoderBatch) {
        let shape = network.tensors[tensor]
        let index = portion * tensorCount + tensor
        let count = (ends[index] - keeps[index]) * shape.rowLength
        let place = offset(portion, tensor, keeps[index])
        let stream = portions[portion].stream
        if shape.isBytes {
            copyValues(
                count,
                from: bytes,
                at: place,
                into: &batch.entries[stream].state.bytes,
                at: shape.historyOffset
            )
        } else {
            copyValues(
                count,
                from: memory,
                at: place,
                into: &batch.entries[stream].state.history,
                at: shape.historyOffset
            )
        }
    }

    private func finish(_ portion: Int, _ batch: inout EncoderBatch) {
        let stream = portions[portion].stream
        for tensor in 0..<tensorCount {
            batch.entries[stream].state.ends[tensor] = ends[portion * tensorCount + tensor]
            batch.entries[stream].state.kept[tensor] = keeps[portion * tensorCount + tensor]
        }
    }
}
