import Station
import TestSupport
import Testing

/// The numbers on what is published.
@Suite struct OutboxTests {
    @Test(arguments: seeds(50)) func `each topic counts for itself from 1 without a hole`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var outbox = Outbox()
        var newest: [String: UInt64] = [:]
        for _ in 0..<500 {
            let topic = "t\(Int.random(in: 0..<20, using: &generator))"
            newest[topic, default: 0] += 1
            #expect(outbox.number(for: topic) == newest[topic])
        }
        let heads = Dictionary(uniqueKeysWithValues: outbox.takeHeads(all: true))
        #expect(heads == newest)
    }

    @Test func `heads with news come once, all of them whenever they are asked for`() {
        var outbox = Outbox()
        for topic in ["a", "b", "a"] { _ = outbox.number(for: topic) }
        func heads(all: Bool) -> [String] { outbox.takeHeads(all: all).map { "\($0.0)\($0.1)" } }
        #expect(heads(all: false) == ["a2", "b1"])
        #expect(heads(all: false) == [])
        _ = outbox.number(for: "b")
        #expect(heads(all: false) == ["b2"])
        #expect(heads(all: true) == ["a2", "b2"])
        #expect(heads(all: true) == ["a2", "b2"])
        #expect(heads(all: false) == [], "all of them were news until then")
    }

    @Test func `beyond its bound it forgets the tenth that came first and goes on with the others`() {
        var outbox = Outbox()
        for number in 0..<Outbox.topicsMax { _ = outbox.number(for: "t\(number)") }
        #expect(outbox.takeHeads(all: true).count == Outbox.topicsMax)
        #expect(outbox.number(for: "new") == 1)
        let heads = outbox.takeHeads(all: true)
        #expect(heads.count == Outbox.topicsMax * 9 / 10 + 1)
        #expect(heads.first?.0 == "t\(Outbox.topicsMax / 10)")
        #expect(heads.last?.0 == "new")
        #expect(outbox.number(for: "t\(Outbox.topicsMax - 1)") == 2, "one that stayed goes on")
        #expect(outbox.number(for: "t0") == 1, "one that was forgotten begins anew")
    }
}
