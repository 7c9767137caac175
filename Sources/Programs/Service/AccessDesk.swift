internal import Access
private import KeyFolder
internal import Messaging
private import Synchronization
internal import Wire
internal import ZeroMQ

/// Who may do what at this moment, for all threads that ask: doorkeepers, the fence of the events, control requests.
///
/// It is there only where the daemon was given keys; then nothing is answered to anybody whom it does not name.
final class AccessDesk: Sendable {
    private struct State {
        var table: AccessTable
        /// Keys with which the daemon knocks at its own doors.
        var probes: Set<PublicKey> = []
        var notices: [LinkTable.Notice] = []
    }

    /// Refusals that wait to be told at most; more are left out of the counts.
    private static let noticesMax = 1_000

    /// The daemon's own pair.
    private let pair: KeyPair
    /// The table that the daemon began with.
    let first: AccessTable
    /// The peers that are connected.
    let peers = PeerWatch()
    /// The names of the endpoints, as they are configured.
    private let names: [Door: String]
    private let state: Mutex<State>
    private let readerGeneration = Atomic(0)

    init(_ pair: KeyPair, _ table: AccessTable, names: [Door: String]) {
        self.pair = pair
        self.names = names
        first = table
        state = Mutex(State(table: table))
    }

    /// The table that the bytes of an authorisation file make; nil where they are refused.
    static func table(of bytes: [UInt8]) -> AccessTable? { try? AuthorisationFile.table(of: bytes) }

    /// The daemon's public key.
    var publicKey: PublicKey { pair.publicKey }

    /// The table in force.
    var table: AccessTable { state.withLock { $0.table } }

    /// Grows whenever somebody may read less than before: who is connected then has to come in anew.
    var readersMustComeAnew: Int { readerGeneration.load(ordering: .acquiring) }

    /// Puts another table in force; whether somebody may read less by it.
    func adopt(_ table: AccessTable) -> Bool {
        let isLess = state.withLock { state in
            // A ward that is new has a heartbeat once the publisher has taken the table, which it does with its readers anew.
            let isLess = table.lets(readLessThan: state.table) || table.allWards != state.table.allWards
            state.table = table
            return isLess
        }
        if isLess { readerGeneration.add(1, ordering: .acquiringAndReleasing) }
        return isLess
    }

    /// What the sockets of that door have to prove.
    func security(of door: Door) -> Security {
        .server(pair, Doorkeeper(domain: "shinden.\(door.rawValue)") { [self] in verdict(on: $0, at: door) })
    }

    private func verdict(on caller: Doorkeeper.Caller, at door: Door) -> Doorkeeper.Verdict {
        let place = caller.address.isEmpty ? "this machine" : caller.address
        guard let key = caller.key else {
            refuse(at: door, "a peer without a key, from \(place)")
            return .refuse
        }
        let (verdict, isProbe) = state.withLock {
            ($0.table.verdict(on: key.text, at: door), $0.probes.contains(key))
        }
        let why: String
        switch verdict {
        case .enters(let name):
            guard peers.enter(name, at: door) else {
                keep(
                    .limitReached(
                        endpoint: names[door] ?? door.rawValue,
                        why:
                            "the key \(name) has \(PeerTable.linksAKeyMax) links there, from \(place) it wanted one more; "
                            + "close some, or give each program a key"
                    )
                )
                return .refuseForNow
            }
            return .enter(as: name)
        case .unknown: why = "a key that is not known, fingerprint \(Fingerprint(of: key))"
        case .revoked(let name): why = "the key \(name), which was revoked"
        case .elsewhere(let name): why = "the key \(name), which has no right at this endpoint"
        }
        if !isProbe { refuse(at: door, "\(why), from \(place)") }
        return .refuse
    }

    /// Takes a key for the daemon's own, whose refusal nobody has to hear of.
    func note(probe: PublicKey) { state.withLock { _ = $0.probes.insert(probe) } }

    /// That key is used no more.
    func forget(probe: PublicKey) { state.withLock { _ = $0.probes.remove(probe) } }

    private func refuse(at door: Door, _ why: String) {
        keep(.keyRefused(endpoint: names[door] ?? door.rawValue, why: why))
    }

    /// A key asked at that door for what it may not have.
    func prohibit(at door: Door, _ why: String) {
        keep(.rightRefused(endpoint: names[door] ?? door.rawValue, why: why))
    }

    /// A key has as many subscriptions at that door as one may have.
    func limit(_ user: String, at door: Door) {
        keep(
            .limitReached(
                endpoint: names[door] ?? door.rawValue,
                why:
                    "the key \(user) has \(PeerTable.subscriptionsAKeyMax) subscriptions there; subscribe to wider "
                    + "prefixes"
            )
        )
    }

    private func keep(_ notice: LinkTable.Notice) {
        state.withLock { if $0.notices.count < AccessDesk.noticesMax { $0.notices.append(notice) } }
    }

    /// What was refused since the last call, in its order.
    func takeNotices() -> [LinkTable.Notice] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }
}
