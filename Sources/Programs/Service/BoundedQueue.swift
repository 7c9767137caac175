private import DequeModule
internal import ECGSignal
private import Synchronization
private import Threads

/// A queue between two threads, bounded by count and by weight; a full one makes the sender wait.
///
/// Waiting is what carries the pace of the slowest part back to the sockets: nothing is dropped on the way. Waits
/// with a limit are measured by the monotonic clock.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var items = Deque<(element: Element, weight: Int)>()
        var weight = 0
        var isClosed = false
    }

    private let countMax: Int
    private let weightMax: Int
    /// Changed inside `changed.withLock` alone, so that a wait misses nothing; read outside it as well.
    private let state = Mutex(State())
    private let changed = MonotonicCondition()

    /// At most `countMax` elements of `weightMax` bytes together; one that is heavier alone still passes.
    init(countMax: Int, weightMax: Int = .max) {
        self.countMax = countMax
        self.weightMax = weightMax
    }

    /// Waits for room and puts `element` in; false once the queue is closed.
    func push(_ element: Element, weight: Int = 0) -> Bool {
        changed.withLock {
            while true {
                if let done = putIfRoom(element, weight) { return done }
                changed.wait()
            }
        }
    }

    /// Puts `element` in where there is room, without waiting; false where there is none or the queue is closed.
    func offer(_ element: Element, weight: Int = 0) -> Bool {
        changed.withLock { putIfRoom(element, weight) ?? false }
    }

    /// Puts `element` in, waiting for room for at most `nanoseconds`; false where none came, and once closed.
    func push(_ element: Element, weight: Int, within nanoseconds: MonotonicNanoseconds) -> Bool {
        let end = ContinuousClock.now + .nanoseconds(nanoseconds)
        return changed.withLock {
            while true {
                if let done = putIfRoom(element, weight) { return done }
                let left = ContinuousClock.now.duration(to: end)
                guard left > .zero else { return false }
                changed.wait(atMost: Int64(left / .nanoseconds(1)))
            }
        }
    }

    /// Whether the element is in, or false where the queue is closed; nil where there is no room.
    private func putIfRoom(_ element: Element, _ weight: Int) -> Bool? {
        let done: Bool? = state.withLock { state in
            if state.isClosed { return false }
            guard state.items.count < countMax, state.items.isEmpty || state.weight + weight <= weightMax
            else { return nil }
            state.items.append((element, weight))
            state.weight += weight
            return true
        }
        if done != nil { changed.wakeAll() }
        return done
    }

    /// Takes up to `limit` elements, waiting for the first as long as it takes; nil once closed and empty.
    func pop(limit: Int) -> [Element]? {
        changed.withLock {
            while true {
                if let taken = takeIfThere(limit) { return taken }
                changed.wait()
            }
        }
    }

    /// Takes up to `limit` elements, waiting for the first for at most `nanoseconds`; empty where none came, nil once
    /// closed and empty.
    func pop(limit: Int, within nanoseconds: MonotonicNanoseconds) -> [Element]? {
        changed.withLock {
            if let taken = takeIfThere(limit) { return taken }
            if nanoseconds > 0 { changed.wait(atMost: nanoseconds) }
            return takeIfThere(limit) ?? []
        }
    }

    /// Some of what is there, or nil inside where the queue is over; nil where there is nothing yet.
    private func takeIfThere(_ limit: Int) -> [Element]?? {
        let taken: [Element]?? = state.withLock { state in
            if state.items.isEmpty { return state.isClosed ? .some(nil) : nil }
            return .some(BoundedQueue.take(limit, from: &state))
        }
        if taken != nil { changed.wakeAll() }
        return taken
    }

    /// What is taken out is let go of at once: its bytes no longer count, so nothing here may hold them.
    private static func take(_ limit: Int, from state: inout State) -> [Element] {
        let taken = state.items.prefix(limit)
        state.weight -= taken.reduce(0) { $0 + $1.weight }
        let elements = taken.map(\.element)
        state.items.removeFirst(elements.count)
        return elements
    }

    /// Elements that wait, and their weight.
    var load: (count: Int, weight: Int) { state.withLock { ($0.items.count, $0.weight) } }

    /// Takes nothing more; what is in can still be taken out.
    func close() {
        changed.withLock {
            state.withLock { $0.isClosed = true }
            changed.wakeAll()
        }
    }
}
