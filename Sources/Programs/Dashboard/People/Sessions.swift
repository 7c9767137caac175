internal import Digest

/// Who is logged in, for how long.
///
/// A browser holds a random token of 32 bytes; here stands its SHA-256, so that nobody who reads this memory has it.
struct Sessions: Sendable {
    /// Milliseconds that one lasts: a shift of twelve hours.
    static let life: Int64 = 43_200_000
    /// Sessions at once; one more ends the oldest.
    static let countMax = 1_000

    /// One that was begun.
    struct Session: Sendable, Equatable {
        /// The person's name.
        let user: String
        /// The hash of the password that began it; another one ends it.
        let hash: String
        /// What a page must send with everything that it asks to be done, so that no other page can.
        let key: String
        let endsAt: Int64
    }

    private var sessions: [String: Session] = [:]

    /// How many there are.
    var count: Int { sessions.count }

    /// Begins one; returns its token.
    mutating func begin(_ user: String, hash: String, at now: Int64) -> String {
        sessions = sessions.filter { $0.value.endsAt > now }
        if sessions.count >= Sessions.countMax {
            let oldest = sessions.min { ($0.value.endsAt, $0.key) < ($1.value.endsAt, $1.key) }
            if let oldest { sessions[oldest.key] = nil }
        }
        let token = Sessions.secret()
        sessions[Sessions.name(of: token)] = Session(
            user: user,
            hash: hash,
            key: Sessions.secret(),
            endsAt: now + Sessions.life
        )
        return token
    }

    /// The one that a token names; nil where there is none, or it is over.
    func session(_ token: String, at now: Int64) -> Session? {
        sessions[Sessions.name(of: token)].flatMap { $0.endsAt > now ? $0 : nil }
    }

    /// Ends the session of that token.
    mutating func end(_ token: String) { sessions[Sessions.name(of: token)] = nil }

    /// Ends those of people who are not there any more, or have another password.
    mutating func keep(_ hashes: [String: String]) {
        sessions = sessions.filter { hashes[$0.value.user] == $0.value.hash }
    }

    private static func name(of token: String) -> String { SHA256.hex(Array(token.utf8)) }

    /// 32 random bytes as hex, by the operating system's generator.
    private static func secret() -> String {
        var generator = SystemRandomNumberGenerator()
        return SHA256.hexadecimal((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
