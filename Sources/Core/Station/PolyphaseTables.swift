internal import ECGSignal
internal import Findings
internal import Pipeline

/// The resampling tables in use, one a rate, 64 MB in all at most.
struct PolyphaseTables: Sendable {
    static let bytesMax = 64 << 20
    private var tables: [SampleRate: PolyphaseTableReference] = [:]
    private var bytes = 0

    /// The table of the chunk's rate; a rate that cannot have one is refused.
    mutating func table(for chunk: LeadChunk) throws(Refusal) -> PolyphaseTableReference {
        if let table = tables[chunk.rate] { return table }
        let size = try check(chunk)
        guard let table = PolyphaseTableReference(rate: chunk.rate) else {
            throw refusal(of: chunk, isFull: false)
        }
        bytes += size
        tables[chunk.rate] = table
        return table
    }

    /// Bytes that the table of the chunk's rate would add; builds nothing, so a refused stream takes no room.
    @discardableResult
    func check(_ chunk: LeadChunk) throws(Refusal) -> Int {
        if tables[chunk.rate] != nil { return 0 }
        guard let size = PolyphaseTableReference.byteCount(of: chunk.rate) else {
            throw refusal(of: chunk, isFull: false)
        }
        guard bytes + size <= PolyphaseTables.bytesMax else { throw refusal(of: chunk, isFull: true) }
        return size
    }

    private func refusal(of chunk: LeadChunk, isFull: Bool) -> Refusal {
        let reason = isFull ? "the store of resampling tables is full" : "more than 16,384 resampling phases"
        return chunk.refusal(
            .rate,
            "\(chunk.rate.numerator)/\(chunk.rate.denominator) Hz: \(reason); "
                + "send the nearest rate with a smaller denominator, drift takes up the rest"
        )
    }
}
