import ECGSignal
import Findings
import Machine
import Testing

@testable import Service

/// Open files are told about before they are gone, and once.
@Suite struct OpenFilesWatchTests {
    @Test func `P27 four fifths of the open files are told once, and that they are fewer again`() {
        var watch = OpenFilesWatch()
        var told: [TechnicalEvent] = []
        for (place, count) in [10, 79, 80, 99, 75, 70, 81, 69, 10].enumerated() {
            let now = Arrival(utc: 0, monotonic: MonotonicNanoseconds(place) * 1_000_000_000)
            let files = OpenFiles(count: count, most: 100, mostEver: 100)
            guard case .technical(let event)? = watch.look(at: files, now)?.content else { continue }
            told.append(event)
        }
        #expect(told.map(\.phase) == [.start, .end])
        #expect(told.allSatisfy { $0.code == .filesRunningOut })
        #expect(told.first?.detail.contains("80 of 100") == true)
        #expect(watch.look(at: nil, Arrival(utc: 0, monotonic: 0)) == nil)
    }
}
