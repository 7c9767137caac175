internal import Foundation
private import Synchronization

/// A queue between two threads, bounded by count and by weight; a full one makes the sender wait.
///
/// Waiting is what carries the pace of the slowest part back to the sockets: nothing is dropped on the way.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var items: [(element: Element, weight: Int)] = []
        var weight = 0
        var isClosed = false
    }

    private let countMax: Int
    private let weightMax: Int
    private let state = Mutex(State())
    private let changed = NSCondition()

    /// At most `countMax` elements of `weightMax` bytes together; one that is heavier alone still passes.
    init(countMax: Int, weightMax: Int = .max) {
        self.countMax = countMax
        self.weightMax = weightMax
    }

    /// Waits for room and puts `element` in; false once the queue is closed.
    func push(_ element: Element, weight: Int = 0) -> Bool {
        changed.lock()
        defer { changed.unlock() }
        while true {
            let done: Bool? = state.withLock { state in
                if state.isClosed { return false }
                guard state.items.count < countMax, state.items.isEmpty || state.weight + weight <= weightMax
                else {
                    return nil
                }
                state.items.append((element, weight))
                state.weight += weight
                return true
            }
            if let done {
                changed.broadcast()
                return done
            }
            changed.wait()
        }
    }

    /// Takes up to `limit` elements, waiting for the first until `deadline` or a nudge (nil: as long as it takes);
    /// nil once closed and empty.
    func pop(limit: Int, until deadline: Date? = nil) -> [Element]? {
        changed.lock()
        defer { changed.unlock() }
        var hasWaited = false
        while true {
            let taken: [Element]?? = state.withLock { state in
                if state.items.isEmpty { return state.isClosed ? .some(nil) : nil }
                return .some(take(limit, from: &state))
            }
            if let taken {
                changed.broadcast()
                return taken
            }
            if let deadline {
                if hasWaited { return [] }
                hasWaited = true
                _ = changed.wait(until: deadline)
            } else {
                changed.wait()
            }
        }
    }

    /// What is taken out is let go of at once: its bytes no longer count, so nothing here may hold them.
    private func take(_ limit: Int, from state: inout State) -> [Element] {
        let taken = state.items.prefix(limit)
        state.weight -= taken.reduce(0) { $0 + $1.weight }
        let elements = taken.map(\.element)
        state.items.removeFirst(elements.count)
        return elements
    }

    /// Ends the wait of one who waits until a deadline.
    ///
    /// Deadlines are of the wall clock: where that is set back, they would come late by as much.
    func nudge() {
        changed.lock()
        changed.broadcast()
        changed.unlock()
    }

    /// Elements that wait, and their weight.
    var load: (count: Int, weight: Int) { state.withLock { ($0.items.count, $0.weight) } }

    /// Takes nothing more; what is in can still be taken out.
    func close() {
        changed.lock()
        state.withLock { $0.isClosed = true }
        changed.broadcast()
        changed.unlock()
    }
}
