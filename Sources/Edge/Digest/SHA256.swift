private import CSodium

/// SHA-256 (FIPS 180-4) by libsodium, which libzmq's development package brings along.
public enum SHA256 {
    /// Bytes of a digest.
    public static let byteCount = 32

    /// Writes the digest of `bytes` into `digest`, whose 32 bytes are there already.
    public static func digest(of bytes: [UInt8], into digest: inout [UInt8]) {
        precondition(digest.count == byteCount, "a digest has \(byteCount) bytes")
        // Safe: both arrays outlive the call, which reads `bytes.count` and writes 32 bytes and keeps nothing.
        _ = unsafe crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
    }

    /// The digest of `bytes` as 64 lower-case hex digits.
    public static func hex(_ bytes: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: byteCount)
        self.digest(of: bytes, into: &digest)
        return hexadecimal(digest)
    }

    /// `bytes` as lower-case hex digits, two a byte.
    public static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }
}
