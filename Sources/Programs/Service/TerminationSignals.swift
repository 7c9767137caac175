private import Glibc
private import Synchronization
internal import Threads
internal import ZeroMQ

/// SIGINT, SIGTERM and SIGHUP as something to wait for: blocked in every thread, taken by one.
///
/// SIGHUP is left alone where whoever started the program ignores it, as `nohup` does.
public struct TerminationSignals {
    /// How the work of `finish` ended.
    public enum Ending: Sendable, Equatable {
        /// What was to be done is done.
        case finished
        /// It took longer than its limit.
        case outOfTime
        /// Whoever wants the end asked for it again.
        case secondSignal
    }

    /// Signals within this time after the first was taken in say the same wish once more, as `kill` twice in a
    /// script or a terminal and its shell together do; nobody can have seen an answer to the first by then.
    private static let sameWish = Duration.milliseconds(200)

    private var wanted = sigset_t()

    /// Blocks the signals in this thread and all that it starts.
    public init() {
        // Safe: the set is this value's own and outlives each call, which keeps no pointer.
        unsafe sigemptyset(&wanted)
        unsafe sigaddset(&wanted, SIGINT)
        unsafe sigaddset(&wanted, SIGTERM)
        if !TerminationSignals.isIgnored(SIGHUP) { unsafe sigaddset(&wanted, SIGHUP) }
        unsafe pthread_sigmask(SIG_BLOCK, &wanted, nil)
    }

    /// Whether the program was started with that signal ignored.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        // Safe: the call only writes into the local value.
        guard unsafe sigaction(number, nil, &action) == 0 else { return false }
        // A handler is a C function pointer, which Swift cannot compare, and SIG_IGN is one of the number 1 that must not be
        // called. Safe: both have the size of an Int, and only the bits are looked at.
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ends this program as SIGTERM from outside does.
    static func raise() { kill(getpid(), SIGTERM) }

    /// The wish that a signal stands for.
    public enum Wish: Sendable {
        /// SIGINT or SIGTERM: the program is to end.
        case end
        /// SIGHUP: its terminal is gone, or it is to read its files again.
        case hangUp
    }

    /// Waits for one of them.
    public func wait() -> Wish {
        var number: Int32 = 0
        // Safe: both are locals of this call.
        var set = wanted
        while unsafe sigwait(&set, &number) != 0 {}
        return number == SIGHUP ? .hangUp : .end
    }

    /// Does `work` on a thread of its own and waits until it is done, `limit` is over or a second signal has come.
    public func finish(within limit: Duration, _ work: @escaping @Sendable () -> Void) -> Ending {
        let done = SharedFlag()
        guard
            let thread = try? WorkerThread.start(
                name: "drain",
                {
                    work()
                    done.isSet = true
                }
            )
        else { return .outOfTime }
        while takeOne(within: .zero) {}
        let begin = ContinuousClock.now
        while begin.duration(to: .now) < limit {
            if done.isSet {
                thread.join()
                return .finished
            }
            let hasCome = takeOne(within: .milliseconds(20))
            if hasCome, begin.duration(to: .now) > TerminationSignals.sameWish { return .secondSignal }
        }
        return done.isSet ? .finished : .outOfTime
    }

    /// Takes a signal that has come or comes within `time`; whether there was one.
    private func takeOne(within time: Duration) -> Bool {
        var set = wanted
        var limit = timespec(tv_sec: 0, tv_nsec: Int(time / .nanoseconds(1)))
        // Safe: both are locals of this call.
        return unsafe sigtimedwait(&set, nil, &limit) > 0
    }
}
