import ECGEncoder
import ECGSignal
import TestSupport
import Testing

/// RELIABILITY P5 as far as the encoder goes: a stream's bits depend on neither its batch-mates nor their
/// number.
@Suite struct BatchTests {
    @Test(arguments: seeds(300))
    func `P05 a stream ignores its batch-mates`(seed: UInt64) throws {
        try expectStreamsIgnoreEachOther(try Networks.narrow(seed: seed % 16), seed: seed, streamsMax: 64)
    }

    @Test(arguments: seeds(3))
    func `P05 a stream ignores its batch-mates in the shipped network`(seed: UInt64) throws {
        try expectStreamsIgnoreEachOther(try Networks.shipped(), seed: seed, streamsMax: 24)
    }

    @Test func `P05 workers that share one encoder give the bits of one alone`() async throws {
        let encoder = try Networks.narrow(seed: 5)
        var generator = SeededGenerator(seed: 5)
        let signal = noise(Grid.windowSamples + 12 * 32, &generator)
        let alone = encoder.makeWorkspace()
        let expected = (0..<12).map { encoder.offlineBits(signal, at: 32 * $0, using: alone) }
        let bits = await withTaskGroup(of: (Int, [UInt32]).self) { group in
            for index in 0..<12 {
                group.addTask {
                    (index, encoder.offlineBits(signal, at: 32 * index, using: encoder.makeWorkspace()))
                }
            }
            return await group.reduce(into: [[UInt32]](repeating: [], count: 12)) { $0[$1.0] = $1.1 }
        }
        #expect(bits == expected)
    }
}

/// Random streams in random batches of random counts; then some of them by themselves, offline.
func expectStreamsIgnoreEachOther(_ encoder: Encoder, seed: UInt64, streamsMax: Int) throws {
    var generator = SeededGenerator(seed: seed)
    let batched = encoder.makeWorkspace()
    let streams = Int.random(in: 1...streamsMax, using: &generator)
    // One signal; each stream takes its own part of it, so that mates are neither equal nor in step.
    let signal = noise(Architecture.samplesSeen + 64 * 160, &generator)
    let origins = (0..<streams).map { _ in 32 * Int.random(in: 0...200, using: &generator) }
    let ends = origins.map { $0 + Architecture.samplesSeen + 32 * Int.random(in: 0...8, using: &generator) }
    var states = (0..<streams).map { encoder.makeState(at: 32 * GridIndex($0)) }
    var taken = origins
    let greatest = [40, 160, 400].randomElement(using: &generator) ?? 40
    while true {
        var batch = EncoderBatch()
        var mates: [Int] = []
        for stream in (0..<streams).shuffled(using: &generator) where taken[stream] < ends[stream] {
            let isIdle = Int.random(in: 0..<4, using: &generator) == 0
            let wanted = isIdle ? 0 : 32 * Int.random(in: 1...greatest, using: &generator)
            let end = min(taken[stream] + wanted, ends[stream])
            batch.append(states[stream], samples: cut(signal, taken[stream]..<end))
            mates.append(stream)
            taken[stream] = end
        }
        if mates.isEmpty { break }
        encoder.advance(&batch, using: batched)
        for (place, stream) in mates.enumerated() { states[stream] = batch.takeState(at: place) }
    }
    let alone = encoder.makeWorkspace()
    for stream in (0..<streams).shuffled(using: &generator).prefix(4) {
        let start = ends[stream] - Architecture.samplesSeen
        let windowStart = 32 * GridIndex(stream) + GridIndex(start - origins[stream])
        let embedding = try #require(
            encoder.embedding(of: states[stream], windowStart: windowStart, using: batched)
        )
        let expected = encoder.offlineBits(signal, at: start, using: alone)
        #expect(embedding.bits == expected, "seed \(seed), stream \(stream) of \(streams)")
    }
}
