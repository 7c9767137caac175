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
///       - name: ward-3
///         public: '...'
///         role: dashboard
///         since: '2026-11-26'
///         read: [{ward: '3', kinds: all}]
///     patients: {p0001: '3', p0002: '4'}
///     roster:
///       - {bed: '3-01', ward: '3', name: 'A. Example', patient: p0001}
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
    /// The most ids in one list, patients that are in wards, and beds.
    public static let idsMax = 10_000
    /// The most wards that have patients or beds, or that keys name.
    public static let wardsMax = 256

    // MARK: reading

    /// The table of a file's bytes.
    public static func table(of bytes: [UInt8]) throws(Refused) -> AccessTable {
        let top = try top(of: bytes)
        let keys = try keys(in: top)
        let wards = try wards(in: top)
        let beds = try beds(in: top)
        let named = Set(wards.values).union(beds.map(\.ward)).union(keys.flatMap(\.readsByWard.keys))
        guard named.count <= wardsMax else {
            throw Refused(description: "\(named.count) wards; it has at most \(wardsMax)")
        }
        do { return try AccessTable(keys, wards: wards, beds: beds) } catch {
            throw Refused(error)
        }
    }

    /// The members of the file, whose version is known.
    private static func top(of bytes: [UInt8]) throws(Refused) -> AuthorisationMapping {
        guard bytes.count <= bytesMax else {
            throw Refused(description: "\(bytes.count) bytes; it has at most \(bytesMax)")
        }
        let parsed: Node?
        do { parsed = try YAMLText.node(of: bytes) } catch {
            throw Refused(description: "not readable as YAML: \(words(of: error))")
        }
        guard let parsed else { throw Refused(description: "it is empty; version: 1 is missing") }
        let top = try AuthorisationMapping(
            parsed,
            "the file",
            known: ["version", "keys", "patients", "roster"]
        )
        guard top.word("version") == "1" else {
            throw Refused(description: "version is not 1, which this program reads")
        }
        return top
    }

    private static func keys(in top: AuthorisationMapping) throws(Refused) -> [AuthorisedKey] {
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
        if let node = row["read"] { try readRights(node, place, into: &key) }
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

    private static func readRights(
        _ node: Node,
        _ place: String,
        into key: inout AuthorisedKey
    ) throws(Refused) {
        let place = "\(place), read"
        guard let list = node.sequence, list.count <= wardsMax else {
            throw Refused(description: "\(place): give a list of {ward, kinds}, at most \(wardsMax)")
        }
        for entry in list {
            let row = try AuthorisationMapping(entry, place, known: ["ward", "kinds"])
            let kinds = try kinds(row, place)
            guard row["ward"] != nil, row.word("ward") != AccessTable.noWard else {
                key.reads.formUnion(kinds)
                continue
            }
            key.readsByWard[try ward(row, "\(place), ward", orEvery: true), default: []].formUnion(kinds)
        }
    }

    private static func kinds(
        _ row: AuthorisationMapping,
        _ place: String
    ) throws(Refused) -> Set<AuthorisedKey.Reading> {
        if row.word("kinds") == "all" { return Set(AuthorisedKey.Reading.allCases) }
        let words = (row["kinds"]?.sequence.map { Array($0) } ?? []).map(\.string)
        let kinds = words.compactMap { $0.flatMap(AuthorisedKey.Reading.init(rawValue:)) }
        guard !kinds.isEmpty, kinds.count == words.count else {
            throw Refused(description: "\(place), kinds: \(AuthorisationFile.kindWords)")
        }
        return Set(kinds)
    }

    /// What is wrong with a text that is no YAML, and where; the text itself, which may name people, is not quoted.
    private static func words(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _)?, .parser(_, let problem, let mark, _)?,
            .composer(_, let problem, let mark, _)?:
            "line \(mark.line), column \(mark.column): \(problem)"
        case .reader(let problem, let offset, _, _)?: "byte \(offset ?? 0): \(problem)"
        case .duplicatedKeysInMapping(_, let context)?: "line \(context.mark.line): a key stands there twice"
        case nil: "\(error)"
        default: "its text cannot be read"
        }
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

    /// The file of a table, as it may be kept in a log: the same rights and wards, without beds and shown names.
    public static func textWithoutNames(of table: AccessTable) -> String {
        text(of: table.keys, wards: table.wards)
    }

    /// The file of those keys, with who is in which ward and in which bed.
    public static func text(
        of keys: [AuthorisedKey],
        wards: [String: String] = [:],
        beds: [Bed] = []
    ) -> String {
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
            if key.readsAnything { lines.append("    read: [\(text(ofRightsOf: key))]") }
            for action in AuthorisedKey.Action.allCases where key.actions.contains(action) {
                lines.append("    \(action.rawValue): true")
            }
            if key.actsFor { lines.append("    acts_for: true") }
        }
        lines += linesOfWards(wards, beds)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func text(ofRightsOf key: AuthorisedKey) -> String {
        let byWard = key.readsByWard.sorted { $0.key < $1.key }.map { (quoted($0.key), $0.value) }
        return ([(AccessTable.noWard, key.reads)] + byWard).filter { !$0.1.isEmpty }.map { ward, reads in
            let all = AuthorisedKey.Reading.allCases
            let kinds = all.filter(reads.contains).map(\.rawValue)
            let words = kinds.count == all.count ? "all" : "[\(kinds.joined(separator: ", "))]"
            return "{ward: \(ward), kinds: \(words)}"
        }.joined(separator: ", ")
    }

    private static func text(of selection: AuthorisedKey.Selection) -> String {
        switch selection {
        case .all: "all"
        case .only(let ids): "[\(ids.sorted().map(quoted).joined(separator: ", "))]"
        }
    }

    /// YAML's single quotes: neither Z85 nor an id nor a date has one.
    static func quoted(_ text: String) -> String { "'\(text)'" }
}
