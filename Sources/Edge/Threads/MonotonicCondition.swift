private import Glibc

/// A lock with a condition whose waits are measured by the monotonic clock, so that nobody who sets the wall clock
/// makes a thread sleep for an hour.
///
/// Foundation's `NSCondition` waits until a moment of the wall clock; that is what this replaces.
///
/// `@unchecked Sendable`: both fields are pointers to memory that this object alone owns from `init` to `deinit`; they
/// are never changed in between, and every use of that memory is a call that POSIX allows from any thread.
@safe public final class MonotonicCondition: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    /// A lock that nobody holds.
    public init() {
        // Safe: allocated here for one value each, initialised by the calls before any use, freed in `deinit`.
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        let codes = unsafe [
            pthread_mutex_init(mutex, nil), pthread_condattr_init(&attributes),
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC),
            pthread_cond_init(condition, &attributes),
            pthread_condattr_destroy(&attributes),
        ]
        precondition(codes.allSatisfy { $0 == 0 }, "a lock cannot be made")
    }

    deinit {
        // Safe: the last reference is gone, so no thread is inside a call.
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Does `work` while no other thread is in one.
    public func withLock<Result>(_ work: () throws -> Result) rethrows -> Result {
        // Safe: initialised, and unlocked by the thread that has locked it.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try work()
    }

    /// Waits until somebody calls `wakeAll`; only inside `withLock`, which it leaves meanwhile.
    ///
    /// It may also return by itself.
    public func wait() {
        // Safe: the lock is this thread's, as the contract says.
        _ = unsafe pthread_cond_wait(condition, mutex)
    }

    /// Waits as `wait` does, but for at most `nanoseconds`.
    public func wait(atMost nanoseconds: Int64) {
        var end = timespec()
        // Safe: a local of this call; the lock is this thread's, as the contract says.
        unsafe clock_gettime(CLOCK_MONOTONIC, &end)
        let sum = Int64(end.tv_nsec) + max(0, nanoseconds) % 1_000_000_000
        end.tv_sec += Int(max(0, nanoseconds) / 1_000_000_000 + sum / 1_000_000_000)
        end.tv_nsec = Int(sum % 1_000_000_000)
        _ = unsafe pthread_cond_timedwait(condition, mutex, &end)
    }

    /// Ends every wait.
    public func wakeAll() { unsafe pthread_cond_broadcast(condition) }
}
