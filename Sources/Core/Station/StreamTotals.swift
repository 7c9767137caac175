public import ECGSignal

/// Sums over streams: kept for those that a worker has let go of, so that sums over all never fall.
public struct StreamTotals: Sendable, Equatable {
    /// The ledgers of all leads together.
    public private(set) var ledger = Ledger()
    /// Chunks that the streams' sequence numbers count and that did not come.
    public private(set) var missingChunks = 0
    /// Chunks that came again.
    public private(set) var duplicateChunks = 0

    /// No streams.
    public init() {}

    /// Adds a stream as it stands.
    public mutating func add(_ status: Shard.Status) {
        for lead in status.leads { add(lead.ledger) }
        missingChunks += status.missingChunks
        duplicateChunks += status.duplicateChunks
    }

    /// Adds other streams' sums.
    public mutating func add(_ other: StreamTotals) {
        add(other.ledger)
        missingChunks += other.missingChunks
        duplicateChunks += other.duplicateChunks
    }

    private mutating func add(_ other: Ledger) {
        ledger.received += other.received
        ledger.analysed += other.analysed
        ledger.duplicate += other.duplicate
        ledger.conflict += other.conflict
        ledger.late += other.late
        ledger.refused += other.refused
        ledger.held += other.held
    }
}
