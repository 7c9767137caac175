import Access
import ECGSignal
import Findings
import TestSupport
import Testing
import Wire

@testable import Station

/// Who sends for whom is judged on every message, by the order of the log and by nothing else.
@Suite struct RightLaws {
    private static func row(_ name: String, _ patients: [String], revoked: Bool = false) -> AuthorisedKey {
        var row = AuthorisedKey(name: name, publicKey: "key \(name)", role: .gateway, since: "2026-11-26")
        row.publish = .init(patients: .only(Set(patients)), devices: .all)
        row.revoked = revoked ? "2026-11-27" : nil
        return row
    }

    /// The tables that the logs of this test switch between, by the byte that stands for the file.
    private static func table(_ bytes: [UInt8]) -> AccessTable? {
        switch bytes {
        case [0]: try? AccessTable([row("a", ["p3", "p1"]), row("b", ["p30"])])
        case [1]: try? AccessTable([row("a", ["p1"]), row("b", ["p30", "p3"])])
        case [2]: try? AccessTable([row("a", ["p1"], revoked: true), row("b", ["p30"])])
        default: nil
        }
    }

    private typealias Entry = LoggedEntry<JudgedMessage>

    /// A log of chunks, damaged ones too, by keys that may and keys that may not, while the rights change.
    private static func log(_ generator: inout SeededGenerator) -> [Entry] {
        var entries: [Entry] = []
        var sequence: UInt64 = 0
        for second in 0..<120 {
            let peer = ["a", "b", "", "stranger"].randomElement(using: &generator) ?? ""
            let patient = ["p1", "p3", "p30"].randomElement(using: &generator) ?? ""
            sequence += 1
            let next = chunk(
                patient,
                "d-\(patient)",
                epoch: 1,
                sequence: sequence,
                from: SampleIndex(second * 250)
            )
            var message = JudgedMessage.success(next)
            if Int.random(in: 0..<6, using: &generator) == 0 {
                message = .failure(next.refusal(.range, "damaged").sent(by: Sender(of: next.stream)))
            }
            let at = arrival(Double(second))
            entries.append(Entry(.frame(message, endpoint: "gateways", peer: peer), at: at))
            if Int.random(in: 0..<15, using: &generator) == 0 {
                let file: [UInt8] = [.random(in: 0...3, using: &generator)]
                entries.append(Entry(.authorisation(file), at: at))
            }
            entries.append(Entry(.tick(isQuiet: true), at: at))
        }
        return entries + [Entry(.shutdown, at: arrival(121))]
    }

    /// Which entries are frames that may not be sent, by a slow look at the rows.
    private static func prohibited(_ entries: [Entry]) -> Set<Int> {
        var table = table([0])
        var found: Set<Int> = []
        for (place, entry) in entries.enumerated() {
            switch entry.content {
            case .authorisation(let bytes): table = Self.table(bytes) ?? table
            case .frame(let message, _, let peer):
                let sender: Sender?
                switch message {
                case .success(let chunk): sender = Sender(of: chunk.stream)
                case .failure(let refusal): sender = refusal.sender
                }
                let rows = table?.keys.filter { $0.name == peer && $0.revoked == nil } ?? []
                let may = rows.contains { row in
                    guard case .only(let patients)? = row.publish?.patients else { return false }
                    return patients.contains(sender?.patient ?? "")
                }
                if !may { found.insert(place) }
            default: break
            }
        }
        return found
    }

    /// What a station with or without keys makes of a log: its events, and what it refused.
    private static func run(_ entries: [Entry], asking: Bool) -> (events: [[UInt8]], refused: [String: Int]) {
        var admission = Admission(
            access: asking ? table([0]) : nil,
            readAccess: { table($0) }
        )
        var shard = Shard(model: NarrowModel.shared, hop: .standard)
        var events: [Event] = []
        for entry in entries {
            for action in admission.take(entry) {
                switch action {
                case .publish(let event): events.append(event)
                case .deliver(let slot, let input):
                    events += shard.take(input, for: slot, at: entry.arrival)
                case .command, .policy, .memory, .recovering, .expect: break
                }
            }
            while let more = shard.step() { events += more }
        }
        var refused: [String: Int] = [:]
        for each in admission.refusedCounts { refused[each.code.rawValue, default: 0] += each.count }
        let others = events.filter { $0.fact?.code != .notAllowed }
        return (canonical(others).map { EventFormat.canonical($0) }, refused)
    }

    @Test func `P22 what may not be sent is as if it never was, and is counted to the message`() {
        var total = 0
        for seed in seeds(40) {
            var generator = SeededGenerator(seed: seed)
            let entries = Self.log(&generator)
            let prohibited = Self.prohibited(entries)
            let allowed = entries.enumerated().filter { !prohibited.contains($0.offset) }.map(\.element)
            let asked = Self.run(entries, asking: true)
            let plain = Self.run(allowed, asking: false)
            #expect(asked.events == plain.events, "seed \(seed)")
            #expect(asked.refused["NOT_ALLOWED"] ?? 0 == prohibited.count, "seed \(seed)")
            #expect(asked.refused["RANGE"] == plain.refused["RANGE"], "seed \(seed)")
            total += prohibited.count
        }
        #expect(total > 1_000)
    }

