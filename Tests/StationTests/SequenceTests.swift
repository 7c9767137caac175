import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// Chunks are counted by their numbers.
@Suite struct SequenceTests {
    private let p1 = StreamIdentity(patient: "p1", device: "d1", epoch: 1)

    /// One second of p1; chunk `number` begins at second `number` - 1.
    private func second(_ number: Int) -> LeadChunk {
        chunk(sequence: UInt64(number), from: SampleIndex(250 * (number - 1)))
    }

    private func counts(_ run: StationRun) -> [Int] {
        [run.statuses[0].missingChunks, run.statuses[0].duplicateChunks]
    }

    @Test func `a chunk that never comes is told once the horizon has passed, not before`() {
        var run = StationRun()
        for number in [1, 2, 3, 4, 6, 7] { run.send(second(number), after: 1) }
        #expect(run.events.facts(.chunksMissing).isEmpty, "chunk 5 may still come")
        run.send(second(8), after: 1)
        let told = run.events(of: p1).facts(.chunksMissing)
        #expect(told.map(\.count) == [1])
        #expect(told.map(\.phase) == [.start])
        #expect(told.map(\.firstSample) == [2_500], "where the chunk after it begins")
        #expect(told[0].detail.contains("seq 5 "))
        #expect(counts(run) == [1, 0])
        run.send(second(5), after: 0.1)
        #expect(counts(run) == [1, 0], "a late chunk is late, neither found again nor a repetition")
        run.send(second(5), after: 0.1)
        #expect(counts(run) == [1, 1])
    }

    @Test func `a silence and the end count what is missing, a tick alone does not`() {
        var run = StationRun()
        for number in [1, 2, 4] { run.send(second(number), after: 1) }
        run.pass(seconds: 1, isQuiet: false)
        #expect(counts(run) == [0, 0])
        run.pass(seconds: 2)
        #expect(counts(run) == [1, 0])
        for number in [6, 8] { run.send(second(number), after: 0.1) }
        run.shutDown()
        #expect(counts(run) == [3, 0])
        let codes = run.codes(of: p1)
        #expect(codes.last == .streamClosed && codes.dropLast().last == .chunksMissing)
        #expect(run.events(of: p1).facts(.chunksMissing).reduce(0) { $0 + $1.count } == 3)
    }

    @Test func `a counter that stands still is said, and its samples are taken all the same`() {
        var run = StationRun()
        for number in 1...20 {
            run.send(chunk(sequence: 1, from: SampleIndex(250 * (number - 1))), after: 1)
        }
        let told = run.events(of: p1).facts(.sequenceReused)
        #expect(told.first?.phase == .start && told.first?.detail.contains("seq 1 ") == true)
        run.shutDown()
        #expect(run.events(of: p1).facts(.sequenceReused).reduce(0) { $0 + $1.count } == 19)
        #expect(counts(run) == [0, 0])
        #expect(run.statuses[0].leads.allSatisfy { $0.ledger.analysed == 5_000 })
    }

    @Test func `a stream joined under way misses nothing of what was before`() {
        var run = StationRun()
        for number in 1_000...1_010 { run.send(second(number), after: 1) }
        run.send(second(900), after: 0.1)
        run.shutDown()
        #expect(counts(run) == [0, 0])
    }

    @Test func `a refused chunk is no missing one`() {
        var run = StationRun()
        for number in 1...4 { run.send(second(number), after: 1) }
        let refusal = Refusal(.nonFinite, "NaN", stream: p1, sequence: 5, firstSample: 2_000)
        run.send(refusal, after: 1)
        for number in 6...12 { run.send(second(number), after: 1) }
        // The number of a damaged chunk may be anything.
        run.send(Refusal(.nonFinite, "NaN", stream: p1, sequence: 1 << 60, firstSample: 2_000), after: 1)
        for number in 13...16 { run.send(second(number), after: 1) }
        run.shutDown()
        #expect(counts(run) == [0, 0])
    }

