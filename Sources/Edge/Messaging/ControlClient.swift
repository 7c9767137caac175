public import Wire
public import ZeroMQ

/// Asks a daemon's control socket, one request at a time; belongs to one thread.
public struct ControlClient: ~Copyable {
    private let socket: Socket
    /// The number of the newest request, which its reply repeats.
    private var asked = 0
    /// More pages than any reply of this protocol version has.
    private static let pagesMax = 1_000

    /// Connects; whether anybody answers there shows with the first request.
    public init(_ endpoint: Endpoint, in context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        options.maxMessageBytes = 1_048_576
        let opened = try Socket(.dealer, in: context, options: options)
        try opened.connect(endpoint)
        socket = opened
    }

    /// The reply to one request; nil where none came within `timeout`.
    ///
    /// Replies to earlier requests that nobody waited for are passed over.
    public mutating func ask(
        _ op: String,
        _ members: JSONObject = [:],
        timeout: Duration
    ) throws(ZeroMQError) -> JSONObject? {
        asked += 1
        let request = members.with(["op": .string(op), "request": .string("\(asked)")])
        _ = try socket.send([JSONValue.object(request).canonical])
        let end = ContinuousClock.now + timeout
        while true {
            let rest = ContinuousClock.now.duration(to: end)
            guard rest > .zero, try socket.wait(for: .readable, timeout: rest).contains(.readable) else {
                return nil
            }
            guard case .message(let parts) = try socket.receive(maximumParts: 2), let body = parts.last,
                let reply = try? JSONValue(parsing: body).object,
                reply["request"]?.text == "\(asked)"
            else { continue }
            return reply
        }
    }

    /// An op of several pages, read to its end.
    public struct Pages: Sendable {
        /// The reply that brought the first page.
        public let first: JSONObject
        /// The elements of all pages.
        public let elements: [JSONObject]
    }

    /// The elements of the member `name` on all pages of an op; nil where a page did not come within `timeout`.
    public mutating func pages(
        of op: String,
        _ name: String,
        timeout: Duration
    ) throws(ZeroMQError) -> Pages? {
        var elements: [JSONObject] = []
        var first: JSONObject?
        var from: Int64 = 0
        for _ in 0..<ControlClient.pagesMax {
            guard let reply = try ask(op, ["from": .integer(from)], timeout: timeout),
                reply["ok"] == .bool(true)
            else { return nil }
            elements += (reply[name]?.array ?? []).compactMap(\.object)
            let start = first ?? reply
            first = start
            guard reply["more"] == .bool(true), let next = reply["next"]?.whole else {
                return Pages(first: start, elements: elements)
            }
            from = next
        }
        return nil
    }
}
