import ECGSignal
import Foundation
import TestSupport
import Testing

@testable import Conditioning

@Suite struct WideBandTests {
    /// Reads both bands as lanes do; pieces of the input end where `cuts` says.
    private func rows(
        of stream: SentStream,
        chunk size: Int,
        hasWide: Bool = true
    ) -> (wide: [UInt32], present: [LeadSet], encoder: [UInt32]) {
        var timeline = StreamTimeline()
        var conditioned = ConditionedStream()
        let encoder = conditioned.addReader()
        let reader = hasWide ? conditioned.addWideReader() : nil
        var wide: [Float] = []
        var present: [LeadSet] = []
        var rows: [Float] = []
        var held = WideRows()
        var next: GridIndex?
        func read() {
            let from = next ?? conditioned.joinedAt ?? 0
            guard conditioned.ready > from else { return }
            let range = from..<conditioned.ready
            let place = rows.count / Lead.channelCount
            rows.append(contentsOf: repeatElement(0, count: range.count * Lead.channelCount))
            conditioned.copyRows(range, into: &rows, at: place)
            _ = conditioned.nextWindow()
            if let reader {
                conditioned.copyWideRows(range, into: &held)
                for row in 0..<held.count {
                    wide += (0..<Lead.channelCount).map { held.value(row, channel: $0) }
                }
                present += held.present
                conditioned.release(rowsBelow: range.upperBound, by: reader)
            }
            conditioned.release(rowsBelow: range.upperBound, by: encoder)
            next = range.upperBound
        }
        let track = stream.tracks[0]
        var sequence: UInt64 = 1
        for from in stride(from: track.first, to: track.end, by: size) {
            let chunk = stream.chunk(
                of: track,
                leads: Array(track.leads.indices),
                from..<min(from + SampleIndex(size), track.end),
                sequence: sequence
            )
            _ = conditioned.take(timeline.place(chunk), table: Tables.of(track.rate))
            sequence += 1
            read()
        }
        timeline.tick()
        conditioned.close(.last, at: timeline.front)
        read()
        return (wide.map(\.bitPattern), present, rows.map(\.bitPattern))
    }

    /// Two leads with a bridged gap and a long one.
    private func stream(_ rate: SampleRate, seed: UInt64) -> SentStream {
        var generator = SeededGenerator(seed: seed)
        let count = Int(rate.hertz * 8)
        var values = (0..<2).map { _ in (0..<count).map { _ in Float.random(in: -2...2, using: &generator) } }
        let short = Int(rate.hertz * 0.03)
        let from = Int.random(in: count / 4...count / 3, using: &generator)
        for index in from..<from + short { values[0][index] = .nan }
        for index in count / 2..<count / 2 + Int(rate.hertz) { values[1][index] = .nan }
        return SentStream(tracks: [SentTrack(rate: rate, leads: [.ii, .v1], values: values)])
    }

    @Test(arguments: seeds(6)) func `where the input is cut changes no bit of the wide band`(
        seed: UInt64
    ) throws {
        for rate in [250, 360, 500] as [Int64] {
            let sent = stream(try #require(SampleRate(rate)), seed: seed)
            let whole = rows(of: sent, chunk: Int(rate))
            for size in [1, 7, 90] { #expect(rows(of: sent, chunk: size) == whole, "chunks of \(size)") }
        }
    }

    @Test(arguments: seeds(3)) func `a reader of the wide band changes no bit of the encoder's`(
        seed: UInt64
    ) throws {
        let sent = stream(try #require(SampleRate(360)), seed: seed)
        #expect(rows(of: sent, chunk: 90).encoder == rows(of: sent, chunk: 90, hasWide: false).encoder)
    }

    @Test func `a bridged gap has values that do not count, a longer one has none`() throws {
        let sent = stream(try #require(SampleRate(500)), seed: 1)
        let (wide, present, _) = rows(of: sent, chunk: 100)
        let ii = Lead.ii.channel ?? 0
        let v1 = Lead.v1.channel ?? 0
        for (index, values) in sent.tracks[0].values[0].enumerated() {
            #expect(present[index].contains(channel: ii) == !values.isNaN)
            #expect(!Float(bitPattern: wide[index * Lead.channelCount + ii]).isNaN)
        }
        for (index, values) in sent.tracks[0].values[1].enumerated() {
            #expect(Float(bitPattern: wide[index * Lead.channelCount + v1]).isNaN == values.isNaN)
        }
        #expect(Float(bitPattern: wide[0]).isNaN, "a lead that was never sent has no value")
    }

    @Test func `a constant is 0 and the corner lies at 0.05 Hz`() {
        var band = WideBand()
        band.restart(at: 3)
        for _ in 0..<5_000 { #expect(band.filter(3) == 0) }
        var cosine = 0.0
        var sine = 0.0
        for index in 0..<120_000 {
            let angle = 2 * Double.pi * 0.05 * Double(index) / 500
            let output = Double(band.filter(Float(3 + sin(angle))))
            guard index >= 60_000 else { continue }
            cosine += output * cos(angle)
            sine += output * sin(angle)
        }
        #expect(abs(20 * log10(hypot(cosine, sine) / 30_000) + 3.0103) < 0.01)
    }
}
