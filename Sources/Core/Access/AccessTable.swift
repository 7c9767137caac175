public import Findings

/// An endpoint of the daemon as a place that a key may enter or not.
public enum Door: String, Sendable, CaseIterable {
    /// Where gateways send.
    case frames
    /// Where gateways send whose chunks are acknowledged.
    case ingest
    /// Where events are read.
    case events
    /// Where the daemon is asked.
    case control
    /// Where waveforms are read.
    case waves
}

/// Who may do what: every authorised key with its rights, as one value that all judge by.
///
/// Whatever it does not name may not be done.
public struct AccessTable: Sendable, Equatable {
    /// What is wrong with a list of keys.
    public enum Fault: Error, Equatable {
        /// Two rows have one name.
        case nameTwice(String)
        /// Two rows have one key.
        case keyTwice(String, and: String)
    }

    /// What a key is told at a door.
    public enum Verdict: Sendable, Equatable {
        /// It enters under its name.
        case enters(String)
        /// No row has it.
        case unknown
        /// It was revoked.
        case revoked(String)
        /// It holds, and has no business at this door.
        case elsewhere(String)
    }

    /// Every row, in the order of the file.
    public let keys: [AuthorisedKey]
    private let byName: [String: AuthorisedKey]
    private let byKey: [String: AuthorisedKey]

    /// A table of those rows.
    public init(_ keys: [AuthorisedKey]) throws(Fault) {
        var byName: [String: AuthorisedKey] = [:]
        var byKey: [String: AuthorisedKey] = [:]
        for key in keys {
            guard byName.updateValue(key, forKey: key.name) == nil else { throw .nameTwice(key.name) }
            if let other = byKey.updateValue(key, forKey: key.publicKey) {
                throw .keyTwice(other.name, and: key.name)
            }
        }
        self.keys = keys
        self.byName = byName
        self.byKey = byKey
    }

    /// Whether a key, in Z85, may enter there.
    public func verdict(on publicKey: String, at door: Door) -> Verdict {
        guard let key = byKey[publicKey] else { return .unknown }
        guard key.revoked == nil else { return .revoked(key.name) }
        let isWelcome =
            switch door {
            case .frames, .ingest: key.publish != nil
            case .events: key.publish != nil || !key.reads.isEmpty
            case .control: true
            case .waves: key.reads.contains(.waves)
            }
        return isWelcome ? .enters(key.name) : .elsewhere(key.name)
    }

    /// The row of that name, where it holds.
    public func holder(_ name: String) -> AuthorisedKey? {
        byName[name].flatMap { $0.revoked == nil ? $0 : nil }
    }

    /// Whether the key of that name may send for that patient by that device.
    public func maySend(_ sender: Sender, by name: String) -> Bool {
        byName[name]?.maySend(as: sender) ?? false
    }

    /// Whether the key of that name may ask what changes nothing and names patients.
    public func mayRead(by name: String) -> Bool { holder(name).map { !$0.reads.isEmpty } ?? false }

    /// Whether the key of that name may ask for that.
    public func may(_ action: AuthorisedKey.Action, by name: String) -> Bool {
        holder(name)?.actions.contains(action) ?? false
    }

    /// Whether somebody reads less by this table than by `former`: those who are connected must come in anew then.
    public func lets(readLessThan former: AccessTable) -> Bool {
        former.keys.contains { old in
            guard old.revoked == nil else { return false }
            guard let new = holder(old.name), new.publicKey == old.publicKey else { return true }
            return !old.reads.isSubset(of: new.reads) || AccessTable.sendsForLess(new, than: old)
        }
    }

    /// Whether a key sends for fewer patients than it did: it reads the technical facts of those.
    private static func sendsForLess(_ new: AuthorisedKey, than old: AuthorisedKey) -> Bool {
        switch (old.publish?.patients, new.publish?.patients) {
        case (nil, _), (_, .all?): false
        case (.all?, _), (_, nil): true
        case (.only(let before)?, .only(let now)?): !before.isSubset(of: now)
        }
    }
}
