/// When an input was logged: the only clocks that the pure core ever sees, and it sees them as values.
public struct Arrival: Sendable, Equatable {
    /// The wall clock; it labels.
    public let utc: UTCNanoseconds
    /// A monotonic clock; it measures how long nothing came.
    public let monotonic: MonotonicNanoseconds

    /// The two readings.
    public init(utc: UTCNanoseconds, monotonic: MonotonicNanoseconds) {
        self.utc = utc
        self.monotonic = monotonic
    }
}
