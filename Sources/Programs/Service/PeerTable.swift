internal import ZeroMQ

/// The links of one endpoint, and whose they are: how many one key may have, and how many subscriptions on them.
///
/// libzmq's monitor names a link by its descriptor, and the doorkeeper is asked about a key without a word about the link.
/// So a link is its key's once a message of it names the key. Until then whoever was let in counts for its key: what ends
/// without having said anything is taken for one of the key that has most of those.
struct PeerTable: Sendable {
    /// Links that one key may have to one endpoint.
    static let linksAKeyMax = 64
    /// Subscriptions that one key may have at one endpoint.
    static let subscriptionsAKeyMax = 256

    private struct Link: Sendable {
        var user: String?
        var subscriptions = 0
    }

    private var links: [UInt32: Link] = [:]
    /// Keys that were let in by links that have not said anything yet.
    private var entering: [String: Int] = [:]
    /// Whether the next link that ends was never let in.
    private var isFailing = false

    /// Links that are there, those too that have not been let in yet.
    var count: Int { links.count }

    /// The keys that have links there, by name.
    var keys: [String] { Set(links.values.compactMap(\.user)).union(entering.keys).sorted() }

    /// Takes what the monitor of the endpoint's socket saw.
    mutating func see(_ event: MonitorEvent) {
        switch event.kind {
        // A message may have shown the link before its monitor did.
        case .accepted: links[event.value] = links[event.value] ?? Link()
        case .handshakeFailedNoDetail, .handshakeFailedProtocol, .handshakeFailedAuthentication:
            isFailing = true
        case .disconnected:
            guard let link = links.removeValue(forKey: event.value) else { return }
            guard !isFailing else {
                isFailing = false
                return
            }
            if link.user == nil, let most = mostEntering { leave(most) }
        case .connected, .listening, .handshakeSucceeded: break
        }
    }

    /// A key asks to be let in; false where it has as many links as one may have.
    mutating func enter(_ user: String) -> Bool {
        guard linkCount(of: user) < PeerTable.linksAKeyMax else { return false }
        entering[user, default: 0] += 1
        return true
    }

    /// A message of a key came by a link.
    mutating func hear(_ link: UInt32, from user: String) {
        guard links[link] == nil || links[link]?.user == nil else { return }
        links[link, default: Link()].user = user
        // As many count as have not said anything, whoever was taken for whom.
        if let waiting = entering[user] == nil ? mostEntering : user { leave(waiting) }
    }

    /// A subscription of a key, or the end of one, came by a link; false where the key has as many as one may have.
    mutating func subscribe(_ subscribes: Bool, on link: UInt32, from user: String) -> Bool {
        hear(link, from: user)
        guard subscribes else {
            if let held = links[link]?.subscriptions, held > 0 { links[link]?.subscriptions = held - 1 }
            return true
        }
        let held = links.values.reduce(0) { $0 + ($1.user == user ? $1.subscriptions : 0) }
        // Those beyond the limit are counted too, since their ends are.
        links[link]?.subscriptions += 1
        return held < PeerTable.subscriptionsAKeyMax
    }

    private func linkCount(of user: String) -> Int {
        links.values.count { $0.user == user } + entering[user, default: 0]
    }

    private var mostEntering: String? {
        entering.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    private mutating func leave(_ user: String) {
        guard let count = entering[user] else { return }
        entering[user] = count > 1 ? count - 1 : nil
    }
}
