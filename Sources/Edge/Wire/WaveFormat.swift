public import ECGSignal
public import Findings

/// A fifth of a second of waveforms as bytes, numbers least significant byte first.
///
///      0  u8   format, 1
///      1  u8   band: 1 monitor (0.5 to 40 Hz), 2 diagnostic (0.05 Hz to the device's own limit)
///      2  u8   step: grid samples (1/500 s) from one sample to the next, 2 or 1
///      3  u8   flags: bit 0 says that a lead without a standard position stands in channel I; the others are 0
///      4  u16  samples of each lead, 50 or 100
///      6  u16  leads: bit n is the n-th of I II III aVR aVL aVF V1 to V6
///      8  u16  those of them that were computed from two others
///     10  u48  UTC of the first sample, milliseconds since 1970
///     16  u64  grid index of the first sample, from the epoch's origin
///     24  u64  epoch of the stream
///     32  u32  topicsequence: from 1, one more with each message of the topic in a run; after 2^32 - 1 comes 0
///     36  i16  samples lead by lead, 2.5 microvolts a unit; -32,768 is a sample that was not received
///
/// A message is valid where its length is exactly that and every field is one of those named.
public enum WaveFormat {
    /// Bytes before the samples.
    public static let headerBytes = 36
    /// The most bytes that a message has: twelve leads in the diagnostic band.
    public static let bytesMax =
        headerBytes + Lead.channelCount * TraceBlock.Band.diagnostic.sampleCount * 2

    private static let format: UInt8 = 1

    /// Writes a block as the message of that number.
    public static func bytes(of block: TraceBlock, number: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + block.values.count * 2)
        bytes += [format, block.band.rawValue, UInt8(block.band.step), block.isPatch ? 1 : 0]
        append(UInt64(block.band.sampleCount), count: 2, to: &bytes)
        append(UInt64(block.leads.rawValue), count: 2, to: &bytes)
        append(UInt64(block.derived.rawValue), count: 2, to: &bytes)
        append(UInt64(max(0, block.time / 1_000_000)), count: 6, to: &bytes)
        append(UInt64(bitPattern: block.start), count: 8, to: &bytes)
        append(block.stream.epoch, count: 8, to: &bytes)
        append(UInt64(number), count: 4, to: &bytes)
        for value in block.values {
            append(UInt64(UInt16(bitPattern: value)), count: 2, to: &bytes)
        }
        return bytes
    }

    private static func append(_ value: UInt64, count: Int, to bytes: inout [UInt8]) {
        for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))) }
    }
}

/// One message of waveforms as a reader takes it.
public struct WaveMessage: Sendable, Equatable {
    /// Which band the samples are of.
    public let band: TraceBlock.Band
    /// Whether a lead without a standard position stands in channel I.
    public let isPatch: Bool
    /// The leads in it.
    public let leads: LeadSet
    /// Those of them that were computed from two others.
    public let derived: LeadSet
    /// UTC of the first sample, milliseconds since 1970.
    public let milliseconds: Int64
    /// Grid index of the first sample.
    public let start: GridIndex
    /// Epoch of the stream.
    public let epoch: UInt64
    /// The message's number in its topic.
    public let number: UInt32
    /// `[lead][sample]`, units of 2.5 microvolts; `TraceBlock.missing` where nothing was received.
    public let values: [Int16]

    /// Reads a message; nil where the bytes are none.
    public init?(_ bytes: [UInt8]) {
        func whole(at start: Int, _ count: Int) -> UInt64 {
            (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
        }
        guard bytes.count >= WaveFormat.headerBytes, bytes[0] == 1, bytes[3] <= 1,
            let band = TraceBlock.Band(rawValue: bytes[1]), Int(bytes[2]) == band.step,
            Int(whole(at: 4, 2)) == band.sampleCount,
            let start = GridIndex(exactly: whole(at: 16, 8))
        else { return nil }
        self.band = band
        isPatch = bytes[3] == 1
        leads = LeadSet(rawValue: UInt16(whole(at: 6, 2)))
        derived = LeadSet(rawValue: UInt16(whole(at: 8, 2)))
        milliseconds = Int64(whole(at: 10, 6))
        self.start = start
        epoch = whole(at: 24, 8)
        number = UInt32(whole(at: 32, 4))
        let count = leads.rawValue.nonzeroBitCount * band.sampleCount
        guard leads.rawValue < 1 << 12, !leads.isEmpty, leads.isSuperset(of: derived), epoch != 0,
            bytes.count == WaveFormat.headerBytes + 2 * count
        else { return nil }
        values = (0..<count).map {
            Int16(bitPattern: UInt16(whole(at: WaveFormat.headerBytes + 2 * $0, 2)))
        }
    }
}
