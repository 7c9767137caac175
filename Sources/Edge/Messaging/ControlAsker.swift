private import Synchronization
public import Wire
public import ZeroMQ

/// Asks the daemon's control socket, one question at a time.
///
/// Each question has a name of its own, and a reply to an earlier one, which came too late, is passed over.
public struct ControlAsker: ~Copyable {
    /// Why there is no answer.
    public enum Failure: Error, Sendable, Equatable {
        /// No reply came in time: no daemon is there, or it is stopped.
        case silent
        /// What came was no JSON object.
        case unreadable
        /// A daemon is there, and the key is none that it lets in.
        case unknownKey
        /// The daemon refused the request, for this reason.
        case refused(ControlProblem)
    }

    /// What the monitor's thread has seen.
    private final class Door: Sendable {
        let isClosed = Atomic(false)
    }

    private let socket: Socket
    private let door = Door()
    private var asked = 0
    /// How long it waits before it looks whether the daemon has refused its key.
    private static let look = Duration.milliseconds(100)

    /// Connects to a daemon's control endpoint; nothing is sent yet.
    public init(_ endpoint: Endpoint, in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.linger = .zero
        let opened = try Socket(.dealer, in: context, options: options)
        if context.isSecured {
            let door = door
            try opened.monitor(name: "asker-monitor") { event in
                switch event.kind {
                case .handshakeFailedAuthentication: door.isClosed.store(true, ordering: .relaxed)
                case .handshakeSucceeded: door.isClosed.store(false, ordering: .relaxed)
                default: break
                }
            }
        }
        try opened.connect(endpoint)
        socket = opened
    }

    /// The reply to one question, waited for at most `patience`.
    ///
    /// `from` is where the page begins, as `next` of the page before it said, and `ward` the one that is asked for. Where no reply comes, or one that refuses,
    /// a `Failure` is thrown.
    public mutating func ask(
        _ operation: ControlRequest.Operation,
        from: Int = 0,
        ward: String? = nil,
        patience: Duration
    ) throws -> ControlReply {
        asked += 1
        return try ask(ControlRequest(operation, name: "\(asked)", from: from, ward: ward), patience)
    }

    /// Asks that something be done, and returns the reply once it is; `user` is the person for whom it is asked.
    public mutating func perform(
        _ order: ControlOrder,
        user: String? = nil,
        patience: Duration
    ) throws -> ControlReply {
        asked += 1
        return try ask(ControlRequest(order, name: "\(asked)", user: user), patience)
    }

    /// A page of the journal.
    public mutating func replay(
        _ question: ReplayQuestion,
        patience: Duration
    ) throws -> ControlReply {
        asked += 1
        return try ask(ControlRequest(question, name: "\(asked)"), patience)
    }

    private func ask(_ request: ControlRequest, _ patience: Duration) throws -> ControlReply {
        let end = ContinuousClock.now + patience
        // A DEALER whose peer is not there has room for this in its queue, so it waits with the question.
        guard try socket.send([request.bytes], blocking: false) == .sent else {
            throw Failure.silent
        }
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else { throw Failure.silent }
            if try socket.wait(for: .readable, timeout: min(left, ControlAsker.look)).isEmpty {
                if door.isClosed.load(ordering: .relaxed) { throw Failure.unknownKey }
                continue
            }
            guard case .message(let parts) = try socket.receive(maximumParts: FrameReceiver.partsMax) else {
                continue
            }
            guard parts.count == 1, let reply = ControlReply(parsing: parts[0]) else {
                throw Failure.unreadable
            }
            guard reply.name == request.name else { continue }
            if let problem = reply.problem { throw Failure.refused(problem) }
            return reply
        }
    }

    /// Asks for all pages of a list, and returns its entries in their order.
    public mutating func askAllPages(
        _ operation: ControlRequest.Operation,
        _ list: String,
        ward: String? = nil,
        patience: Duration
    ) throws -> [JSONObject] {
        try askAllPages(operation, ward: ward, patience: patience).flatMap { $0.entries(list) }
    }

    /// Asks for all pages, and returns them in their order.
    public mutating func askAllPages(
        _ operation: ControlRequest.Operation,
        ward: String? = nil,
        patience: Duration
    ) throws -> [ControlReply] {
        var replies: [ControlReply] = []
        var from: Int? = 0
        while let page = from {
            let reply = try ask(operation, from: page, ward: ward, patience: patience)
            replies.append(reply)
            // Only a page further on is asked for, so that this ends whatever the other side says.
            from = reply.next.flatMap { $0 > page ? $0 : nil }
        }
        return replies
    }
}
