import Mathematics
import Metrics
import TestSupport
import Testing

@Suite struct LogOddsLineTests {
    @Test(arguments: seeds(20)) func `a line is found again from many truths drawn by it`(seed: UInt64) throws
    {
        var generator = SeededGenerator(seed: seed)
        let drawn = LogOddsLine(
            scale: .random(in: 0.5...2, using: &generator),
            offset: .random(in: -2...2, using: &generator)
        )
        let logOdds = (0..<20_000).map { _ in Double.random(in: -6...4, using: &generator) }
        let truths = logOdds.map {
            Double.random(in: 0..<1, using: &generator) < drawn.probability(ofLogOdds: $0)
        }
        let line = try #require(LogOddsLine(logOdds: logOdds, truths: truths))
        #expect(abs(line.scale - drawn.scale) < 0.1, "seed \(seed)")
        #expect(abs(line.offset - drawn.offset) < 0.15, "seed \(seed)")
        // At the minimum the mean probability is the mean target.
        let mean = logOdds.reduce(0.0) { $0 + line.probability(ofLogOdds: $1) } / 20_000
        let share = Double(truths.count(where: \.self)) / 20_000
        #expect(abs(mean - share) < 1e-3, "seed \(seed)")
    }

    @Test(arguments: seeds(50)) func `few cases keep the scale near the expected one, whatever they say`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let logOdds = (0..<2_000).map { _ in Double.random(in: -8...3, using: &generator) }
        // Five cases that stand where chance put them: their order says nothing.
        let chosen = Set(logOdds.indices.shuffled(using: &generator).prefix(5))
        let line = try #require(
            LogOddsLine(logOdds: logOdds, truths: logOdds.indices.map(chosen.contains), expectedScale: 1)
        )
        #expect(line.scale >= 0.05 && line.scale < 3, "seed \(seed)")
        let probabilities = logOdds.map(line.probability(ofLogOdds:))
        #expect((probabilities.max() ?? 1) < 0.5, "seed \(seed)")
        let areFinite = probabilities.allSatisfy { $0.isFinite }
        #expect(areFinite, "seed \(seed)")
    }

    @Test func `cases that are told apart without error stay below certainty`() throws {
        let logOdds = [-5.0, -4, -3, -2, 2, 3]
        let line = try #require(LogOddsLine(logOdds: logOdds, truths: logOdds.map { $0 > 0 }))
        for value in logOdds {
            let probability = line.probability(ofLogOdds: value)
            let range = value > 0 ? 0.5..<0.999 : 0.001..<0.5
            #expect(range.contains(probability))
        }
    }

    @Test(arguments: seeds(20))
    func `what stands there n times and weighs a part each is what stands there once`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let logOdds = (0..<300).map { _ in Double.random(in: -4...4, using: &generator) }
        let truths = logOdds.map { Double.random(in: -3...3, using: &generator) < $0 }
        let times = logOdds.map { _ in Int.random(in: 1...5, using: &generator) }
        func repeated<Value>(_ values: [Value]) -> [Value] {
            zip(values, times).flatMap { [Value](repeating: $0, count: $1) }
        }
        let once = try #require(LogOddsLine(logOdds: logOdds, truths: truths))
        let weighed = try #require(
            LogOddsLine(
                logOdds: repeated(logOdds),
                truths: repeated(truths),
                weights: repeated(times.map { 1 / Double($0) })
            )
        )
        #expect(
            abs(weighed.scale - once.scale) < 1e-6 && abs(weighed.offset - once.offset) < 1e-6,
            "seed \(seed)"
        )
        let ones = [Double](repeating: 1, count: logOdds.count)
        #expect(LogOddsLine(logOdds: logOdds, truths: truths, weights: ones) == once, "seed \(seed)")
    }

    @Test func `truths that are all alike give no line`() {
        #expect(LogOddsLine(logOdds: [1, 2], truths: [true, true]) == nil)
        #expect(LogOddsLine(logOdds: [], truths: []) == nil)
    }
}
