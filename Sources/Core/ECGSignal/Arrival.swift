/// When an input was logged: the only clocks that the pure core ever sees, and it sees them as values.
public struct Arrival: Sendable, Equatable, Codable {
    /// The reading of the wall clock, which labels events.
    public let utc: UTCNanoseconds
    /// The reading of a monotonic clock, by which silence is measured.
    public let monotonic: MonotonicNanoseconds

    /// Makes an arrival of the two readings.
    public init(utc: UTCNanoseconds, monotonic: MonotonicNanoseconds) {
        self.utc = utc
        self.monotonic = monotonic
    }
}
