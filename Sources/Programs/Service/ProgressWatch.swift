internal import Machine
private import Synchronization

/// Tells the service manager that the daemon lives, for so long as it does its work.
///
/// A token goes the way of the data, once a second: the ingest thread's tick brings it to admission, admission puts it into
/// each worker's queue behind all that waits there, and the publisher looks whether every worker has had it. A thread that
/// stands, or a queue that is full and is not emptied, keeps the token, and the manager hears nothing.
final class ProgressWatch: Sendable {
    private struct State {
        /// The newest token that was given out.
        var given = 0
        /// The newest that each worker has had.
        var passed: [Int]
        /// The newest of which the manager was told.
        var told = 0
    }

    private let state: Mutex<State>
    private let manager: ServiceManager?

    /// A watch over so many workers; without a manager it tells nobody.
    init(workers: Int, manager: ServiceManager?) {
        state = Mutex(State(passed: Array(repeating: 0, count: workers)))
        self.manager = manager
    }

    /// The next token, for every worker.
    func give() -> Int {
        state.withLock {
            $0.given += 1
            return $0.given
        }
    }

    /// A worker has had the token.
    func pass(_ token: Int, worker: Int) { state.withLock { $0.passed[worker] = token } }

    /// Whether every worker has had a token since this was asked last.
    func hasMoved() -> Bool {
        state.withLock { state in
            let newest = state.passed.min() ?? 0
            defer { state.told = newest }
            return newest > state.told
        }
    }

    /// Called by the publisher after each of its turns.
    func look() {
        guard let manager, manager.watchdog != nil, hasMoved() else { return }
        manager.tell("WATCHDOG=1")
    }
}
