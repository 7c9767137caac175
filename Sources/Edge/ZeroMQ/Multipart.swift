private import CZeroMQ
private import Glibc

/// What a look into the queue found.
public enum Received: Equatable, Sendable {
    /// A whole message, `[part, byte]`, of at least one part and at most the limit.
    case message([[UInt8]])
    /// A message had this many parts, more than the limit; it was read to its end and dropped.
    case tooManyParts(Int)
    /// The queue is empty.
    case nothing
}

/// Where a message came from, as far as libzmq tells.
public struct Origin: Equatable, Sendable {
    /// The file descriptor of its link, as `MonitorEvent.value` names it; nil where there is no message or libzmq does
    /// not tell (inproc).
    ///
    /// A descriptor names another link once its own is gone.
    public internal(set) var link: UInt32?
    /// The name under which the context's doorkeeper let its sender in; nil where there is no doorkeeper.
    public internal(set) var user: String?

    /// Nothing is known.
    public init() {}
}

/// What became of a message to send; it went whole or not at all.
public enum SendResult: Equatable, Sendable {
    /// libzmq has taken the message; a PUB or XPUB without a fitting subscriber has dropped it.
    case sent
    /// There was no room or no peer, so nothing was sent.
    case wouldBlock
    /// A ROUTER knows no peer of that identity, so nothing was sent.
    case hostUnreachable
}

extension Socket {
    /// Takes the next message from the queue, without waiting.
    ///
    /// It holds at most `maximumParts` parts, each at most as long as `SocketOptions` lets in; further parts are read
    /// and dropped one by one. The bytes may be anybody's: ZMTP 1.0 has no greeting, so a stranger's bytes that happen
    /// to fit it come in as messages.
    public func receive(maximumParts: Int) throws(ZeroMQError) -> Received {
        try receive(maximumParts: maximumParts, askingForOrigin: false).received
    }

    /// Takes the next message as `receive` does, and says where it came from.
    public func receiveWithOrigin(
        maximumParts: Int
    ) throws(ZeroMQError) -> (received: Received, origin: Origin) {
        try receive(maximumParts: maximumParts, askingForOrigin: true)
    }

    private func receive(
        maximumParts: Int,
        askingForOrigin: Bool
    ) throws(ZeroMQError) -> (received: Received, origin: Origin) {
        precondition(maximumParts > 0, "receive(maximumParts: \(maximumParts)): at least 1")
        var parts: [[UInt8]] = []
        var count = 0
        var more = true
        var origin = Origin()
        while more {
            guard
                let part = try core.receivePart(
                    keep: count < maximumParts,
                    askingForOrigin: askingForOrigin
                )
            else {
                // libzmq hands a message on only when it is whole, so no part but the first can be missing.
                if count == 0 { return (.nothing, origin) }
                throw ZeroMQError(
                    code: EAGAIN,
                    call: "zmq_msg_recv",
                    message: "a message ended after part \(count) of more; its parts were dropped"
                )
            }
            count += 1
            more = part.more
            // A ROUTER makes the first part itself, so that the sender's name is on the ones after it.
            origin.link = origin.link ?? part.origin.link
            origin.user = origin.user ?? part.origin.user
            if count <= maximumParts { parts.append(part.bytes) } else { parts = [] }
        }
        return (count > maximumParts ? .tooManyParts(count) : .message(parts), origin)
    }

    /// Sends one message of at least one part, whole or not at all.
    /// - Parameters:
    ///   - parts: `[part, byte]`; a ROUTER's first part is the peer's identity.
    ///   - blocking: Whether to wait for room, at most `SocketOptions.sendTimeout`, before it answers `.wouldBlock`.
    /// - Returns: What became of the message.
    /// - Throws: `.interrupted` where a signal came while it waited (nothing was sent), `.terminated`.
    public func send(_ parts: [[UInt8]], blocking: Bool = false) throws(ZeroMQError) -> SendResult {
        guard !parts.isEmpty else {
            throw ZeroMQError(
                code: EINVAL,
                call: "send",
                message: "a message has no part; it needs at least one"
            )
        }
        // A link that breaks between two parts makes libzmq take the first ones back (DEALER): begin again.
        while true {
            switch try sendOnce(parts, blocking: blocking) {
            case .done(let result): return result
            case .rolledBack: if !blocking { return .wouldBlock }
            }
        }
    }

    private enum Attempt {
        case done(SendResult)
        case rolledBack
    }

    private func sendOnce(_ parts: [[UInt8]], blocking: Bool) throws(ZeroMQError) -> Attempt {
        for index in parts.indices {
            // Room is asked for at the first part; the others never wait. They must not: in blocking mode libzmq
            // 4.3.4 drops the rest of a message whose link broke and would take our next part for a new message.
            let wait = index == 0 && blocking ? 0 : ZMQ_DONTWAIT
            let flags = wait | (index == parts.count - 1 ? 0 : ZMQ_SNDMORE)
            var failure = core.sendPart(parts[index], flags: flags)
            while failure == EINTR && wait != 0 { failure = core.sendPart(parts[index], flags: flags) }
            switch failure {
            case nil: continue
            case EAGAIN: return index == 0 ? .done(.wouldBlock) : .rolledBack
            case EHOSTUNREACH: return .done(.hostUnreachable)
            case .some(let code): throw ZeroMQError(code: code, call: "zmq_send")
            }
        }
        return .done(.sent)
    }
}

/// A subscription, or its end, as an XPUB receives it.
public struct SubscriptionNotice: Equatable, Sendable {
    /// True for a subscription, false for the end of one.
    public let subscribes: Bool
    /// The bytes that the first part of a wanted message begins with.
    public let prefix: [UInt8]

    /// Reads a notice; nil where the message is none, which would be one part that begins with 0 or 1.
    public init?(_ message: [[UInt8]]) {
        guard message.count == 1, let first = message[0].first, first <= 1 else { return nil }
        subscribes = first == 1
        prefix = Array(message[0].dropFirst())
    }
}
