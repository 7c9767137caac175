import ECGSignal
import Findings
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

    @Test func `the topics of patients who have gone are named once more and not again, and count on`() {
        var outbox = Outbox()
        for topic in ["a", "b", "c"] { _ = outbox.number(for: topic) }
        outbox.setLeaving(true, "a")
        outbox.setLeaving(true, "nothing of which is known")
        #expect(heads(&outbox, all: false) == ["a 1", "b 1", "c 1"])
        #expect(heads(&outbox, all: true) == ["a 1", "b 1", "c 1"], "once more")
        #expect(heads(&outbox, all: true) == ["b 1", "c 1"])
        #expect(outbox.number(for: "a") == 2, "a late word on it counts on")
        #expect(heads(&outbox, all: false) == ["a 2"])
        #expect(heads(&outbox, all: true) == ["a 2", "b 1", "c 1"])
        #expect(heads(&outbox, all: true) == ["b 1", "c 1"])
        // Back again.
        #expect(outbox.number(for: "a") == 3)
        outbox.setLeaving(false, "a")
        #expect(heads(&outbox, all: true) == ["a 3", "b 1", "c 1"])
        #expect(heads(&outbox, all: true) == ["a 3", "b 1", "c 1"])
    }

    @Test func `a patient is there from the first stream that opens to the last that closes`() {
        var presence = Presence()
        func take(_ patient: String, _ epoch: UInt64, _ code: TechnicalEvent.Code) -> Presence.Change? {
            let stream = StreamIdentity(patient: patient, device: "d", epoch: epoch)
            let fact = TechnicalEvent(
                subject: .stream(stream),
                code: code,
                phase: .timePoint,
                priority: .info,
                firstSample: nil,
                count: 1,
                ordinal: 1,
                detail: ""
            )
            return presence.take(Event(.technical(fact), time: 0))
        }
        #expect(take("p", 1, .streamOpened) == Presence.Change(patient: "p", isThere: true))
        #expect(take("p", 2, .streamOpened) == nil)
        #expect(take("q", 3, .streamOpened) == Presence.Change(patient: "q", isThere: true))
        #expect(take("p", 1, .streamSilent) == nil)
        #expect(take("p", 1, .streamClosed) == nil)
        #expect(take("p", 2, .streamClosed) == Presence.Change(patient: "p", isThere: false))
        #expect(take("p", 2, .streamClosed) == nil)
        #expect(take("p", 2, .streamOpened) == Presence.Change(patient: "p", isThere: true))
    }

    @Test func `100,000 patients who came and went leave a full heartbeat that is empty`() {
        var outbox = Outbox()
        for number in 0..<100_000 {
            _ = outbox.number(for: "t\(number)")
            outbox.setLeaving(true, "t\(number)")
            if number.isMultiple(of: 10_000) { _ = outbox.takeHeads(all: true) }
        }
        _ = outbox.number(for: "here")
        #expect(outbox.takeHeads(all: true).count <= 10_000)
        #expect(heads(&outbox, all: true) == ["here 1"])
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
