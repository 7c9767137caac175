public import Findings
internal import Wire
public import ZeroMQ

/// The daemon's socket of waveforms: an XPUB of its own, so that pictures never stand in the way of events.
///
/// Its readers' subscriptions say who looks at whom. It belongs to one thread.
public struct WaveSocket: ~Copyable {
    private let socket: Socket
    private let fence: EventSocket.Fence?
    private var poller = Poller()
    /// Where those who look connect.
    public let endpoint: Endpoint
    /// What its readers subscribe to.
    public private(set) var subscriptions = WaveSubscriptions()

    /// Messages that wait for one reader at most; what comes then it misses, and sees so by the grid index.
    private static let waitingMax: Int32 = 2_000
    /// Notices taken at once at most.
    private static let noticesATurn = 256

    /// Binds the socket; `wakeUp` ends its waits, and `fence` judges each subscription where there is one.
    public init(
        _ endpoint: Endpoint,
        in context: Context,
        wakeUp: WakeUp,
        fence: EventSocket.Fence? = nil,
        watching monitor: (@Sendable (MonitorEvent) -> Void)? = nil
    ) throws(ZeroMQError) {
        var options = SocketOptions()
        options.sendHighWaterMark = WaveSocket.waitingMax
        options.xpubManual = fence != nil
        self.fence = fence
        let xpub = try Socket(.xpub, in: context, options: options)
        if let monitor { try xpub.monitor(name: "waves-monitor", monitor) }
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
            let (received, origin) = try socket.receiveWithOrigin(maximumParts: 1)
            if case .nothing = received { break }
            guard case .message(let parts) = received, let notice = SubscriptionNotice(parts) else {
                continue
            }
            try judge(notice, from: origin)
            // What was asked for is counted whatever was granted, since libzmq tells its end whatever was granted.
            subscriptions.take(notice)
        }
        return subscriptions.wishes != before
    }

    /// Sets which wards there are, that of no ward `_` among them.
    public mutating func set(wards: Set<String>) { subscriptions.set(wards: wards) }

    /// Lets a reader have of its subscription what is its right, before the next notice is read.
    private func judge(_ notice: SubscriptionNotice, from origin: Origin) throws(ZeroMQError) {
        guard let fence, origin.user != nil else { return }
        let answer = fence(origin, notice)
        for prefix in answer.granted where notice.subscribes || answer.isOwn {
            if notice.subscribes { try socket.grant(prefix) } else { try socket.withdraw(prefix) }
        }
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
    private var wards: Set<String> = ["_"]
    /// Whose waveforms somebody looks at.
    public private(set) var wishes = TraceWishes()

    /// Nobody looks at any patient.
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
        judge()
    }

    /// Sets which wards there are: nobody is in any other, so whoever is looked at there is nobody.
    mutating func set(wards: Set<String>) {
        self.wards = wards
        judge()
    }

    private mutating func judge() {
        wishes = TraceWishes(monitor: beginnings(in: .monitor), diagnostic: beginnings(in: .diagnostic))
    }

    /// What the ids of the wanted patients begin with, in one order; in whichever ward they are wanted.
    private func beginnings(in band: TraceBlock.Band) -> [String] {
        let every = Array(Topic.allWaves.utf8)
        let letter = Array((band == .monitor ? "m." : "d.").utf8)
        var found: Set<String> = []
        for prefix in counts.keys {
            guard prefix.starts(with: every) else {
                if every.starts(with: prefix) { return [""] }
                continue
            }
            guard let end = prefix.dropFirst(every.count).firstIndex(of: UInt8(ascii: ".")) else {
                return [""]
            }
            let ward = String(decoding: prefix[every.count..<end], as: UTF8.self)
            guard wards.contains(ward) else { continue }
            let rest = prefix[(end + 1)...]
            if letter.starts(with: rest) { return [""] }
            if rest.starts(with: letter) {
                found.insert(String(decoding: rest.dropFirst(letter.count), as: UTF8.self))
            }
        }
        return found.sorted()
    }
}
