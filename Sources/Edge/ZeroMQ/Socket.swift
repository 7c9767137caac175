private import CZeroMQ
private import Glibc

/// One ZeroMQ socket, owned by one thread and closed with its owner.
///
/// A socket that binds takes in new peers only while its thread is inside a call of this type or of `Poller`,
/// so its thread should wait there and nowhere else.
public struct Socket: ~Copyable {
    /// The patterns of ZeroMQ that are used, by ZeroMQ's own names.
    public enum Kind: Equatable, Sendable {
        /// Sends to all who subscribed; hears nothing.
        case pub
        /// Receives what it subscribed to.
        case sub
        /// As `pub`, and receives the subscriptions as messages (`SubscriptionNotice`).
        case xpub
        /// As `sub`, and sends its subscriptions as messages.
        case xsub
        /// Asks and is answered in any order; shares messages out over its peers.
        case dealer
        /// Receives with the sender's identity as first part and sends to the identity in the first part.
        case router
        /// One peer, both ways.
        case pair

        var code: Int32 {
            switch self {
            case .pub: ZMQ_PUB
            case .sub: ZMQ_SUB
            case .xpub: ZMQ_XPUB
            case .xsub: ZMQ_XSUB
            case .dealer: ZMQ_DEALER
            case .router: ZMQ_ROUTER
            case .pair: ZMQ_PAIR
            }
        }
    }

    let core: SocketCore

    /// Makes a socket of that kind and sets its options; it is neither bound nor connected yet.
    public init(
        _ kind: Kind,
        in context: Context,
        options: SocketOptions = SocketOptions()
    ) throws(ZeroMQError) {
        let core = try SocketCore(kind, in: context)
        try options.apply(to: core)
        try context.security.apply(to: core)
        self.core = core
    }

    deinit { core.close() }

    /// The kind that it was made as.
    public var kind: Kind { core.kind }

    /// Listens at an endpoint.
    ///
    /// - Returns: The endpoint with its wildcards filled in, which is what a peer connects to.
    /// - Throws: `.addressInUse` where another holds it; also for a moment after that other was dropped, as
    ///   libzmq closes behind the caller's back; EEXIST where the path of an ipc endpoint is a file of another kind.
    @discardableResult
    public func bind(_ endpoint: Endpoint) throws(ZeroMQError) -> Endpoint {
        if case .ipc(let path) = endpoint.transport {
            switch IPCPath.occupant(of: path) {
            case .nobody: break
            case .listener: throw ZeroMQError(code: EADDRINUSE, call: "bind", endpoint: endpoint.text)
            case .otherFile:
                throw ZeroMQError(
                    code: EEXIST,
                    call: "bind",
                    endpoint: endpoint.text,
                    message:
                        "a file that is no socket stands there, and binding would remove it; give another path"
                )
            }
        }
        // Safe: the string lives through the call.
        if unsafe zmq_bind(core.handle.raw, endpoint.bindableText) != 0 {
            throw .last("zmq_bind", endpoint: endpoint.text)
        }
        return try Endpoint(core.lastEndpoint()).withoutMapping()
    }

    /// Stops listening at an endpoint that `bind` returned; the peers that came in by it are cut off.
    public func unbind(_ endpoint: Endpoint) throws(ZeroMQError) {
        // Safe: the string lives through the call.
        if unsafe zmq_unbind(core.handle.raw, endpoint.text) != 0 {
            throw .last("zmq_unbind", endpoint: endpoint.text)
        }
    }

    /// Stops listening at an endpoint that `bind` returned and listens there again: every peer that came in by it is cut
    /// off and has to come in anew.
    ///
    /// - Throws: `.addressInUse` where the system has not given the address back within two seconds; nobody is served
    ///   there then.
    public func rebind(_ endpoint: Endpoint) throws(ZeroMQError) {
        try unbind(endpoint)
        let end = ContinuousClock.now + .seconds(2)
        while true {
            do throws(ZeroMQError) {
                _ = try bind(endpoint)
                return
            } catch {
                // libzmq closes the listener behind the caller's back.
                guard error.reason == .addressInUse, ContinuousClock.now < end else { throw error }
                _ = poll(nil, 0, 1)
            }
        }
    }

    /// Connects in the background, and tries again until there is a peer.
    public func connect(_ endpoint: Endpoint) throws(ZeroMQError) {
        // Safe: the string lives through the call.
        if unsafe zmq_connect(core.handle.raw, endpoint.text) != 0 {
            throw .last("zmq_connect", endpoint: endpoint.text)
        }
    }

    /// Drops the connection made by `connect`.
    public func disconnect(_ endpoint: Endpoint) throws(ZeroMQError) {
        // Safe: the string lives through the call.
        if unsafe zmq_disconnect(core.handle.raw, endpoint.text) != 0 {
            throw .last("zmq_disconnect", endpoint: endpoint.text)
        }
    }

    /// Lets a SUB or XSUB receive the messages whose first part begins with `prefix`; an empty prefix takes all.
    ///
    /// `ev1.3` also takes `ev1.30`: end a prefix with the separator.
    public func subscribe(_ prefix: [UInt8]) throws(ZeroMQError) {
        if kind == .xsub {
            _ = try send([[1] + prefix], blocking: true)
        } else {
            try core.set(ZMQ_SUBSCRIBE, bytes: prefix)
        }
    }

    /// Takes back one `subscribe` with the same prefix.
    public func unsubscribe(_ prefix: [UInt8]) throws(ZeroMQError) {
        if kind == .xsub {
            _ = try send([[0] + prefix], blocking: true)
        } else {
            try core.set(ZMQ_UNSUBSCRIBE, bytes: prefix)
        }
    }

    /// Lets an XPUB's peer whose notice was received last have the messages that begin with `prefix`; only for sockets
    /// with `SocketOptions.xpubManual`.
    ///
    /// It must follow the `receive` of the notice at once: after a second one it would hold for the second peer.
    public func grant(_ prefix: [UInt8]) throws(ZeroMQError) { try core.set(ZMQ_SUBSCRIBE, bytes: prefix) }

    /// Takes that back, from the peer whose notice was received last.
    public func withdraw(_ prefix: [UInt8]) throws(ZeroMQError) {
        try core.set(ZMQ_UNSUBSCRIBE, bytes: prefix)
    }

    /// Waits until this socket is ready, the time is over, or a signal arrives; nil waits without a limit.
    /// - Returns: What it is ready for; empty where it is ready for nothing.
    public func wait(for interest: Readiness, timeout: Duration?) throws(ZeroMQError) -> Readiness {
        var poller = Poller()
        let entry = poller.add(self, for: interest)
        try poller.wait(timeout: timeout)
        return poller.readiness(of: entry)
    }
}

@available(*, unavailable, message: "a socket stays on the thread that made it")
extension Socket: Sendable {}
