import Findings
import TestSupport
import Testing

@testable import Access

/// Who may do what, as the rows say it and nobody else.
@Suite struct AccessLaws {
    private static let names = (0..<6).map { "key\($0)" }
    private static let patients = ["p3", "p30", "p", "P3", "p3-"]
    private static let devices = ["d1", "d10", "d"]

    private static func selection(
        _ ids: [String],
        _ generator: inout SeededGenerator
    ) -> AuthorisedKey.Selection {
        if Int.random(in: 0..<4, using: &generator) == 0 { return .all }
        return .only(Set(ids.filter { _ in Bool.random(using: &generator) }))
    }

    /// A row with any rights.
    private static func row(_ name: String, _ generator: inout SeededGenerator) -> AuthorisedKey {
        var row = AuthorisedKey(
            name: name,
            publicKey: "public of \(name)",
            role: AuthorisedKey.Role.allCases.randomElement(using: &generator) ?? .gateway,
            since: "2026-11-26"
        )
        if Int.random(in: 0..<5, using: &generator) == 0 { row.revoked = "2026-11-27" }
        if Bool.random(using: &generator) {
            row.publish = AuthorisedKey.Publication(
                patients: selection(patients, &generator),
                devices: selection(devices, &generator)
            )
        }
        row.reads = Set(AuthorisedKey.Reading.allCases.filter { _ in Bool.random(using: &generator) })
        for ward in ["3", "30"] where Bool.random(using: &generator) {
            row.readsByWard[ward] = Set(
                AuthorisedKey.Reading.allCases.filter { _ in Bool.random(using: &generator) }
            )
        }
        row.actions = Set(AuthorisedKey.Action.allCases.filter { _ in Bool.random(using: &generator) })
        return row
    }

    private static func table(_ generator: inout SeededGenerator) throws -> AccessTable {
        try AccessTable(names.map { row($0, &generator) })
    }

    private func holds(_ selection: AuthorisedKey.Selection, _ id: String) -> Bool {
        guard case .only(let ids) = selection else { return true }
        return ids.contains { Array($0.utf8) == Array(id.utf8) }
    }

