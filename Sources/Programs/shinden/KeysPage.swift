internal import Access
internal import KeyFolder
internal import Wire
internal import ZeroMQ

/// What `shinden keys list` prints.
enum KeysPage {
    /// A line for the daemon's own key, then one for each authorised key.
    static func lines(ofDaemon own: PublicKey, _ keys: [AuthorisedKey]) -> [String] {
        var rows = [["NAME", "ROLE", "SINCE", "REVOKED", "FINGERPRINT", "MAY"]]
        rows.append([KeyFolder.daemonName, "daemon", "-", "-", "\(Fingerprint(of: own))", "public \(own)"])
        for key in keys {
            rows.append([
                key.name, key.role.rawValue, key.since, key.revoked ?? "-", fingerprint(of: key),
                rights(of: key).joined(separator: "; "),
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let pad = column == row.count - 1 ? 0 : widths[column] + 2 - cell.count
                line += cell + String(repeating: " ", count: pad)
            }
            return line
        }
    }

    private static func fingerprint(of key: AuthorisedKey) -> String {
        PublicKey(key.publicKey).map { "\(Fingerprint(of: $0))" } ?? "?"
    }

    private static func rights(of key: AuthorisedKey) -> [String] {
        var rights: [String] = []
        if let publish = key.publish {
            rights.append("send for patients \(words(publish.patients)) by devices \(words(publish.devices))")
        }
        if !key.reads.isEmpty { rights.append("read \(words(key.reads))") }
        for (ward, reads) in key.readsByWard.sorted(by: { $0.key < $1.key }) where !reads.isEmpty {
            rights.append("read \(words(reads)) of ward \(ward)")
        }
        rights += AuthorisedKey.Action.allCases.filter(key.actions.contains).map(\.rawValue)
        if key.actsFor { rights.append("act for users") }
        return rights.isEmpty ? ["nothing"] : rights
    }

    private static func words(_ reads: Set<AuthorisedKey.Reading>) -> String {
        let all = AuthorisedKey.Reading.allCases
        return reads.count == all.count
            ? "all" : all.filter(reads.contains).map(\.rawValue).joined(separator: ",")
    }

    private static func words(_ selection: AuthorisedKey.Selection) -> String {
        switch selection {
        case .all: "all"
        case .only(let ids): ids.sorted().joined(separator: ",")
        }
    }

    /// The daemon's own key as JSON.
    static func object(ofDaemon own: PublicKey) -> JSONObject {
        [
            "name": .string(KeyFolder.daemonName), "role": .string("daemon"), "public": .string(own.text),
            "fingerprint": .string("\(Fingerprint(of: own))"),
        ]
    }

    /// An authorised key as JSON.
    static func object(of key: AuthorisedKey) -> JSONObject {
        func list(_ selection: AuthorisedKey.Selection) -> JSONValue {
            switch selection {
            case .all: .string("all")
            case .only(let ids): .array(ids.sorted().map(JSONValue.string))
            }
        }
        let publish = key.publish.map {
            JSONValue.object(["patients": list($0.patients), "devices": list($0.devices)])
        }
        return [
            "name": .string(key.name), "role": .string(key.role.rawValue), "public": .string(key.publicKey),
            "fingerprint": .string(fingerprint(of: key)), "since": .string(key.since),
            "revoked": .stringOrNull(key.revoked), "publish": publish ?? .null,
            "read": .array(
                AuthorisedKey.Reading.allCases.filter(key.reads.contains).map { .string($0.rawValue) }
            ),
            "read_by_ward": .object(
                JSONObject(
                    key.readsByWard.sorted { $0.key < $1.key }.map { ward, reads in
                        let kinds = AuthorisedKey.Reading.allCases.filter(reads.contains)
                        return (ward, .array(kinds.map { .string($0.rawValue) }))
                    }
                )
            ),
            "allow": .array(
                AuthorisedKey.Action.allCases.filter(key.actions.contains).map { .string($0.rawValue) }
            ),
            "acts_for": .bool(key.actsFor),
        ]
    }
}
