public import ZeroMQ

/// The daemon's socket for control requests: a ROUTER, which answers each asker by itself.
///
/// It belongs to one thread.
public struct ControlSocket: ~Copyable {
    /// A control request as it arrived.
    public struct Request: Sendable {
        /// The parts that lead back to the asker: its routing id, and the empty delimiter of a REQ.
        fileprivate let envelope: [[UInt8]]
        /// The bytes of the request, not parsed yet.
        public let body: [UInt8]
        /// The name of the asker's key; nil where the endpoint asks for none.
        public let user: String?
    }

    private let socket: Socket
    private var poller = Poller()
    /// Where askers connect.
    public let endpoint: Endpoint

    /// Binds the socket; `wakeUp` ends its waits, and `monitor` is told what happens to the askers' links.
    public init(
        _ endpoint: Endpoint,
        in context: Context,
        wakeUp: WakeUp,
        watching monitor: (@Sendable (MonitorEvent) -> Void)? = nil
    ) throws(ZeroMQError) {
        // The options let in more than a request may have, so that one which is too large gets an answer.
        var options = SocketOptions()
        // Replies that wait for an asker who does not read; a page of the journal has 200 kB.
        options.sendHighWaterMark = 64
        let router = try Socket(.router, in: context, options: options)
        if let monitor { try router.monitor(name: "control-monitor", monitor) }
        self.endpoint = try router.bind(endpoint)
        socket = router
        _ = poller.add(wakeUp)
        _ = poller.add(socket)
    }

    /// Cuts all askers off and listens again; who waits for an answer asks anew.
    public func reopen() throws(ZeroMQError) { try socket.rebind(endpoint) }

    /// Waits until something has come, the wake-up was signalled, or the time is over.
    public mutating func wait(_ timeout: Duration) throws(ZeroMQError) {
        _ = try poller.wait(timeout: timeout)
    }

    /// The next request; nil where none waits, or where what waited was dropped because it had too many parts.
    public func nextRequest() throws(ZeroMQError) -> Request? {
        let (received, origin) = try socket.receiveWithOrigin(maximumParts: FrameReceiver.partsMax)
        switch received {
        case .message(let parts) where parts.count == 2:
            return Request(envelope: [parts[0]], body: parts[1], user: origin.user)
        case .message(let parts) where parts.count == 3 && parts[1].isEmpty:
            return Request(envelope: [parts[0], []], body: parts[2], user: origin.user)
        case .message(let parts):
            return Request(envelope: Array(parts.prefix(1)), body: [], user: origin.user)
        case .tooManyParts, .nothing: return nil
        }
    }

    /// Sends a reply back the way the request came; an asker that is gone or full loses it.
    public func reply(to request: Request, _ body: [UInt8]) throws(ZeroMQError) {
        _ = try socket.send(request.envelope + [body])
    }
}
