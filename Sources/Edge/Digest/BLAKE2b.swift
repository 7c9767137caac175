private import CSodium

/// BLAKE2b (RFC 7693) with a digest of 32 bytes, by libsodium, over bytes that come in pieces.
///
/// Recordings are hashed with it, because a recording of hours must have its identity before its first window is
/// printed and libsodium's BLAKE2b is about three times as fast as its SHA-256.
@safe public struct BLAKE2b: ~Copyable {
    /// Bytes of a digest.
    public static let digestBytes = 32

    /// Without this call libsodium runs its slowest code; it may be made at any time, from any thread and again.
    private static let isReady = sodium_init() >= 0

    /// libsodium's state, which it wants aligned to 64 bytes; owned by this value, freed by `deinit`.
    private let state: OpaquePointer

    /// The digest of nothing so far.
    public init() {
        precondition(BLAKE2b.isReady, "libsodium cannot be initialised")
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: crypto_generichash_blake2b_statebytes(),
            alignment: 64
        )
        // Safe: the memory has the size and alignment that libsodium asks for, and the call keeps no pointer.
        unsafe state = OpaquePointer(memory)
        _ = unsafe crypto_generichash_blake2b_init(state, nil, 0, BLAKE2b.digestBytes)
    }

    // Safe: nobody else has the pointer.
    deinit { unsafe UnsafeMutableRawPointer(state).deallocate() }

    /// Takes the next bytes.
    public mutating func update(_ bytes: [UInt8]) {
        // Safe: state and array outlive the call, which reads `bytes.count` bytes and keeps no pointer.
        _ = unsafe crypto_generichash_blake2b_update(state, bytes, UInt64(bytes.count))
    }

    /// The digest of all bytes taken.
    public consuming func digest() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: BLAKE2b.digestBytes)
        // Safe: both outlive the call, which writes `digest.count` bytes and keeps no pointer.
        _ = unsafe crypto_generichash_blake2b_final(state, &digest, digest.count)
        return digest
    }
}
