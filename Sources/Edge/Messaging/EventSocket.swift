internal import Wire
public import ZeroMQ

/// The daemon's sockets towards readers: an XPUB for events and a ROUTER for control requests.
///
/// It belongs to one thread.
public struct EventSocket: ~Copyable {
    /// A control request as it arrived.
    public struct Request: Sendable {
        /// The parts that lead back to the asker: its routing id, and the empty delimiter of a REQ.
        fileprivate let envelope: [[UInt8]]
        /// The bytes of the request, not parsed yet.
        public let body: [UInt8]
    }

    private let events: Socket
    private let control: Socket
    private var poller = Poller()
    /// Where readers and askers connect.
    public let endpoints: (events: Endpoint, control: Endpoint)

    /// Bytes of the longest prefix that a reader may subscribe to; a longer one breaks the reader's link.
    ///
    /// libzmq judges the whole command by `SocketOptions.subscriptionBytesMax`: the word SUBSCRIBE with its length,
    /// 10 bytes, and the prefix.
    public static let subscriptionBytesMax = 502

    /// Subscriptions taken at once at most, so that a flood of them delays no event.
    private static let noticesATurn = 64

    /// Binds both sockets.
    public init(
        events eventsEndpoint: Endpoint,
        control controlEndpoint: Endpoint,
        sendHighWaterMark: Int32,
        in context: Context,
        wakeUp: WakeUp
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.sendHighWaterMark = sendHighWaterMark
        options.linger = .seconds(1)
        let xpub = try Socket(.xpub, in: context, options: options)
        let boundEvents = try xpub.bind(eventsEndpoint)
        var controlOptions = SocketOptions()
        controlOptions.maxMessageBytes = Int64(JSONValue.requestBytesMax)
        let router = try Socket(.router, in: context, options: controlOptions)
        endpoints = (boundEvents, try router.bind(controlEndpoint))
        events = xpub
        control = router
        _ = poller.add(wakeUp)
        _ = poller.add(events)
        _ = poller.add(control)
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

    /// The next request; nil where none waits, or where what waited was dropped because it had too many parts.
    public func nextRequest() throws(ZeroMQError) -> Request? {
        switch try control.receive(maximumParts: FrameReceiver.partsMax) {
        case .message(let parts) where parts.count == 2:
            return Request(envelope: [parts[0]], body: parts[1])
        case .message(let parts) where parts.count == 3 && parts[1].isEmpty:
            return Request(envelope: [parts[0], []], body: parts[2])
        case .message(let parts):
            return Request(envelope: Array(parts.prefix(1)), body: [])
        case .tooManyParts, .nothing: return nil
        }
    }

    /// Sends a reply back the way the request came; an asker that is gone or full loses it.
    public func reply(to request: Request, _ body: [UInt8]) throws(ZeroMQError) {
        _ = try control.send(request.envelope + [body])
    }
}
