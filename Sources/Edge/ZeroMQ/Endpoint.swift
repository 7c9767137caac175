private import Glibc

/// A checked address of a ZeroMQ socket: `tcp://127.0.0.1:5555`, `tcp://[::1]:*`, `ipc:///run/x.sock`, `inproc://x`.
///
/// Stricter than libzmq, so that `isLocal` can be believed: one address, no source address before a semicolon,
/// an IPv4 address as four decimal numbers, an IPv6 address in brackets; everything else is a name.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// How the bytes travel.
    public enum Transport: Hashable, Sendable {
        /// Over the network, to a host (an IPv6 address without its brackets). A `bind` may leave `port` nil to take
        /// any free one.
        case tcp(host: String, port: UInt16?)
        /// Through a file of this machine. A `bind` may give `*` as path to take a fresh one.
        case ipc(path: String)
        /// Between threads that share one context.
        case inproc(name: String)
    }

    /// How the bytes travel, and where they go.
    public let transport: Transport
    /// The endpoint in the form that libzmq takes.
    public let text: String

    /// Reads an endpoint.
    /// - Throws: `.invalid` with a message that says what is wrong with the text.
    public init(_ text: String) throws(ZeroMQError) {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f || $0 == UInt8(ascii: ";") }) {
            throw Self.refusal(text, "it holds a space, a control character or a semicolon")
        }
        self.text = text
        if let address = Self.rest(of: text, after: "tcp://") {
            transport = try Self.tcp(address, of: text)
        } else if let path = Self.rest(of: text, after: "ipc://") {
            // `sockaddr_un.sun_path` holds 108 bytes, one of them the closing zero.
            guard (1...107).contains(path.utf8.count) else {
                throw Self.refusal(text, "the path of an ipc endpoint has 1 ... 107 bytes")
            }
            transport = .ipc(path: path)
        } else if let name = Self.rest(of: text, after: "inproc://") {
            guard (1...255).contains(name.utf8.count) else {
                throw Self.refusal(text, "the name of an inproc endpoint has 1 ... 255 bytes")
            }
            transport = .inproc(name: name)
        } else {
            throw Self.refusal(text, "it begins with none of tcp://, ipc://, inproc://")
        }
    }

    /// Whether no other machine can be at its ends: ipc, inproc, and tcp to 127.0.0.0/8, [::1] or `localhost`.
    public var isLocal: Bool {
        switch transport {
        case .ipc, .inproc: true
        case .tcp(let host, _): Self.isLoopback(host)
        }
    }

    /// The endpoint as libzmq binds it: a bind takes addresses and interfaces, and `localhost` is a name.
    var bindableText: String {
        guard case .tcp("localhost", let port) = transport else { return text }
        return "tcp://127.0.0.1:\(port.map { "\($0)" } ?? "*")"
    }

    /// The endpoint in the form that libzmq takes.
    public var description: String { text }

    /// Text of an endpoint to bind beside this one: a free port of the same address, or a path that ends in `.name`.
    public func beside(_ name: String) -> String {
        switch transport {
        case .tcp(let host, _): host.contains(":") ? "tcp://[\(host)]:*" : "tcp://\(host):*"
        case .ipc(let path): path == "*" ? "ipc://*" : "ipc://\(path).\(name)"
        case .inproc(let other): "inproc://\(other).\(name)"
        }
    }

    /// Writes an IPv4 address that was mapped into IPv6 as IPv4 again.
    ///
    /// With IPv6 switched on libzmq reports `tcp://[::ffff:127.0.0.1]:81`; a peer without IPv6 understands only
    /// `tcp://127.0.0.1:81`, which is the same address.
    func withoutMapping() throws(ZeroMQError) -> Endpoint {
        let mapped = "::ffff:"
        guard case .tcp(let host, let port?) = transport, host.hasPrefix(mapped) else { return self }
        let address = String(host.dropFirst(mapped.count))
        return Self.ipv4(address) == nil ? self : try Endpoint("tcp://\(address):\(port)")
    }

    private static func tcp(_ address: String, of text: String) throws(ZeroMQError) -> Transport {
        guard let colon = address.lastIndex(of: ":") else {
            throw refusal(text, "it has no port; write tcp://HOST:PORT, or * as port to bind any free one")
        }
        var host = String(address[..<colon])
        let digits = address[address.index(after: colon)...]
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard ipv6(host) != nil else { throw refusal(text, "\(host) is no IPv6 address") }
        } else if host.isEmpty || host.contains(where: { ":[]/".contains($0) }) {
            throw refusal(text, "the host is empty or misshapen; an IPv6 address stands in brackets")
        }
        if digits == "*" || digits == "0" { return .tcp(host: host, port: nil) }
        guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits), port > 0 else {
            throw refusal(text, "the port \(digits) is neither 1 ... 65535 nor *")
        }
        return .tcp(host: host, port: port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" { return true }
        if let bytes = ipv4(host) { return bytes[0] == 127 }
        guard let bytes = ipv6(host) else { return false }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127]
        return bytes == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] || bytes.starts(with: mapped)
    }

    private static func ipv4(_ host: String) -> [UInt8]? { address(host, family: AF_INET, count: 4) }
    private static func ipv6(_ host: String) -> [UInt8]? { address(host, family: AF_INET6, count: 16) }

    private static func address(_ host: String, family: Int32, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        // Safe: the family decides how many bytes are written, 4 or 16, and the array has that length.
        return unsafe inet_pton(family, host, &bytes) == 1 ? bytes : nil
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    private static func refusal(_ text: String, _ why: String) -> ZeroMQError {
        ZeroMQError(code: EINVAL, call: "endpoint", endpoint: text, message: why)
    }
}
