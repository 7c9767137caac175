import TestSupport
import Testing
import Wire

@testable import Service

/// What the daemon's threads count on the way of samples.
@Suite struct MeterTests {
    @Test func `each duration is counted once, at its bound and at every greater one`() {
        let histogram = DurationHistogram()
        for duration: Int64 in [-5, 0, 50_000, 50_001, 3_000_000, 20_000_000_000] { histogram.add(duration) }
        let found = histogram.distribution
        #expect(found.count == 6)
        #expect(found.bounds.first == 0.00005 && found.bounds.last == 10)
        #expect(found.counts.first == 3)
        #expect(found.counts[1] == 4)
        #expect(found.counts.last == 5)
        #expect(zip(found.counts, found.counts.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(abs(found.sum - 20.003100001) < 1e-9)
    }

    @Test func `to count what samples take allocates nothing`() {
        let meters = Meters(workers: 2)
        meters.took(.admission, 1)
        let taken = Allocations.of {
            for duration in 0..<10_000 {
                meters.took(.admission, Int64(duration) * 100_000)
                meters.took(.waiting, Int64(duration) * 100_000)
                meters.took(.conditioning, Int64(duration) * 100_000)
                meters.took(.encoding, Int64(duration) * 100_000)
                meters.lags(Int64(duration), worker: 1)
            }
        }
        #expect(taken.count == 0, "\(taken.count)")
        #expect(meters.stageTimes.map(\.times.count) == [10_001, 10_000, 10_000, 10_000, 0])
    }
}
