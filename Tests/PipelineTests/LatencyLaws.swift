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
}
