private import CZeroMQ

/// How the sockets of a context prove who is at their other end; it holds for every socket that is opened in it.
public enum Security: Sendable {
    /// Nobody proves anything and nothing is encrypted: for endpoints that no other machine reaches.
    case none
    /// Its sockets are CURVE clients with this pair, and the other end must be the server of that key.
    case client(KeyPair, server: PublicKey)
    /// Its sockets are CURVE servers with this pair, whether they bind or connect, and the doorkeeper says who enters.
    case server(KeyPair, Doorkeeper)

    /// The form in which peers tell which of them is who; nil where nobody proves it.
    var namesPeers: Bool { if case .server = self { true } else { false } }

    /// ZMQ_ZAP_ENFORCE_DOMAIN, which the headers of libzmq 4.3.4 name for draft builds alone and every build takes.
    private static let enforceDomain: Int32 = 93

    /// Sets the options of a socket that is neither bound nor connected yet.
    ///
    /// A server always has a domain and its enforcement: without both libzmq 4.3.4 lets everybody in, and does not even
    /// ask the handler.
    func apply(to socket: SocketCore) throws(ZeroMQError) {
        switch self {
        case .none: return
        case .client(let pair, let server):
            try socket.set(ZMQ_CURVE_SERVERKEY, bytes: server.bytes)
            try socket.set(ZMQ_CURVE_PUBLICKEY, bytes: pair.publicKey.bytes)
            try socket.set(ZMQ_CURVE_SECRETKEY, bytes: pair.secret)
        case .server(let pair, let doorkeeper):
            try socket.set(ZMQ_CURVE_SERVER, true)
            try socket.set(ZMQ_CURVE_SECRETKEY, bytes: pair.secret)
            try socket.set(ZMQ_ZAP_DOMAIN, bytes: Array(doorkeeper.domain.utf8))
            try socket.set(Security.enforceDomain, true)
        }
    }
}

/// Who decides which keys enter by the sockets of one context.
public struct Doorkeeper: Sendable {
    /// Somebody who has proven to hold a key, or asks without one.
    public struct Caller: Sendable, Equatable {
        /// The domain of the socket, as the doorkeeper has it.
        public let domain: String
        /// The address that it comes from, as libzmq writes it; empty for ipc.
        public let address: String
        /// Its key; nil where it uses another mechanism than CURVE.
        public let key: PublicKey?
    }

    /// What the caller is told.
    public enum Verdict: Sendable, Equatable {
        /// It enters, and each of its messages carries this name: 1 to 255 bytes.
        case enter(as: String)
        /// It is cut off.
        case refuse
        /// It is cut off, and may try again.
        case refuseForNow
    }

    /// The name of the place that is entered; not empty.
    public let domain: String
    /// Decides; called on the doorkeeper's own thread, while the caller waits.
    let judge: @Sendable (Caller) -> Verdict

    /// A doorkeeper of that domain, 1 to 255 bytes.
    public init(domain: String, judge: @escaping @Sendable (Caller) -> Verdict) {
        precondition((1...255).contains(domain.utf8.count), "a domain has 1 to 255 bytes")
        self.domain = domain
        self.judge = judge
    }

    /// The answer to one request of libzmq's, as the frames of ZAP (RFC 27); nil where it is no request.
    ///
    /// Whatever is not understood is refused.
    func answer(to frames: [[UInt8]]) -> [[UInt8]]? {
        // The routing id, an empty delimiter, version, request id, domain, address, identity, mechanism, credentials.
        guard frames.count >= 4, frames[1].isEmpty else { return nil }
        let head = [frames[0], [], Array("1.0".utf8), frames[3]]
        guard frames.count >= 8, frames[2].elementsEqual("1.0".utf8), frames[4].elementsEqual(domain.utf8)
        else { return head + Doorkeeper.refusal }
        let isCurve = frames.count == 9 && frames[7].elementsEqual("CURVE".utf8)
        let caller = Caller(
            domain: domain,
            address: String(decoding: frames[5], as: UTF8.self),
            key: isCurve ? PublicKey(bytes: frames[8]) : nil
        )
        switch judge(caller) {
        case .enter(let name) where (1...255).contains(name.utf8.count):
            return head + [Array("200".utf8), Array("OK".utf8), Array(name.utf8), []]
        case .refuseForNow: return head + [Array("300".utf8), Array("later".utf8), [], []]
        case .enter, .refuse: return head + Doorkeeper.refusal
        }
    }

    /// Status, its text, user id and metadata of a refusal.
    private static let refusal: [[UInt8]] = [Array("400".utf8), Array("refused".utf8), [], []]
}
