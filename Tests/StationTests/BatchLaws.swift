import ECGSignal
import Findings
import Pipeline
import TestSupport
import Testing

@testable import Station

@Suite struct BatchLaws {
    private struct Sent {
        let slot: Int
        var inputs: [(input: StreamInput, arrival: Arrival)]
        let identity: StreamIdentity
    }

    /// Everything that a shard gets of one stream, in its order.
    private func stream(
        _ slot: Int,
        _ seconds: ClosedRange<Double>,
        _ generator: inout SeededGenerator
    ) -> Sent {
        var stream = SentStream.random(
            seconds: .random(in: seconds, using: &generator),
            origin: .random(in: 0...50, using: &generator),
            from: Array(Lead.standard + [.patch]),
            using: &generator
        )
        stream.identity = StreamIdentity(patient: "p\(slot)", device: "d\(slot)", epoch: 1)
        if Bool.random(using: &generator) { stream.mask(longest: 3, using: &generator) }
        let chunks = losing(stream.chunks(longest: 1, using: &generator), share: 0.1, using: &generator)
        var inputs: [(input: StreamInput, arrival: Arrival)] = []
        var timeline = StreamTimeline()
        for (index, chunk) in chunks.enumerated() {
            let time = arrival(Double(index) / 10)
            if index == 0 { inputs.append((.open(first: chunk), time)) }
            inputs.append((.chunk(timeline.place(chunk)), time))
            guard Int.random(in: 0..<30, using: &generator) == 0 else { continue }
            timeline.tick()
            inputs.append((.turn(.silent, timeline.front), time))
            inputs.append((.turn(.open, timeline.front), time))
        }
        timeline.tick()
        inputs.append((.turn(.closed(.last), timeline.front), arrival(1e4)))
        return Sent(slot: slot, inputs: inputs, identity: stream.identity)
    }

    @Test func `P05 the events of a stream do not depend on its batch-mates, their number, order or shard`()
        throws
    {
        let hop = try Hop(samples: 992)
        var withWindows = 0
        let tried = seeds(300)
        for seed in tried {
            var generator = SeededGenerator(seed: seed)
            // Some with many streams, whose encoding is one batch.
            let count = seed % 50 == 0 ? 64 : Int.random(in: 1...6, using: &generator)
            let sent = (0..<count).map { stream($0, count == 64 ? 10...11 : 9...14, &generator) }
            let alone = sent.map { own in
                var shard = Shard(model: NarrowModel.shared, hop: hop)
                var events: [Event] = []
                for (input, time) in own.inputs {
                    events += shard.take(input, for: own.slot, at: time)
                    while let more = shard.step() { events += more }
                }
                return canonical(events)
            }
            var shards = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                Shard(model: NarrowModel.shared, hop: hop)
            }
            var events: [Event] = []
            var waiting = sent
            let eagerness = Double.random(in: 0...0.5, using: &generator)
            while !waiting.isEmpty {
                let index = Int.random(in: waiting.indices, using: &generator)
                let slot = waiting[index].slot
                let (input, time) = waiting[index].inputs.removeFirst()
                events += shards[slot % shards.count].take(input, for: slot, at: time)
                if waiting[index].inputs.isEmpty { waiting.remove(at: index) }
                if Double.random(in: 0..<1, using: &generator) < eagerness {
                    let shard = Int.random(in: shards.indices, using: &generator)
                    events += shards[shard].step() ?? []
                }
            }
            for (index, own) in sent.enumerated() {
                let isSame = canonical(events.filter { $0.stream == own.identity }) == alone[index]
                #expect(isSame, "stream \(index) of \(count), seed \(seed)")
            }
            if alone.contains(where: { !$0.diagnoses.isEmpty }) { withWindows += 1 }
        }
        // Of a stream or two of random length there may be none.
        #expect(withWindows * 5 >= tried.count * 4 || tried.count < 10, "\(withWindows)")
    }

    @Test func `a step leaves nothing due behind`() {
        var generator = SeededGenerator(seed: 1)
        var shard = Shard(model: NarrowModel.shared, hop: .standard)
        // More streams than one batch gathers.
        // A lead that waits for a lost chunk may be 2 s behind, and the first window may begin a hop after the stream.
        let sent = (0..<70).map { stream($0, 14...14.5, &generator) }
        for own in sent {
            for (input, time) in own.inputs.dropLast() { _ = shard.take(input, for: own.slot, at: time) }
        }
        var windows = 0
        while let events = shard.step() { windows += events.diagnoses.count }
        #expect(windows >= 70)
        #expect(shard.step() == nil)
        #expect(shard.statuses.count == 70)
        #expect(shard.statuses.allSatisfy { $0.state == .live })
    }
}
