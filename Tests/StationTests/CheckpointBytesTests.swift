import BinaryCoding
import ECGSignal
import Findings
import Pipeline
import TestSupport
import Testing

@testable import Station

/// The bytes of a checkpoint: how many there are, and which are refused.
@Suite struct CheckpointBytesTests {
    private static let stream = StreamIdentity(patient: "p1", device: "d1", epoch: 7)

    /// Atrial fibrillation in twelve leads at 1,000 Hz for three minutes, in chunks of which some are lost where `isLossy`.
    private static func fibrillation(isLossy: Bool) throws -> [LeadChunk] {
        let recorded = try CheckpointLaws.chunks("mitdb/203_0030", stream, milliseconds: 90_000, seconds: 90)
        let values = recorded.flatMap { $0.leads[0].millivolts }
        let rate = try #require(SampleRate(1_000))
        var generator = SeededGenerator(seed: 1)
        func value(at index: Int) -> Float {
            let place = Double(index) * 0.36
            let first = Int(place) % (values.count - 1)
            return values[first] + Float(place - place.rounded(.down)) * (values[first + 1] - values[first])
        }
        return (0..<900).compactMap { number -> LeadChunk? in
            let first = number * 200
            let isLost = isLossy && number > 20 && Int.random(in: 0..<12, using: &generator) == 0
            let leads = Lead.standard.enumerated().map { place, lead in
                LeadSamples(
                    lead: lead,
                    millivolts: (0..<200).map {
                        value(at: first + $0) * (1 + Float(place) / 12)
                            + .random(in: -0.02...0.02, using: &generator)
                    }
                )
            }
            guard !isLost else { return nil }
            return LeadChunk(
                stream: stream,
                sequence: UInt64(number + 1),
                track: 0,
                firstSample: SampleIndex(first),
                sampleCount: 200,
                rate: rate,
                leads: leads
            )
        }
    }

    @Test(arguments: [false, true])
    func `a checkpoint of twelve leads at 1,000 Hz in atrial fibrillation has at most 32 KB`(
        isLossy: Bool
    ) throws {
        let log = CheckpointRun.log(try Self.fibrillation(isLossy: isLossy))
        var run = CheckpointRun()
        for (index, entry) in log.enumerated() { run.take(entry, at: index + 1) }
        let sizes = run.made.map(\.kept.bytes.count).filter { $0 > 0 }
        #expect(sizes.count > 25)
        #expect((sizes.max() ?? 0) <= StreamState.bytesMax)
        let states = try run.made.filter { !$0.kept.bytes.isEmpty }.map {
            try StreamState($0.kept.bytes, model: NarrowModel.shared.revisions, hop: .standard)
        }
        let whole = states.count { $0.isWhole }
        #expect(isLossy || whole == states.count)
        let state = try #require(states.last)
        let members = try BinaryCoding.members(of: state.content).sorted { $0.value > $1.value }
        print(members.prefix(60).map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        let clock = ContinuousClock()
        let kept = clock.measure { for _ in 0..<100 { _ = run.shard.members[0]?.processor.kept } }
        let written = clock.measure { for _ in 0..<100 { _ = state.bytes } }
        let read = try clock.measure {
            for _ in 0..<100 {
                _ = try StreamState(
                    run.made[run.made.count - 1].kept.bytes,
                    model: NarrowModel.shared.revisions,
                    hop: .standard
                )
            }
        }
        print(
            "\(whole) of \(states.count) whole; \(kept / 100) to take; checkpoints of \(sizes.min() ?? 0) to \(sizes.max() ?? 0) bytes; \(written / 100) to write, \(read / 100) to read"
        )
    }

    @Test func `bytes of another version, model or hop, and damaged ones are refused by name`() throws {
        let log = CheckpointRun.log(try CheckpointLaws.chunks("mitdb/100_0000", Self.stream, seconds: 12))
        var run = CheckpointRun()
        for (index, entry) in log.enumerated() { run.take(entry, at: index + 1) }
        let bytes = try #require(run.made.map(\.kept.bytes).last { !$0.isEmpty })
        let revisions = NarrowModel.shared.revisions
        _ = try StreamState(bytes, model: revisions, hop: .standard)
        var newer = bytes
        newer[0] += 1
        #expect(throws: StreamState.Misfit.version(StreamState.version + 1)) {
            try StreamState(newer, model: revisions, hop: .standard)
        }
        let other = Revisions(model: "other", bank: revisions.bank, catalogue: revisions.catalogue)
        #expect(throws: StreamState.Misfit.model) { try StreamState(bytes, model: other, hop: .standard) }
        let hop = try Hop(samples: 256)
        #expect(throws: StreamState.Misfit.model) { try StreamState(bytes, model: revisions, hop: hop) }
        for place in stride(from: 2, to: bytes.count, by: 37) {
            var damaged = bytes
            damaged[place] ^= 16
            #expect(throws: StreamState.Misfit.damaged) {
                try StreamState(damaged, model: revisions, hop: .standard)
            }
        }
        for count in [0, 1, 5, 6, 100, bytes.count - 1] {
            #expect(throws: StreamState.Misfit.damaged) {
                try StreamState(Array(bytes[..<count]), model: revisions, hop: .standard)
            }
        }
    }

    @Test func `bytes that are damaged behind a right check are refused or read, and never end the program`()
        throws
    {
        let log = CheckpointRun.log(try CheckpointLaws.chunks("mitdb/100_0000", Self.stream, seconds: 12))
        var run = CheckpointRun()
        for (index, entry) in log.enumerated() { run.take(entry, at: index + 1) }
        let bytes = try #require(run.made.map(\.kept.bytes).last { !$0.isEmpty })
        for seed in seeds(300) {
            var generator = SeededGenerator(seed: seed)
            var value = Array(bytes[6...])
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                value[Int.random(in: 0..<value.count, using: &generator)] = .random(
                    in: 0...255,
                    using: &generator
                )
            }
            let check = BinaryCoding.check(of: value)
            let head = bytes[..<2] + (0..<4).map { UInt8(truncatingIfNeeded: check >> (8 * $0)) }
            _ = try? StreamState(head + value, model: NarrowModel.shared.revisions, hop: .standard)
        }
    }

    /// Where this fails, what is written has changed: raise `StreamState.version`, then put the new value here.
    @Test func `the version changes with what is written`() throws {
        let log = CheckpointRun.log(try CheckpointLaws.chunks("mitdb/207_1530", Self.stream))
        var run = CheckpointRun()
        for (index, entry) in log.enumerated() { run.take(entry, at: index + 1) }
        let bytes = try #require(run.made.map(\.kept.bytes).last { !$0.isEmpty })
        let state = try StreamState(bytes, model: NarrowModel.shared.revisions, hop: .standard)
        let names = try BinaryCoding.members(of: state.content).keys.sorted()
        let check = BinaryCoding.check(of: Array(names.joined(separator: " ").utf8))
        #expect(StreamState.version == 3 && check == 2_858_515_420, "\(check): \(names)")
    }
}
