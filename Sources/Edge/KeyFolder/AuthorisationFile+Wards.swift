internal import Access
internal import ECGSignal
internal import Yams

/// Where patients are: the members `patients` and `roster` of the authorisation file.
extension AuthorisationFile {
    /// The ward of each patient whom `patients` names.
    static func wards(in top: AuthorisationMapping) throws(Refused) -> [String: String] {
        guard let node = top["patients"] else { return [:] }
        guard let mapping = node.mapping, mapping.count <= idsMax else {
            throw Refused(
                description:
                    "patients: give {id: ward}, at most \(idsMax); a patient who is in no ward has no row"
            )
        }
        var wards: [String: String] = [:]
        for (number, (key, value)) in mapping.enumerated() {
            let place = "patients, row \(number + 1)"
            guard let patient = key.string, StreamIdentity.isValidID(patient) else {
                throw Refused(description: "\(place): an id is 1 to 64 letters, digits, - and _")
            }
            guard let ward = value.string, StreamIdentity.isValidID(ward) else {
                throw Refused(description: "\(place): \(wardWords)")
            }
            wards[patient] = ward
        }
        return wards
    }

    /// The rows of `roster`.
    static func beds(in top: AuthorisationMapping) throws(Refused) -> [Bed] {
        guard let node = top["roster"] else { return [] }
        guard let list = node.sequence, list.count <= idsMax else {
            throw Refused(description: "roster: give a list of at most \(idsMax) beds")
        }
        var beds: [Bed] = []
        for (number, entry) in list.enumerated() { beds.append(try bed(entry, "roster[\(number)]")) }
        return beds
    }

    /// The words of an error never quote a name: they go into the log.
    private static func bed(_ node: Node, _ place: String) throws(Refused) -> Bed {
        let row = try AuthorisationMapping(
            node,
            place,
            known: ["bed", "ward", "name", "patient", "standby"],
            mayName: true
        )
        func text(_ member: String) throws(Refused) -> String {
            guard let text = row.word(member), Bed.isShowable(text) else {
                throw Refused(
                    description:
                        "\(place), \(member): 1 to \(Bed.textBytesMax) bytes of text without control characters"
                )
            }
            return text
        }
        var bed = Bed(bed: try text("bed"), ward: try ward(row, "\(place), ward"))
        if row["name"] != nil { bed.name = try text("name") }
        if row["patient"] != nil {
            guard let patient = row.word("patient"), StreamIdentity.isValidID(patient) else {
                throw Refused(description: "\(place), patient: an id is 1 to 64 letters, digits, - and _")
            }
            bed.patient = patient
        }
        bed.standby = try row.truth("standby")
        return bed
    }

    /// The ward that a row names.
    static func ward(
        _ row: AuthorisationMapping,
        _ place: String,
        orEvery: Bool = false
    ) throws(Refused) -> String {
        guard let ward = row.word("ward"), StreamIdentity.isValidID(ward) else {
            throw Refused(
                description: "\(place): \(wardWords)" + (orEvery ? "; _ stands for every patient" : "")
            )
        }
        return ward
    }

    private static let wardWords = "a ward is 1 to 64 letters, digits, - and _, and not _ alone"

    /// The lines of both members; a patient who lies in a bed has no row of its own.
    static func linesOfWards(_ wards: [String: String], _ beds: [Bed]) -> [String] {
        var lines: [String] = []
        let inBed = Set(beds.compactMap(\.patient))
        let others = wards.filter { !inBed.contains($0.key) }.sorted { $0.key < $1.key }
        if !others.isEmpty { lines.append("patients:") }
        lines += others.map { "  \(quoted($0.key)): \(quoted($0.value))" }
        if !beds.isEmpty { lines.append("roster:") }
        for bed in beds {
            var members = ["bed: \(free(bed.bed))", "ward: \(quoted(bed.ward))"]
            if let name = bed.name { members.append("name: \(free(name))") }
            if let patient = bed.patient { members.append("patient: \(quoted(patient))") }
            if bed.standby { members.append("standby: true") }
            lines.append("  - {\(members.joined(separator: ", "))}")
        }
        return lines
    }

    /// YAML's single quotes around any text without control characters.
    private static func free(_ text: String) -> String {
        quoted(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))
    }
}

extension AuthorisationFile.Refused {
    /// The words of a fault; a bed or a person is not named in them.
    init(_ fault: AccessTable.Fault) {
        switch fault {
        case .nameTwice(let name): self.init(description: "two keys are named \(name)")
        case .keyTwice(let one, let other):
            self.init(description: "\(one) and \(other) have the same public key")
        case .patientTwice(_, let row, let earlier):
            let other =
                earlier.map { "in two beds, the other is roster[\($0)]" } ?? "in another ward by patients"
            self.init(description: "roster[\(row)]: its patient lies \(other); give each one place")
        case .bedTwice(_, let ward, let row, let earlier):
            self.init(
                description:
                    "roster[\(row)]: has the name of roster[\(earlier)], so two beds of ward \(ward) have one name"
            )
        }
    }
}
