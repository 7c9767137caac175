private import CZeroMQ
private import Glibc
private import Synchronization

/// The sockets' common ground: its I/O threads move the bytes of every socket opened in it.
///
/// It may be shared between threads. Every socket keeps its context alive; with the last reference the context
/// ends, after at most the longest `SocketOptions.linger` of its sockets, since no socket can linger for ever.
public final class Context: Sendable {
    let handle: Handle
    private let monitors = Atomic<UInt64>(0)

    /// A context of its own I/O threads, so that what stalls another does not stall this one.
    public init(ioThreads: Int = 1) throws(ZeroMQError) {
        // Safe: the new context is owned by this object alone until `deinit`.
        guard let handle = unsafe Handle(zmq_ctx_new()) else { throw .last("zmq_ctx_new") }
        self.handle = handle
        let count = Int32(clamping: ioThreads)
        // Safe: the context is alive; numbers only.
        guard unsafe zmq_ctx_set(handle.raw, ZMQ_IO_THREADS, count) == 0 else { throw .last("zmq_ctx_set") }
    }

    /// Makes every waiting and every later call on its sockets fail with `.terminated`; returns at once.
    ///
    /// What was sent before is still delivered, for each socket's linger, when its owner drops it.
    public func close() {
        // Safe: thread-safe by libzmq's contract, and the context is alive as long as this object.
        _ = unsafe zmq_ctx_shutdown(handle.raw)
    }

    /// An inproc name never given before in this context: libzmq closes a monitor's socket behind the caller's
    /// back, so that the old name may still be taken.
    func freshMonitorEndpoint() -> String {
        "inproc://monitor.\(monitors.add(1, ordering: .relaxed).newValue)"
    }

    deinit {
        // Safe: the last reference; no socket is left, as each holds one. A signal is no reason to leave threads.
        while unsafe zmq_ctx_term(handle.raw) != 0 && zmq_errno() == EINTR {}
    }
}
