public import ZeroMQ

/// The daemon's socket towards readers: an XPUB, which sends each event to all who subscribe to its topic.
///
/// It belongs to one thread.
public struct EventSocket: ~Copyable {
    private let events: Socket
    private var poller = Poller()
    /// Where readers connect.
    public let endpoint: Endpoint

    /// Bytes of the longest prefix that a reader may subscribe to; a longer one breaks the reader's link.
    ///
    /// libzmq judges the whole command by `SocketOptions.subscriptionBytesMax`: the word SUBSCRIBE with its length,
    /// 10 bytes, and the prefix.
    public static let subscriptionBytesMax = 502

    /// Subscriptions taken at once at most, so that a flood of them delays no event.
    private static let noticesATurn = 64

    /// Binds the socket; `wakeUp` ends its waits.
    public init(
        _ endpoint: Endpoint,
        sendHighWaterMark: Int32,
        in context: Context,
        wakeUp: WakeUp
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.sendHighWaterMark = sendHighWaterMark
        options.linger = .seconds(1)
        let xpub = try Socket(.xpub, in: context, options: options)
        self.endpoint = try xpub.bind(endpoint)
        events = xpub
        _ = poller.add(wakeUp)
        _ = poller.add(events)
    }

    /// Waits until something has come, the wake-up was signalled, or the time is over.
    public mutating func wait(_ timeout: Duration) throws(ZeroMQError) {
        _ = try poller.wait(timeout: timeout)
    }

    /// Takes what readers have sent, so that their subscriptions hold: libzmq has acted on them by then, and whatever
    /// else a reader sends means nothing.
    public func takeSubscriptions() throws(ZeroMQError) {
        for _ in 0..<EventSocket.noticesATurn {
            if case .nothing = try events.receive(maximumParts: 1) { return }
        }
    }

    /// Sends an event to all who subscribe to its topic; a slow reader loses it, and learns so by its number.
    public func publish(topic: String, _ body: [UInt8]) throws(ZeroMQError) {
        _ = try events.send([Array(topic.utf8), body])
    }
}
