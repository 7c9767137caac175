private import CZeroMQ
private import Glibc
internal import Threads

/// Something that happened to a socket's links.
public struct MonitorEvent: Equatable, Sendable {
    /// What happened.
    public enum Kind: Equatable, Sendable {
        /// A connection was made; the handshake follows.
        case connected
        /// The socket listens for peers.
        case listening
        /// A connection was taken in; the handshake follows.
        case accepted
        /// A link is lost, for whatever cause: leaving and being cut off look alike.
        case disconnected
        /// The handshake is done, so a peer is there.
        case handshakeSucceeded
        /// The peer broke off, or the system did; `value` is an errno.
        case handshakeFailedNoDetail
        /// The peer speaks something else; `value` is libzmq's protocol error.
        case handshakeFailedProtocol
        /// The peer was refused; `value` is the status that was given, for example 400.
        case handshakeFailedAuthentication
    }

    /// What happened.
    public let kind: Kind
    /// Where it happened: our endpoint, or the peer's.
    public let endpoint: String
    /// A descriptor, an errno or a status, as `kind` says.
    public let value: UInt32

    /// What a monitor saw; made by tests too.
    public init(kind: Kind, endpoint: String, value: UInt32) {
        self.kind = kind
        self.endpoint = endpoint
        self.value = value
    }
}

extension Socket {
    /// Calls `handler` for what happens to this socket's links, on a thread of its own, until the socket goes.
    ///
    /// libzmq's I/O thread, and with it every socket of the context, stands still while a monitor is not read.
    /// So `handler` must be quick, and must never wait for the thread that owns the socket.
    /// - Parameters:
    ///   - name: The name of the thread; it is cut to 15 bytes.
    ///   - handler: Takes the events in their order.
    /// - Throws: `.invalid` where the socket is monitored already.
    public func monitor(
        name: String = "zmq monitor",
        _ handler: @escaping @Sendable (MonitorEvent) -> Void
    ) throws(ZeroMQError) {
        try core.startMonitor(name: name, handler)
    }

    /// Ends the monitor; `handler` is not called any more after it.
    public func stopMonitor() { core.stopMonitor() }
}

/// The thread that reads a socket's monitor and does nothing else.
struct Monitor {
    private let thread: WorkerThread

    init(
        of core: SocketCore,
        name: String,
        _ handler: @escaping @Sendable (MonitorEvent) -> Void
    ) throws(ZeroMQError) {
        let endpoint = core.context.freshMonitorEndpoint()
        // Safe: the context lives as long as `core`, and `core` ends this thread before it goes.
        guard let pair = unsafe Handle(zmq_socket(core.context.handle.raw, ZMQ_PAIR)) else {
            throw .last("zmq_socket")
        }
        // ACCEPT_FAILED is left out: once the process has no descriptor left, it comes 100,000 times a second.
        let events =
            ZMQ_EVENT_CONNECTED | ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED
            | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
            | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
            | ZMQ_EVENT_MONITOR_STOPPED
        // Safe: the strings live through the calls, and the pair belongs to this function until a thread takes it.
        do throws(ZeroMQError) {
            if unsafe zmq_socket_monitor(core.handle.raw, endpoint, events) != 0 {
                throw .last("zmq_socket_monitor", endpoint: endpoint)
            }
            if unsafe zmq_connect(pair.raw, endpoint) != 0 { throw .last("zmq_connect", endpoint: endpoint) }
            do throws(ThreadError) {
                thread = try WorkerThread.start(name: name, stackBytes: 512 << 10) {
                    readMonitor(pair, handler)
                }
            } catch {
                throw ZeroMQError(code: error.code, call: "pthread_create")
            }
        } catch {
            // Without ZMQ_EVENT_MONITOR_STOPPED being read, closing our end first would leave libzmq waiting: the
            // pair's queue holds 1,000 events, so the stop goes through while the pair is still open.
            unsafe zmq_socket_monitor(core.handle.raw, nil, 0)
            _ = unsafe zmq_close(pair.raw)
            throw error
        }
    }

    func join() { thread.join() }
}

extension SocketCore {
    func startMonitor(
        name: String,
        _ handler: @escaping @Sendable (MonitorEvent) -> Void
    ) throws(ZeroMQError) {
        guard monitor == nil else {
            throw ZeroMQError(code: EINVAL, call: "monitor", message: "this socket has a monitor already")
        }
        monitor = try Monitor(of: self, name: name, handler)
    }

    /// Tells libzmq to stop reporting; its last report, or the context's end, ends the thread.
    func stopMonitor() {
        guard let monitor else { return }
        self.monitor = nil
        // Safe: the socket is open, and a null endpoint is libzmq's word for stopping.
        _ = unsafe zmq_socket_monitor(handle.raw, nil, 0)
        monitor.join()
    }
}

private func readMonitor(_ pair: Handle, _ handler: @Sendable (MonitorEvent) -> Void) {
    while let head = nextPart(pair), let endpoint = nextPart(pair) {
        // libzmq writes 2 bytes of event and 4 of value in the machine's own byte order, which is little-endian on
        // every machine that this program is built for.
        guard head.count == 6 else { continue }
        let event = UInt16(head[0]) | UInt16(head[1]) << 8
        let value = (0..<4).reduce(UInt32(0)) { $0 | UInt32(head[2 + $1]) << (8 * UInt32($1)) }
        if Int32(event) == ZMQ_EVENT_MONITOR_STOPPED { break }
        guard let kind = kind(ofEvent: Int32(event)) else { continue }
        handler(MonitorEvent(kind: kind, endpoint: String(decoding: endpoint, as: UTF8.self), value: value))
    }
    // Safe: the socket belongs to this thread, which does not use it any more.
    _ = unsafe zmq_close(pair.raw)
}

/// Waits for the next part of a message and returns it; nil once the context is closed.
private func nextPart(_ pair: Handle) -> [UInt8]? {
    // An endpoint is always shorter; libzmq would cut a longer part and still answer its full length.
    var bytes = [UInt8](repeating: 0, count: 1_024)
    var count: Int32
    // Safe: libzmq writes at most `bytes.count` bytes; the socket is this thread's own.
    repeat {
        count = unsafe zmq_recv(pair.raw, &bytes, bytes.count, 0)
    } while count < 0 && zmq_errno() == EINTR
    return count < 0 ? nil : Array(bytes.prefix(Int(count)))
}

private func kind(ofEvent event: Int32) -> MonitorEvent.Kind? {
    switch event {
    case ZMQ_EVENT_CONNECTED: .connected
    case ZMQ_EVENT_LISTENING: .listening
    case ZMQ_EVENT_ACCEPTED: .accepted
    case ZMQ_EVENT_DISCONNECTED: .disconnected
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .handshakeSucceeded
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .handshakeFailedNoDetail
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: .handshakeFailedProtocol
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: .handshakeFailedAuthentication
    default: nil
    }
}
