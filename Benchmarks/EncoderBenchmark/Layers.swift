@testable import ECGEncoder

/// Times each layer of the shipped network, so that the slow one can be seen beside the processor's peak.
///
/// A round takes a hop of all streams through every layer in the network's order, in passes as large as the encoder's,
/// so that weights are as cold as they are in use.
struct LayerTimes {
    /// Layers of one size are one row.
    private struct Row {
        let name: String
        let operations: [Int]
        /// For each count of streams, nanoseconds of each round and multiply-adds of one.
        var times: [[Int64]] = []
        var products: [Double] = []
    }

    private let encoder: Encoder
    private let network: Network
    /// For each tensor, how many rows a hop of one stream adds.
    private var lengths = [Subject.hop]
    private var rows: [Row] = []
    private var memory: [Float] = []

    init(_ encoder: Encoder) {
        self.encoder = encoder
        network = encoder.network
        for (index, operation) in network.operations.enumerated() {
            lengths.append(lengths[operation.input] / operation.stride)
            guard case .convolution(let layer, _) = operation.kind else { continue }
            let convolution = network.convolutions[layer]
            let size = "\(convolution.width) x \(convolution.inputs) > \(convolution.outputs)"
            let name = size + (operation.stride > 1 ? ", stride \(operation.stride)" : "")
            if let same = rows.firstIndex(where: { $0.name == name }) {
                rows[same] = Row(name: name, operations: rows[same].operations + [index])
            } else {
                rows.append(Row(name: name, operations: [index]))
            }
        }
    }

    /// Prints multiply-adds a nanosecond x 2, and of the measured peak, for each layer and count of streams.
    mutating func print(streams counts: [Int], rounds: Int) {
        let peak = encoder.form.measurePeak()
        for count in counts { measure(streams: count, rounds: rounds) }
        say("\nform \(encoder.form.rawValue): measured peak \(tenths(2 * peak)) GFLOP/s, one thread")
        say("GFLOP/s (part of the peak) at a hop of \(Subject.hop) samples of so many streams; medians")
        say(pad("layer", 24) + counts.map { pad("\($0)", 16, left: true) }.joined())
        for row in rows {
            let cells = counts.indices.map { place in
                cell(row.products[place] / Double(median(row.times[place])), peak)
            }
            let times = row.operations.count > 1 ? " (\(row.operations.count))" : ""
            say(pad(row.name + times, 24) + cells.joined())
        }
        let all = counts.indices.map { place in
            let time = rows.reduce(0) { $0 + median($1.times[place]) }
            return cell(rows.reduce(0) { $0 + $1.products[place] } / Double(time), peak)
        }
        say(pad("all", 24) + all.joined())
    }

    private mutating func measure(streams count: Int, rounds: Int) {
        let passStreams = Encoder.passSamplesMax / Subject.hop
        var times = rows.map { _ in [Int64](repeating: 0, count: rounds) }
        var products = rows.map { _ in 0.0 }
        // One round more: the first one brings the memory in and does not count.
        for round in -1..<rounds {
            var left = count
            while left > 0 {
                let streams = min(left, passStreams)
                left -= streams
                for (row, operation) in operationsInOrder() {
                    let time = run(operation, streams: streams)
                    guard round >= 0 else { continue }
                    times[row][round] += time
                    if round == 0 { products[row] += multiplyAdds(operation, streams: streams) }
                }
            }
        }
        for row in rows.indices {
            rows[row].times.append(times[row])
            rows[row].products.append(products[row])
        }
    }

    private func operationsInOrder() -> [(row: Int, operation: Int)] {
        rows.indices.flatMap { row in rows[row].operations.map { (row, $0) } }.sorted { $0.1 < $1.1 }
    }

    private func multiplyAdds(_ operation: Int, streams: Int) -> Double {
        guard case .convolution(let layer, _) = network.operations[operation].kind else { return 0 }
        let convolution = network.convolutions[layer]
        return Double(
            convolution.width * convolution.inputs * convolution.outputs * lengths[operation + 1] * streams
        )
    }

    private mutating func run(_ index: Int, streams: Int) -> Int64 {
        let operation = network.operations[index]
        guard case .convolution(let layer, let isRectified) = operation.kind else { return 0 }
        guard case .floats(let packed) = encoder.weights.convolutions[layer] else { return 0 }
        let count = lengths[index + 1]
        let inputLength = network.tensors[operation.input].rowLength
        let span = (operation.stride * (count - 1) + operation.width) * inputLength
        let outputs = streams * count * packed.outputs
        var list = RowLists()
        for stream in 0..<streams {
            list.append(
                count: count,
                input: stream * span,
                inputStep: operation.stride * inputLength,
                residual: operation.residual == nil
                    ? nil : streams * span + stream * count * packed.outputs,
                output: streams * span + outputs + stream * count * packed.outputs,
                outputStep: packed.outputs
            )
        }
        while memory.count < streams * span + 2 * outputs {
            memory.append(Float(memory.count % 251) / 251 - 0.5)
        }
        return ThreadClock.nanoseconds {
            Kernels.apply(packed, isRectified: isRectified, rows: list, memory: &memory)
        }
    }

    private func cell(_ products: Double, _ peak: Double) -> String {
        pad("\(tenths(2 * products)) (\(Int((100 * products / peak).rounded())) %)", 16, left: true)
    }

    private func median(_ times: [Int64]) -> Int64 { times.sorted()[times.count / 2] }

    private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }

    private func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
        let blank = String(repeating: " ", count: max(0, width - text.count))
        return left ? blank + text : text + blank
    }
}
