import ECGEncoder
import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

/// The way of a sample takes no memory once it has been walked: what a stream holds is made at its beginning.
///
/// A checkpoint, which a worker of `serve --state` makes every five seconds, is no step of that way and takes what it holds.
@Suite struct AllocationTests {
    /// Twelve leads in chunks of a fifth of a second.
    private static func chunks(_ rate: SampleRate, seconds: Int) -> [LeadChunk] {
        var generator = SeededGenerator(seed: 1)
        let count = Int(rate.hertz) * seconds
        let track = SentTrack(
            rate: rate,
            leads: Lead.standard,
            values: Lead.standard.map { _ in noise(count, &generator) }
        )
        let stream = SentStream(tracks: [track])
        let size = Int(rate.hertz / 5)
        return stride(from: 0, to: count, by: size).map { from in
            stream.chunk(
                of: track,
                leads: Array(0..<12),
                SampleIndex(from)..<SampleIndex(from + size),
                sequence: UInt64(from / size + 1)
            )
        }
    }

    @Test(arguments: [100, 250, 500, 1_000] as [Int64])
    func `after warm-up a chunk takes no memory, nor does a hop; a window takes what its event holds`(
        hertz: Int64
    ) throws {
        let rate = try #require(SampleRate(hertz))
        let table = try Tables.of(rate)
        let model = NarrowModel.shared
        let workspace = model.encoder.makeWorkspace()
        let chunks = Self.chunks(rate, seconds: 40)
        let warm = chunks.count * 3 / 4
        var processor = StreamProcessor(first: chunks[0], at: arrival(0), hop: .standard, model: model)
        var timeline = StreamTimeline()
        var batch = StreamBatch()
        var events: [Event] = []
        events.reserveCapacity(100)
        var placing = Allocations()
        var taking = Allocations()
        var encoding = Allocations()
        var finishing = Allocations()
        var windows = 0
        for (index, chunk) in chunks.enumerated() {
            if index == warm {
                (placing, taking, encoding, finishing, windows) = (.init(), .init(), .init(), .init(), 0)
            }
            let now = arrival(Double(index) / 5)
            var placed: PlacedChunk?
            placing += Allocations.of { placed = timeline.place(chunk) }
            if let placed {
                taking += Allocations.of { events += processor.take(placed, table: table, at: now) }
            }
            while true {
                encoding += Allocations.of {
                    batch.gather(&processor, as: 0)
                    if !batch.isEmpty { batch.run(model, using: workspace) }
                }
                guard !batch.isEmpty else { break }
                finishing += Allocations.of {
                    if let event = batch.finish(0, &processor, using: workspace) {
                        events.append(event)
                        windows += 1
                    }
                }
                batch.removeAll()
            }
        }
        #expect(windows == 10 || windows == 9)
        // What travels to another thread with a chunk is its own: the place of each lead, and how far the stream stood.
        #expect(placing.count <= 2 * (chunks.count - warm), "\(placing.count)")
        #expect(taking == Allocations(), "of \(chunks.count - warm) chunks")
        #expect(encoding == Allocations(), "of \(windows) hops")
        // Embedding, leads, top and withheld statements of an event, and the lists that they are made from.
        #expect(finishing.count <= 7 * windows, "\(finishing.count) for \(windows) windows")
        #expect(finishing.bytes <= 6_000 * windows, "\(finishing.bytes) bytes for \(windows) windows")
    }
}

extension Allocations {
    fileprivate static func += (left: inout Allocations, right: Allocations) {
        left.count += right.count
        left.bytes += right.bytes
    }
}
