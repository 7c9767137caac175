import ECGSignal
import Findings
import Pipeline
import TestSupport
import Testing
import Wire

@testable import Station

/// What is decided is a function of the log alone.
@Suite struct LogLaws {
    /// Raw entries as an ingest thread would log them: streams of random gateways, damaged messages, ticks.
    private func log(_ generator: inout SeededGenerator) throws -> [LoggedEntry<RawMessage>] {
        var messages: [RawMessage] = []
        for stream in 0..<Int.random(in: 1...3, using: &generator) {
            var sent = SentStream.random(
                seconds: .random(in: 9...12, using: &generator),
                from: Lead.standard,
                using: &generator
            )
            let epoch = UInt64.random(in: 1...2, using: &generator)
            sent.identity = StreamIdentity(patient: "p\(stream)", device: "d\(stream / 2)", epoch: epoch)
            for chunk in disordered(
                sent.chunks(longest: 0.9, using: &generator),
                spread: 0.5,
                using: &generator
            ) { messages.append(try raw(chunk, &generator)) }
        }
        var now = 0.0
        var nextTick = 1.0
        var entries: [LoggedEntry<RawMessage>] = []
        for message in messages.shuffledALittle(using: &generator) {
            now += .random(in: 0...0.3, using: &generator)
            while nextTick <= now {
                let tick = LoggedEntry<RawMessage>.Content.tick(isQuiet: .random(using: &generator))
                entries.append(LoggedEntry(tick, at: arrival(nextTick)))
                nextTick += 1
            }
            entries.append(LoggedEntry(.frame(message, endpoint: "gateways"), at: arrival(now)))
        }
        return entries + [LoggedEntry(.shutdown, at: arrival(now))]
    }

    private func raw(_ chunk: LeadChunk, _ generator: inout SeededGenerator) throws -> RawMessage {
        if Int.random(in: 0..<50, using: &generator) == 0 { return .tooManyParts(6) }
        var parts = try ChunkEncoder.frames(
            OutgoingChunk(
                stream: chunk.stream,
                sequence: chunk.sequence,
                track: chunk.track,
                firstSample: chunk.firstSample,
                rate: chunk.rate,
                nanovoltsPerUnit: 1e6,
                encoding: .float32,
                leads: chunk.leads.map {
                    OutgoingLead(lead: $0.lead, isDerived: $0.isDerived, samples: .reals($0.millivolts))
                },
                isLast: Int.random(in: 0..<200, using: &generator) == 0
            )
        )
        if Int.random(in: 0..<20, using: &generator) == 0 {
            let part = Int.random(in: parts.indices, using: &generator)
            parts[part][Int.random(in: parts[part].indices, using: &generator)] ^= 1
        }
        return .parts(parts)
    }

    /// The bytes of every event, by stream and in canonical order within each.
    private func bytes(
        of entries: [LoggedEntry<RawMessage>],
        shards count: Int,
        isEager: Bool
    ) -> [[UInt8]] {
        var admission = Admission()
        var shards = (0..<count).map { _ in Shard(model: NarrowModel.shared, hop: .standard) }
        var decoder = ChunkDecoder()
        var events: [Event] = []
        var owners: [Int: Int] = [:]
        for entry in entries {
            for action in admission.take(entry.reading { decoder.judge($0) }) {
                switch action {
                case .publish(let event): events.append(event)
                case .deliver(let slot, let input):
                    if case .open(let first) = input {
                        owners[slot] = Sender(of: first.stream).owner(among: count)
                    }
                    events += shards[owners[slot] ?? 0].take(input, for: slot, at: entry.arrival)
                }
            }
            for index in shards.indices where isEager {
                while let more = shards[index].step() { events += more }
            }
        }
        for index in shards.indices { while let more = shards[index].step() { events += more } }
        return canonical(events).map { EventFormat.canonical($0) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test func `the same log gives the same bytes, whatever the number of workers and their pace`() throws {
        var windows = 0
        for seed in seeds(60) {
            var generator = SeededGenerator(seed: seed)
            let entries = try log(&generator)
            let times = entries.map(\.arrival.monotonic)
            #expect(times == times.sorted(), "the test's own log, seed \(seed)")
            let first = bytes(of: entries, shards: 1, isEager: true)
            let again = bytes(of: entries, shards: Int.random(in: 1...3, using: &generator), isEager: false)
            let isSame = first == again
            #expect(isSame, "seed \(seed)")
            windows += first.count { String(decoding: $0, as: UTF8.self).contains("shinden.diagnosis.v1") }
        }
        #expect(windows > 50)
    }
}

extension Array {
    /// Neighbours swapped now and then.
    fileprivate func shuffledALittle(using generator: inout SeededGenerator) -> [Element] {
        var copy = self
        for index in indices.dropLast() where Int.random(in: 0..<10, using: &generator) == 0 {
            copy.swapAt(index, index + 1)
        }
        return copy
    }
}
