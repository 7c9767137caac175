import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Conditioning

/// A stream whose conditions hold for order to be free: chunks of at most 0.4 s, holes of at most 0.4 s, stretches
/// marked as missing of any length, all at most 0.8 s behind their turn.
private struct Case {
    static let spread = 0.8
    let origin: Int64
    let stream: SentStream
    /// What arrives, in order.
    let chunks: [LeadChunk]

    init(_ generator: inout SeededGenerator) {
        origin = Bool.random(using: &generator) ? 0 : Int64.random(in: 0...1 << 36, using: &generator)
        let seconds = Double.random(in: 0.5...3.5, using: &generator)
        let limb = Bool.random(using: &generator)
        var stream = SentStream.random(
            seconds: seconds,
            origin: origin,
            from: limb ? Array(Lead.limb + [.v1, .patch]) : Lead.allCases,
            using: &generator
        )
        if Bool.random(using: &generator) { stream.mask(longest: 0.7, using: &generator) }
        self.stream = stream
        let share = Bool.random(using: &generator) ? 0 : 0.15
        chunks = losing(stream.chunks(using: &generator), share: share, using: &generator)
    }
}

@Suite struct ConditioningLaws {
    @Test func `P06 order and duplication change neither rows nor presence, and rows are the offline twin's`()
    {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed)
            let sent = Case(&generator)
            guard !sent.chunks.isEmpty else { continue }
            let twin = OfflineTwin(sent.chunks, of: sent.stream)
            var inOrder = StreamReading(forgets: false)
            for chunk in sent.chunks { _ = inOrder.take(chunk) }
            inOrder.close()
            #expect(inOrder.start == twin.start && inOrder.end == twin.end, "seed \(seed)")
            let isTwin = inOrder.bits == twin.rows()
            #expect(isTwin, "rows of the twin, seed \(seed)")

