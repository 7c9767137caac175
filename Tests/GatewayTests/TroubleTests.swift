import ECGSignal
import Recordings
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Trouble on request is repeatable, and as much as was asked for.
@Suite struct TroubleTests {
    /// 20,000 messages of one stream, 100 ms apart.
    private func disturbed(
        seed: UInt64 = 1,
        _ change: (inout Trouble.Options) -> Void
    ) -> [(time: MonotonicNanoseconds, message: Int)] {
        var options = Trouble.Options()
        options.seed = seed
        change(&options)
        let messages = (0..<20_000).map { (due: MonotonicNanoseconds($0) * 100_000_000, message: $0) }
        return Trouble.disturbed(messages, options)
    }

    @Test func `no trouble changes nothing`() {
        let sent = disturbed { _ in }
        #expect(sent.map(\.message) == Array(0..<20_000))
        #expect(sent.allSatisfy { $0.time == MonotonicNanoseconds($0.message) * 100_000_000 })
    }

    @Test(arguments: [0.01, 0.1, 0.5]) func `as many are lost, come twice and are overtaken as was asked for`(
        share: Double
    ) {
        let wanted = 20_000 * share
        // Five standard deviations of a binomial count.
        let slack = 5 * (20_000 * share * (1 - share)).squareRoot()
        let dropped = disturbed { $0.drop = share }
        #expect(abs(Double(20_000 - dropped.count) - wanted) < slack)
        #expect(dropped.last?.message == 19_999, "the last one is always sent")
        let twice = disturbed { $0.duplicate = share }
        #expect(abs(Double(twice.count - 20_000) - wanted) < slack)
        #expect(Set(twice.map(\.message)).count == 20_000)
        let reordered = disturbed { $0.reorder = share }
        #expect(reordered.map(\.message).sorted() == Array(0..<20_000))
        let late = reordered.filter { $0.time != MonotonicNanoseconds($0.message) * 100_000_000 }
        #expect(abs(Double(late.count) - wanted) < slack)
        #expect(reordered.map(\.message) != Array(0..<20_000))
        #expect(late.allSatisfy { $0.time - MonotonicNanoseconds($0.message) * 100_000_000 <= 1_000_000_000 })
    }

    @Test func `jitter makes late and never overtakes`() {
        let sent = disturbed { $0.jitterMilliseconds = 80 }
        #expect(sent.map(\.message) == Array(0..<20_000))
        let lateness = sent.map { Double($0.time) / 1e6 - Double($0.message) * 100 }
        #expect(lateness.allSatisfy { (0...160).contains($0) })
        // Those that wait for the one before them are a little later than they would be alone.
        #expect((80...100).contains(lateness.reduce(0, +) / 20_000))
    }

    @Test(arguments: [-500.0, 500, 20_000]) func `a clock that is fast delivers its samples sooner`(
        partsPerMillion: Double
    ) {
        let sent = disturbed { $0.driftPartsPerMillion = partsPerMillion }
        let last = Double(sent[19_999].time) / (19_999 * 100_000_000)
        #expect(abs((1 / last - 1) * 1e6 - partsPerMillion) < 0.01)
    }

    @Test func `the same seed gives the same trouble, another seed another`() {
        func trouble(_ seed: UInt64) -> [Int] {
            disturbed(seed: seed) {
                $0.drop = 0.1
                $0.duplicate = 0.1
                $0.reorder = 0.1
            }.map(\.message)
        }
        #expect(trouble(3) == trouble(3))
        #expect(trouble(3) != trouble(4))
    }

    @Test(arguments: seeds(50))
    func `a plan with trouble sends each chunk with its own bytes, by time, and says last last or late`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        var options = ReplayOptions()
        options.chunkMilliseconds = 50
        let streams = [RecordedStream.of(count: 5_000), .of([.v1], rate: .grid, count: 3_000)]
        func plan(_ options: ReplayOptions) throws -> [ReplayPlan.Step] {
            try steps(of: try ReplayPlan(streams, patients: ["a", "b"], epochs: [1, 2], options: options))
        }
        let plain = try plan(options)
        options.trouble.drop = .random(in: 0...0.3, using: &generator)
        options.trouble.duplicate = .random(in: 0...0.3, using: &generator)
        options.trouble.reorder = .random(in: 0...0.3, using: &generator)
        options.trouble.jitterMilliseconds = .random(in: 0...200, using: &generator)
        options.trouble.driftPartsPerMillion = .random(in: -500...500, using: &generator)
        options.trouble.seed = seed
        let sent = try plan(options)
        #expect(zip(sent, sent.dropFirst()).allSatisfy { $0.due <= $1.due }, "seed \(seed)")
        #expect(Set(sent.filter(\.chunk.isLast).map(\.chunk.stream.patient)) == ["a", "b"])
        for step in sent {
            let index = try #require(
                plain.firstIndex {
                    $0.chunk.stream == step.chunk.stream && $0.chunk.sequence == step.chunk.sequence
                }
            )
            var chunk = plain[index].chunk
            chunk.gatewayTime = step.chunk.gatewayTime
            #expect(chunk == step.chunk, "seed \(seed)")
            #expect((step.chunk.gatewayTime ?? 0) - ReplayPlan.clockStart <= step.due)
        }
    }

    @Test func `what cannot be is refused`() throws {
        let changes: [(inout ReplayOptions) -> Void] = [
            { $0.trouble.drop = 1 }, { $0.trouble.drop = -0.1 }, { $0.trouble.duplicate = 1.1 },
            { $0.trouble.reorder = .nan }, { $0.trouble.jitterMilliseconds = -1 },
            { $0.trouble.driftPartsPerMillion = 1e9 },
        ]
        for change in changes {
            var options = ReplayOptions()
            change(&options)
            #expect {
                _ = try ReplayPlan([.of(count: 500)], patients: ["a"], epochs: [1], options: options)
            } throws: {
                ($0 as? ReplayError)?.kind == .usage
            }
        }
        for devices in [["x", "y"], ["a b"]] {
            #expect(throws: ReplayError.self) {
                _ = try ReplayPlan([.of(count: 500)], patients: ["a"], devices: devices, epochs: [1])
            }
        }
        let plan = try ReplayPlan([.of(count: 500)], patients: ["a"], devices: ["file"], epochs: [7])
        #expect(plan.streams == [StreamIdentity(patient: "a", device: "file", epoch: 7)])
    }
}
