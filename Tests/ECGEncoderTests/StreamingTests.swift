import ECGEncoder
import ECGSignal
import TestSupport
import Testing

@Suite struct StreamingTests {
    static let hops = [32, 160, 512, 992]

    @Test(arguments: hops, seeds(12))
    func `streaming equals offline bit for bit`(hop: Int, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let signal = noise(Grid.windowSamples + 8 * hop, &generator)
        try expectStreamingEqualsOffline(try Networks.narrow(seed: seed), signal, hop: hop, windows: 8)
    }

    @Test(arguments: hops)
    func `streaming equals offline bit for bit on real records with the shipped network`(hop: Int) throws {
        try expectStreamingEqualsOffline(try Networks.shipped(), try Golden().signal(), hop: hop, windows: 12)
    }

    @Test(arguments: seeds(60))
    func `any chunking gives the same bits`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let encoder = try Networks.narrow(seed: seed)
        let workspace = encoder.makeWorkspace()
        let total = 32 * Int.random(in: 156...700, using: &generator)
        let signal = noise(total, &generator)
        var state = encoder.makeState(at: 0)
        let greatest = [1, 4, 40, 300].randomElement(using: &generator) ?? 1
        var end = 0
        while end < total {
            let count = min(32 * Int.random(in: 1...greatest, using: &generator), total - end)
            encoder.advance(&state, by: cut(signal, end..<end + count), using: workspace)
            end += count
            #expect(state.end == GridIndex(end))
            let start = end - Architecture.samplesSeen
            let isChecked = end == total || Int.random(in: 0..<20, using: &generator) == 0
            guard start >= 0, isChecked else { continue }
            let embedding = encoder.embedding(of: state, windowStart: GridIndex(start), using: workspace)
            #expect(
                embedding?.bits == encoder.offlineBits(signal, at: start, using: workspace),
                "at \(start)"
            )
        }
    }

    @Test(arguments: seeds(40))
    func `a stream restarted at a sample equals one that ran through it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let encoder = try Networks.narrow(seed: seed)
        let workspace = encoder.makeWorkspace()
        let skipped = 32 * Int.random(in: 1...200, using: &generator)
        let hop = 32 * Int.random(in: 1...31, using: &generator)
        let signal = noise(skipped + Architecture.samplesSeen + 3 * hop, &generator)
        var through = encoder.makeState(at: 0)
        encoder.advance(&through, by: cut(signal, 0..<skipped), using: workspace)
        // The restarted one has seen something else before, and may stand very far along the grid.
        let far = GridIndex(32 * Int.random(in: 0...1 << 40, using: &generator))
        var restarted = encoder.makeState(at: 0)
        let other = noise(32 * Int.random(in: 1...200, using: &generator), &generator)
        encoder.advance(&restarted, by: other, using: workspace)
        restarted.restart(at: far)
        #expect(!restarted.holds(windowStart: far))
        var first = skipped
        for step in 0...3 {
            let end = skipped + Architecture.samplesSeen + step * hop
            let push = cut(signal, first..<end)
            var states = [restarted, through]
            encoder.advance(&states, by: [push, push], using: workspace)
            (restarted, through) = (states[0], states[1])
            first = end
            let start = GridIndex(step * hop)
            let expected = encoder.embedding(
                of: through,
                windowStart: GridIndex(skipped) + start,
                using: workspace
            )
            let embedding = encoder.embedding(of: restarted, windowStart: far + start, using: workspace)
            #expect(embedding != nil)
            #expect(embedding?.bits == expected?.bits, "window \(step)")
        }
    }

    @Test(arguments: seeds(20))
    func `a copy of a state goes its own way, and the original is as if it had never been copied`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let encoder = try Networks.narrow(seed: seed)
        let workspace = encoder.makeWorkspace()
        let taken = 32 * Int.random(in: 1...155, using: &generator)
        let signal = noise(Architecture.samplesSeen, &generator)
        var state = encoder.makeState(at: 0)
        encoder.advance(&state, by: cut(signal, 0..<taken), using: workspace)
        var copy = state
        encoder.advance(&copy, by: noise(Architecture.samplesSeen, &generator), using: workspace)
        copy.restart(at: 320)
        #expect(state.end == GridIndex(taken) && copy.end == 320)
        encoder.advance(&state, by: cut(signal, taken..<Architecture.samplesSeen), using: workspace)
        let embedding = encoder.embedding(of: state, windowStart: 0, using: workspace)
        #expect(embedding?.bits == encoder.offlineBits(signal, at: 0, using: workspace))
    }

    @Test func `a window is given only while its positions are held`() throws {
        let encoder = try Networks.narrow(seed: 1)
        let workspace = encoder.makeWorkspace()
        var generator = SeededGenerator(seed: 1)
        var state = encoder.makeState(at: 320)
        func push(_ count: Int) {
            encoder.advance(&state, by: noise(count, &generator), using: workspace)
        }
        push(Architecture.samplesSeen - 32)
        #expect(encoder.embedding(of: state, windowStart: 320, using: workspace) == nil)
        push(32)
        #expect(encoder.embedding(of: state, windowStart: 320, using: workspace) != nil)
        for start: GridIndex in [0, 288, 319, 321, 352, -320, .max] {
            #expect(encoder.embedding(of: state, windowStart: start, using: workspace) == nil, "\(start)")
        }
        push(32)
        #expect(encoder.embedding(of: state, windowStart: 320, using: workspace) == nil)
        #expect(encoder.embedding(of: state, windowStart: 352, using: workspace) != nil)
    }
}

func expectStreamingEqualsOffline(
    _ encoder: Encoder,
    _ signal: [Float],
    hop: Int,
    windows: Int
) throws {
    let workspace = encoder.makeWorkspace()
    var state = encoder.makeState(at: 0)
    var taken = 0
    for window in 0..<windows {
        let start = window * hop
        let end = start + Architecture.samplesSeen
        encoder.advance(&state, by: cut(signal, taken..<end), using: workspace)
        taken = end
        let embedding = try #require(
            encoder.embedding(of: state, windowStart: GridIndex(start), using: workspace)
        )
        #expect(
            embedding.bits == encoder.offlineBits(signal, at: start, using: workspace),
            "window \(window)"
        )
    }
}