            var other = StreamReading()
            let arriving = disordered(
                sent.chunks,
                spread: Case.spread,
                origin: sent.origin,
                using: &generator
            )
            var late = 0
            for (chunk, isWhole) in zip(arriving, wholeAfter(arriving)) {
                late += other.take(chunk).late
                if isWhole, Int.random(in: 0..<4, using: &generator) == 0 { other.tick() }
            }
            other.close()
            #expect(late == 0, "seed \(seed)")
            #expect(other.start == inOrder.start, "seed \(seed)")
            let isSame = other.bits == inOrder.bits
            #expect(isSame, "rows in another order, seed \(seed)")
            #expect(other.presence == inOrder.presence, "seed \(seed)")
            for (one, two) in zip(other.conditioner.ledgers, inOrder.conditioner.ledgers) {
                #expect(one.ledger.isBalanced && one.ledger.held == 0, "seed \(seed)")
                #expect(one.ledger.analysed == two.ledger.analysed, "seed \(seed)")
            }
        }
    }

    /// After each chunk: whether all that stands before the newest sample so far has come and every lead was heard, so
    /// that a tick is free.
    private func wholeAfter(_ arriving: [LeadChunk]) -> [Bool] {
        var seen: Set<UInt64> = []
        var isFirst = arriving.map { seen.insert($0.sequence).inserted }
        var newest: [StreamTime] = []
        for chunk in arriving { newest.append(max(newest.last ?? .zero, chunk.endTime)) }
        let heard = Lead.allCases.compactMap { lead in
            arriving.firstIndex { $0.leads.contains { $0.lead == lead } }
        }
        var earliestToCome: StreamTime?
        for index in arriving.indices.reversed() {
            let isWhole = earliestToCome.map { $0 >= newest[index] } ?? true
            if isFirst[index] {
                earliestToCome = min(earliestToCome ?? arriving[index].startTime, arriving[index].startTime)
            }
            isFirst[index] = isWhole && index >= heard.max() ?? 0
        }
        return isFirst
    }

    @Test func `P03 coverage is an independent count, derived leads where both sources are`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed &+ 1 << 32)
            let sent = Case(&generator)
            guard !sent.chunks.isEmpty else { continue }
            let twin = OfflineTwin(sent.chunks, of: sent.stream)
            var stream = StreamReading(forgets: false)
            for chunk in sent.chunks { _ = stream.take(chunk) }
            stream.close()
            let start = max(0, twin.start - Int64.random(in: 0...2_000, using: &generator))
            for coverage in stream.conditioner.coverage(ofWindowAt: start) {
                let counted = (max(start, twin.start)..<min(start + 5_000, twin.end)).count {
                    twin.counts(coverage.lead, at: $0, windowEnd: start + 5_000)
                }
                #expect(coverage.samplesPresent == counted, "\(coverage.lead.name), seed \(seed)")
                #expect(coverage.isUsed == (counted >= 4_500), "seed \(seed)")
            }
        }
    }

    @Test func `P03 what stands in a masked sample changes no row and no coverage`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed &+ 2 << 32)
            var sent = SentStream.random(seconds: .random(in: 0.3...2, using: &generator), using: &generator)
            sent.mask(longest: 0.4, using: &generator)
            let chunks = sent.chunks(using: &generator)
            var plain = StreamReading()
            var changed = StreamReading()
            for chunk in chunks {
                _ = plain.take(chunk)
                // Samples behind a mask arrive as NaN, whatever they were; the bits of a NaN say nothing.
                _ = changed.take(
                    chunk.mapLeads { samples in
                        LeadSamples(
                            lead: samples.lead,
                            millivolts: samples.millivolts.map { value in
                                value.isNaN
                                    ? Float(
                                        nan: .random(in: 0..<1 << 20, using: &generator),
                                        signaling: false
                                    ) : value
                            }
                        )
                    }
                )
            }
            plain.close()
            changed.close()
            let isSame = plain.bits == changed.bits
            #expect(isSame, "seed \(seed)")
            #expect(plain.presence == changed.presence, "seed \(seed)")
            let isFinite = plain.rows.allSatisfy { $0.isFinite }
            #expect(isFinite, "seed \(seed)")
        }
    }

    @Test func `P03 a hole is a mask: samples not sent and samples marked as missing give the same rows`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed &+ 3 << 32)
            let sent = SentStream.random(seconds: .random(in: 0.5...3, using: &generator), using: &generator)
            let chunks = sent.chunks(longest: 0.2, using: &generator)
            // The first and the last chunk of each lead stay, since they say where the lead begins and ends.
            let kept = Set(losing(chunks, share: 0.3, using: &generator).map(\.sequence)).union(
                edges(of: chunks)
            )
            var holes = StreamReading()
            var masks = StreamReading()
            for chunk in chunks {
                let isKept = kept.contains(chunk.sequence)
                if isKept { _ = holes.take(chunk) }
                _ = masks.take(isKept ? chunk : chunk.mapLeads(allMissing))
            }
            holes.close()
            masks.close()
            let isSame = holes.bits == masks.bits
            #expect(isSame, "seed \(seed)")
            #expect(holes.presence == masks.presence, "seed \(seed)")
        }
    }

    private func edges(of chunks: [LeadChunk]) -> [UInt64] {
        Lead.allCases.flatMap { lead in
            let own = chunks.filter { $0.leads.contains { $0.lead == lead } }
            return [own.first, own.last].compactMap { $0?.sequence }
        }
    }

    private func allMissing(_ samples: LeadSamples) -> LeadSamples {
        LeadSamples(lead: samples.lead, millivolts: samples.millivolts.map { _ in .nan })
    }

    @Test func `any two limb leads give the other four`() {
        for p in 0..<6 {
            for q in (p + 1)..<6 {
                // I = 0.7 mV, II = 1.1 mV, and the four that follow.
                let leads = [0.7, 1.1, 1.1 - 0.7, -(0.7 + 1.1) / 2, 0.7 - 1.1 / 2, 1.1 - 0.7 / 2]
                for target in 0..<6 {
                    let weights = Derivation.weights(of: target, from: p, q)
                    let value = weights.first * leads[p] + weights.second * leads[q]
                    #expect(abs(value - leads[target]) < 1e-15, "\(target) of \(p), \(q)")
                }
            }
        }
        #expect(Derivation.pair(of: LeadSet([Lead.aVF, .ii, .v1])).map { [$0.0, $0.1] } == [1, 5])
        #expect(Derivation.pair(of: LeadSet([Lead.iii, .v1])) == nil)
    }
}
