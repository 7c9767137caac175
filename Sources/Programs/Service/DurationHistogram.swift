internal import ECGSignal
private import Synchronization
internal import Wire

/// How long something took, counted by bounds from 50 microseconds to 10 s.
///
/// To add one allocates nothing and locks nothing, so it stands on the way of samples too. The numbers are added by
/// themselves, so what is read while others add may be one ahead in one of them.
final class DurationHistogram: Sendable {
    /// The bounds in nanoseconds, rising: about two and a half in a decade, as Prometheus has them.
    private static let bounds: [MonotonicNanoseconds] = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000,
        50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000, 2_500_000_000, 5_000_000_000,
        10_000_000_000,
    ]

    /// How often it was above the bound before and at most this one; the last is all above every bound.
    private let counts: InlineArray<18, Atomic<Int64>> = InlineArray { _ in Atomic(0) }
    private let nanoseconds = Atomic<Int64>(0)

    /// Counts one that took so long; less than nothing counts as nothing.
    func add(_ duration: MonotonicNanoseconds) {
        var place = 0
        while place < DurationHistogram.bounds.count, duration > DurationHistogram.bounds[place] {
            place += 1
        }
        counts[place].add(1, ordering: .relaxed)
        nanoseconds.add(max(0, duration), ordering: .relaxed)
    }

    /// What was counted so far, in seconds.
    var distribution: Metric.Distribution {
        var total: Int64 = 0
        let sums = counts.indices.map { place in
            total += counts[place].load(ordering: .relaxed)
            return total
        }
        return Metric.Distribution(
            bounds: DurationHistogram.bounds.map { Double($0) / 1e9 },
            counts: Array(sums.dropLast()),
            count: total,
            sum: Double(nanoseconds.load(ordering: .relaxed)) / 1e9
        )
    }
}
