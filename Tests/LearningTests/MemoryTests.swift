import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import Learning

/// What a batch needs is known before anything is taken for it.
@Suite struct MemoryTests {
    @Test(arguments: [(1_500, 1), (2_496, 2), (5_000, 2)])
    func `a network that learns holds what was said beforehand, within a fiftieth`(
        samples: Int,
        parts: Int
    ) throws {
        let model = ContrastiveModel<Float>(channels: [4, 6, 8, 10], team: try Team(parts: parts))
        model.initialise(seed: 1)
        let network = model.network
        let batch = 6
        network.prepare(batch: batch, samples: samples)
        _ = model.similarities(with: [Float](repeating: 0.1, count: 640))
        model.backward([Float](repeating: 0.1, count: batch))
        var rows = network.inputs + network.stem.flatMap { [$0.convolved, $0.normed, $0.pooled] }
        for state in network.blocks.flatMap(\.states) {
            rows += [state.first, state.middle, state.second, state.output]
            rows += [state.shortcut, state.normedShortcut].compactMap(\.self)
        }
        rows += network.scratch.flatMap(\.kept.values)
        let held = rows.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.size
        let said = batch * network.bytes(perWindowOf: samples)
        #expect(abs(Double(held) / Double(said) - 1) < 0.02, "\(held) bytes where \(said) were said")
    }
}
