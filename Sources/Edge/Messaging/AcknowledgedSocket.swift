public import ECGSignal
private import Synchronization
internal import Wire
public import ZeroMQ

/// A gateway's socket on the path with acknowledgements: a DEALER that is made anew whenever its link is lost.
///
/// Made anew, because what still waits in a socket whose link is lost would reach the daemon after a HELLO that it knows
/// nothing of.
public struct AcknowledgedSocket: ~Copyable {
    /// Tells the gateway's thread of what the monitor's saw.
    private final class Link: Sendable {
        let isLost = Atomic(false)
    }

    private let endpoint: Endpoint
    private let context: Context
    private var socket: Socket
    private var link: Link
    /// How often the socket was made anew.
    public private(set) var renewals = 0

    /// Begins to connect to the daemon.
    public init(_ endpoint: Endpoint, in context: Context) throws(ZeroMQError) {
        self.endpoint = endpoint
        self.context = context
        link = Link()
        socket = try AcknowledgedSocket.open(endpoint, context, link)
    }

    private static func open(
        _ endpoint: Endpoint,
        _ context: Context,
        _ link: Link
    ) throws(ZeroMQError) -> Socket {
        var options = SocketOptions()
        options.linger = .zero
        options.reconnectIntervalMax = .seconds(1)
        let socket = try Socket(.dealer, in: context, options: options)
        try socket.monitor(name: "link-monitor") { event in
            if event.kind == .disconnected { link.isLost.store(true, ordering: .relaxed) }
        }
        try socket.connect(endpoint)
        return socket
    }

    /// Whether the link was lost since the socket was made.
    public var isLost: Bool { link.isLost.load(ordering: .relaxed) }

    /// Makes the socket anew; what waited in it is dropped.
    public mutating func renew() throws(ZeroMQError) {
        link = Link()
        renewals += 1
        socket = try AcknowledgedSocket.open(endpoint, context, link)
    }

    /// Sends one message; false where there is no room.
    public func send(_ parts: [[UInt8]]) throws(ZeroMQError) -> Bool { try socket.send(parts) == .sent }

    /// Waits for at most `time`; what the daemon said until then.
    public func replies(within time: Duration) throws(ZeroMQError) -> [GatewayReply] {
        var replies: [GatewayReply] = []
        guard try socket.wait(for: .readable, timeout: time).contains(.readable) else { return [] }
        while true {
            switch try socket.receive(maximumParts: 2) {
            case .nothing: return replies
            case .tooManyParts: continue
            case .message(let parts):
                if let reply = AcknowledgedFormat.reply(of: parts) { replies.append(reply) }
            }
        }
    }
}
