import Access
import ECGSignal
import Findings
import Messaging
import TestSupport
import Testing
import Wire
import ZeroMQ

@testable import Service

/// What a key reads of which ward, and where events go.
@Suite struct WardTests {
    private static let patients = ["p", "p1", "p10", "P1"]
    private static let wards = ["3", "30", "icu"]
    private static let kinds = AuthorisedKey.Reading.allCases.filter {
        EventKind(rawValue: $0.rawValue) != nil
    }

    private static func row(_ generator: inout SeededGenerator) -> AuthorisedKey {
        var row = AuthorisedKey(name: "a", publicKey: "k", role: .dashboard, since: "2026-11-26")
        func some() -> Set<AuthorisedKey.Reading> {
            Set(AuthorisedKey.Reading.allCases.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 })
        }
        if Bool.random(using: &generator) { row.reads = some() }
        for ward in wards where Bool.random(using: &generator) { row.readsByWard[ward] = some() }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            let some = Set(patients.filter { _ in Bool.random(using: &generator) })
            row.publish = .init(patients: Bool.random(using: &generator) ? .all : .only(some))
        }
        return row
    }

    private static func table(_ generator: inout SeededGenerator) throws -> AccessTable {
        var places: [String: String] = [:]
        for patient in patients { places[patient] = (wards + [nil]).randomElement(using: &generator) ?? nil }
        return try AccessTable([row(&generator)], wards: places)
    }

    /// Whether the row says that the key may have an event of that kind of that patient, or of the service itself.
    private func may(
        _ row: AuthorisedKey,
        _ table: AccessTable,
        _ kind: EventKind,
        _ patient: String?
    ) -> Bool {
        let ward = patient.flatMap { table.wards[$0] }
        switch kind {
        case .heartbeat, .status: return true
        default: break
        }
        guard let reading = AuthorisedKey.Reading(rawValue: kind.rawValue) else { return false }
        let reads = row.reads.union(ward.flatMap { row.readsByWard[$0] } ?? [])
        if reads.contains(reading) { return true }
        guard kind == .tech else { return false }
        if patient == nil, row.readsByWard.values.contains(where: { $0.contains(.tech) }) { return true }
        switch row.publish?.patients {
        case .all?: return true
        case .only(let some)?: return patient.map { some.contains($0) } ?? false
        case nil: return false
        }
    }

    @Test
    func
        `P22 of 10,000 subscriptions each gets the events of its wards and kinds that it wants, and no other`()
        throws
    {
        var (leaked, missed, heard) = (0, 0, 0)
        let pair = try KeyPair()
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            let table = try Self.table(&generator)
            guard let row = table.keys.first else { continue }
            let desk = AccessDesk(pair, table, names: [:])
            let topics = Self.kinds.compactMap { EventKind(rawValue: $0.rawValue) }.flatMap { kind in
                (Self.patients.map(Optional.some) + [nil]).map { patient in
                    (
                        Topic.event(
                            ward: patient.map(table.ward(of:)) ?? "_",
                            kind: kind,
                            patient: patient ?? "_"
                        ),
                        may(row, table, kind, patient)
                    )
                }
            }
            for _ in 0..<100 {
                let base =
                    (["", "ev1.", "ev1.3", "ev1.3.", "ev1._.tech."] + topics.map(\.0))
                    .randomElement(using: &generator) ?? ""
                let wanted = Array(base.utf8.prefix(Int.random(in: 0...base.utf8.count, using: &generator)))
                let granted = desk.fenced(wanted, of: "a").granted
                for (topic, mayRead) in topics where Array(topic.utf8).starts(with: wanted) {
                    let gets = granted.contains { Array(topic.utf8).starts(with: $0) }
                    leaked += gets && !mayRead ? 1 : 0
                    missed += !gets && mayRead ? 1 : 0
                    heard += gets ? 1 : 0
                    #expect(gets == mayRead, "seed \(seed): \(topic) of \(base), \(row), \(table.wards)")
                }
                #expect(granted.allSatisfy { $0.starts(with: wanted) })
                let waves = desk.waves(wanted, of: "a").granted
                #expect(waves.isEmpty || wanted.isEmpty, "no event's prefix is one of waveforms")
            }
            for patient in Self.patients {
                let topic = Topic.wave(ward: table.ward(of: patient), band: .monitor, patient: patient)
                let gets = desk.waves(Array("wv1.".utf8), of: "a").granted.contains {
                    Array(topic.utf8).starts(with: $0)
                }
                let reads = row.reads.union(table.wards[patient].flatMap { row.readsByWard[$0] } ?? [])
                #expect(gets == reads.contains(.waves), "seed \(seed)")
            }
        }
        #expect(leaked == 0 && missed == 0 && heard > 1_000)
    }

    @Test func `without wards a key is told the same rights as ever`() throws {
        var row = AuthorisedKey(name: "a", publicKey: "k", role: .dashboard, since: "2026-11-26")
        row.reads = [.alarm, .waves, .tech]
        row.actions = [.pause]
        let table = try AccessTable([row])
        #expect(
            AccessDesk.words(of: row, table) == [
                "ev1._.alarm.", "ev1._.tech.", "ev1._.heartbeat.", "ev1._.status.", "wv1.", "pause",
            ]
        )
    }

    @Test func `a move is told in both wards, and a heartbeat names the topics of its own`() throws {
        func table(_ wards: [String: String]) throws -> AccessTable { try AccessTable([], wards: wards) }
        var places = WardPlaces(try table(["p1": "3", "p2": "4"]))
        #expect(places.ward(of: "p1") == "3" && places.ward(of: "p3") == "_" && places.ward(of: nil) == "_")
        let moves = places.adopt(try table(["p1": "4", "p3": "3"]))
        #expect(moves.map(\.patient) == ["p1", "p2", "p3"])
        #expect(moves.map(\.from) == ["3", "4", "_"] && moves.map(\.to) == ["4", "_", "3"])
        func fact(_ code: TechnicalEvent.Code, _ patient: String) -> Event {
            let stream = StreamIdentity(patient: patient, device: "d", epoch: 1)
            return Event(
                .technical(
                    TechnicalEvent(
                        subject: .stream(stream),
                        code: code,
                        phase: .timePoint,
                        priority: .info,
                        firstSample: nil,
                        count: 1,
                        ordinal: 1,
                        detail: ""
                    )
                ),
                time: 0
            )
        }
        #expect(places.former(of: fact(.patientMoved, "p1")) == "3")
        #expect(places.former(of: fact(.patientMoved, "p2")) == "4")
        #expect(places.former(of: fact(.streamOpened, "p1")) == nil)
        #expect(places.former(of: fact(.patientMoved, "p9")) == nil)
        let topics = [
            "ev1._.status._.", "ev1.3.alarm.p3.", "ev1.4.alarm.p1.", "ev1.5.alarm.p7.", "ev1._.tech.p2.",
        ]
        let heads = places.heads(topics.map { ($0, 1) })
        #expect(heads.map(\.ward) == ["_", "3", "4"])
        #expect(heads.map { $0.heads.map(\.0) } == [[topics[0], topics[4]], [topics[1]], [topics[2]]])
        #expect(places.adopt(nil).count == 2)
        #expect(places.heads(topics.map { ($0, 1) }).map { $0.heads.map(\.0) } == [[topics[0], topics[4]]])
        #expect(WardPlaces(nil).heads(topics.map { ($0, 1) }).first?.heads.count == 5)
    }
}
