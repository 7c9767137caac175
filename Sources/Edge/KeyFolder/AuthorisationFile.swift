public import Access
internal import ECGSignal
private import YAMLText
internal import Yams
private import ZeroMQ

/// The authorisation file: YAML that says which keys may come in, and what each may do.
///
///     version: 1
///     keys:
///       - name: icu-gateway-1
///         public: 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'
///         role: gateway
///         since: '2026-11-26'
///         publish: {patients: [p0001, p0002], devices: all}
///       - name: icu-desk
///         public: '...'
///         role: dashboard
///         since: '2026-11-26'
///         read: [{ward: _, kinds: all}]
///         acknowledge: true
///         pause: true
///         manage: true
///         acts_for: true
///
/// Whatever is not set may not be done. `revoked: 'DATE'` ends a key for good. docs/NETWORK.md explains each right.
public enum AuthorisationFile {
    /// Why a file was not taken.
    public struct Refused: Error, Equatable, CustomStringConvertible {
        /// What is wrong, where, and what to do.
        public let description: String
    }

    /// The longest file that is read.
    public static let bytesMax = 1 << 20
    /// The most keys that it may have.
    public static let keysMax = 4_096
    /// The most ids in one list.
    public static let idsMax = 10_000

    // MARK: reading

    /// The table of a file's bytes.
    public static func table(of bytes: [UInt8]) throws(Refused) -> AccessTable {
        let keys = try keys(of: bytes)
        do { return try AccessTable(keys) } catch {
            switch error {
            case .nameTwice(let name): throw Refused(description: "two keys are named \(name)")
            case .keyTwice(let one, let other):
                throw Refused(description: "\(one) and \(other) have the same public key")
            }
        }
    }

    private static func keys(of bytes: [UInt8]) throws(Refused) -> [AuthorisedKey] {
        guard bytes.count <= bytesMax else {
            throw Refused(description: "\(bytes.count) bytes; it has at most \(bytesMax)")
        }
        let parsed: Node?
        do { parsed = try YAMLText.node(of: bytes) } catch {
            throw Refused(description: "not readable as YAML: \("\(error)".prefix(1_000))")
        }
        guard let parsed else { throw Refused(description: "it is empty; version: 1 is missing") }
        let top = try AuthorisationMapping(parsed, "the file", known: ["version", "keys"])
        guard top.word("version") == "1" else {
            throw Refused(description: "version is not 1, which this program reads")
        }
        guard let list = top["keys"] else { return [] }
        guard let rows = list.sequence else { throw Refused(description: "keys: give a list") }
        guard rows.count <= keysMax else {
            throw Refused(description: "\(rows.count) keys; it has at most \(keysMax)")
        }
        var keys: [AuthorisedKey] = []
        for (number, row) in rows.enumerated() { keys.append(try key(row, "keys[\(number)]")) }
        return keys
    }

    private static func key(_ node: Node, _ place: String) throws(Refused) -> AuthorisedKey {
        let known = [
            "name", "public", "role", "since", "revoked", "publish", "read", "acts_for",
        ]
        let row = try AuthorisationMapping(
            node,
            place,
            known: known + AuthorisedKey.Action.allCases.map(\.rawValue)
        )
        guard let name = row.word("name"), StreamIdentity.isValidID(name) else {
            throw Refused(description: "\(place): name is 1 to 64 letters, digits, - and _")
        }
        let place = "key \(name)"
        guard let publicKey = row.word("public").flatMap({ PublicKey($0) }) else {
            throw Refused(description: "\(place): public is 40 characters of Z85, in quotes")
        }
        guard let role = row.word("role").flatMap(AuthorisedKey.Role.init(rawValue:)) else {
            throw Refused(description: "\(place): role is gateway or dashboard")
        }
        guard let since = row.word("since"), isDate(since) else {
            throw Refused(description: "\(place): since is a date, YYYY-MM-DD")
        }
        var key = AuthorisedKey(name: name, publicKey: publicKey.text, role: role, since: since)
        if row["revoked"] != nil {
            guard let day = row.word("revoked"), isDate(day) else {
                throw Refused(description: "\(place): revoked is a date, YYYY-MM-DD")
            }
            key.revoked = day
        }
        if let node = row["publish"] { key.publish = try publication(node, place) }
        if let node = row["read"] { key.reads = try reads(node, place) }
        for action in AuthorisedKey.Action.allCases where try row.truth(action.rawValue) {
            key.actions.insert(action)
        }
        key.actsFor = try row.truth("acts_for")
        return key
    }

