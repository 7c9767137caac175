private import CZeroMQ
private import Glibc
private import Synchronization

/// The libzmq context that sockets are opened in; its I/O threads move the bytes of all of them.
///
/// It may be shared between threads. Every socket keeps its context alive; with the last reference the context
/// ends, after at most the longest `SocketOptions.linger` of its sockets, since no socket can linger for ever.
public final class Context: Sendable {
    let handle: Handle
    /// What every socket that is opened in it has to prove.
    let security: Security
    /// Whether its sockets prove who is at their other end.
    public var isSecured: Bool { if case .none = security { false } else { true } }
    /// The thread that says who enters; nil where the sockets are no CURVE servers.
    private let authenticator: Authenticator?
    private let monitors = Atomic<UInt64>(0)

    /// Makes a context with I/O threads of its own, so that a stall in another context does not stall this one.
    ///
    /// `security` holds for every socket that is opened in it, and a doorkeeper answers before the first one is.
    public init(ioThreads: Int = 1, security: Security = .none) throws(ZeroMQError) {
        if case .none = security {
        } else if unsafe zmq_has("curve") != 1 {
            throw ZeroMQError(
                code: ENOTSUP,
                call: "zmq_has",
                message: "this libzmq was built without CURVE; install one that has it"
            )
        }
        // Safe: the new context is owned by this object alone until `deinit`.
        guard let handle = unsafe Handle(zmq_ctx_new()) else { throw .last("zmq_ctx_new") }
        self.handle = handle
        self.security = security
        let count = Int32(clamping: ioThreads)
        do throws(ZeroMQError) {
            // Safe: the context is alive, and the call takes numbers only.
            guard unsafe zmq_ctx_set(handle.raw, ZMQ_IO_THREADS, count) == 0 else {
                throw .last("zmq_ctx_set")
            }
            if case .server(_, let doorkeeper) = security {
                authenticator = try Authenticator(in: handle, doorkeeper)
            } else {
                authenticator = nil
            }
        } catch {
            _ = unsafe zmq_ctx_term(handle.raw)
            throw error
        }
    }

    /// Makes every waiting and every later call on its sockets fail with `.terminated`; returns at once.
    ///
    /// What was sent before is still delivered, for each socket's linger, when its owner drops it.
    public func close() {
        // Safe: thread-safe by libzmq's contract, and the context is alive as long as this object.
        _ = unsafe zmq_ctx_shutdown(handle.raw)
    }

    /// Returns an inproc name that was never used in this context: libzmq closes a monitor's socket in the background,
    /// so the name of an earlier monitor may still be taken.
    func freshMonitorEndpoint() -> String {
        "inproc://monitor.\(monitors.add(1, ordering: .relaxed).newValue)"
    }

    deinit {
        if let authenticator {
            close()
            authenticator.join()
        }
        // Safe: this is the last reference, and no socket is left, since each holds one. A signal only interrupts the
        // wait, so it is taken up again; else the I/O threads would be left behind.
        while unsafe zmq_ctx_term(handle.raw) != 0 && zmq_errno() == EINTR {}
    }
}
