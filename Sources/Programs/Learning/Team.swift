private import Synchronization
public import Threads

/// Threads that do the parts of one job together; the caller is one of them.
///
/// Two BLAS threads were three to ten times slower than one on a machine that is shared, so each part of a batch has a
/// thread of ours and a BLAS of one thread.
public final class Team {
    /// Parts of a job, each done by a thread of its own.
    public let parts: Int
    private let board = Board()
    private var threads: [WorkerThread] = []

    /// Starts `parts` - 1 threads; they sleep while there is no job.
    /// - Throws: A `ThreadError` where the system has no room for them.
    public init(parts: Int) throws(ThreadError) {
        precondition(parts > 0, "a team of nobody")
        self.parts = parts
        for part in 1..<max(1, parts) {
            let board = board
            threads.append(try WorkerThread.start(name: "team \(part)") { board.serve(part) })
        }
    }

    /// Calls `body` with 0 ..< parts, each in its own thread, and returns when all have returned.
    ///
    /// The calls run at the same time: each touches what belongs to its part alone.
    public func run(_ body: (Int) -> Void) {
        guard parts > 1 else { return body(0) }
        withoutActuallyEscaping(body) { body in
            board.post(Job(body: body), helpers: parts - 1)
            body(0)
            board.waitForHelpers()
        }
    }

    deinit {
        board.post(nil, helpers: parts - 1)
        for thread in threads { thread.join() }
    }
}

/// What a job does with one part.
///
/// `@unchecked Sendable`: the closure is called by threads of the team only between `post` and `waitForHelpers`, while
/// the caller of `run` waits with it on its stack; the caller has promised that two parts touch nothing in common.
private struct Job: @unchecked Sendable {
    let body: (Int) -> Void
}

/// Where jobs are posted and their ends are counted.
private final class Board: Sendable {
    private struct State {
        var generation = 0
        var job: Job?
        var busy = 0
    }

    private let state = Mutex(State())
    private let posted = MonotonicCondition()
    private let finished = MonotonicCondition()

    func post(_ job: Job?, helpers: Int) {
        state.withLock {
            $0.generation += 1
            $0.job = job
            $0.busy = helpers
        }
        posted.announce()
    }

    func waitForHelpers() {
        finished.wait { state.withLock { $0.busy == 0 } }
        state.withLock { $0.job = nil }
    }

    /// Does the jobs that are posted until one is nil.
    func serve(_ part: Int) {
        var seen = 0
        while true {
            posted.wait { state.withLock { $0.generation != seen } }
            guard doJob(part, &seen) else { return }
            if state.withLock({ state in
                state.busy -= 1
                return state.busy == 0
            }) {
                finished.announce()
            }
        }
    }

    /// Does the job that is posted; false where it is nil.
    ///
    /// A function of its own that is never inlined, so that no reference to the closure is left when it returns: the
    /// closure lives on the stack of the one who waits.
    @inline(never)
    private func doJob(_ part: Int, _ seen: inout Int) -> Bool {
        let (job, generation) = state.withLock { ($0.job, $0.generation) }
        seen = generation
        guard let job else { return false }
        job.body(part)
        return true
    }
}

extension MonotonicCondition {
    /// Wakes all who wait.
    fileprivate func announce() { withLock { wakeAll() } }

    /// Returns once `isTrue` holds; asked before each sleep and after each announcement.
    fileprivate func wait(until isTrue: () -> Bool) {
        withLock { while !isTrue() { wait() } }
    }
}
