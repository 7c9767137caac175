private import Glibc
private import Synchronization
internal import Threads
internal import ZeroMQ

/// SIGINT and SIGTERM as something to wait for: blocked in every thread, taken by one.
public struct TerminationSignals {
    private var wanted = sigset_t()

    /// Blocks both signals in this thread and all that it starts.
    public init() {
        // Safe: the set is this value's own and outlives each call, which keeps no pointer.
        unsafe sigemptyset(&wanted)
        unsafe sigaddset(&wanted, SIGINT)
        unsafe sigaddset(&wanted, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &wanted, nil)
    }

    /// Ends this program as SIGTERM from outside does.
    static func raise() { kill(getpid(), SIGTERM) }

    /// Waits for one of them.
    public func wait() {
        var number: Int32 = 0
        // Safe: both are locals of this call.
        var set = wanted
        while unsafe sigwait(&set, &number) != 0 {}
    }

    /// Does `work` on a thread of its own; false where it took longer than `limit` or a second signal came.
    public func finish(within limit: Duration, _ work: @escaping @Sendable () -> Void) -> Bool {
        let done = SharedFlag()
        guard
            let thread = try? WorkerThread.start(
                name: "drain",
                {
                    work()
                    done.isSet = true
                }
            )
        else { return false }
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if done.isSet {
                thread.join()
                return true
            }
            var set = wanted
            var time = timespec(tv_sec: 0, tv_nsec: 20_000_000)
            // Safe: both are locals of this call.
            if unsafe sigtimedwait(&set, nil, &time) > 0 { return false }
        }
        return done.isSet
    }
}
