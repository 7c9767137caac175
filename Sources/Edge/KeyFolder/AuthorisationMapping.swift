internal import Yams

/// A YAML mapping whose keys are known.
struct AuthorisationMapping {
    private let place: String
    private var values: [String: Node] = [:]

    /// Takes a mapping apart; an unknown key is named unless it `mayName` somebody.
    init(
        _ node: Node,
        _ place: String,
        known: [String],
        mayName: Bool = false
    ) throws(AuthorisationFile.Refused) {
        self.place = place
        guard let mapping = node.mapping else {
            throw AuthorisationFile.Refused(description: "\(place): a mapping is needed")
        }
        for (key, value) in mapping {
            guard let name = key.string, known.contains(name) else {
                let said = mayName ? nil : key.string.map { String($0.prefix(64)) }
                let word = said ?? (mayName ? "one of its keys" : "a key that is no word")
                throw AuthorisationFile.Refused(
                    description: "\(place): \(word) is unknown; known are \(known.joined(separator: ", "))"
                )
            }
            values[name] = value
        }
    }

    subscript(_ key: String) -> Node? { values[key] }

    /// A value as a word; nil where it is none.
    func word(_ key: String) -> String? { values[key]?.string }

    /// A value that is true or false; false where it is not there.
    func truth(_ key: String) throws(AuthorisationFile.Refused) -> Bool {
        guard let node = values[key] else { return false }
        switch node.string {
        case "true": return true
        case "false": return false
        default: throw AuthorisationFile.Refused(description: "\(place), \(key): give true or false")
        }
    }
}
