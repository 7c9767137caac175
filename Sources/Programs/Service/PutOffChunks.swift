internal import ECGSignal
internal import Findings
internal import Wire

/// Chunks of acknowledged gateways that were put off: what comes behind one of them waits for it.
///
/// A gateway has a window of chunks on its way. If one of them were put off and those behind it taken, it would come again when
/// the horizon has passed it, too late to be analysed.
struct PutOffChunks {
    /// A chunk that does not come again within this time is waited for no longer, since its gateway may have let go of it.
    private static let patience: MonotonicNanoseconds = 15_000_000_000
    /// Streams that are remembered; of others nothing waits.
    private static let streamsMax = 100_000

    private struct Chunk {
        let number: UInt64
        let code: TechnicalEvent.Code
        let until: MonotonicNanoseconds
    }

    private var first: [StreamIdentity: Chunk] = [:]

    /// Why a chunk is put off for one before it; nil where none is waited for.
    mutating func refusal(of chunk: AcknowledgedChunk, at now: MonotonicNanoseconds) -> Refusal? {
        guard let stream = chunk.stream, let awaited = first[stream] else { return nil }
        if now < awaited.until, chunk.number > awaited.number {
            return Refusal(
                awaited.code,
                "chunk \(awaited.number) was put off and comes first",
                stream: stream
            )
        }
        if now >= awaited.until || chunk.number == awaited.number { first[stream] = nil }
        return nil
    }

    /// Notes a chunk that is put off.
    mutating func note(_ chunk: AcknowledgedChunk, _ code: TechnicalEvent.Code, at now: MonotonicNanoseconds)
    {
        guard let stream = chunk.stream else { return }
        if first[stream] == nil, first.count >= PutOffChunks.streamsMax {
            first = first.filter { $0.value.until > now }
            guard first.count < PutOffChunks.streamsMax else { return }
        }
        first[stream] = Chunk(number: chunk.number, code: code, until: now + PutOffChunks.patience)
    }
}
