import ECGSignal
import TestSupport
import Testing

@testable import ECGEncoder

@Suite struct OfflineTests {
    @Test(arguments: [("12", Lead.standard), ("I", [Lead.i]), ("limb", Lead.limb)])
    func `the offline pass agrees with the golden vectors`(name: String, leads: [Lead]) throws {
        let golden = try Golden()
        let encoder = try Networks.shipped()
        let workspace = encoder.makeWorkspace()
        for index in 0..<Golden.count {
            let window = try golden.window(index, leads: LeadSet(leads))
            let embedding = encoder.embed(window: window, using: workspace).values
            let pooled = try golden.row("pooled.\(name)", index)
            let largest = pooled.reduce(0) { max($0, abs($1)) }
            #expect(
                distance(Array(workspace.pool.prefix(pooled.count)), pooled) <= 2e-6 * largest,
                "record \(index)"
            )
            #expect(
                distance(embedding, try golden.row("embedding.\(name)", index)) <= 1e-5,
                "record \(index)"
            )
        }
    }

    @Test func `the features of the last stage agree with the golden ones`() throws {
        let golden = try Golden()
        let encoder = try Networks.shipped()
        let workspace = encoder.makeWorkspace()
        _ = encoder.embed(window: try golden.window(0), using: workspace)
        let channels = encoder.architecture.channels[3]
        let expected = try golden.row("features.12", 0)
        let largest = expected.reduce(0) { max($0, abs($1)) }
        let features = featureRows(workspace.window)
        var worst: Float = 0
        for position in 0..<Architecture.positions {
            for channel in 0..<channels {
                let golden = expected[channel * Architecture.positions + position]
                worst = max(worst, abs(features[position][channel] - golden))
            }
        }
        #expect(worst <= 2e-6 * largest)
    }

    @Test(arguments: seeds(4))
    func `features and embedding are those of the plain loops, bit for bit`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let encoder = try Networks.narrow(seed: seed)
        let workspace = encoder.makeWorkspace()
        let window = noise(Grid.windowSamples, &generator)
        let embedding = encoder.embed(window: window, using: workspace)
        let slow = SlowTwin(architecture: Networks.narrow, tensor: RandomWeights(seed: seed).tensor)
        let twin = slow.features(window)
        #expect(embedding.bits == slow.embedding(twin).map(\.bitPattern))
        let channels = Networks.narrow.channels[3]
        for (index, row) in featureRows(workspace.window).enumerated() {
            let expected = twin[Architecture.firstPosition + index]
            #expect(row.prefix(channels).map(\.bitPattern) == expected.map(\.bitPattern), "position \(index)")
        }
    }

    @Test func `an embedding has unit length, and is zero where the signal is too large for Float`() throws {
        var generator = SeededGenerator(seed: 1)
        let encoder = try Networks.narrow(seed: 1)
        let workspace = encoder.makeWorkspace()
        let window = noise(Grid.windowSamples, &generator)
        let length = encoder.embed(window: window, using: workspace).values.reduce(0.0) {
            $0 + Double($1) * Double($1)
        }
        #expect(abs(length - 1) < 1e-6)
        let huge = encoder.embed(window: window.map { $0 * 1e38 }, using: workspace)
        #expect(huge.values == Array(repeating: 0, count: Networks.narrow.embedding))
    }

    /// Without the greatest score taken off first, e^score overflows or vanishes and every position weighs the same.
    @Test(arguments: [(1_000, 2_000), (-5_000, -4_000), (-1e30, 1e30), (3e38, 3.1e38)] as [(Float, Float)])
    func `however extreme the scores are, the greatest one has all the weight`(
        other: Float,
        greatest: Float
    ) throws {
        var generator = SeededGenerator(seed: 1)
        let encoder = try Networks.narrow(seed: 1)
        let workspace = encoder.makeWorkspace()
        _ = encoder.embed(window: noise(Grid.windowSamples, &generator), using: workspace)
        var state = workspace.window
        let channels = Networks.narrow.channels[3]
        for row in [0, 71, 142] {
            for index in state.scores.indices { state.scores[index] = index == row ? greatest : other }
            #expect(workspace.poolFeatures(of: state, form: encoder.form))
            let expected = state.features[row * channels..<(row + 1) * channels].map(\.bitPattern)
            #expect(workspace.pool[channels..<2 * channels].map(\.bitPattern) == expected, "row \(row)")
        }
    }
}

/// The greatest absolute difference; infinite where the counts differ.
private func distance(_ left: [Float], _ right: [Float]) -> Float {
    left.count == right.count ? zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// The 143 rows that the state holds, oldest first.
private func featureRows(_ state: EncoderState) -> [[Float]] {
    let end = state.ends[state.ends.count - 1]
    let length = state.features.count / Architecture.positions
    return (end - Architecture.positions..<end).map { position in
        let row = position % Architecture.positions * length
        return Array(state.features[row..<row + length])
    }
}
