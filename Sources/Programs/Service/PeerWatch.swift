internal import Access
private import Synchronization
internal import ZeroMQ

/// The tables of peers between the threads that know of them: monitors, doorkeepers and those who own the sockets.
final class PeerWatch: Sendable {
    private let tables = Mutex<[Door: PeerTable]>([:])

    /// What the monitor of a door's socket calls; it is quick.
    func monitor(of door: Door) -> @Sendable (MonitorEvent) -> Void {
        { [self] event in change(door) { $0.see(event) } }
    }

    /// A key asks to be let in; false where it has as many links there as one may have.
    func enter(_ user: String, at door: Door) -> Bool { change(door) { $0.enter(user) } }

    /// A message came by a link, sent with a key.
    func hear(_ link: UInt32?, from user: String?, at door: Door) {
        guard let link, let user else { return }
        change(door) { $0.hear(link, from: user) }
    }

    /// A subscription, or the end of one, came by a link; false where its key has as many as one may have.
    func subscribe(_ subscribes: Bool, from origin: Origin, at door: Door) -> Bool {
        guard let link = origin.link, let user = origin.user else { return true }
        return change(door) { $0.subscribe(subscribes, on: link, from: user) }
    }

    /// Links to that door.
    func count(at door: Door) -> Int { tables.withLock { $0[door]?.count ?? 0 } }

    /// The keys that have links to some door, by name.
    var keys: [String] {
        tables.withLock { tables in Set(tables.values.flatMap(\.keys)).sorted() }
    }

    private func change<Answer: Sendable>(
        _ door: Door,
        _ change: (inout PeerTable) -> Answer
    ) -> Answer {
        tables.withLock { change(&$0[door, default: PeerTable()]) }
    }
}
