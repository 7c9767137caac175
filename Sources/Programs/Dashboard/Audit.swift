internal import Digest
private import Foundation
internal import Wire

/// Who did what, when: a line each in the log of the dashboard.
///
/// A patient stands in it as a hash that holds for one run, unless the operator wants names.
struct Audit: Sendable {
    /// Whether patients stand as they are.
    let namesPatients: Bool
    let say: @Sendable (String) -> Void
    private let hash = KeyedHash()

    init(namesPatients: Bool, say: @escaping @Sendable (String) -> Void) {
        self.namesPatients = namesPatients
        self.say = say
    }

    /// Notes that a person did something, to a patient or to none.
    func note(_ user: String, _ what: String, patient: String? = nil) {
        let time = timestamp(Int64(Date().timeIntervalSince1970 * 1_000) * 1_000_000)
        let whom = patient.map { " " + (namesPatients ? $0 : hash.name(of: $0)) } ?? ""
        say("\(time) \(user) \(what)\(whom)")
    }
}
