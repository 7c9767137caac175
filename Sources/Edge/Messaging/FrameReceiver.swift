public import ECGSignal
internal import Wire
public import ZeroMQ

/// The daemon's SUB sockets, bound or connected, that take data frames on the path without acknowledgements, and its
/// ROUTER for those with.
///
/// What a message says is judged elsewhere. It belongs to one thread.
public struct FrameReceiver: ~Copyable {
    /// A message with the endpoint at which it arrived.
    public struct Arrived: Sendable {
        /// The endpoint as the operator named it.
        public let endpoint: String
        /// What came; at the ROUTER its first part is the routing id of the connection.
        public let message: RawMessage
        /// The descriptor of the link it came in by; nil where libzmq does not tell.
        public let link: UInt32?
        /// The name of the key that it was sent with; nil where the endpoint asks for none.
        public let user: String?
    }

    /// The most parts that a message is read with; a message of more parts is none of ours, and is read to its end and
    /// dropped.
    public static let partsMax = 5

    /// How many messages are taken of one socket in turn: as many as one gateway's queue holds, so that no socket
    /// starves another.
    public static let messagesMax = 256

    private var sockets: [SocketBox] = []
    private var poller = Poller()
    private let stop: Poller.Entry
    private let answers: WakeUp?

    /// Holds a socket for an array, since arrays hold no `~Copyable` values.
    private final class SocketBox {
        let socket: Socket
        let endpoint: String
        /// The endpoint as it was bound; nil where it is connected.
        let bound: Endpoint?
        init(_ socket: consuming Socket, _ endpoint: String, bound: Endpoint?) {
            self.socket = socket
            self.endpoint = endpoint
            self.bound = bound
        }

        /// The next message and where it came from; nil where none waits.
        func nextMessage() throws(ZeroMQError) -> (message: RawMessage, origin: Origin)? {
            let isRouter = socket.kind == .router
            let most = FrameReceiver.partsMax + (isRouter ? 1 : 0)
            let (received, origin) = try socket.receiveWithOrigin(maximumParts: most)
            return switch received {
            case .message(let parts): (.parts(parts), origin)
            case .tooManyParts(let count): (.tooManyParts(count), origin)
            case .nothing: nil
            }
        }
    }

    /// Makes a receiver without sockets that wakes when `stop` is signalled, or where there are `answers` to be sent.
    public init(stop wakeUp: WakeUp, answers: WakeUp? = nil) {
        stop = poller.add(wakeUp)
        self.answers = answers
        if let answers { _ = poller.add(answers) }
    }

    /// Binds the ROUTER that takes acknowledged chunks; what comes by it arrives at the endpoint of that name.
    /// - Returns: The endpoint with its wildcards filled in.
    public mutating func openRouter(
        _ endpoint: Endpoint,
        named name: String,
        in context: Context,
        watching monitor: @escaping @Sendable (MonitorEvent) -> Void
    ) throws(ZeroMQError) -> Endpoint {
        let socket = try Socket(.router, in: context, options: SocketOptions())
        try socket.monitor(name: "ingest-monitor", monitor)
        let real = try socket.bind(endpoint)
        _ = poller.add(socket)
        sockets.append(SocketBox(socket, name, bound: real))
        return real
    }

    /// Cuts off all who came in by endpoints that were bound, and listens again.
    ///
    /// What libzmq holds of messages that are not complete is given back. Gateways come in anew by themselves.
    public func reopen() throws(ZeroMQError) {
        for box in sockets { if let bound = box.bound { try box.socket.rebind(bound) } }
    }

    /// Sends an answer by the ROUTER; a gateway that is gone or full loses it, and asks again.
    public func answer(_ connection: [UInt8], _ parts: [[UInt8]]) throws(ZeroMQError) {
        for box in sockets where box.socket.kind == .router { _ = try box.socket.send([connection] + parts) }
    }

    /// Opens one SUB socket that takes every `ecg1.` topic.
    /// - Returns: The endpoint with its wildcards filled in.
    public mutating func open(
        _ endpoint: Endpoint,
        binds: Bool,
        in context: Context,
        watching monitor: @escaping @Sendable (MonitorEvent) -> Void
    ) throws(ZeroMQError) -> Endpoint {
        let socket = try Socket(.sub, in: context, options: SocketOptions())
        try socket.monitor(name: "frames-monitor", monitor)
        try socket.subscribe(Array(Topic.allData.utf8))
        var real = endpoint
        if binds { real = try socket.bind(endpoint) } else { try socket.connect(endpoint) }
        _ = poller.add(socket)
        sockets.append(SocketBox(socket, endpoint.text, bound: binds ? real : nil))
        return real
    }

    /// Waits for at most `timeout`, then hands every message that is there to `body` until it returns false.
    /// - Returns: how many messages came.
    public mutating func receive(
        timeout: Duration,
        _ body: (Arrived) -> Bool
    ) throws(ZeroMQError) -> Int {
        _ = try poller.wait(timeout: timeout)
        answers?.reset()
        var count = 0
        for box in sockets {
            for _ in 0..<FrameReceiver.messagesMax {
                guard let (message, origin) = try box.nextMessage() else { break }
                count += 1
                let arrived = Arrived(
                    endpoint: box.endpoint,
                    message: message,
                    link: origin.link,
                    user: origin.user
                )
                guard body(arrived) else { return count }
            }
        }
        return count
    }
}
