import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Station

/// Events wait for the journal, in their order, and never for long.
@Suite struct DurableGateTests {
    private static let millisecond: MonotonicNanoseconds = 1_000_000

    @Test func `an event goes out once the journal has it, and what is not kept keeps its place`() {
        var gate = DurableGate<String>()
        gate.put("a", ticket: nil, at: 0)
        gate.put("b", ticket: 1, offset: 0, at: 0)
        gate.put("c", ticket: nil, at: 0)
        gate.put("d", ticket: 1, offset: 1, at: 0)
        let first = gate.next(at: 0)
        #expect(first?.element == "a" && first?.fate == .notDurable)
        #expect(gate.next(at: 0) == nil && gate.count == 3)
        #expect(gate.wait(at: 100 * Self.millisecond) == 400 * Self.millisecond)
        gate.settle(1, .success(41), at: 5 * Self.millisecond)
        var out: [String] = []
        while let (element, fate) = gate.next(at: 6 * Self.millisecond) { out.append("\(element) \(fate)") }
        #expect(out == ["b durable(sequence: 41)", "c notDurable", "d durable(sequence: 42)"])
        #expect(gate.count == 0 && gate.wait(at: 0) == nil && gate.takeNotices().isEmpty)
    }

    @Test func `P15 a disk that hangs delays the first event by half a second, and no other`() {
        var gate = DurableGate<Int>()
        for number in 0..<10 { gate.put(number, ticket: number + 1, at: Int64(number) * Self.millisecond) }
        #expect(gate.next(at: 499 * Self.millisecond) == nil)
        let limit = 500 * Self.millisecond
        for number in 0..<10 {
            let next = gate.next(at: limit)
            #expect(next?.element == number && next?.fate == .notDurable)
        }
        #expect(gate.takeNotices() == [.failed("the disk has not taken an event for half a second")])
        gate.put(10, ticket: 11, at: limit)
        #expect(gate.next(at: limit)?.element == 10, "nothing is waited for any more")
        // What was handed over long ago comes at last: that is no recovery yet.
        gate.settle(1, .success(1), at: 900 * Self.millisecond)
        #expect(!gate.isTrusted && gate.takeNotices().isEmpty)
        for ticket in 2...10 { gate.settle(ticket, .success(Int64(ticket)), at: 901 * Self.millisecond) }
        gate.settle(11, .success(11), at: 902 * Self.millisecond)
        #expect(gate.isTrusted && gate.takeNotices() == [.recovered])
    }

    @Test func `P15 a refusal lets events go at once, and is told once`() {
        var gate = DurableGate<Int>()
        gate.put(1, ticket: 1, at: 0)
        gate.put(2, ticket: 2, at: 0)
        gate.settle(1, .failure(JournalRefusal("the disk is full")), at: 1)
        gate.settle(2, .failure(JournalRefusal("the disk is full")), at: 2)
        #expect(gate.next(at: 2)?.fate == .notDurable)
        #expect(gate.next(at: 2)?.fate == .notDurable)
        #expect(gate.takeNotices() == [.failed("the disk is full")])
        gate.recover(at: 3)
        #expect(gate.takeNotices() == [.recovered])
        gate.put(3, ticket: 3, at: 4)
        #expect(gate.next(at: 4) == nil, "it is waited for again")
    }

    @Test(arguments: seeds(200)) func `elements leave in their order, each durable only under its own number`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        var gate = DurableGate<Int>()
        var now: MonotonicNanoseconds = 0
        var (put, ticket, sequence) = (0, 0, Int64(0))
        var underWay: [(ticket: Int, elements: [Int])] = []
        var numbers: [Int: Int64] = [:]
        var left = 0
        var since: [Int: MonotonicNanoseconds] = [:]
        for _ in 0..<400 {
            now += .random(in: 0...120 * Self.millisecond, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0, 1:
                let count = Int.random(in: 1...3, using: &generator)
                let isOffered = Bool.random(using: &generator)
                if isOffered { ticket += 1 }
                for offset in 0..<count {
                    gate.put(put, ticket: isOffered ? ticket : nil, offset: offset, at: now)
                    since[put] = now
                    put += 1
                }
                if isOffered { underWay.append((ticket, Array(put - count..<put))) }
            case 2 where !underWay.isEmpty:
                let (ticket, elements) = underWay.removeFirst()
                if Bool.random(using: &generator) {
                    gate.settle(ticket, .success(sequence + 1), at: now)
                    for element in elements {
                        sequence += 1
                        numbers[element] = sequence
                    }
                } else {
                    gate.settle(ticket, .failure(JournalRefusal("full")), at: now)
                }
            case 3 where underWay.isEmpty: gate.recover(at: now)
            default: break
            }
            while let (element, fate) = gate.next(at: now) {
                #expect(element == left, "seed \(seed)")
                left += 1
                if case .durable(let number) = fate { #expect(numbers[element] == number, "seed \(seed)") }
            }
            if left < put { #expect(now - (since[left] ?? now) < 500 * Self.millisecond, "seed \(seed)") }
        }
        #expect(left > 100)
    }
}
