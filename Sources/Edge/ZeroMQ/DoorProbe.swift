private import Synchronization

/// Knocks at an endpoint with a key that nobody knows, to see that it is refused.
///
/// libzmq 4.3.4 fails open: with one option forgotten or a handler that nobody started it lets everybody in, without a
/// word. So whoever guards an endpoint knocks at it before it says that it is guarded.
public struct DoorProbe: Sendable {
    /// What became of the stranger.
    public enum Finding: Equatable, Sendable {
        /// The doorkeeper refused it, which proves that it is there and asked.
        case refused
        /// It was let in.
        case entered
        /// Neither came within the time: nobody listens there, or nobody decides.
        case unanswered
    }

    /// The stranger's key, so that the doorkeeper can know its own knocking.
    public let key: PublicKey
    private let pair: KeyPair

    /// A probe with a key that is drawn now and never used again.
    public init() throws(ZeroMQError) {
        pair = try KeyPair()
        key = pair.publicKey
    }

    /// Dials an endpoint as it was bound, as a client of the server's key, and waits for at most `limit`.
    ///
    /// `kind` must be one that the server's socket talks to: libzmq cuts off any other before it asks the doorkeeper.
    public func knock(
        at endpoint: Endpoint,
        as kind: Socket.Kind,
        server: PublicKey,
        limit: Duration
    ) throws(ZeroMQError) -> Finding {
        let answer = Answer()
        let socket = try Socket(kind, in: try Context(security: .client(pair, server: server)))
        try socket.monitor(name: "probe") { answer.take($0) }
        try socket.connect(endpoint.dialled)
        let end = ContinuousClock.now + limit
        while answer.finding == nil, ContinuousClock.now < end {
            _ = try socket.wait(for: .readable, timeout: .milliseconds(5))
        }
        return answer.finding ?? .unanswered
    }

    /// What the monitor's thread heard, for the one that waits.
    private final class Answer: Sendable {
        private let heard = Mutex<Finding?>(nil)

        var finding: Finding? { heard.withLock { $0 } }

        /// The first word counts; a link that just ends says nothing, and the next try may.
        func take(_ event: MonitorEvent) {
            let finding: Finding? =
                switch event.kind {
                case .handshakeSucceeded: .entered
                case .handshakeFailedAuthentication: .refused
                default: nil
                }
            guard let finding else { return }
            heard.withLock { if $0 == nil || finding == .entered { $0 = finding } }
        }
    }
}

extension Endpoint {
    /// The endpoint as somebody on this machine dials it: what listens at every address listens at loopback.
    public var dialled: Endpoint { reached(at: "127.0.0.1") }

    /// This endpoint where it names an address; where it was bound to all of a machine's, the one of these at `host`.
    public func reached(at host: String) -> Endpoint {
        guard case .tcp(let own, let port?) = transport, ["*", "0.0.0.0", "::"].contains(own) else {
            return self
        }
        return (try? Endpoint("tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)")) ?? self
    }

    /// The host of a tcp endpoint; nil for others.
    public var host: String? { if case .tcp(let host, _) = transport { host } else { nil } }
}
