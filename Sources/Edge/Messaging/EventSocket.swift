public import ZeroMQ

/// The daemon's socket towards readers: an XPUB, which sends each event to all who subscribe to its topic.
///
/// It belongs to one thread.
public struct EventSocket: ~Copyable {
    /// What a reader gets for a prefix that it asks for: all of it, the parts of it that are its right, or nothing.
    ///
    /// It is given where the notice came from, with the name of the reader's key.
    public typealias Fence = @Sendable (_ origin: Origin, _ notice: SubscriptionNotice) -> FencedPrefixes

    /// The answer of a fence.
    public struct FencedPrefixes: Sendable, Equatable {
        /// What the reader gets in place of what it asked for.
        public let granted: [[UInt8]]
        /// Whether that is taken back when the reader asks for it no longer.
        ///
        /// A part that stands for a whole right stays: another prefix of the same reader may rest on it, and the reader's
        /// own socket leaves out what it does not want.
        public let isOwn: Bool

        /// Makes an answer.
        public init(granted: [[UInt8]], isOwn: Bool) {
            self.granted = granted
            self.isOwn = isOwn
        }
    }

    private let events: Socket
    private let fence: Fence?
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

    /// Binds the socket; `wakeUp` ends its waits, `fence` judges each subscription where there is one, and `monitor` is told
    /// what happens to the readers' links.
    public init(
        _ endpoint: Endpoint,
        sendHighWaterMark: Int32,
        in context: Context,
        wakeUp: WakeUp,
        fence: Fence? = nil,
        watching monitor: (@Sendable (MonitorEvent) -> Void)? = nil
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.sendHighWaterMark = sendHighWaterMark
        options.linger = .seconds(1)
        options.xpubManual = fence != nil
        let xpub = try Socket(.xpub, in: context, options: options)
        if let monitor { try xpub.monitor(name: "events-monitor", monitor) }
        self.endpoint = try xpub.bind(endpoint)
        events = xpub
        self.fence = fence
        _ = poller.add(wakeUp)
        _ = poller.add(events)
    }

    /// Waits until something has come, the wake-up was signalled, or the time is over.
    public mutating func wait(_ timeout: Duration) throws(ZeroMQError) {
        _ = try poller.wait(timeout: timeout)
    }

    /// Takes what readers have sent, so that their subscriptions hold.
    ///
    /// Without a fence libzmq has acted on them by then; with one each is judged before the next is read, since what is
    /// granted goes to the reader whose notice was read last. Whatever else a reader sends means nothing.
    public func takeSubscriptions() throws(ZeroMQError) {
        for _ in 0..<EventSocket.noticesATurn {
            let (received, origin) = try events.receiveWithOrigin(maximumParts: 1)
            if case .nothing = received { return }
            guard let fence, case .message(let parts) = received, let notice = SubscriptionNotice(parts),
                // The end of a reader that has left has no name, and libzmq has done what is to be done.
                origin.user != nil
            else { continue }
            let answer = fence(origin, notice)
            for prefix in answer.granted where notice.subscribes || answer.isOwn {
                if notice.subscribes { try events.grant(prefix) } else { try events.withdraw(prefix) }
            }
        }
    }

    /// Cuts all readers off and listens again, so that each of them has to come in anew; those who may are back within
    /// their time of reconnecting, and see by the numbers what they missed.
    public func reopen() throws(ZeroMQError) { try events.rebind(endpoint) }

    /// Sends an event to all who subscribe to its topic; a slow reader loses it, and learns so by its number.
    public func publish(topic: String, _ body: [UInt8]) throws(ZeroMQError) {
        _ = try events.send([Array(topic.utf8), body])
    }
}
