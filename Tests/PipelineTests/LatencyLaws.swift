import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

@Suite struct LatencyLaws {
    @Test func `latency counts from the frame that made a window whole, however late the window is encoded`()
        throws
    {
        var byFrame = 0
        var byEnd = 0
        for seed in seeds(300) {
            var generator = SeededGenerator(seed: seed)
            var stream = SentStream.random(
                seconds: .random(in: 9...14, using: &generator),
                origin: .random(in: 0...50, using: &generator),
                from: Array(Lead.limb + [.v1, .patch]),
                using: &generator
            )
            if Bool.random(using: &generator) { stream.mask(longest: 3, using: &generator) }
            let chunks = disordered(stream.chunks(using: &generator), spread: 0.6, using: &generator)
            // Encoded at once, a window comes out with the frame that made it whole.
            var eager = ProcessorRun(chunks[0])
            var expected: [GridIndex: Arrival] = [:]
            for chunk in chunks {
                let known = eager.events.count
                try eager.take(chunk)
                for window in eager.events[known...].diagnoses { expected[window.firstSample] = eager.now }
            }
            eager.close()
            var lazy = ProcessorRun(chunks[0])
            let laziness = Double.random(in: 0.5...1, using: &generator)
            for chunk in chunks {
                try lazy.take(chunk, isLazy: Double.random(in: 0..<1, using: &generator) < laziness)
            }
            lazy.close()
            for event in lazy.events {
                guard let window = event.diagnosis else {
                    #expect(event.completedBy == nil, "seed \(seed)")
                    continue
                }
                #expect(event.completedBy == expected[window.firstSample], "seed \(seed)")
                if event.completedBy == nil { byEnd += 1 } else { byFrame += 1 }
            }
            #expect(lazy.events.diagnoses.count == eager.events.diagnoses.count, "seed \(seed)")
        }
        #expect(byFrame > 300 && byEnd > 30)
    }

    @Test func `a window that a silence makes whole has no frame to count from`() throws {
        let rate = try #require(SampleRate(500))
        let chunks = constant(rate, samples: 5_000, at: 0)
        var run = ProcessorRun(chunks[0])
        for (place, chunk) in chunks.enumerated() where place != chunks.count - 3 { try run.take(chunk) }
        #expect(run.events.diagnoses.isEmpty, "behind the hole it waits")
        run.tick()
        #expect(run.events.diagnoses.count == 1)
        #expect(run.events.allSatisfy { $0.completedBy == nil })
    }

    /// Chunks of `length` samples of noise in one lead, each with the gateway's time that `clock` makes of the nanoseconds
    /// from the stream's begin to its last sample.
    private func timed(
        _ count: Int,
        every length: Int,
        seed: UInt64,
        clock: (MonotonicNanoseconds) -> MonotonicNanoseconds?
    ) -> [LeadChunk] {
        var generator = SeededGenerator(seed: seed)
        let track = SentTrack(rate: .grid, leads: [.ii], values: [noise(count, &generator)])
        let stream = SentStream(tracks: [track])
        return stride(from: 0, to: count, by: length).map { from in
            let cut = stream.chunk(
                of: track,
                leads: [0],
                SampleIndex(from)..<SampleIndex(from + length),
                sequence: UInt64(from / length + 1)
            )
            return LeadChunk(
                stream: cut.stream,
                sequence: cut.sequence,
                firstSample: cut.firstSample,
                sampleCount: cut.sampleCount,
                rate: cut.rate,
                leads: cut.leads,
                gatewayTime: clock(MonotonicNanoseconds(cut.endSample - 1) * 2_000_000)
            )
        }
    }

    @Test func `what waited before it was read counts, where the gateway's clock tells when it was due`()
        throws
    {
        for (hasClock, waits) in [(true, true), (false, true), (true, false)] {
            let chunks = timed(10_000, every: 100, seed: 1) { hasClock ? 5 + $0 : nil }
            func due(_ chunk: LeadChunk) -> Double { Double(chunk.endSample - 1) / 500 }
            // From the eighth second on frames are read three times as slowly as they come.
            func read(_ chunk: LeadChunk) -> Double {
                let time = due(chunk)
                return waits ? max(time, 8 + (time - 8) * 3) : time
            }
            var run = ProcessorRun(chunks[0], at: read(chunks[0]))
            for chunk in chunks { try run.take(chunk, at: read(chunk)) }
            let windows = run.events.filter { $0.diagnosis != nil }
            #expect(windows.count > 5)
            for event in windows {
                let end = (event.diagnosis?.firstSample ?? 0) + Int64(Grid.windowSamples)
                let chunk = try #require(chunks.first { $0.endSample >= end })
                let expected = hasClock ? due(chunk) : read(chunk)
                let found = Double(event.completedBy?.monotonic ?? 0) / 1e9
                #expect(abs(found - expected) < 1e-6, "\(hasClock), \(waits)")
            }
        }
    }

    @Test(arguments: [1_000, 1_000_000])
    func `a gateway's clock that counts in other units makes nothing late`(
        divisor: MonotonicNanoseconds
    ) throws {
        let chunks = timed(75_000, every: 250, seed: 2) { 5 + $0 / divisor }
        func due(_ end: Int64) -> Double { Double(end - 1) / 500 }
        var run = ProcessorRun(chunks[0], at: due(chunks[0].endSample))
        for chunk in chunks { try run.take(chunk, at: due(chunk.endSample)) }
        let windows = run.events.filter { $0.diagnosis != nil }
        #expect(windows.count > 120)
        for event in windows {
            let end = (event.diagnosis?.firstSample ?? 0) + Int64(Grid.windowSamples)
            let chunk = try #require(chunks.first { $0.endSample >= end })
            let found = Double(event.completedBy?.monotonic ?? 0) / 1e9
            #expect(abs(found - due(chunk.endSample)) < 1e-6)
        }
    }
}
