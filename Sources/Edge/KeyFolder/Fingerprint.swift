private import Digest
public import ZeroMQ

/// A short form of a public key that two people read to each other: 20 decimal digits in groups of four.
///
/// It is the first 128 bits of the SHA-256 of the key's bytes, modulo 10^20. Who wants another key with the same digits
/// has to try 10^20 of them.
public struct Fingerprint: Equatable, Sendable, CustomStringConvertible {
    private let digits: String

    /// The fingerprint of a key.
    public init(of key: PublicKey) {
        var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
        SHA256.digest(of: key.bytes, into: &digest)
        let number = digest.prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let text = String(number % 100_000_000_000_000_000_000)
        digits = String(repeating: "0", count: 20 - text.count) + text
    }

    /// Reads a fingerprint, however its digits are grouped; nil where it has not 20 of them or holds something else.
    public init?(_ text: String) {
        let digits = text.filter { $0 != " " && $0 != "-" }
        guard digits.utf8.count == 20, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        self.digits = digits
    }

    /// Five groups of four digits.
    public var description: String {
        stride(from: 0, to: 20, by: 4).map { digits.dropFirst($0).prefix(4) }.joined(separator: " ")
    }
}
