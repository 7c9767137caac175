internal import Findings

/// One key that may come in, and what whoever holds it may do: a row of the authorisation file.
public struct AuthorisedKey: Sendable, Equatable {
    /// What the key is for; its rights are told one by one, and this word is for people.
    public enum Role: String, Sendable, CaseIterable {
        /// The key belongs to a gateway, which sends.
        case gateway
        /// It reads, and may act.
        case dashboard
    }

    /// All ids, or some.
    public enum Selection: Sendable, Equatable {
        /// Every id there is.
        case all
        /// The patients or devices with these ids alone.
        case only(Set<String>)

        /// Whether the id is one of them.
        public func contains(_ id: String) -> Bool {
            switch self {
            case .all: true
            case .only(let ids): ids.contains(id)
            }
        }
    }

    /// For whom it may send: the patient and the device must both be named.
    public struct Publication: Sendable, Equatable {
        /// The patients for whom the key may send.
        public var patients: Selection
        /// The devices for which the key may send.
        public var devices: Selection

        /// The right to send for those patients by those devices.
        public init(patients: Selection = .all, devices: Selection = .all) {
            self.patients = patients
            self.devices = devices
        }
    }

    /// What can be read; heartbeats and the status belong to each of them.
    public enum Reading: String, Sendable, CaseIterable {
        /// Ranked statements.
        case diagnosis
        /// Each step of an alarm.
        case alarm
        /// Vital signs.
        case vitals
        /// Grades of the signal.
        case quality
        /// Technical facts.
        case tech
        /// What waveforms show.
        case waves
        /// Which patient lies in which bed, with the name that is shown.
        case roster
    }

    /// What can be asked for that changes something.
    public enum Action: String, Sendable, CaseIterable {
        /// The request ACK.
        case acknowledge
        /// The request PAUSE.
        case pause
        /// STANDBY, BASELINE, LIMITS and DISCHARGE.
        case manage
    }

    /// Its name: 1 to 64 letters, digits, `-` and `_`; it stands in logs, events and the daemon's answers.
    public var name: String
    /// The public key in Z85.
    public var publicKey: String
    /// What it is for.
    public var role: Role
    /// The day on which it was authorised, `YYYY-MM-DD`.
    public var since: String
    /// The day on which it was revoked; nil while it holds.
    public var revoked: String?
    /// For whom it may send; nil where it may not.
    public var publish: Publication?
    /// What it may read of every patient, in whichever ward or in none.
    public var reads: Set<Reading> = []
    /// What it may read besides of the patients of one ward, by the ward.
    public var readsByWard: [String: Set<Reading>] = [:]
    /// What it may ask for.
    public var actions: Set<Action> = []
    /// Whether it may name the user who asks, as a dashboard does at which people log in.
    public var actsFor = false

    /// A key that may do nothing yet.
    public init(name: String, publicKey: String, role: Role, since: String) {
        self.name = name
        self.publicKey = publicKey
        self.role = role
        self.since = since
    }

    /// Whether it may read that of the patients of that ward; `_` is no ward.
    public func reads(_ reading: Reading, in ward: String) -> Bool {
        reads.contains(reading) || readsByWard[ward]?.contains(reading) ?? false
    }

    /// Whether it may read that of some patient.
    public func readsAnywhere(_ reading: Reading) -> Bool {
        reads.contains(reading) || readsByWard.values.contains { $0.contains(reading) }
    }

    /// Whether it may read something of the patients of that ward.
    public func readsAnything(in ward: String) -> Bool {
        !reads.isEmpty || readsByWard[ward]?.isEmpty == false
    }

    /// Whether it may read something of some patient.
    public var readsAnything: Bool { !reads.isEmpty || readsByWard.values.contains { !$0.isEmpty } }

    /// Whether it may read all that `other` may.
    func covers(_ other: AuthorisedKey) -> Bool {
        other.reads.isSubset(of: reads)
            && other.readsByWard.allSatisfy { ward, kinds in
                kinds.allSatisfy { self.reads($0, in: ward) }
            }
    }

    /// Whether it may send for that patient by that device.
    func maySend(as sender: Sender) -> Bool {
        guard revoked == nil, let publish else { return false }
        return publish.patients.contains(sender.patient) && publish.devices.contains(sender.device)
    }
}