    @Test func `who is put into another ward is told of once a device, and nothing is lost by it`() throws {
        let places: [[String: String]] = [
            [:], ["p1": "3", "p3": "3"], ["p1": "4", "p3": "3"], ["p1": "4", "p3": "3"], [:],
        ]
        var admission = Admission(
            access: try AccessTable([Self.row("a", ["p1", "p3", "p30"])]),
            readAccess: { bytes in
                try? AccessTable([Self.row("a", ["p1", "p3", "p30"])], wards: places[Int(bytes[0])])
            }
        )
        func take(_ patient: String, _ device: String, _ sequence: UInt64) -> [Admission.Action] {
            let next = chunk(
                patient,
                device,
                epoch: 1,
                sequence: sequence,
                from: SampleIndex((sequence - 1) * 250)
            )
            return admission.take(
                Entry(.frame(.success(next), endpoint: "gateways", peer: "a"), at: arrival(Double(sequence)))
            )
        }
        func moved(_ actions: [Admission.Action]) -> Int {
            actions.count { action in
                guard case .deliver(_, .fact(let fact)) = action else { return false }
                return fact.code == .patientMoved
            }
        }
        for (patient, device) in [("p1", "d1"), ("p1", "d2"), ("p3", "d3"), ("p30", "d4")] {
            _ = take(patient, device, 1)
        }
        // Two devices of p1 and one of p3, then those of p1, then nobody, then all who were in a ward.
        let expected = [3, 2, 0, 3]
        for (file, count) in zip(1..., expected) {
            let told = admission.take(Entry(.authorisation([UInt8(file)]), at: arrival(2)))
            #expect(told.count == count && moved(told) == count, "file \(file)")
        }
        #expect(admission.openCount == 4)
        for (patient, device) in [("p1", "d1"), ("p3", "d3")] {
            let next = take(patient, device, 2)
            #expect(next.contains { if case .deliver(_, .chunk) = $0 { true } else { false } })
        }
        #expect(admission.refusedCounts.isEmpty)
    }

    @Test func `who is known from before a restart is told of once a move, until the discharge`() throws {
        let places: [[String: String]] = [[:], ["p1": "3"], ["p1": "4"]]
        var admission = Admission(
            access: try AccessTable([Self.row("a", ["p1"])]),
            readAccess: { try? AccessTable([Self.row("a", ["p1"])], wards: places[Int($0[0])]) },
            readSender: { Sender(patient: String(decoding: $0, as: UTF8.self), device: "d1") }
        )
        func moved(to file: UInt8) -> Int {
            admission.take(Entry(.authorisation([file]), at: arrival(2))).count { action in
                guard case .publish(let event) = action, case .technical(let fact) = event.content else {
                    return false
                }
                return fact.code == .patientMoved
            }
        }
        _ = admission.take(Entry(.memory(Array("p1".utf8)), at: arrival(1)))
        #expect(moved(to: 1) == 1)
        #expect(moved(to: 2) == 1)
        let discharge = OperatorCommand(.discharge, target: .patient("p1"), by: "local", ticket: 1)
        let actions = admission.take(Entry(.command(discharge), at: arrival(3)))
        let isTold = actions.contains {
            if case .command(_, let known) = $0 {
                known == [Sender(patient: "p1", device: "d1")]
            } else {
                false
            }
        }
        #expect(isTold)
        #expect(moved(to: 1) == 0)
    }

    @Test func `a command for a ward is one for who is in it when it is logged`() throws {
        var admission = Admission(
            access: try AccessTable([Self.row("a", ["p1", "p3"])], wards: ["p1": "3"]),
            readAccess: { _ in try? AccessTable([Self.row("a", ["p1", "p3"])], wards: ["p3": "3"]) }
        )
        for (patient, device) in [("p1", "d1"), ("p3", "d3")] {
            let next = chunk(patient, device, epoch: 1, sequence: 1, from: 0)
            _ = admission.take(Entry(.frame(.success(next), endpoint: "gateways", peer: "a"), at: arrival(1)))
        }
        let command = OperatorCommand(.pause(.audio, seconds: 60), target: .ward("3"), by: "desk", ticket: 1)
        func known() -> [String] {
            admission.take(Entry(.command(command), at: arrival(2))).flatMap { action in
                guard case .command(_, let known) = action else { return [String]() }
                return known.map(\.patient)
            }
        }
        #expect(known() == ["p1"])
        _ = admission.take(Entry(.authorisation([0]), at: arrival(2)))
        #expect(known() == ["p3"])
    }

    @Test func `a table that cannot be read leaves the one that was in force`() {
        var admission = Admission(access: Self.table([0]), readAccess: { Self.table($0) })
        _ = admission.take(Entry(.authorisation([9]), at: arrival(0)))
        #expect(admission.access == Self.table([0]))
        _ = admission.take(Entry(.authorisation([1]), at: arrival(0)))
        #expect(admission.access == Self.table([1]))
    }

    @Test func `a message whose topic names nobody is refused for its topic, and one without a key for that`()
    {
        var admission = Admission(access: Self.table([0]), readAccess: { _ in nil })
        for code in [TechnicalEvent.Code.topic, .frames] {
            let refusal = Refusal(code, "unreadable")
            _ = admission.take(
                Entry(.frame(.failure(refusal), endpoint: "g", peer: "stranger"), at: arrival(0))
            )
        }
        let chunk = chunk("p1", "d", sequence: 1, from: 0)
        _ = admission.take(Entry(.frame(.success(chunk), endpoint: "g"), at: arrival(0)))
        #expect(admission.refusedCounts.map(\.code) == [.topic, .frames, .notAllowed])
        #expect(admission.openCount == 0)
    }
}