    @Test func `P22 a key sends for the patients and devices of its row, and for no other`() throws {
        var allowed = 0
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            let table = try Self.table(&generator)
            for _ in 0..<100 {
                let name = (Self.names + ["", "key", "key00"]).randomElement(using: &generator) ?? ""
                let sender = Sender(
                    patient: Self.patients.randomElement(using: &generator) ?? "",
                    device: Self.devices.randomElement(using: &generator) ?? ""
                )
                let row = table.keys.first { $0.name == name }
                let expected =
                    row.map { row in
                        row.revoked == nil
                            && row.publish.map {
                                holds($0.patients, sender.patient) && holds($0.devices, sender.device)
                            } ?? false
                    } ?? false
                #expect(table.maySend(sender, by: name) == expected, "seed \(seed), \(name), \(sender)")
                allowed += expected ? 1 : 0
            }
        }
        #expect(allowed > 500, "some of them may")
    }

    @Test func `a revoked key and one without business at a door do not enter`() throws {
        var entered = 0
        for seed in seeds(200) {
            var generator = SeededGenerator(seed: seed)
            let table = try Self.table(&generator)
            for row in table.keys {
                for door in Door.allCases {
                    let verdict = table.verdict(on: row.publicKey, at: door)
                    if row.revoked != nil {
                        #expect(verdict == .revoked(row.name), "seed \(seed)")
                        continue
                    }
                    let isWelcome =
                        switch door {
                        case .frames, .ingest: row.publish != nil
                        case .events:
                            row.publish != nil || !row.reads.isEmpty
                                || row.readsByWard.values.contains { !$0.isEmpty }
                        case .control: true
                        case .waves:
                            row.reads.contains(.waves)
                                || row.readsByWard.values.contains { $0.contains(.waves) }
                        }
                    #expect(verdict == (isWelcome ? .enters(row.name) : .elsewhere(row.name)))
                    entered += isWelcome ? 1 : 0
                }
            }
            #expect(table.verdict(on: "another", at: .control) == .unknown)
            #expect(table.verdict(on: "", at: .frames) == .unknown)
        }
        #expect(entered > 0)
    }

    @Test func `a patient is in one place, and who lies in a bed is in its ward`() throws {
        func table(_ wards: [String: String], _ beds: [Bed]) throws -> AccessTable {
            try AccessTable([], wards: wards, beds: beds)
        }
        let one = Bed(bed: "1", ward: "3", patient: "p1")
        let placed = try table(["p2": "4"], [one, Bed(bed: "1", ward: "4"), Bed(bed: "2", ward: "5")])
        #expect(placed.ward(of: "p1") == "3" && placed.ward(of: "p2") == "4" && placed.ward(of: "p3") == "_")
        #expect(placed.allWards == ["3", "4", "5"])
        #expect(try table(["p1": "3"], [one]).ward(of: "p1") == "3")
        #expect(throws: AccessTable.Fault.patientTwice("p1", row: 0, earlier: nil)) {
            try table(["p1": "4"], [one])
        }
        #expect(throws: AccessTable.Fault.patientTwice("p1", row: 1, earlier: 0)) {
            try table([:], [one, Bed(bed: "2", ward: "3", patient: "p1")])
        }
        #expect(throws: AccessTable.Fault.bedTwice("1", ward: "3", row: 1, earlier: 0)) {
            try table([:], [one, Bed(bed: "1", ward: "3")])
        }
    }

    @Test func `P22 a key sees the patients of the wards of which it reads something`() throws {
        var seen = 0
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            var wards: [String: String] = [:]
            for patient in Self.patients {
                wards[patient] = ["3", "30", nil].randomElement(using: &generator) ?? nil
            }
            let table = try AccessTable(Self.names.map { Self.row($0, &generator) }, wards: wards)
            for row in table.keys {
                for patient in Self.patients {
                    let place = wards[patient]
                    let reads = row.reads.union(place.flatMap { row.readsByWard[$0] } ?? [])
                    let expected = row.revoked == nil && !reads.isEmpty
                    #expect(
                        table.maySee(patient, by: row.name) == expected,
                        "seed \(seed), \(row), \(patient)"
                    )
                    seen += expected ? 1 : 0
                }
            }
        }
        #expect(seen > 500)
    }

    @Test func `no two rows have one name or one key`() throws {
        var generator = SeededGenerator(seed: 1)
        let one = Self.row("one", &generator)
        var other = Self.row("two", &generator)
        other.publicKey = one.publicKey
        #expect(throws: AccessTable.Fault.keyTwice("one", and: "two")) { try AccessTable([one, other]) }
        other = Self.row("one", &generator)
        other.publicKey = "else"
        #expect(throws: AccessTable.Fault.nameTwice("one")) { try AccessTable([one, other]) }
    }

    @Test func `readers come in anew exactly where somebody reads less`() throws {
        var generator = SeededGenerator(seed: 2)
        var desk = Self.row("desk", &generator)
        (desk.revoked, desk.publish, desk.reads) = (nil, nil, [.alarm, .tech])
        desk.readsByWard = ["3": [.vitals, .alarm]]
        let before = try AccessTable([desk])
        func changed(_ change: (inout AuthorisedKey) -> Void) throws -> Bool {
            var copy = desk
            change(&copy)
            return try AccessTable([copy]).lets(readLessThan: before)
        }
        #expect(try !changed { _ in })
        #expect(try !changed { $0.reads = [.alarm, .tech, .waves] })
        #expect(try !changed { $0.actions = [] })
        #expect(try changed { $0.reads = [.alarm] })
        #expect(try changed { $0.revoked = "2026-11-27" })
        #expect(try changed { $0.publicKey = "another" })
        #expect(try !changed { $0.readsByWard = ["3": [.vitals]] }, "alarms are read of every ward")
        #expect(try changed { $0.readsByWard = ["30": [.vitals]] })
        #expect(try !changed { ($0.reads, $0.readsByWard) = ([.alarm, .tech, .vitals], [:]) })
        func placed(_ wards: [String: String]) throws -> AccessTable { try AccessTable([desk], wards: wards) }
        #expect(try placed(["p1": "3"]).lets(readLessThan: before), "who read p1 may do so no longer")
        #expect(try placed(["p1": "3"]).lets(readLessThan: try placed(["p1": "30"])))
        #expect(try !placed(["p1": "3"]).lets(readLessThan: try placed(["p1": "3"])))
        let bed = Bed(bed: "1", ward: "4")
        #expect(try !AccessTable([desk], beds: [bed]).lets(readLessThan: before), "a free bed is nobody's")
        #expect(try AccessTable([]).lets(readLessThan: before))
        let more = try AccessTable([desk, Self.row("other", &generator)])
        #expect(!more.lets(readLessThan: before))
        // What a gateway reads follows from whom it sends for.
        desk.publish = .init(patients: .only(["a", "b"]))
        let sending = try AccessTable([desk])
        desk.publish = .init(patients: .only(["a"]))
        #expect(try AccessTable([desk]).lets(readLessThan: sending))
        desk.publish = .init()
        #expect(try !AccessTable([desk]).lets(readLessThan: sending))
        desk.publish = nil
        #expect(try AccessTable([desk]).lets(readLessThan: sending))
    }
}

