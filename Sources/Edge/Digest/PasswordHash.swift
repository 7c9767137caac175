private import CSodium

/// Hashes of passwords by libsodium: Argon2id (RFC 9106) with a salt of its own, as one line of text.
///
/// One takes 64 MiB and two passes over them, libsodium's "interactive", which is about a tenth of a second: whoever gets hold
/// of the text can try few passwords.
public enum PasswordHash {
    /// libsodium draws salts only after this call.
    private static let isReady = sodium_init() >= 0
    private static let passes = UInt64(crypto_pwhash_opslimit_interactive())
    private static let memory = crypto_pwhash_memlimit_interactive()

    /// The hash of a password under a new salt; nil where the machine has no memory for it.
    public static func text(of password: [UInt8]) -> String? {
        precondition(isReady, "libsodium cannot be initialised")
        var text = [CChar](repeating: 0, count: crypto_pwhash_strbytes())
        let word = password.map(CChar.init(bitPattern:))
        // Safe: both arrays outlive the call, which reads `word.count` and writes at most `text.count` bytes.
        let isMade = unsafe crypto_pwhash_str(&text, word, UInt64(word.count), passes, memory) == 0
        guard isMade else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Bytes of a hash's text: `$argon2id$v=19$m=65536,t=2,p=1$`, 22 of the salt, `$` and 43 of the hash itself.
    private static let textBytes = 97

    /// Whether a text is a hash as `text(of:)` makes them, so that to verify it costs what it should.
    public static func isHash(_ text: String) -> Bool {
        guard text.utf8.count == textBytes, let line = line(text) else { return false }
        // Safe: the array outlives the call and ends with a zero within the bytes that it may have.
        return unsafe crypto_pwhash_str_needs_rehash(line, passes, memory) == 0
    }

    /// Whether the password is the one that the hash was made of.
    public static func verify(_ password: [UInt8], against text: String) -> Bool {
        guard isHash(text), let line = line(text) else { return false }
        let word = password.map(CChar.init(bitPattern:))
        // Safe: both arrays outlive the call, which reads `word.count` bytes of one and the other up to its zero.
        return unsafe crypto_pwhash_str_verify(line, word, UInt64(word.count)) == 0
    }

    /// The text as libsodium reads it, filled with zeros; nil where it is longer than a hash.
    private static func line(_ text: String) -> [CChar]? {
        let bytes = Array(text.utf8)
        let room = crypto_pwhash_strbytes()
        guard bytes.count < room, !bytes.contains(0) else { return nil }
        return bytes.map(CChar.init(bitPattern:)) + [CChar](repeating: 0, count: room - bytes.count)
    }
}
