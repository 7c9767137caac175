public import ZeroMQ

/// A gateway's side: an XPUB that connects and waits for the daemon's subscription before its first sample.
///
/// One reader at the other end, so XPUB_NODROP with a blocking send makes the daemon's pace the flow control.
public struct GatewaySocket: ~Copyable {
    private let socket: Socket

    /// Connects to the daemon.
    public init(_ endpoint: Endpoint, in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.xpubNoDrop = true
        options.linger = .seconds(5)
        options.sendTimeout = .milliseconds(200)
        let opened = try Socket(.xpub, in: context, options: options)
        try opened.connect(endpoint)
        socket = opened
    }

    /// Whether the daemon's subscription came within `timeout`.
    public func waitForSubscription(_ timeout: Duration) throws(ZeroMQError) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + timeout
        while clock.now < end {
            guard try socket.wait(for: .readable, timeout: clock.now.duration(to: end)).contains(.readable)
            else {
                continue
            }
            if case .message(let parts) = try socket.receive(maximumParts: 1),
                let notice = SubscriptionNotice(parts), notice.subscribes
            {
                return true
            }
        }
        return false
    }

    /// Sends one message; false where the daemon has no room within 200 ms: ask again.
    public func send(_ parts: [[UInt8]]) throws(ZeroMQError) -> Bool {
        try socket.send(parts, blocking: true) == .sent
    }
}
