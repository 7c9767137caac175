import ECGSignal
import Findings
import Testing

@testable import Service

/// Sockets that are not read, because what came before was not taken yet, are told about.
@Suite struct BlockedIngestTests {
    @Test func `P27 a wait of a second is told once, and that there was none for ten`() {
        var blocked = BlockedIngest()
        var told: [(second: Double, event: TechnicalEvent)] = []
        // When an entry was handed on, and how long that took, seconds.
        let entries: [(at: Double, wait: Double)] = [
            (1, 0), (2, 0.999), (4, 1), (6, 3), (12, 0.5), (18.9, 0), (19, 0), (30, 0), (40, 1.5),
        ]
        for entry in entries {
            let end = MonotonicNanoseconds((entry.at + entry.wait) * 1e9)
            let event = blocked.note(
                from: MonotonicNanoseconds(entry.at * 1e9),
                to: Arrival(utc: 0, monotonic: end)
            )
            guard case .technical(let fact)? = event?.content else { continue }
            told.append((entry.at, fact))
        }
        #expect(told.map(\.second) == [4, 19, 40])
        #expect(told.map(\.event.phase) == [.start, .end, .start])
        #expect(told.allSatisfy { $0.event.code == .overload })
    }
}
