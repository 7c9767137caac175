import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Conditioning

@Suite struct ConditionedStreamTests {
    private static func stream(
        _ generator: inout SeededGenerator,
        seconds: ClosedRange<Double>
    ) -> SentStream {
        let origin = Bool.random(using: &generator) ? 0 : Int64.random(in: 0...1 << 36, using: &generator)
        var stream = SentStream.random(
            seconds: .random(in: seconds, using: &generator),
            origin: origin,
            from: Array(Lead.limb + [.v1, .v5, .patch]),
            using: &generator
        )
        if Bool.random(using: &generator) { stream.mask(longest: 2, using: &generator) }
        if Bool.random(using: &generator) { stream.spoil(using: &generator) }
        return stream
    }

    @Test(arguments: seeds(100))
    func `P06 windows read as they come are those cut from the rows of the offline twin`(seed: UInt64) throws
    {
        var generator = SeededGenerator(seed: seed)
        let sent = Self.stream(&generator, seconds: 8.9...13)
        let chunks = sent.chunks(using: &generator)
        let hop = try Hop(samples: [96, 512, 992].randomElement(using: &generator) ?? 512)
        let twin = OfflineTwin(chunks, of: sent)
        let rows = twin.rows()
        var reader = WindowReader()
        var expected = hop.firstStart(notBefore: twin.start)
        for window in try reader.windows(of: chunks, hop: hop) {
            #expect(window.start == expected)
            let from = Int(window.start - twin.start) * Lead.channelCount
            var cut = Array(rows[from..<min(from + window.rows.count, rows.count)])
            cut += repeatElement(0, count: window.rows.count - cut.count)
            #expect(window.rows.map(\.bitPattern) == cut, "window at \(window.start)")
            for lead in window.leads {
                let range = window.start..<min(window.start + 5_000, twin.end)
                let counted = range.count { twin.counts(lead.lead, at: $0, windowEnd: window.start + 5_000) }
                #expect(lead.samplesPresent == counted, "\(lead.lead.name) at \(window.start)")
                #expect(
                    lead.reason == twin.leadReason(lead.lead, windowAt: window.start),
                    "\(lead.lead.name) at \(window.start)"
                )
            }
            #expect(window.isDisturbed == twin.isDisturbed(windowAt: window.start), "at \(window.start)")
            let byLead = window.byLead
            #expect(byLead[7 * 5_000 + 123].bitPattern == window.rows[123 * 12 + 7].bitPattern)
            expected += GridIndex(hop.samples)
        }
        let isShort = twin.end - hop.firstStart(notBefore: twin.start) < 5_000
        #expect(expected + 5_000 > twin.end || isShort)
    }

    @Test(arguments: seeds(100))
    func `each reader reads every row at its own pace, and what the slowest has read is forgotten`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let sent = Self.stream(&generator, seconds: 11...16)
        var whole = ConditionedStream()
        var stream = ConditionedStream()
        var timeline = StreamTimeline()
        let readers = [stream.addReader(), stream.addReader()]
        var ends: [GridIndex?] = [nil, nil]
        var rows: [[UInt32]] = [[], []]
        func read(_ number: Int, atMost count: GridIndex) {
            guard let joined = stream.joinedAt else { return }
            let from = ends[number] ?? joined
            let end = min(stream.ready, from + count)
            guard end > from else { return }
            var piece = [Float](repeating: .nan, count: Int(end - from) * Lead.channelCount)
            stream.copyRows(from..<end, into: &piece)
            rows[number] += piece.map(\.bitPattern)
            ends[number] = end
            stream.release(rowsBelow: end, by: readers[number])
        }
        for chunk in sent.chunks(using: &generator) {
            let placed = timeline.place(chunk)
            _ = whole.take(placed, table: Tables.of(chunk.rate))
            _ = stream.take(placed, table: Tables.of(chunk.rate))
            while let start = stream.nextWindow(), stream.isReadable(windowAt: start) {
                stream.pass(windowAt: start)
            }
            for number in readers.indices where Bool.random(using: &generator) {
                read(number, atMost: .random(in: 0...700, using: &generator))
            }
            let slowest = min(ends[0] ?? 0, ends[1] ?? 0)
            for lead in stream.conditioner.states where lead.lead.channel != nil {
                let kept = lead.conditioner?.firstHeld ?? .max
                #expect(slowest == 0 || kept >= slowest - 1, "\(lead.lead.name), seed \(seed)")
            }
        }
        timeline.tick()
        whole.close(.last, at: timeline.front)
        stream.close(.last, at: timeline.front)
        for number in readers.indices { read(number, atMost: .max / 2) }
        let joined = try #require(whole.joinedAt)
        var expected = [Float](repeating: .nan, count: Int(whole.ready - joined) * Lead.channelCount)
        whole.copyRows(joined..<whole.ready, into: &expected)
        for number in readers.indices {
            let isWhole = rows[number] == expected.map(\.bitPattern)
            #expect(isWhole, "reader \(number)")
        }
    }

    @Test(arguments: seeds(40))
    func `a copy of a stream goes its own way`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let chunks = Self.stream(&generator, seconds: 10...12).chunks(using: &generator)
        let cut = Int.random(in: 1..<max(2, chunks.count), using: &generator)
        var original = StreamReading()
        for chunk in chunks.prefix(cut) { _ = original.take(chunk) }
        var copy = original
        copy.tick()
        copy.close()
        for chunk in chunks.dropFirst(cut) { _ = original.take(chunk) }
        original.close()
        var alone = StreamReading()
        for chunk in chunks { _ = alone.take(chunk) }
        alone.close()
        let isSame = original.bits == alone.bits
        #expect(isSame)
    }
}