    @Test func `a chunk that came again is counted and told, one that has something new is no repetition`() {
        var run = StationRun()
        for number in [1, 2, 2, 3, 1] { run.send(second(number), after: 0.5) }
        #expect(counts(run) == [0, 2])
        #expect(run.events(of: p1).facts(.chunksDuplicate).map(\.count) == [1])
        // The same number on other samples: the numbers are wrong, the samples are welcome.
        run.send(chunk(sequence: 3, from: 750), after: 0.1)
        #expect(counts(run) == [0, 2])
        run.shutDown()
        #expect(run.events(of: p1).facts(.chunksDuplicate).map(\.count) == [1, 1])
    }

    @Test func `what is missing does not depend on the order within the horizon`() {
        var holes = 0
        for seed in seeds(500) {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 30...60, using: &generator)
            let first = Int.random(in: 1...5, using: &generator)
            let sent = (first..<first + count).filter { number in
                number < first + 3 || number > first + count - 4
                    || Int.random(in: 0..<6, using: &generator) > 0
            }
            let chunks = sent.map { number in
                chunk(
                    sequence: UInt64(number),
                    from: SampleIndex(50 * number),
                    count: 50
                )
            }
            func missing(_ chunks: [LeadChunk]) -> (Int, [TechnicalEvent]) {
                var run = StationRun()
                run.isEager = false
                for chunk in chunks { run.send(chunk) }
                run.shutDown()
                return (run.statuses[0].missingChunks, run.events(of: p1).facts(.chunksMissing))
            }
            let expected = count - sent.count
            let plain = missing(chunks)
            let mixed = missing(disordered(chunks, spread: 1.2, using: &generator))
            #expect(plain.0 == expected && mixed.0 == expected, "seed \(seed)")
            #expect(plain.1 == mixed.1, "seed \(seed)")
            holes += expected
        }
        #expect(holes > 1_000)
    }

    /// The ledger beside a set of all numbers that came.
    @Test func `the ledger holds what a set of all numbers holds, as long as holes are few`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed &+ 1 << 32)
            var ledger = SequenceLedger()
            var came: Set<UInt64> = []
            var repeated = 0
            var twin = 0
            for step in 0..<60 {
                let number = UInt64.random(in: 1...90, using: &generator)
                let time = StreamTime(units: Int64(step), unitsPerSecond: 100)
                if ledger.take(number, at: 0, end: time, isStarting: true) { repeated += 1 }
                if !came.insert(number).inserted { twin += 1 }
            }
            let missing = ledger.settleAll().reduce(0) { $0 + $1.count }
            let span = Int((came.max() ?? 0) - (came.min() ?? 0)) + 1
            #expect(repeated == twin && missing == span - came.count, "seed \(seed)")
            #expect(ledger.settleAll().isEmpty)
        }
    }

    @Test func `whatever the numbers do, the room they take is bounded and nothing traps`() {
        for seed in seeds(200) {
            var generator = SeededGenerator(seed: seed &+ 2 << 32)
            var ledger = SequenceLedger()
            var missing = 0
            for step in 0..<2_000 {
                let number: UInt64 =
                    switch Int.random(in: 0..<5, using: &generator) {
                    case 0: .random(in: 1...UInt64.max, using: &generator)
                    case 1: .max - UInt64.random(in: 0...3, using: &generator)
                    case 2: UInt64.random(in: 1...3, using: &generator)
                    case 3: UInt64(step * 2 + 1)
                    default: UInt64.random(in: 1...5_000, using: &generator)
                    }
                let time = StreamTime(units: Int64(step), unitsPerSecond: 10)
                let isStarting = Bool.random(using: &generator)
                if Bool.random(using: &generator) {
                    _ = ledger.take(number, at: 0, end: time, isStarting: isStarting)
                } else {
                    ledger.takeRefused(number, at: 0, end: time)
                }
                let settled =
                    Int.random(in: 0..<50, using: &generator) == 0
                    ? ledger.settleAll() : ledger.settle(at: time)
                for hole in settled {
                    #expect(hole.count > 0 && hole.count <= 1 << 53 - 1)
                    missing += min(hole.count, 1_000)
                }
                #expect(ledger.holeCount <= SequenceLedger.holesMax, "seed \(seed)")
            }
            #expect(missing > 0)
        }
    }
}
