private import CZeroMQ
private import Glibc

/// One libzmq socket and whether it is still open; what `Socket` owns and a `Poller` looks at.
///
/// Invariant: `handle` is valid while `isOpen`, and `close()` ends both once. The class is not `Sendable`, because a
/// socket belongs to one thread.
final class SocketCore {
    let kind: Socket.Kind
    let context: Context
    let handle: Handle
    private(set) var isOpen = true
    /// The thread that hears what happens to this socket's links, ended before the socket.
    var monitor: Monitor?

    init(_ kind: Socket.Kind, in context: Context) throws(ZeroMQError) {
        self.kind = kind
        self.context = context
        // Safe: the context is alive, this object holds it; the new socket is owned by this object alone.
        guard let handle = unsafe Handle(zmq_socket(context.handle.raw, kind.code)) else {
            throw .last("zmq_socket")
        }
        self.handle = handle
    }

    deinit { close() }

    /// Gives the socket back; libzmq goes on delivering for its linger.
    func close() {
        guard isOpen else { return }
        stopMonitor()
        isOpen = false
        // Safe: the handle is open until this line, and `isOpen` keeps everyone from using it afterwards.
        _ = unsafe zmq_close(handle.raw)
    }

    func set(_ option: Int32, _ value: Bool) throws(ZeroMQError) {
        try set(option, Int32(value ? 1 : 0))
    }

    func set(_ option: Int32, _ value: Int32) throws(ZeroMQError) {
        // Safe: libzmq copies the four bytes during the call.
        let code = unsafe withUnsafeBytes(of: value) { bytes in
            unsafe zmq_setsockopt(handle.raw, option, bytes.baseAddress, bytes.count)
        }
        if code != 0 { throw .last("zmq_setsockopt(\(option), \(value))") }
    }

    func set(_ option: Int32, _ value: Int64) throws(ZeroMQError) {
        // Safe: libzmq copies the eight bytes during the call.
        let code = unsafe withUnsafeBytes(of: value) { bytes in
            unsafe zmq_setsockopt(handle.raw, option, bytes.baseAddress, bytes.count)
        }
        if code != 0 { throw .last("zmq_setsockopt(\(option), \(value))") }
    }

    func set(_ option: Int32, bytes value: [UInt8]) throws(ZeroMQError) {
        // Safe: libzmq copies the bytes during the call.
        let code = unsafe value.withUnsafeBytes { bytes in
            unsafe zmq_setsockopt(handle.raw, option, bytes.baseAddress, bytes.count)
        }
        if code != 0 { throw .last("zmq_setsockopt(\(option), \(value.count) bytes)") }
    }

    /// The endpoint of the last bind or connect, wildcards filled in.
    func lastEndpoint() throws(ZeroMQError) -> String {
        var text = [UInt8](repeating: 0, count: 1_024)  // a host name has at most 253 bytes, an ipc path 107
        var count = text.count
        // Safe: libzmq writes at most `count` bytes, the array's length, and sets it to what it wrote.
        let code = unsafe zmq_getsockopt(handle.raw, ZMQ_LAST_ENDPOINT, &text, &count)
        if code != 0 { throw .last("zmq_getsockopt(ZMQ_LAST_ENDPOINT)") }
        return String(decoding: text.prefix(count).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Takes the next part, nil where none is there; with `keep` false its bytes are dropped without being copied.
    ///
    /// `origin` is where it came from, where that is asked for.
    func receivePart(
        keep: Bool,
        askingForOrigin: Bool = false
    ) throws(ZeroMQError) -> (bytes: [UInt8], more: Bool, origin: Origin)? {
        var message = zmq_msg_t()
        var bytes: [UInt8] = []
        var more = false
        var origin = Origin()
        let namesPeers = askingForOrigin && context.security.namesPeers
        var failure: ZeroMQError?
        // Safe: the message is made, filled and freed inside the closure, where it has one address; its bytes are
        // copied before it is freed, `zmq_msg_size` of them, as libzmq counts them.
        unsafe withUnsafeMutablePointer(to: &message) { message in
            _ = unsafe zmq_msg_init(message)
            var code: Int32
            repeat {
                code = unsafe zmq_msg_recv(message, handle.raw, ZMQ_DONTWAIT)
            } while code < 0 && zmq_errno() == EINTR
            if code < 0 {
                failure = .last("zmq_msg_recv")
            } else {
                more = unsafe zmq_msg_more(message) != 0
                // -1 where there is no link.
                if askingForOrigin { origin.link = UInt32(exactly: unsafe zmq_msg_get(message, ZMQ_SRCFD)) }
                // Only a doorkeeper's word counts: a peer that nobody has judged may claim any name.
                if namesPeers, let name = unsafe zmq_msg_gets(message, "User-Id") {
                    origin.user = unsafe String(cString: name)
                }
                if keep, let start = unsafe zmq_msg_data(message) {
                    let part = unsafe UnsafeRawBufferPointer(start: start, count: zmq_msg_size(message))
                    bytes = unsafe [UInt8](part)
                }
            }
            _ = unsafe zmq_msg_close(message)
        }
        if let failure {
            if failure.reason == .again { return nil }
            throw failure
        }
        return (bytes, more, origin)
    }

    /// Hands one part to libzmq; nil where libzmq took it, else the errno.
    func sendPart(_ part: [UInt8], flags: Int32) -> Int32? {
        // Safe: libzmq copies the bytes during the call.
        let code = unsafe part.withUnsafeBytes { bytes in
            unsafe zmq_send(handle.raw, bytes.baseAddress, bytes.count, flags)
        }
        return code < 0 ? zmq_errno() : nil
    }
}
