private import Glibc

/// Ctrl-C and SIGTERM as a question that a loop asks, instead of the end of the program.
///
/// From `init` to `end()` both are held back in this thread and all that it starts. Make it when the loop begins, so
/// that what comes before can be ended as usual.
struct Interruption {
    private var wanted = sigset_t()
    private var before = sigset_t()

    init() {
        // Safe: both sets are this value's own and outlive each call, which keeps no pointer.
        unsafe sigemptyset(&wanted)
        unsafe sigaddset(&wanted, SIGINT)
        unsafe sigaddset(&wanted, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &wanted, &before)
    }

    /// Whether one of them has come since the last time.
    var hasCome: Bool {
        var set = wanted
        var time = timespec(tv_sec: 0, tv_nsec: 0)
        // Safe: both are locals of this call.
        return unsafe sigtimedwait(&set, nil, &time) > 0
    }

    /// Gives both their usual effect back, also for one that came since.
    func end() {
        var set = before
        // Safe: a local of this call.
        unsafe pthread_sigmask(SIG_SETMASK, &set, nil)
    }
}
