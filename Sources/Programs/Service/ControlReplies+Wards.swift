internal import Access
internal import ECGSignal
internal import Findings
internal import Station
internal import Wire

/// What is told of which patient: a key sees those of the wards of which it may read something.
extension ControlReplies {
    /// Whether a patient is seen by whoever asks.
    typealias Sight = @Sendable (_ patient: String) -> Bool

    /// The patients whom the key of that name sees, those of one ward where it asks for these alone.
    func sight(of user: String?, in ward: String? = nil, by known: AccessTable? = nil) -> Sight {
        guard let access else {
            // Nobody is in a ward where there is no authorisation file.
            return { _ in ward == nil }
        }
        let table = known ?? access.table
        return { patient in
            (ward == nil || table.ward(of: patient) == ward)
                && user.map { table.maySee(patient, by: $0) } ?? false
        }
    }

    /// Refuses an order for patients whom the key of that name does not see.
    func checkSight(of target: OperatorCommand.Target, by user: String?) throws(ControlProblem) {
        guard let access else { return }
        let key = user.flatMap { access.table.holder($0) }
        let (sees, words) =
            switch target {
            case .patient(let patient):
                (
                    key?.readsAnything(in: access.table.ward(of: patient)) ?? false,
                    "the patient is in no ward that this key reads"
                )
            case .ward(let ward):
                (key?.readsAnything(in: ward) ?? false, "this key reads nothing of that ward")
            case .everyone:
                (key?.reads.isEmpty == false, "this key does not read every ward; name the ward")
            }
        guard !sees else { return }
        access.prohibit(at: .control, "the key \(user ?? "(none)") may not act there: \(words)")
        throw .notAllowed(words)
    }

    /// One page of the beds of which the key of that name may read the roster.
    ///
    /// A patient is on standby by the file, or since STANDBY was asked for.
    func roster(from first: Int, in ward: String?, for user: String?) -> JSONObject {
        guard let access, let user, let key = access.table.holder(user) else {
            return ControlReply.page(of: [Bed](), from: first, as: RosterReport.list, ControlReplies.object)
        }
        let away = Set(state.alarms.settings.filter { $0.standbyBy != nil }.map(\.sender.patient))
        let beds = access.table.beds.filter { bed in
            key.reads(.roster, in: bed.ward) && (ward == nil || bed.ward == ward)
        }
        return ControlReply.page(of: beds, from: first, as: RosterReport.list) { bed in
            var bed = bed
            if let patient = bed.patient, away.contains(patient) { bed.standby = true }
            return ControlReplies.object(bed)
        }
    }

    private static func object(_ bed: Bed) -> JSONObject {
        RosterReport(bed: bed.bed, ward: bed.ward, name: bed.name, patient: bed.patient, standby: bed.standby)
            .object
    }
}
