internal import Access
internal import Messaging
internal import Wire
internal import ZeroMQ

/// What each key reads: prefixes of topics by kind and ward, and what its subscriptions get of them.
extension AccessDesk {
    /// The ward of a patient; `_` where the patient is in none.
    func ward(of patient: String) -> String { table.ward(of: patient) }

    /// What judges the subscriptions at the endpoint of the events.
    var fence: EventSocket.Fence {
        { [self] in holds($0, $1, at: .events) ?? fenced($1.prefix, of: $0.user) }
    }

    /// What judges the subscriptions at the endpoint of the waveforms.
    var waveFence: EventSocket.Fence {
        { [self] in holds($0, $1, at: .waves) ?? waves($1.prefix, of: $0.user) }
    }

    /// What a reader of waveforms gets of a prefix that it asks for.
    func waves(_ prefix: [UInt8], of user: String?) -> EventSocket.FencedPrefixes {
        part(of: prefix, user, at: .waves, AccessDesk.wavePrefixes)
    }

    /// Nothing, where the key has as many subscriptions as one may have; nil where it has not.
    private func holds(
        _ origin: Origin,
        _ notice: SubscriptionNotice,
        at door: Door
    ) -> EventSocket.FencedPrefixes? {
        if peers.subscribe(notice.subscribes, from: origin, at: door) { return nil }
        limit(origin.user ?? "(none)", at: door)
        return EventSocket.FencedPrefixes(granted: [], isOwn: false)
    }

    /// What a reader of events gets of a prefix that it asks for.
    func fenced(_ prefix: [UInt8], of user: String?) -> EventSocket.FencedPrefixes {
        part(of: prefix, user, at: .events, AccessDesk.readablePrefixes)
    }

    private func part(
        of prefix: [UInt8],
        _ user: String?,
        at door: Door,
        _ rights: (AuthorisedKey, AccessTable) -> [String]
    ) -> EventSocket.FencedPrefixes {
        let table = table
        let readable = user.flatMap { table.holder($0) }.map { rights($0, table) } ?? []
        let part = PrefixFence.part(of: prefix, within: readable.map { Array($0.utf8) })
        if part.granted.isEmpty {
            let name = user ?? "(none)"
            prohibit(
                at: door,
                "the key \(name) may not read what it subscribed to; HELLO tells its rights"
            )
        }
        return EventSocket.FencedPrefixes(granted: part.granted, isOwn: part.isOwn)
    }

    /// Every ward, that of no ward first.
    private static func places(_ table: AccessTable) -> [String] { [AccessTable.noWard] + table.allWards }

    /// The prefixes of topics that a key may read at the endpoint of the events.
    ///
    /// Whoever may read anything may read the status, the heartbeat of no ward and those of its wards. Technical facts of
    /// the service itself are for everybody who reads those of some ward. Who sends for patients reads the technical
    /// facts of these, or its mistakes would stay unknown to it.
    static func readablePrefixes(of key: AuthorisedKey, _ table: AccessTable) -> [String] {
        var prefixes: [String] = []
        for reading in AuthorisedKey.Reading.allCases {
            guard let kind = EventKind(rawValue: reading.rawValue) else { continue }
            for ward in places(table) where key.reads(reading, in: ward) {
                prefixes.append(Topic.allEvents(ward: ward, of: kind))
            }
        }
        if key.readsAnywhere(.tech), !key.reads.contains(.tech) { prefixes.append(Topic.event(kind: .tech)) }
        if let publish = key.publish, !key.reads.contains(.tech) {
            switch publish.patients {
            case .all: prefixes += places(table).map { Topic.allEvents(ward: $0, of: .tech) }
            case .only(let patients):
                prefixes += patients.sorted().map {
                    Topic.event(ward: table.ward(of: $0), kind: .tech, patient: $0)
                }
            }
        }
        guard !prefixes.isEmpty else { return [] }
        let wards = table.allWards.filter { key.readsAnything(in: $0) }
        return prefixes + ([AccessTable.noWard] + wards).map { Topic.allEvents(ward: $0, of: .heartbeat) }
            + [Topic.allEvents(of: .status)]
    }

    /// Whether a key reads events of that kind in that ward, whether or not the ward is one of those that there are now.
    static func reads(_ topic: String, _ key: AuthorisedKey) -> Bool {
        guard let ward = Topic.ward(of: topic),
            let reading = Topic.kind(of: topic).flatMap({ AuthorisedKey.Reading(rawValue: $0.rawValue) })
        else { return false }
        return key.reads(reading, in: ward)
    }

    /// The prefixes of topics that a key may read at the endpoint of the waveforms.
    static func wavePrefixes(of key: AuthorisedKey, _ table: AccessTable) -> [String] {
        if key.reads.contains(.waves) { return [Topic.allWaves] }
        return places(table).filter { key.reads(.waves, in: $0) }.map { Topic.allWaves(ward: $0) }
    }

    /// What HELLO tells a key of its rights: the prefixes that it may read, then the words of what it may do.
    static func words(of key: AuthorisedKey, _ table: AccessTable) -> [String] {
        var words = readablePrefixes(of: key, table) + wavePrefixes(of: key, table)
        if key.readsAnywhere(.roster) { words.append(AuthorisedKey.Reading.roster.rawValue) }
        if key.publish != nil { words.append("publish") }
        words += AuthorisedKey.Action.allCases.filter(key.actions.contains).map(\.rawValue)
        if key.actsFor { words.append("acts_for") }
        return words
    }
}