    private static func publication(
        _ node: Node,
        _ place: String
    ) throws(Refused) -> AuthorisedKey.Publication {
        let place = "\(place), publish"
        let row = try AuthorisationMapping(node, place, known: ["patients", "devices"])
        return AuthorisedKey.Publication(
            patients: try selection(row["patients"], "\(place), patients"),
            devices: try selection(row["devices"], "\(place), devices")
        )
    }

    private static func selection(
        _ node: Node?,
        _ place: String
    ) throws(Refused) -> AuthorisedKey.Selection {
        if let node, node.string == "all" { return .all }
        guard let list = node?.sequence, list.count <= idsMax else {
            throw Refused(description: "\(place): give all, or a list of at most \(idsMax) ids")
        }
        var ids: Set<String> = []
        for entry in list {
            guard let id = entry.string, StreamIdentity.isValidID(id) else {
                throw Refused(description: "\(place): an id is 1 to 64 letters, digits, - and _")
            }
            ids.insert(id)
        }
        return .only(ids)
    }

    private static func reads(_ node: Node, _ place: String) throws(Refused) -> Set<AuthorisedKey.Reading> {
        let place = "\(place), read"
        guard let list = node.sequence, list.count <= 16 else {
            throw Refused(description: "\(place): give a list of {ward, kinds}")
        }
        var reads: Set<AuthorisedKey.Reading> = []
        for entry in list {
            let row = try AuthorisationMapping(entry, place, known: ["ward", "kinds"])
            // Topics name no wards yet: every event is one of the ward _.
            guard row.word("ward") ?? "_" == "_" else {
                throw Refused(description: "\(place), ward: only _ is known, which stands for every patient")
            }
            if row.word("kinds") == "all" {
                reads.formUnion(AuthorisedKey.Reading.allCases)
                continue
            }
            let words = (row["kinds"]?.sequence.map { Array($0) } ?? []).map(\.string)
            let kinds = words.compactMap { $0.flatMap(AuthorisedKey.Reading.init(rawValue:)) }
            guard !kinds.isEmpty, kinds.count == words.count else {
                throw Refused(description: "\(place), kinds: \(AuthorisationFile.kindWords)")
            }
            reads.formUnion(kinds)
        }
        return reads
    }

    /// The kinds that can be read, in words of an error.
    private static let kindWords =
        "give all, or a list of \(AuthorisedKey.Reading.allCases.map(\.rawValue).joined(separator: ", "))"

    /// Whether a text is `YYYY-MM-DD` by its form; the day is for people, and nothing is decided by it.
    private static func isDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 10 else { return false }
        return bytes.enumerated().allSatisfy { place, byte in
            place == 4 || place == 7 ? byte == UInt8(ascii: "-") : (48...57).contains(byte)
        }
    }

    // MARK: writing

    /// The file of those keys.
    public static func text(of keys: [AuthorisedKey]) -> String {
        var lines = ["version: 1", keys.isEmpty ? "keys: []" : "keys:"]
        for key in keys {
            lines += [
                "  - name: \(quoted(key.name))", "    public: \(quoted(key.publicKey))",
                "    role: \(key.role.rawValue)",
                "    since: \(quoted(key.since))",
            ]
            if let day = key.revoked { lines.append("    revoked: \(quoted(day))") }
            if let publish = key.publish {
                lines.append(
                    "    publish: {patients: \(text(of: publish.patients)), devices: \(text(of: publish.devices))}"
                )
            }
            if !key.reads.isEmpty {
                let all = AuthorisedKey.Reading.allCases
                let kinds = all.filter(key.reads.contains).map(\.rawValue)
                let words = kinds.count == all.count ? "all" : "[\(kinds.joined(separator: ", "))]"
                lines.append("    read: [{ward: _, kinds: \(words)}]")
            }
            for action in AuthorisedKey.Action.allCases where key.actions.contains(action) {
                lines.append("    \(action.rawValue): true")
            }
            if key.actsFor { lines.append("    acts_for: true") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(of selection: AuthorisedKey.Selection) -> String {
        switch selection {
        case .all: "all"
        case .only(let ids): "[\(ids.sorted().map(quoted).joined(separator: ", "))]"
        }
    }

    /// YAML's single quotes: neither Z85 nor an id nor a date has one.
    private static func quoted(_ text: String) -> String { "'\(text)'" }
}

/// A YAML mapping whose keys are known.
private struct AuthorisationMapping {
    private let place: String
    private var values: [String: Node] = [:]

    init(_ node: Node, _ place: String, known: [String]) throws(AuthorisationFile.Refused) {
        self.place = place
        guard let mapping = node.mapping else {
            throw AuthorisationFile.Refused(description: "\(place): a mapping is needed")
        }
        for (key, value) in mapping {
            guard let name = key.string, known.contains(name) else {
                let word = key.string.map { String($0.prefix(64)) } ?? "a key that is no word"
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
