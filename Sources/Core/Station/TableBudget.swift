internal import ECGSignal
internal import Findings
internal import Pipeline

/// The room that resampling tables may take, 64 MB at most: which rates open streams have, by arithmetic alone.
///
/// Admission decides by the size that a table would have and builds none: the worker that owns the stream does, and
/// lets go of it with the last of its streams at that rate.
struct TableBudget: Sendable {
    static let bytesMax = 64 << 20
    private var streams: [SampleRate: Int] = [:]
    private var bytes = 0

    /// Whether a stream may begin to use the chunk's rate.
    func check(_ chunk: LeadChunk) throws(Refusal) {
        let size = try TableBudget.byteCount(for: chunk)
        guard streams[chunk.rate] != nil || bytes + size <= TableBudget.bytesMax else {
            throw TableBudget.refusal(of: chunk, "the store of resampling tables is full")
        }
    }

    /// The bytes that the table of the chunk's rate takes; a rate that needs too many phases is refused.
    @discardableResult
    static func byteCount(for chunk: LeadChunk) throws(Refusal) -> Int {
        guard let size = PolyphaseTableReference.byteCount(of: chunk.rate) else {
            throw refusal(of: chunk, "more than 16,384 resampling phases")
        }
        return size
    }

    /// A stream begins to use `rate`.
    mutating func add(_ rate: SampleRate) {
        if streams[rate] == nil { bytes += PolyphaseTableReference.byteCount(of: rate) ?? 0 }
        streams[rate, default: 0] += 1
    }

    /// A stream that used `rate` has ended.
    mutating func remove(_ rate: SampleRate) {
        guard let count = streams[rate] else { return }
        streams[rate] = count == 1 ? nil : count - 1
        if count == 1 { bytes -= PolyphaseTableReference.byteCount(of: rate) ?? 0 }
    }

    private static func refusal(of chunk: LeadChunk, _ reason: String) -> Refusal {
        chunk.refusal(
            .rate,
            "\(chunk.rate.numerator)/\(chunk.rate.denominator) Hz: \(reason); "
                + "send the nearest rate with a smaller denominator, drift takes up the rest"
        )
    }
}
