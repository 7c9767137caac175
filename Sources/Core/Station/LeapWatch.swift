internal import ECGSignal

/// Tells a damaged sample index from a device that has really gone on elsewhere.
///
/// One chunk with an index far ahead would make all that follows late for ever, because frontiers never fall. So a leap
/// of more than an hour is believed only when three chunks of the track in a row agree: each begins after the begin of the
/// one before and at most a second after its end. Those before the third are refused and are part of the gap. Chunks that
/// begin where the one before did, as other leads of the same track do, count with it.
struct LeapWatch: Sendable, Codable {
    /// Chunks in a row that must agree; the last of them is taken.
    static let chunksBelieved = 3
    /// A leap is longer than this, in seconds after the stream's newest sample.
    private static let secondsMax: Int64 = 3_600

    private var count = 0
    private var begin: SampleIndex = 0
    private var end: SampleIndex = 0

    /// Whether `chunk` is taken, where the stream's newest sample ends at `newest`; what it was is remembered.
    mutating func believes(_ chunk: LeadChunk, after newest: StreamTime) -> Bool {
        let bound = chunk.rate.time(of: chunk.firstSample).earlier(bySeconds: LeapWatch.secondsMax)
        guard bound > newest else {
            count = 0
            return true
        }
        let second = chunk.rate.numerator / chunk.rate.denominator
        if count == 0 || !(begin...end + second).contains(chunk.firstSample) {
            count = 1
        } else if chunk.firstSample > begin {
            count += 1
        }
        (begin, end) = (chunk.firstSample, chunk.endSample)
        guard count >= LeapWatch.chunksBelieved else { return false }
        count = 0
        return true
    }
}
