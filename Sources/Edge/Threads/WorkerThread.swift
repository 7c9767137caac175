private import CThreads
private import Glibc
private import Synchronization

/// A thread of the system with a name and a stack size, which can be joined.
///
/// It takes no signals, which are for the program's first thread. Its body runs in no actor.
public final class WorkerThread: Sendable {
    private let thread: Mutex<pthread_t?>

    private init(_ thread: pthread_t) { self.thread = Mutex(thread) }

    /// Starts a thread.
    /// - Parameters:
    ///   - name: The name that the system's tools show; it is cut to 15 bytes.
    ///   - stackBytes: The size of its stack, at least 256 KiB, of which the libraries' thread-local data is a part
    ///     (60 KiB of OpenBLAS alone); only pages that it touches cost memory.
    ///   - body: What it does; the thread ends when this returns.
    /// - Returns: The thread, to be joined; it runs on even when nobody holds the reference.
    /// - Throws: What the system refused; EAGAIN where it has no room for a thread.
    public static func start(
        name: String,
        stackBytes: Int = 2 << 20,
        _ body: @escaping @Sendable () -> Void
    ) throws(ThreadError) -> WorkerThread {
        let start = Start(name: name, body: body)
        switch makeThread(stackBytes: stackBytes, start) {
        case .success(let thread): return WorkerThread(thread)
        case .failure(let error): throw error
        }
    }

    /// Waits for its end, at once where it has been joined already; not to be called by the thread itself.
    public func join() {
        thread.withLock { thread in
            guard let id = thread else { return }
            precondition(pthread_equal(id, pthread_self()) == 0, "a thread cannot wait for its own end")
            // It is joined only once, because the id is forgotten under the same lock.
            _ = pthread_join(id, nil)
            thread = nil
        }
    }

    deinit {
        thread.withLock { thread in
            if let id = thread { _ = pthread_detach(id) }
        }
    }
}

private final class Start: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func makeThread(stackBytes: Int, _ start: Start) -> Result<pthread_t, ThreadError> {
    var attributes = pthread_attr_t()
    var everySignal = sigset_t()
    var before = sigset_t()
    var thread = pthread_t()
    // Safe: all pointers are to locals of this function. The box is retained for the new thread, which takes it over;
    // where no thread could be made it is released here.
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, max(256 << 10, stackBytes))
    unsafe sigfillset(&everySignal)
    // A fault belongs to the thread that makes it: if these signals were blocked, it would end the program without a
    // trace.
    for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { unsafe sigdelset(&everySignal, fault) }
    // A new thread inherits the mask, so no signal can slip in before it is set.
    unsafe pthread_sigmask(SIG_SETMASK, &everySignal, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let box = unsafe Unmanaged.passRetained(start)
    let code = unsafe pthread_create(&thread, &attributes, runThread, box.toOpaque())
    guard code != 0 else { return .success(thread) }
    unsafe box.release()
    return .failure(ThreadError(code: code))
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // Safe: this is the box that `makeThread` retained for this thread, and it is taken once.
    let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
    // Safe: the name lives through the call, which copies it.
    _ = unsafe pthread_setname_np(pthread_self(), String(decoding: start.name.utf8.prefix(15), as: UTF8.self))
    start.body()
    return nil
}
