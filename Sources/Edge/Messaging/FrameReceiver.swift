public import ECGSignal
internal import Wire
public import ZeroMQ

/// The daemon's SUB sockets, bound or connected, that take data frames on the path without acknowledgements.
///
/// It only receives; what a message says is judged elsewhere. It belongs to one thread.
public struct FrameReceiver: ~Copyable {
    /// A message with the endpoint at which it arrived.
    public struct Arrived: Sendable {
        /// The endpoint as the operator named it.
        public let endpoint: String
        /// What came.
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

    /// Holds a socket for an array, since arrays hold no `~Copyable` values.
    private final class SocketBox {
        let socket: Socket
        let endpoint: String
        init(_ socket: consuming Socket, _ endpoint: String) {
            self.socket = socket
            self.endpoint = endpoint
        }

        /// The next message and where it came from; nil where none waits.
        func nextMessage() throws(ZeroMQError) -> (message: RawMessage, origin: Origin)? {
            let (received, origin) = try socket.receiveWithOrigin(maximumParts: FrameReceiver.partsMax)
            return switch received {
            case .message(let parts): (.parts(parts), origin)
            case .tooManyParts(let count): (.tooManyParts(count), origin)
            case .nothing: nil
            }
        }
    }

    /// Makes a receiver without sockets that wakes when `stop` is signalled.
    public init(stop wakeUp: WakeUp) { stop = poller.add(wakeUp) }

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
        sockets.append(SocketBox(socket, endpoint.text))
        return real
    }

    /// Waits for at most `timeout`, then hands every message that is there to `body` until it returns false.
    /// - Returns: how many messages came.
    public mutating func receive(
        timeout: Duration,
        _ body: (Arrived) -> Bool
    ) throws(ZeroMQError) -> Int {
        _ = try poller.wait(timeout: timeout)
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
