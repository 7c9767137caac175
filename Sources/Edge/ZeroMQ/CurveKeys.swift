private import CZeroMQ

/// The public half of a CURVE key pair (RFC 26): 32 bytes that name a peer and can be told to everybody.
public struct PublicKey: Hashable, Sendable, CustomStringConvertible {
    /// How many characters its text has.
    public static let textCount = 40
    static let byteCount = 32

    /// The 32 bytes.
    public let bytes: [UInt8]
    /// The key in Z85 (RFC 32): 40 printable characters, among them `#`, `&` and `{`, so that a shell needs quotes.
    public let text: String

    /// Reads a key in Z85; nil where the text is none.
    public init?(_ text: String) {
        guard let bytes = Z85.bytes(of: text) else { return nil }
        self.bytes = bytes
        self.text = text
    }

    /// Takes the bytes of a key; nil where they are not 32.
    public init?(bytes: [UInt8]) {
        guard let text = Z85.text(of: bytes) else { return nil }
        self.bytes = bytes
        self.text = text
    }

    /// The key in Z85.
    public var description: String { text }
}

/// A CURVE key pair: who has the secret half is who the public half says.
public struct KeyPair: Sendable, CustomStringConvertible, CustomReflectable {
    /// The half that everybody may know.
    public let publicKey: PublicKey
    let secret: [UInt8]

    /// Draws a new pair from the operating system's randomness.
    public init() throws(ZeroMQError) {
        var publicText = [CChar](repeating: 0, count: 41)
        var secretText = publicText
        // Safe: libzmq writes 40 characters and a zero into each array of 41.
        guard unsafe zmq_curve_keypair(&publicText, &secretText) == 0 else {
            throw .last("zmq_curve_keypair")
        }
        guard let pair = KeyPair(secretText: Z85.string(secretText)) else {
            throw .last("zmq_curve_public")
        }
        self = pair
    }

    /// Makes the pair of a secret half in Z85; nil where the text is none.
    public init?(secretText text: String) {
        guard let secret = Z85.bytes(of: text) else { return nil }
        var publicText = [CChar](repeating: 0, count: 41)
        // Safe: the text was decoded, so it has 40 characters of Z85, and libzmq writes 41 bytes into the array.
        guard unsafe zmq_curve_public(&publicText, text) == 0,
            let publicKey = PublicKey(Z85.string(publicText))
        else { return nil }
        self.publicKey = publicKey
        self.secret = secret
    }

    /// The secret half in Z85, for the file that keeps it and for nothing else.
    public var secretText: String { Z85.text(of: secret) ?? "" }

    /// The public half alone, so that no message shows the secret one.
    public var description: String { publicKey.text }

    /// Shows the public half alone too.
    public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey.text]) }
}

/// Keys as text.
private enum Z85 {
    static func bytes(of text: String) -> [UInt8]? {
        guard text.utf8.count == PublicKey.textCount, !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
        // Safe: 40 characters become 32 bytes, which the array has; libzmq answers null where one is not of Z85.
        guard unsafe zmq_z85_decode(&bytes, text) != nil else { return nil }
        return bytes
    }

    static func text(of bytes: [UInt8]) -> String? {
        guard bytes.count == PublicKey.byteCount else { return nil }
        var text = [CChar](repeating: 0, count: PublicKey.textCount + 1)
        // Safe: 32 bytes become 40 characters and a zero, which the array has.
        guard unsafe zmq_z85_encode(&text, bytes, bytes.count) != nil else { return nil }
        return string(text)
    }

    static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
