/// What a recording may claim; each claim is checked before anything is allocated for it.
enum RecordingLimits {
    /// Bytes of a header: 32,768 segments with names of up to 24 characters, or 64 channels and pages of comments.
    static let headerBytesMax = 1_048_576
    /// Bytes of an annotation file: a mark each 2 bytes, so that a week at 200 beats a minute fits 16 times.
    static let annotationBytesMax = 67_108_864
    /// Bytes of one header line.
    static let lineBytesMax = 4_096
    /// Channels of a record.
    static let channelsMax = 64
    /// Segments of a record; a week in pieces of 20 s has 30,240.
    static let segmentsMax = 32_768
    /// Frames that a record may claim: 2^40; what is there is bounded by the bytes.
    static let framesMax = 1 << 40
    /// Samples of one signal in a frame.
    static let samplesPerFrameMax = 4_096
    /// Frames by which a signal may be late.
    static let skewFramesMax = 1 << 24
    /// Largest ADC zero or baseline by magnitude, so that a 16-bit value less its baseline fits 32 bits.
    static let baselineMax = 1 << 30
    /// Nanovolts per unit: the wire's own limit (gateway.proto).
    static let nanovoltsPerUnitMax = 1e6
    /// Bytes of a signal file that are read and decoded at once.
    static let pieceBytes = 1_048_576
    /// Bytes of a record's signal files that are kept once read; what is longer is read in pieces again and again.
    static let heldBytes = 16_777_216
    /// Files that a list or a folder may name, and folders in folders.
    static let recordsMax = 1_000_000
    static let folderDepthMax = 32
}
