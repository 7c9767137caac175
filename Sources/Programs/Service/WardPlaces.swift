internal import Access
internal import Findings
private import Wire

/// Who is in which ward, as the publisher has it: it sends each event in the ward where its patient is.
struct WardPlaces: Sendable {
    /// A patient who is in another ward than before.
    struct Move: Sendable, Equatable {
        let patient: String
        let from: String
        let to: String
    }

    private var wards: [String: String]
    private var all: [String]
    /// Where patients were before they were moved.
    private var formerly: [String: String] = [:]

    /// The places of a table; nobody is in a ward where there is none.
    init(_ table: AccessTable?) {
        wards = table?.wards ?? [:]
        all = table?.allWards ?? []
    }

    /// Takes the places of another table; who was moved, by id.
    mutating func adopt(_ table: AccessTable?) -> [Move] {
        let former = self
        wards = table?.wards ?? [:]
        all = table?.allWards ?? []
        let moves = Set(former.wards.keys).union(wards.keys).sorted().compactMap { patient in
            let (from, to) = (former.ward(of: patient), ward(of: patient))
            return from == to ? nil : Move(patient: patient, from: from, to: to)
        }
        for move in moves { formerly[move.patient] = move.from }
        return moves
    }

    /// The ward of a patient; `_` where the patient is in none, or none is concerned.
    func ward(of patient: String?) -> String {
        patient.flatMap { wards[$0] } ?? AccessTable.noWard
    }

    /// The ward that is to hear of an event as well: it tells that its patient has left it.
    func former(of event: Event) -> String? {
        guard case .technical(let fact) = event.content, fact.code == .patientMoved,
            let patient = event.sender?.patient, let ward = formerly[patient], ward != self.ward(of: patient)
        else { return nil }
        return ward
    }

    /// The heads of topics by the ward whose readers they concern, that of no ward first; a ward without news has none.
    ///
    /// Topics of a ward that is gone concern nobody.
    func heads(_ heads: [(String, UInt64)]) -> [(ward: String, heads: [(String, UInt64)])] {
        guard !all.isEmpty else { return [(AccessTable.noWard, heads.filter { isOfNoWard($0.0) })] }
        var byWard: [String: [(String, UInt64)]] = [:]
        for head in heads { byWard[Topic.ward(of: head.0) ?? "_", default: []].append(head) }
        return ([AccessTable.noWard] + all).map { ($0, byWard[$0] ?? []) }
    }

    private func isOfNoWard(_ topic: String) -> Bool {
        formerly.isEmpty || Topic.ward(of: topic) ?? "_" == AccessTable.noWard
    }
}
