internal import ECGSignal

/// How much of one stream is let in: a token bucket, filled by the clock of the logged entries.
///
/// A stream may bring two minutes of signal and a thousand chunks at once, as a gateway does that was cut off for a while.
/// Then it is held to so many times real time and to a thousand chunks a second, so that no stream takes the others'
/// share of the machine.
struct FloodGate: Sendable, Codable {
    /// Signal that may come at once, nanoseconds.
    static let signalMax: Int64 = 120_000_000_000
    /// Chunks that may come at once, and in a second.
    static let chunksMax: Int64 = 1_000
    /// A thousand chunks a second are one in so many nanoseconds.
    private static let chunkNanoseconds: Int64 = 1_000_000

    private var signal = FloodGate.signalMax
    /// Chunks that may still come, each as the time in which its place is filled again.
    private var chunks = FloodGate.chunksMax * FloodGate.chunkNanoseconds
    private var last: MonotonicNanoseconds?

    /// Whether a chunk of `length` nanoseconds of signal is let in where `speed` times real time is; if so it is paid for.
    mutating func admits(_ length: Int64, at time: MonotonicNanoseconds, speed: Int) -> Bool {
        let passed = min(max(0, time - (last ?? time)), FloodGate.signalMax)
        last = time
        signal = min(FloodGate.signalMax, signal + passed * Int64(speed))
        chunks = min(FloodGate.chunksMax * FloodGate.chunkNanoseconds, chunks + passed)
        guard signal >= length, chunks >= FloodGate.chunkNanoseconds else { return false }
        signal -= length
        chunks -= FloodGate.chunkNanoseconds
        return true
    }
}
