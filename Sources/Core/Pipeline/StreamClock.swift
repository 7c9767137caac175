internal import ECGSignal

/// Which UTC a grid sample has: the wall clock when the stream's first frame came, and the nominal rate from there.
///
/// Fixed for the stream's life, so a step of the wall clock never moves a label.
struct StreamClock: Sendable {
    /// UTC of grid sample 0; a stream may be joined at any index, so it may lie far before 1970.
    private let origin: Int128

    /// The last sample of the first frame stood at `time` when the wall clock read `utc`.
    init(time: StreamTime, utc: UTCNanoseconds) {
        origin = Int128(utc) - time.nanoseconds
    }

    /// UTC of a grid sample, clamped to what 64 bits of nanoseconds hold.
    func utc(of index: GridIndex) -> UTCNanoseconds {
        UTCNanoseconds(clamping: origin + Int128(index) * Int128(1_000_000_000 / Grid.rate))
    }
}
