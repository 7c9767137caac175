private import Glibc
private import Synchronization

/// Threads that do the parts of one job together; the caller is one of them.
///
/// Two BLAS threads were three to ten times slower than one on a machine that is shared, so each part of a batch has a
/// thread of ours and a BLAS of one thread.
public final class Team {
    /// Parts of a job, each done by a thread of its own.
    public let parts: Int
    private let board: Board
    private var threads: [pthread_t] = []

    /// Starts `parts` - 1 threads; they sleep while there is no job.
    public init(parts: Int) {
        precondition(parts > 0, "a team of nobody")
        self.parts = parts
        board = Board()
        for part in 1..<max(1, parts) { threads.append(startThread(Seat(part: part, board: board))) }
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
        for thread in threads { _ = pthread_join(thread, nil) }
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
    private let posted = Signal()
    private let finished = Signal()

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

/// A condition to wait for without turning in circles.
///
/// `@unchecked Sendable`: the mutex and the condition are made once at fixed addresses and are what POSIX gives for use
/// by many threads; they are freed when the last reference goes.
@safe private final class Signal: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    init() {
        // Safe: both are allocated here, initialised at once and freed in deinit.
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(condition, nil)
    }

    /// Wakes all who wait.
    func announce() {
        // Safe: alive as long as this object.
        unsafe pthread_mutex_lock(mutex)
        unsafe pthread_cond_broadcast(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// Returns once `isTrue` holds; asked before each sleep and after each announcement.
    func wait(until isTrue: () -> Bool) {
        // Safe: as above.
        unsafe pthread_mutex_lock(mutex)
        while !isTrue() { unsafe pthread_cond_wait(condition, mutex) }
        unsafe pthread_mutex_unlock(mutex)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }
}

private final class Seat: Sendable {
    let part: Int
    let board: Board

    init(part: Int, board: Board) {
        self.part = part
        self.board = board
    }
}

private func startThread(_ seat: Seat) -> pthread_t {
    var thread: pthread_t = 0
    var everySignal = sigset_t()
    var before = sigset_t()
    // Safe: locals of this function; the seat is retained for the new thread, which takes it over.
    unsafe sigfillset(&everySignal)
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { unsafe sigdelset(&everySignal, fault) }
    unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let box = unsafe Unmanaged.passRetained(seat)
    let code = unsafe pthread_create(
        &thread,
        nil,
        { argument in
            guard let argument = unsafe argument else { return nil }
            // Safe: the seat that was retained for this thread, taken once.
            let seat = unsafe Unmanaged<Seat>.fromOpaque(argument).takeRetainedValue()
            seat.board.serve(seat.part)
            return nil
        },
        box.toOpaque()
    )
    precondition(code == 0, "the system has no room for a thread (\(code))")
    return thread
}