/// What a reader gets of what it asks for.
@Suite struct FenceLaws {
    private static let words = ["ev1", "_", "3", "30", "alarm", "al", "tech", "p1", "p10", ""]

    private static func prefix(_ most: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        var text = (0..<Int.random(in: 0...most, using: &generator)).map { _ in
            words.randomElement(using: &generator) ?? ""
        }.joined(separator: ".")
        if Bool.random(using: &generator) { text += "." }
        let bytes = Array(text.utf8)
        return Bool.random(using: &generator)
            ? bytes : Array(bytes.prefix(Int.random(in: 0...max(0, bytes.count), using: &generator)))
    }

    @Test func `P22 of 10,000 subscriptions each gets what is wanted and is its right, and nothing else`() {
        var granted = 0
        var refused = 0
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            let rights = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                Self.prefix(3, &generator) + [UInt8(ascii: ".")]
            }
            for _ in 0..<100 {
                let wanted = Self.prefix(4, &generator)
                let part = PrefixFence.part(of: wanted, within: rights)
                if part.granted.isEmpty { refused += 1 } else { granted += 1 }
                for _ in 0..<20 {
                    // Topics near the edge: what is wanted or a right, and something after it.
                    let base = ([wanted] + rights).randomElement(using: &generator) ?? []
                    let topic = base + Self.prefix(2, &generator)
                    let gets = part.granted.contains { topic.starts(with: $0) }
                    let may = rights.contains { topic.starts(with: $0) }
                    #expect(gets == (may && topic.starts(with: wanted)), "seed \(seed)")
                }
                if part.isOwn { #expect(part.granted == [wanted] && !rights.contains(wanted)) }
            }
        }
        #expect(granted > 1_000 && refused > 1_000)
    }

    @Test func `ward 3 is not ward 30, and everything is what is allowed of it`() {
        func text(_ wanted: String, _ rights: [String]) -> [String] {
            PrefixFence.part(of: Array(wanted.utf8), within: rights.map { Array($0.utf8) }).granted
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(text("ev1.30.", ["ev1.3."]) == [])
        #expect(text("ev1.3", ["ev1.3."]) == ["ev1.3."])
        #expect(text("", ["ev1._.alarm.", "ev1._.tech."]) == ["ev1._.alarm.", "ev1._.tech."])
        #expect(text("ev1._.alarm.p1.", ["ev1._.alarm."]) == ["ev1._.alarm.p1."])
        #expect(text("ev1._.", []) == [])
        #expect(text(String(repeating: "x", count: 10_000), ["ev1."]) == [])
    }
}
