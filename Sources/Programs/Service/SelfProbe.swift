internal import Access
internal import ZeroMQ

/// The daemon's knocking at its own doors: a stranger must be refused at each of them.
enum SelfProbe {
    /// Dials an endpoint of the server with that key as a stranger; what became of it.
    typealias Knock =
        @Sendable (_ probe: DoorProbe, _ door: Door, _ endpoint: Endpoint, _ server: PublicKey)
        throws(ZeroMQError) -> DoorProbe.Finding

    /// Why an endpoint must not be served.
    enum Breach: Equatable {
        /// A stranger was let in.
        case open(String)
        /// Nobody refused the stranger, so that it is not proven that somebody would.
        case unproven(String)

        /// Which endpoint, what happened, what to do.
        var words: String {
            switch self {
            case .open(let words), .unproven(let words): words
            }
        }
    }

    /// How long a door may take to answer: a handshake takes milliseconds, and a busy machine is waited for.
    private static let limit = Duration.seconds(10)

    /// The real knocking.
    static let knock: Knock = { probe, door, endpoint, server throws(ZeroMQError) in
        let kind: Socket.Kind =
            switch door {
            case .frames: .xpub
            case .events, .waves: .sub
            case .control, .ingest: .dealer
            }
        return try probe.knock(at: endpoint, as: kind, server: server, limit: limit)
    }

    /// Why the endpoints must not be served; nil where each of them refuses a stranger, or none asks for keys.
    static func breach(
        of access: AccessDesk?,
        at doors: [(door: Door, endpoint: String)],
        by knock: Knock
    ) -> Breach? {
        guard let access else { return nil }
        for (door, text) in doors {
            do throws(ZeroMQError) {
                let probe = try DoorProbe()
                access.note(probe: probe.key)
                defer { access.forget(probe: probe.key) }
                switch try knock(probe, door, Endpoint(text), access.publicKey) {
                case .refused: continue
                case .entered:
                    return .open(
                        "a key that nobody knows was let in at \(text), so nothing is served; report this"
                    )
                case .unanswered:
                    return .unproven(
                        "nobody refused a key that nobody knows at \(text) within \(limit.components.seconds) s; see "
                            + "whether this machine may connect to itself there"
                    )
                }
            } catch { return .unproven("whether \(text) refuses strangers cannot be tried: \(error)") }
        }
        return nil
    }
}
