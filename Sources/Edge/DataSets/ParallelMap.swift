private import Dispatch
private import Synchronization

/// Calls `body` once for each of `count` items on `threads` threads; the results in the order of the items.
///
/// Each thread makes a state of its own first, so that what is costly to make is made once a thread. Which thread takes which
/// item depends on time, so a result must depend on the item alone.
public func parallelMap<State, Value: Sendable>(
    _ count: Int,
    threads: Int,
    state: @Sendable () -> State,
    _ body: @Sendable (inout State, Int) -> Value
) -> [Value] {
    let next = Atomic(0)
    let results = Mutex([Value?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
        var own = state()
        while true {
            let item = next.add(1, ordering: .relaxed).oldValue
            guard item < count else { return }
            let value = body(&own, item)
            results.withLock { $0[item] = value }
        }
    }
    return results.withLock { $0.compactMap(\.self) }
}

/// The same where a thread needs no state of its own.
public func parallelMap<Value: Sendable>(
    _ count: Int,
    threads: Int,
    _ body: @Sendable (Int) -> Value
) -> [Value] {
    let nothing: @Sendable () -> Void = {}
    return parallelMap(count, threads: threads, state: nothing) { _, item in body(item) }
}
