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
        /// The daemon refused the request, with its code and its sentence.
        case refused(code: String, detail: String)
    }

    private let socket: Socket
    private var asked = 0

    /// Connects to a daemon's control endpoint; nothing is sent yet.
    public init(_ endpoint: Endpoint, in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.linger = .zero
        let opened = try Socket(.dealer, in: context, options: options)
        try opened.connect(endpoint)
        socket = opened
    }

    /// The reply to one request (`operation` is HELLO, STATUS, STREAMS or LABELS), waited for at most `patience`.
    ///
    /// `from` is the page, as `next` of the page before it said. Where no reply comes, or one that refuses, a
    /// `Failure` is thrown.
    public mutating func ask(_ operation: String, from: Int64? = nil, patience: Duration) throws -> JSONObject
    {
        asked += 1
        let name = "\(asked)"
        var request: JSONObject = ["op": .string(operation), "request": .string(name)]
        if let from { request = request.with(["from": .integer(from)]) }
        let end = ContinuousClock.now + patience
        // A DEALER whose peer is not there has room for this in its queue, so it waits with the question.
        guard try socket.send([JSONValue.object(request).canonical], blocking: false) == .sent else {
            throw Failure.silent
        }
        while true {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero, !(try socket.wait(for: .readable, timeout: left)).isEmpty else {
                throw Failure.silent
            }
            guard case .message(let parts) = try socket.receive(maximumParts: FrameReceiver.partsMax) else {
                continue
            }
            guard parts.count == 1, let reply = try? JSONValue(parsing: parts[0]).object else {
                throw Failure.unreadable
            }
            guard reply["request"]?.text == name else { continue }
            guard reply["ok"] == .bool(true) else {
                throw Failure.refused(code: reply["code"]?.text ?? "", detail: reply["detail"]?.text ?? "")
            }
            return reply
        }
    }

    /// Asks for all pages of a request, and returns the entries that stand under `member` in their order.
    public mutating func askAllPages(
        _ operation: String,
        _ member: String,
        patience: Duration
    ) throws -> [JSONObject] {
        var entries: [JSONObject] = []
        var from: Int64? = 0
        while let page = from {
            let reply = try ask(operation, from: page, patience: patience)
            entries += reply[member]?.array?.compactMap(\.object) ?? []
            let next = reply["more"] == .bool(true) ? reply["next"]?.whole : nil
            // Only a page further on is asked for, so that this ends whatever the other side says.
            from = next.flatMap { $0 > page ? $0 : nil }
        }
        return entries
    }
}
