import TestSupport
import Testing

@testable import Station

/// The numbers by which a reader knows what it missed.
@Suite struct OutboxTests {
    @Test func `numbers are contiguous from 1 for each exact topic`() {
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            var outbox = Outbox()
            var twin: [String: UInt64] = [:]
            for _ in 0..<300 {
                // p1 is a prefix of p10, and no topic of its.
                let topic =
                    ["ev1._.tech.p1.", "ev1._.tech.p10.", "ev1.3.tech.p1.", "ev1._.diagnosis.p1."]
                    .randomElement(using: &generator) ?? ""
                twin[topic, default: 0] += 1
                #expect(outbox.number(for: topic) == twin[topic], "seed \(seed)")
            }
        }
    }

    @Test
    func `heads name what has news since the last call, or all, in the order in which topics first came`() {
        var outbox = Outbox()
        #expect(outbox.takeHeads(all: true).isEmpty)
        for topic in ["b", "a", "b", "c"] { _ = outbox.number(for: topic) }
        #expect(heads(&outbox, all: false) == ["b 2", "a 1", "c 1"])
        #expect(heads(&outbox, all: false).isEmpty)
        _ = outbox.number(for: "a")
        #expect(heads(&outbox, all: false) == ["a 2"])
        _ = outbox.number(for: "c")
        #expect(heads(&outbox, all: true) == ["b 2", "a 2", "c 2"])
        #expect(heads(&outbox, all: false).isEmpty, "all heads are news told, too")
    }

    @Test func `topics are forgotten, the first to come first, so that their number is bounded`() {
        var outbox = Outbox()
        let most = Outbox.topicsMax
        for topic in 0..<most { _ = outbox.number(for: "t\(topic)") }
        #expect(outbox.takeHeads(all: true).count == most)
        #expect(outbox.number(for: "t0") == 2, "a full outbox that gets nothing new forgets nothing")
        #expect(outbox.number(for: "new") == 1)
        let heads = outbox.takeHeads(all: true)
        #expect(heads.count == most - most / 10 + 1)
        #expect(heads.first?.0 == "t\(most / 10)" && heads.last?.0 == "new")
        // What stayed goes on where it was; what went begins anew.
        #expect(outbox.number(for: "t\(most - 1)") == 2)
        #expect(outbox.number(for: "t1") == 1)
        for topic in 0..<2 * most { _ = outbox.number(for: "u\(topic)") }
        #expect(outbox.takeHeads(all: true).count <= most)
    }

    private func heads(_ outbox: inout Outbox, all: Bool) -> [String] {
        outbox.takeHeads(all: all).map { "\($0.0) \($0.1)" }
    }
}
