import Foundation
import Synchronization
import TestSupport
import Testing
import Threads
import ZeroMQ

@testable import Service

/// The queue between two threads: order, bounds, and an end that loses nothing.
@Suite struct BoundedQueueTests {
    @Test(arguments: seeds(50)) func `what goes in comes out, in order, whoever is faster`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let bound = Int.random(in: 1...9, using: &generator)
        let limit = Int.random(in: 1...12, using: &generator)
        let count = 2_000
        let queue = BoundedQueue<Int>(countMax: bound, weightMax: 100)
        let weights = (0..<count).map { _ in Int.random(in: 0...120, using: &generator) }
        let worst = Mutex((count: 0, weight: 0))
        let sender = try WorkerThread.start(name: "sender") {
            for number in 0..<count { _ = queue.push(number, weight: weights[number]) }
            queue.close()
        }
        var taken: [Int] = []
        while let some = queue.pop(limit: limit) {
            #expect(!some.isEmpty && some.count <= limit)
            let load = queue.load
            worst.withLock { $0 = (max($0.count, load.count), max($0.weight, load.weight)) }
            taken += some
        }
        sender.join()
        #expect(taken == Array(0..<count))
        #expect(worst.withLock { $0.count } <= bound)
        // One that is heavier alone still passes.
        #expect(worst.withLock { $0.weight } <= 120)
    }

    @Test(arguments: seeds(20)) func `several senders lose nothing and each keeps its order`(
        seed: UInt64
    ) throws {
        let queue = BoundedQueue<(sender: Int, number: Int)>(countMax: Int(seed % 5) + 1)
        let open = Mutex(3)
        let senders = try (0..<3).map { sender in
            try WorkerThread.start(name: "sender") {
                for number in 0..<500 { _ = queue.push((sender, number)) }
                if open.withLock({
                    $0 -= 1
                    return $0 == 0
                }) {
                    queue.close()
                }
            }
        }
        var taken: [[Int]] = [[], [], []]
        while let some = queue.pop(limit: 7) { for item in some { taken[item.sender].append(item.number) } }
        for sender in senders { sender.join() }
        #expect(taken == Array(repeating: Array(0..<500), count: 3))
    }

    @Test func `one more than the bound waits until one is taken`() throws {
        let queue = BoundedQueue<Int>(countMax: 2)
        let pushed = Mutex(0)
        let sender = try WorkerThread.start(name: "sender") {
            for number in 0..<3 where queue.push(number) { pushed.withLock { $0 += 1 } }
        }
        #expect(eventually { pushed.withLock { $0 } == 2 })
        #expect(queue.load.count == 2)
        #expect(queue.pop(limit: 1) == [0])
        sender.join()
        #expect(pushed.withLock { $0 } == 3)
        #expect(queue.pop(limit: 9) == [1, 2])
    }

    @Test func `the weight bounds as the count does, but what is too heavy alone still passes`() {
        let queue = BoundedQueue<Int>(countMax: 9, weightMax: 10)
        #expect(queue.push(1, weight: 50))
        #expect(queue.load == (1, 50))
        #expect(queue.pop(limit: 1) == [1])
        #expect(queue.push(2, weight: 6))
        #expect(queue.push(3, weight: 4))
        #expect(queue.load == (2, 10))
        #expect(queue.pop(limit: 1) == [2])
        #expect(queue.load == (1, 4))
    }

    @Test func `closed it takes nothing more and gives what is in it`() {
        let queue = BoundedQueue<Int>(countMax: 9)
        #expect(queue.push(1))
        #expect(queue.push(2))
        queue.close()
        #expect(!queue.push(3))
        #expect(queue.pop(limit: 1) == [1])
        #expect(queue.pop(limit: 1) == [2])
        #expect(queue.pop(limit: 1) == nil)
        #expect(queue.pop(limit: 1, within: 0) == nil)
    }

    @Test func `closing wakes a sender and a taker that wait`() throws {
        let full = BoundedQueue<Int>(countMax: 1)
        #expect(full.push(1))
        let empty = BoundedQueue<Int>(countMax: 1)
        let sender = try WorkerThread.start(name: "sender") { _ = full.push(2) }
        let taker = try WorkerThread.start(name: "taker") { _ = empty.pop(limit: 1) }
        full.close()
        empty.close()
        sender.join()
        taker.join()
        #expect(full.pop(limit: 9) == [1])
    }

    @Test func `a limited wait ends with nothing after its time`() {
        let queue = BoundedQueue<Int>(countMax: 1)
        #expect(queue.pop(limit: 1, within: 0) == [])
        let begin = ContinuousClock.now
        #expect(queue.pop(limit: 1, within: 20_000_000) == [])
        #expect(begin.duration(to: .now) >= .milliseconds(20))
    }

    @Test func `an element that comes ends a limited wait`() throws {
        let queue = BoundedQueue<Int>(countMax: 1)
        let sender = try WorkerThread.start(name: "sender") { _ = queue.push(7) }
        var taken: [Int] = []
        while taken.isEmpty { taken = queue.pop(limit: 1, within: 3_600_000_000_000) ?? [] }
        #expect(taken == [7])
        sender.join()
    }
}
