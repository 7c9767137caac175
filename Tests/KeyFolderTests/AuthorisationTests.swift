import Access
import TestSupport
import Testing
import ZeroMQ

@testable import KeyFolder

/// The authorisation file: what is written is read again, and what cannot hold is refused by name and place.
@Suite struct AuthorisationTests {
    private static let key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"

    private func row(_ members: String) -> [UInt8] {
        Array(
            "version: 1\nkeys:\n  - {name: a, public: '\(Self.key)', role: gateway, since: '2026-11-26'\(members)}\n"
                .utf8
        )
    }

    @Test func `whatever may be authorised is written and read again`() throws {
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            func selection() -> AuthorisedKey.Selection {
                if Bool.random(using: &generator) { return .all }
                let ids = ["p1", "true", "null", "1e3", "0x10", "-", "all", "no", "2026-11-26"]
                return .only(Set(ids.filter { _ in Bool.random(using: &generator) }))
            }
            var names = ["icu-1", "true", "null", "12", "-", "__", "1e9", "yes", "all"]
            names.shuffle(using: &generator)
            let keys = try names.prefix(Int.random(in: 0...9, using: &generator)).map { name in
                var key = AuthorisedKey(
                    name: name,
                    publicKey: try KeyPair().publicKey.text,
                    role: AuthorisedKey.Role.allCases.randomElement(using: &generator) ?? .gateway,
                    since: "2026-11-26"
                )
                if Bool.random(using: &generator) { key.revoked = "2027-01-01" }
                if Bool.random(using: &generator) {
                    key.publish = .init(patients: selection(), devices: selection())
                }
                key.reads = Set(AuthorisedKey.Reading.allCases.filter { _ in Bool.random(using: &generator) })
                for ward in ["3", "30", "icu"] where Bool.random(using: &generator) {
                    key.readsByWard[ward] = [
                        AuthorisedKey.Reading.allCases.randomElement(using: &generator) ?? .alarm
                    ]
                }
                key.actions = Set(
                    AuthorisedKey.Action.allCases.filter { _ in Bool.random(using: &generator) }
                )
                key.actsFor = Bool.random(using: &generator)
                return key
            }
            let text = AuthorisationFile.text(of: keys)
            #expect(try AuthorisationFile.table(of: Array(text.utf8)).keys == keys, "seed \(seed): \(text)")
        }
    }

    @Test func `a file of many keys is read, though asterisks stand in them`() throws {
        let keys = try (1...60).map { number in
            AuthorisedKey(
                name: "icu-\(number)",
                publicKey: try KeyPair().publicKey.text,
                role: .gateway,
                since: "2026-11-26"
            )
        }
        let text = AuthorisationFile.text(of: keys)
        #expect(text.count { $0 == "*" } > 5)
        #expect(try AuthorisationFile.table(of: Array(text.utf8)).keys == keys)
    }

    @Test func `what is not set may not be done`() throws {
        let key = try #require(try AuthorisationFile.table(of: row("")).keys.first)
        #expect(key.publish == nil && key.reads.isEmpty && key.actions.isEmpty && !key.actsFor)
        #expect(key.revoked == nil)
    }

    @Test(arguments: [
        ("", "empty"), ("version: 2\n", "version"), ("keys: []\n", "version"), ("[]", "mapping"),
        ("version: 1\nkey: []\n", "key is unknown"), ("version: 1\nkeys: {}\n", "keys: give a list"),
        ("version: 1\nkeys: [a]\n", "keys[0]"), ("version: 1\nversion: 1\n", "YAML"),
        ("version: 1\nkeys: [{name: _}]\n", "name is"), ("version: 1\nkeys: [{name: a}]\n", "key a: public"),
        ("\u{0}", "YAML"), ("a: &a [*a]", "YAML"),
    ])
    func `P21 a file that cannot hold is refused, and says where`(text: String, words: String) {
        do {
            _ = try AuthorisationFile.table(of: Array(text.utf8))
            Issue.record("taken: \(text)")
        } catch { #expect(error.description.contains(words), "\(error)") }
    }

    @Test(arguments: [
        (", revoked: soon", "revoked"), (", publish: all", "publish"), (", publish: {}", "patients"),
        (", publish: {patients: all}", "devices"),
        (", publish: {patients: ['*'], devices: all}", "id is"), (", read: all", "read"),
        (", read: [{ward: 'a/b', kinds: all}]", "ward"), (", read: [{ward: [], kinds: all}]", "ward"),
        (", read: [{kinds: [gossip]}]", "kinds"),
        (", read: [{kinds: []}]", "kinds"), (", read: [{}]", "kinds"),
        (", read: [{kinds: [alarm]}, {kinds: []}]", "kinds"), (", acknowledge: 1", "true or false"),
        (", acts_for: yes", "true or false"), (", admin: true", "admin is unknown"),
        ("}\n  - {name: a, public: '\(key)', role: gateway, since: '2026-11-26'", "two keys are named a"),
        ("}\n  - {name: b, public: '\(key)', role: gateway, since: '2026-11-26'", "same public key"),
    ])
    func `a right that nobody knows is refused, not passed over`(members: String, words: String) {
        do {
            _ = try AuthorisationFile.table(of: row(members))
            Issue.record("taken: \(members)")
        } catch { #expect(error.description.contains(words), "\(error)") }
    }

    @Test func `wards and beds are written and read again, and a log's copy has no names`() throws {
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            var wards: [String: String] = [:]
            for patient in ["p1", "true", "null", "1e3", "-"] where Bool.random(using: &generator) {
                wards[patient] = ["3", "30", "no", "0x1"].randomElement(using: &generator)
            }
            let names = ["'", "A 'quoted' name", "山田 太郎", "{a: b}", "#", "*x", "\u{1F6CF}", "canaryName: x"]
            let beds = (0..<Int.random(in: 0...5, using: &generator)).map { number in
                let patient = Bool.random(using: &generator) ? "bed-\(number)" : nil
                return Bed(
                    bed: ["\(number)", "'\(number)", "窓側 \(number)"].randomElement(using: &generator) ?? "",
                    ward: ["3", "30"].randomElement(using: &generator) ?? "",
                    name: names.randomElement(using: &generator),
                    patient: patient,
                    standby: Bool.random(using: &generator)
                )
            }
            let text = AuthorisationFile.text(of: [], wards: wards, beds: beds)
            let table = try AuthorisationFile.table(of: Array(text.utf8))
            #expect(table.beds == beds, "seed \(seed): \(text)")
            for bed in beds { if let patient = bed.patient { wards[patient] = bed.ward } }
            #expect(table.wards == wards, "seed \(seed): \(text)")
            let kept = AuthorisationFile.textWithoutNames(of: table)
            let read = try AuthorisationFile.table(of: Array(kept.utf8))
            #expect(read.wards == wards && read.beds.isEmpty && read.keys == table.keys)
            #expect(!kept.contains("roster") && !kept.contains("canary") && !kept.contains("山田"))
        }
    }

    @Test(arguments: [
        ("patients: [p1]", "patients"), ("patients: {'a/b': '3'}", "an id is"),
        ("patients: {p1: 'a/b'}", "a ward is"),
        ("patients: {p1: '3', canary: 'a/b'}", "patients, row 2: a ward"),
        ("patients: {p1: _}", "a ward is"), ("patients: {p1: [3]}", "a ward is"),
        ("patients: {canary: '3', canary: '4'}", "YAML"),
        ("roster: {}", "roster"), ("roster: [canary]", "roster[0]"), ("roster: [{ward: '3'}]", "bed"),
        ("roster: [{bed: '1'}]", "ward"), ("roster: [{bed: '', ward: '3'}]", "bed"),
        ("roster: [{bed: \"canary\\u0007\", ward: '3'}]", "control characters"),
        ("roster: [{bed: '1', ward: '3', name: [canary]}]", "name"),
        ("roster: [{bed: '1', ward: '3', patient: 'canary canary'}]", "an id is"),
        ("roster: [{bed: '1', ward: '3', standby: canary}]", "true or false"),
        ("roster: [{bed: '1', ward: '3', canary: x}]", "unknown"),
        ("roster: [{bed: '1', ward: '3', name 'canary': }]", "roster[0]"),
        ("roster: [{bed: '1', ward: '3', name: 'canary}]", "YAML"),
        (
            "roster: [{bed: canary, ward: '3'}, {bed: canary, ward: '3'}]",
            "roster[1]: has the name of roster[0]"
        ),
        (
            "roster: [{bed: '1', ward: '3', patient: canary}, {bed: '2', ward: '3', patient: canary}]",
            "roster[1]: its patient lies in two beds, the other is roster[0]"
        ),
        (
            "patients: {canary: '4'}\nroster: [{bed: '1', ward: '3', patient: canary}]",
            "roster[0]: its patient lies in another ward"
        ),
        ("patients: {\((0...256).map { "p\($0): w\($0)" }.joined(separator: ", "))}", "256"),
    ])
    func `P25 places that cannot hold are refused, and nobody is named`(members: String, words: String) {
        do {
            _ = try AuthorisationFile.table(of: Array("version: 1\n\(members)\n".utf8))
            Issue.record("taken: \(members)")
        } catch {
            #expect(error.description.contains(words), "\(error)")
            #expect(!error.description.contains("canary"), "\(error)")
        }
    }

    @Test func `no bytes make it crash`() throws {
        let places =
            "patients: {p1: '3', p2: '4'}\nroster: [{bed: '1', ward: '3', name: 'A', patient: p3, standby: true}]\n"
        let whole =
            Array(
                AuthorisationFile.text(of: try AuthorisationFile.table(of: row(", acknowledge: true")).keys)
                    .utf8
            ) + Array(places.utf8)
        for end in whole.indices { _ = try? AuthorisationFile.table(of: Array(whole[..<end])) }
        for seed in seeds(300) {
            var generator = SeededGenerator(seed: seed)
            var bytes = whole
            for _ in 0..<3 {
                let place = Int.random(in: bytes.indices, using: &generator)
                bytes[place] = .random(in: 0...255, using: &generator)
            }
            _ = try? AuthorisationFile.table(of: bytes)
        }
    }
}
