/// What a recording may claim; checked before anything is allocated for it.
enum RecordingLimits {
    /// Bytes of a header: 64 channels and pages of comments.
    static let headerBytesMax = 262_144
    /// Bytes of one header line.
    static let lineBytesMax = 4_096
    /// Channels of a record.
    static let channelsMax = 64
    /// Samples a channel may claim: 2^40; what is there is bounded by the bytes.
    static let samplesMax = 1 << 40
    /// Bytes of all signal files of a record: a day of 3 channels at 1,000 Hz is 518,400,000.
    static let signalBytesMax = 536_870_912
    /// Largest ADC zero or baseline by magnitude, so that value - baseline fits 32 bits.
    static let baselineMax = 1 << 30
    /// Nanovolts per unit: the wire's own limit (gateway.proto).
    static let nanovoltsPerUnitMax = 1e6
}
