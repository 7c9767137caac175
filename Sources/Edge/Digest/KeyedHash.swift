private import CSodium

/// Stable names for what must not be named: the same text gives the same name, and the name does not tell the text.
///
/// BLAKE2b under a key (RFC 7693) by libsodium. Whoever lacks the key cannot try out likely texts, such as bed
/// numbers, until one fits.
public struct KeyedHash: Sendable {
    private let key: [UInt8]

    /// A hash under a key that the operating system draws now and nobody keeps.
    public init() {
        var generator = SystemRandomNumberGenerator()
        key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// A hash under a given key of 32 bytes; other lengths are cut or filled with zeros.
    public init(key: [UInt8]) { self.key = Array((key + [UInt8](repeating: 0, count: 32)).prefix(32)) }

    /// Ten lower-case hex digits for `text`: among 1,000 texts two share a name once in two million draws of a key.
    public func name(of text: String) -> String {
        var digest = [UInt8](repeating: 0, count: 16)
        let bytes = Array(text.utf8)
        // Safe: the arrays outlive the call, which reads and writes as many bytes as it is told and keeps nothing.
        _ = unsafe crypto_generichash(
            &digest,
            digest.count,
            bytes,
            UInt64(bytes.count),
            key,
            key.count
        )
        return SHA256.hexadecimal(Array(digest.prefix(5)))
    }
}
