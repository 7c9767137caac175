import ECGSignal
import Findings
import TestSupport
import Testing
import ZeroMQ

@testable import Service

/// How many links and subscriptions one key may have, and how much memory the daemon may hold.
@Suite struct PeerTests {
    private func event(_ kind: MonitorEvent.Kind, _ link: UInt32) -> MonitorEvent {
        MonitorEvent(kind: kind, endpoint: "tcp://127.0.0.1:1", value: link)
    }

    @Test func `a key has 64 links and no more, whatever other keys have, and gets them back`() {
        var table = PeerTable()
        func enters(_ user: String) -> Bool { table.enter(user) }
        for link in 0..<UInt32(PeerTable.linksAKeyMax) {
            #expect(enters("a"))
            table.see(event(.accepted, link))
            // Some say who they are, others never say anything.
            if link.isMultiple(of: 2) { table.hear(link, from: "a") }
        }
        #expect(!enters("a"))
        #expect(enters("b"))
        table.see(event(.accepted, 500))
        table.hear(500, from: "b")
        #expect(table.keys == ["a", "b"] && table.count == PeerTable.linksAKeyMax + 1)
        // Handshakes that fail take nobody's place away.
        for link in 600..<UInt32(700) {
            table.see(event(.accepted, link))
            table.see(event(.handshakeFailedNoDetail, 0))
            table.see(event(.disconnected, link))
        }
        #expect(!enters("a"))
        for link in 0..<UInt32(PeerTable.linksAKeyMax) { table.see(event(.disconnected, link)) }
        #expect(table.keys == ["b"])
        for _ in 0..<PeerTable.linksAKeyMax { #expect(enters("a")) }
        #expect(!enters("a"))
    }

    @Test func `a key has 256 subscriptions over all its links, and gives them back with a link`() {
        var table = PeerTable()
        func takes(_ subscribes: Bool, _ link: UInt32, _ user: String) -> Bool {
            table.subscribe(subscribes, on: link, from: user)
        }
        for link in [1, 2] as [UInt32] { table.see(event(.accepted, link)) }
        for number in 0..<PeerTable.subscriptionsAKeyMax {
            #expect(takes(true, UInt32(1 + number % 2), "a"))
        }
        #expect(!takes(true, 1, "a"))
        #expect(takes(true, 3, "b"))
        // One was refused and counts until it is taken back, as its own reader's.
        #expect(takes(false, 1, "a"))
        #expect(!takes(true, 1, "a"))
        table.see(event(.disconnected, 2))
        #expect(takes(true, 1, "a"))
    }

    @Test func `random links and messages: never more than the limit, and none is lost for good`() {
        for seed in seeds(50) {
            var generator = SeededGenerator(seed: seed)
            var table = PeerTable()
            var living: [UInt32: String] = [:]
            var next: UInt32 = 0
            for _ in 0..<2_000 {
                let user = ["a", "b", "c"].randomElement(using: &generator) ?? ""
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    guard table.enter(user) else {
                        #expect(living.values.count { $0 == user } > 0)
                        continue
                    }
                    next += 1
                    table.see(event(.accepted, next))
                    living[next] = user
                case 1:
                    guard let link = living.keys.sorted().randomElement(using: &generator) else { continue }
                    table.hear(link, from: living[link] ?? "")
                default:
                    guard let link = living.keys.sorted().randomElement(using: &generator) else { continue }
                    living[link] = nil
                    table.see(event(.disconnected, link))
                }
                #expect(table.count == living.count, "seed \(seed)")
                #expect(living.count <= 3 * PeerTable.linksAKeyMax, "seed \(seed)")
            }
            for link in living.keys { table.see(event(.disconnected, link)) }
            #expect(table.keys.isEmpty && table.count == 0, "seed \(seed)")
        }
    }

    @Test func `memory beyond the account is told once, and again only where more is held`() {
        var memory = MemoryGuard()
        let account = MemoryGuard.Account(Configuration())
        func look(_ megabytes: Int, streams: Int = 0, readers: Int = 0) -> Event? {
            memory.look(
                resident: megabytes * 1_000_000,
                openStreams: streams,
                readers: readers,
                published: 1_000_000,
                keys: ["gate"],
                account,
                at: Arrival(utc: 0, monotonic: 0)
            )
        }
        let due = account.bytes(streams: 0, readers: 0, published: 0) / 1_000_000
        #expect(look(due + 60) == nil)
        guard case .technical(let fact)? = look(due + 100)?.content else {
            Issue.record("nothing is told")
            return
        }
        #expect(fact.code == .memoryBeyondBound && fact.detail.contains("gate"))
        #expect(look(due + 100) == nil && look(due + 160) == nil)
        #expect(look(due + 170) != nil)
        // What streams and readers need is accounted for, and stays so when streams have ended.
        #expect(look(due + 300, streams: 100) == nil)
        #expect(look(due + 300) == nil)
        #expect(account.bytes(streams: 0, readers: 20, published: 1_000_000) > (due + 1_000) * 1_000_000)
        #expect(
            memory.look(
                resident: nil,
                openStreams: 0,
                readers: 0,
                published: 0,
                keys: [],
                account,
                at: Arrival(utc: 0, monotonic: 0)
            ) == nil
        )
    }
}
