public import Findings
internal import Wire
public import ZeroMQ

/// The daemon's socket of waveforms: an XPUB of its own, so that pictures never stand in the way of events.
///
/// Its readers' subscriptions say who looks at whom. It belongs to one thread.
public struct WaveSocket: ~Copyable {
    private let socket: Socket
    private var poller = Poller()
    /// Where those who look connect.
    public let endpoint: Endpoint
    /// What its readers subscribe to.
    public private(set) var subscriptions = WaveSubscriptions()

    /// Messages that wait for one reader at most; what comes then it misses, and sees so by the grid index.
    private static let waitingMax: Int32 = 2_000
    /// Notices taken at once at most.
    private static let noticesATurn = 256

    /// Binds the socket; `wakeUp` ends its waits.
    public init(_ endpoint: Endpoint, in context: Context, wakeUp: WakeUp) throws(ZeroMQError) {
        var options = SocketOptions()
        options.sendHighWaterMark = WaveSocket.waitingMax
        let xpub = try Socket(.xpub, in: context, options: options)
        self.endpoint = try xpub.bind(endpoint)
        socket = xpub
        _ = poller.add(wakeUp)
        _ = poller.add(socket)
    }

    /// Waits until somebody subscribes or leaves, the wake-up was signalled, or the time is over.
    public mutating func wait(_ timeout: Duration) throws(ZeroMQError) {
        _ = try poller.wait(timeout: timeout)
    }

    /// Takes what readers have sent; whether what they look at has changed.
    public mutating func takeSubscriptions() throws(ZeroMQError) -> Bool {
        let before = subscriptions.wishes
        for _ in 0..<WaveSocket.noticesATurn {
            guard case .message(let parts) = try socket.receive(maximumParts: 1) else { break }
            if let notice = SubscriptionNotice(parts) { subscriptions.take(notice) }
        }
        return subscriptions.wishes != before
    }

    /// Cuts all who look off and listens again, so that each of them has to come in anew.
    public func reopen() throws(ZeroMQError) { try socket.rebind(endpoint) }

    /// Sends a message to all who look; a slow reader loses it.
    public func publish(topic: String, _ body: [UInt8]) throws(ZeroMQError) {
        _ = try socket.send([Array(topic.utf8), body])
    }
}

/// What the readers of waveforms subscribe to, as the patients that they look at.
public struct WaveSubscriptions: Sendable {
    /// Different prefixes that are served; a reader that adds more sees nothing of those.
    public static let prefixesMax = 4_096

    private var counts: [[UInt8]: Int] = [:]
    /// Whose waveforms somebody looks at.
    public private(set) var wishes = TraceWishes()

    /// Nobody looks.
    public init() {}

    /// Takes a subscription or the end of one; an XPUB gives each of every reader, and the end of all when one leaves.
    public mutating func take(_ notice: SubscriptionNotice) {
        let prefix = notice.prefix
        if notice.subscribes {
            guard counts[prefix] != nil || counts.count < WaveSubscriptions.prefixesMax else { return }
            counts[prefix, default: 0] += 1
            guard counts[prefix] == 1 else { return }
        } else {
            guard let count = counts[prefix] else { return }
            counts[prefix] = count > 1 ? count - 1 : nil
            guard count == 1 else { return }
        }
        wishes = TraceWishes(monitor: beginnings(in: .monitor), diagnostic: beginnings(in: .diagnostic))
    }

    /// What the ids of the wanted patients begin with, in one order.
    private func beginnings(in band: TraceBlock.Band) -> [String] {
        let all = Array(Topic.allWaves(in: band).utf8)
        var found: [String] = []
        for prefix in counts.keys {
            if all.starts(with: prefix) { return [""] }
            if prefix.starts(with: all) {
                found.append(String(decoding: prefix.dropFirst(all.count), as: UTF8.self))
            }
        }
        return found.sorted()
    }
}
