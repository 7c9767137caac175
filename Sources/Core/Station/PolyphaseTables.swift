internal import ECGSignal
internal import Pipeline

/// The resampling tables in use, one a rate, 64 MB in all at most.
struct PolyphaseTables: Sendable {
    static let bytesMax = 64 << 20
    private var tables: [SampleRate: PolyphaseTableReference] = [:]
    private var bytes = 0

    /// The table of the chunk's rate; a rate that cannot have one is refused.
    mutating func table(for chunk: LeadChunk) throws(Refusal) -> PolyphaseTableReference {
        if let table = tables[chunk.rate] { return table }
        let size = PolyphaseTableReference.byteCount(of: chunk.rate)
        guard let size, bytes + size <= PolyphaseTables.bytesMax,
            let table = PolyphaseTableReference(rate: chunk.rate)
        else {
            let reason =
                size == nil ? "more than 16,384 resampling phases" : "the store of resampling tables is full"
            throw chunk.refusal(
                .rate,
                "\(chunk.rate.numerator)/\(chunk.rate.denominator) Hz: \(reason); "
                    + "send the nearest rate with a smaller denominator, drift takes up the rest"
            )
        }
        bytes += size
        tables[chunk.rate] = table
        return table
    }
}
