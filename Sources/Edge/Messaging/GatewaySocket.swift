private import Synchronization
public import ZeroMQ

/// What the monitor's thread writes and the gateway's reads.
private final class LinkLosses: Sendable {
    let count = Atomic(0)
    let isLinked = Atomic(false)
    let isRefused = Atomic(false)
}

/// A gateway's socket: an XPUB that connects and waits for the daemon's subscription before its first sample.
///
/// Only one reader is at the other end, so XPUB_NODROP with a blocking send makes the gateway keep the daemon's pace.
public struct GatewaySocket: ~Copyable {
    private let socket: Socket
    /// The prefixes that the daemon subscribes to, each as often as it was subscribed; bounded, since they come from
    /// outside.
    private var prefixes: [[UInt8]] = []
    private static let prefixesMax = 1_024
    private let losses = LinkLosses()

    /// Links to the daemon that were lost so far: what was on its way by them may not have arrived.
    public var lostLinks: Int { losses.count.load(ordering: .relaxed) }

    /// Whether a link to the daemon stands, to be asked at any time.
    public struct Link: Sendable {
        fileprivate let losses: LinkLosses

        /// Whether it stands now.
        public var stands: Bool { losses.isLinked.load(ordering: .relaxed) }
    }

    /// The link to the daemon.
    public var link: Link { Link(losses: losses) }

    /// Whether the daemon has refused this program's key.
    public var isRefused: Bool { losses.isRefused.load(ordering: .relaxed) }

    /// Connects to the daemon; for `linger` after the socket is dropped, what was sent is still delivered.
    public init(
        _ endpoint: Endpoint,
        in context: Context,
        linger: Duration = .seconds(30)
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.xpubNoDrop = true
        options.linger = linger
        options.sendTimeout = .milliseconds(200)
        let opened = try Socket(.xpub, in: context, options: options)
        let losses = losses
        try opened.monitor(name: "link-monitor") { event in
            switch event.kind {
            case .disconnected:
                losses.count.add(1, ordering: .relaxed)
                losses.isLinked.store(false, ordering: .relaxed)
            case .handshakeSucceeded:
                losses.isLinked.store(true, ordering: .relaxed)
                losses.isRefused.store(false, ordering: .relaxed)
            case .handshakeFailedAuthentication: losses.isRefused.store(true, ordering: .relaxed)
            default: break
            }
        }
        try opened.connect(endpoint)
        socket = opened
    }

    /// Waits until the daemon subscribes to each of `topics`, at most `timeout`, in slices that `isInterrupted` ends.
    /// - Returns: The topics that nobody subscribes to yet; a message sent there would reach nobody.
    public mutating func waitForSubscription(
        to topics: [String],
        timeout: Duration,
        isInterrupted: () -> Bool = { false }
    ) throws(ZeroMQError) -> [String] {
        let end = ContinuousClock.now + timeout
        try rest(.zero)
        while true {
            let missing = topics.filter { topic in !prefixes.contains { topic.utf8.starts(with: $0) } }
            let now = ContinuousClock.now
            guard !missing.isEmpty, now < end, !isInterrupted() else { return missing }
            try rest(min(now.duration(to: end), .milliseconds(100)))
        }
    }

    /// Waits for a time, or until a subscription of the daemon arrives.
    public mutating func rest(_ time: Duration) throws(ZeroMQError) {
        guard try socket.wait(for: .readable, timeout: time).contains(.readable) else { return }
        while true {
            switch try socket.receive(maximumParts: 1) {
            case .nothing: return
            case .tooManyParts: continue
            case .message(let parts): if let notice = SubscriptionNotice(parts) { take(notice) }
            }
        }
    }

    /// Sends one message; false where the daemon had no room within 200 ms, so that the caller tries again.
    public func send(_ parts: [[UInt8]]) throws(ZeroMQError) -> Bool {
        try socket.send(parts, blocking: true) == .sent
    }

    private mutating func take(_ notice: SubscriptionNotice) {
        if notice.subscribes {
            if prefixes.count < GatewaySocket.prefixesMax { prefixes.append(notice.prefix) }
        } else if let index = prefixes.firstIndex(of: notice.prefix) {
            prefixes.remove(at: index)
        }
    }
}
