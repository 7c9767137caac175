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
        /// The patient of a row of the roster lies in the bed of an earlier row too, or in another ward where that is nil.
        case patientTwice(String, row: Int, earlier: Int?)
        /// A ward has two beds of one name, by those rows of the roster.
        case bedTwice(String, ward: String, row: Int, earlier: Int)
    }

    /// The word for no ward.
    public static let noWard = "_"

    /// What a key is told at a door.
    public enum Verdict: Sendable, Equatable {
        /// It enters under its name.
        case enters(String)
        /// No row has it.
        case unknown
        /// Its key was revoked; this was its name.
        case revoked(String)
        /// It holds, and has no business at this door.
        case elsewhere(String)
    }

    /// Every row, in the order of the file.
    public let keys: [AuthorisedKey]
    /// The ward of each patient who is in one, those who lie in a bed of it included.
    public let wards: [String: String]
    /// Every ward that has a patient or a bed, or that a key may read, by name.
    public let allWards: [String]
    /// The roster, in the order of the file.
    public let beds: [Bed]
    private let byName: [String: AuthorisedKey]
    private let byKey: [String: AuthorisedKey]

    /// A table of those rows; `wards` names the ward of patients, and who lies in a bed is in the bed's ward.
    public init(
        _ keys: [AuthorisedKey],
        wards: [String: String] = [:],
        beds: [Bed] = []
    ) throws(Fault) {
        var byName: [String: AuthorisedKey] = [:]
        var byKey: [String: AuthorisedKey] = [:]
        for key in keys {
            guard byName.updateValue(key, forKey: key.name) == nil else { throw .nameTwice(key.name) }
            if let other = byKey.updateValue(key, forKey: key.publicKey) {
                throw .keyTwice(other.name, and: key.name)
            }
        }
        var wards = wards
        var places: [[String]: Int] = [:]
        var patients: [String: Int] = [:]
        for (row, bed) in beds.enumerated() {
            if let earlier = places.updateValue(row, forKey: [bed.ward, bed.bed]) {
                throw .bedTwice(bed.bed, ward: bed.ward, row: row, earlier: earlier)
            }
            guard let patient = bed.patient else { continue }
            let earlier = patients.updateValue(row, forKey: patient)
            guard earlier == nil, wards[patient] ?? bed.ward == bed.ward else {
                throw .patientTwice(patient, row: row, earlier: earlier)
            }
            wards[patient] = bed.ward
        }
        self.keys = keys
        self.wards = wards
        allWards = Set(wards.values).union(beds.map(\.ward)).union(keys.flatMap(\.readsByWard.keys)).sorted()
        self.beds = beds
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
            case .events: key.publish != nil || key.readsAnything
            case .control: true
            case .waves: key.readsAnywhere(.waves)
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
    public func mayRead(by name: String) -> Bool { holder(name)?.readsAnything ?? false }

    /// The ward of a patient; `_` where the patient is in none.
    public func ward(of patient: String) -> String { wards[patient] ?? AccessTable.noWard }

    /// Whether the key of that name may read something of that patient.
    public func maySee(_ patient: String, by name: String) -> Bool {
        holder(name)?.readsAnything(in: ward(of: patient)) ?? false
    }

    /// Whether the key of that name may ask for that.
    public func may(_ action: AuthorisedKey.Action, by name: String) -> Bool {
        holder(name)?.actions.contains(action) ?? false
    }

    /// Whether somebody reads less by this table than by `former`: those who are connected must come in anew then.
    ///
    /// A patient who is in another ward is read by others than before.
    public func lets(readLessThan former: AccessTable) -> Bool {
        former.wards != wards
            || former.keys.contains { old in
                guard old.revoked == nil else { return false }
                guard let new = holder(old.name), new.publicKey == old.publicKey else { return true }
                return !new.covers(old) || AccessTable.sendsForLess(new, than: old)
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
