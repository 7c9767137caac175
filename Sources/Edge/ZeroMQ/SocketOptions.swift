private import CZeroMQ

/// How a socket behaves.
///
/// The options are set when the socket is made, so always before it binds or connects. The standard values are those
/// that held up against the failures seen with libzmq 4.3.4. Durations are rounded up to milliseconds and cut to what
/// libzmq can hold, so none is endless.
public struct SocketOptions: Equatable, Sendable {
    /// The most bytes that one part may have; a peer that sends a longer one loses its link, the others keep theirs.
    public var maxMessageBytes: Int64 = 262_144
    /// The most bytes of one subscription that a PUB or XPUB takes; it holds for them in place of `maxMessageBytes`.
    public var subscriptionBytesMax: Int64 = 512
    /// How many messages may wait for each peer on the way out; 0 sets no limit.
    public var sendHighWaterMark: Int32 = 1_000
    /// How many messages may wait from each peer on the way in; 0 sets no limit.
    public var receiveHighWaterMark: Int32 = 256
    /// How long a dropped socket goes on delivering what was sent.
    public var linger: Duration = .zero
    /// How long a blocking send waits before it answers `.wouldBlock`; nil waits until there is room.
    public var sendTimeout: Duration?
    /// A silent peer is asked for a sign of life at this interval; zero: never, and the system's own probes, which
    /// are answered however busy the peer's program is, look for a dead machine instead.
    ///
    /// A reader whose queue is full stops reading its link, and with it the answers to heartbeats, on either side; and
    /// a program that was stopped takes an answer that waits for one that did not come. So heartbeats cut healthy links
    /// and lose what is on its way; on the side that connects libzmq 4.3.4 may even end the program then, by the
    /// assertion `_input_stopped` (libzmq issue 3937).
    public var heartbeatInterval: Duration = .zero
    /// How long a peer may leave that question unanswered before it is given up.
    public var heartbeatTimeout: Duration = .seconds(3)
    /// How long a peer has for a whole ZMTP greeting before its link is closed.
    public var handshakeInterval: Duration = .seconds(2)
    /// The first wait before a lost connection is tried again; it doubles from try to try.
    public var reconnectInterval: Duration = .milliseconds(100)
    /// The longest wait between two tries.
    public var reconnectIntervalMax: Duration = .seconds(5)
    /// How many connections the system holds until they are accepted.
    public var backlog: Int32 = 1_024
    /// Whether IPv6 addresses are taken too; IPv4 works either way.
    public var ipv6 = true
    /// Whether messages are queued only for a connection that is complete, not for one that is still being made.
    public var immediate = false
    /// Whether a ROUTER answers `.hostUnreachable` for an unknown peer and `.wouldBlock` for a full one, instead of
    /// dropping the message silently.
    public var routerMandatory = true
    /// Whether an XPUB receives every subscription and its end, equal ones too.
    public var xpubVerboser = true
    /// Whether a full reader stops a PUB or XPUB, and with it **every** reader, instead of losing messages itself.
    public var xpubNoDrop = false
    /// Whether a subscription at an XPUB holds only where `Socket.grant` says so, for the peer whose notice was received
    /// last.
    public var xpubManual = false

    /// Takes the standard values above.
    public init() {}

    /// Sets all of the options on a socket.
    func apply(to socket: SocketCore) throws(ZeroMQError) {
        let publishes = socket.kind == .pub || socket.kind == .xpub
        try socket.set(ZMQ_MAXMSGSIZE, publishes ? subscriptionBytesMax : maxMessageBytes)
        try socket.set(ZMQ_SNDHWM, max(0, sendHighWaterMark))
        try socket.set(ZMQ_RCVHWM, max(0, receiveHighWaterMark))
        try socket.set(ZMQ_LINGER, linger.wholeMilliseconds)
        try socket.set(ZMQ_SNDTIMEO, sendTimeout?.wholeMilliseconds ?? -1)
        try socket.set(ZMQ_HEARTBEAT_IVL, heartbeatInterval.wholeMilliseconds)
        try socket.set(ZMQ_HEARTBEAT_TIMEOUT, heartbeatTimeout.wholeMilliseconds)
        try socket.set(ZMQ_HANDSHAKE_IVL, handshakeInterval.wholeMilliseconds)
        try socket.set(ZMQ_RECONNECT_IVL, reconnectInterval.wholeMilliseconds)
        try socket.set(ZMQ_RECONNECT_IVL_MAX, reconnectIntervalMax.wholeMilliseconds)
        try socket.set(ZMQ_BACKLOG, max(1, backlog))
        try socket.set(ZMQ_IPV6, ipv6)
        try socket.set(ZMQ_IMMEDIATE, immediate)
        // Where heartbeats look for the dead the system's probes are not needed; else they find a dead machine within
        // 6 s: a first probe after 3 s of silence, then three, one a second.
        try socket.set(ZMQ_TCP_KEEPALIVE, heartbeatInterval == .zero)
        try socket.set(ZMQ_TCP_KEEPALIVE_IDLE, Int32(3))
        try socket.set(ZMQ_TCP_KEEPALIVE_INTVL, Int32(1))
        try socket.set(ZMQ_TCP_KEEPALIVE_CNT, Int32(3))
        if socket.kind == .router { try socket.set(ZMQ_ROUTER_MANDATORY, routerMandatory) }
        if publishes { try socket.set(ZMQ_XPUB_NODROP, xpubNoDrop) }
        if socket.kind == .xpub {
            try socket.set(ZMQ_XPUB_VERBOSER, xpubVerboser)
            if xpubManual { try socket.set(ZMQ_XPUB_MANUAL, true) }
        }
    }
}

extension Duration {
    /// Milliseconds, rounded up, from 0 to 2,147,483,000.
    var wholeMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        if seconds < 0 || attoseconds < 0 { return 0 }
        if seconds >= 2_147_483 { return 2_147_483_000 }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        return Int32(seconds * 1_000 + (attoseconds + perMillisecond - 1) / perMillisecond)
    }
}
