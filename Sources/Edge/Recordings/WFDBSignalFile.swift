/// The bytes of one signal file and the samples in them.
///
/// Format 16: channels interleaved, each sample two bytes, low byte first. Format 212: the interleaved
/// samples in pairs of three bytes: low 8 bits of the first; its high 4 bits in the low nibble, those of
/// the second in the high nibble; low 8 bits of the second. An odd number of samples ends with two bytes,
/// or three.
struct WFDBSignalFile {
    let format: WFDBHeader.Format
    let byteOffset: Int
    let channelCount: Int
    let bytes: [UInt8]

    private var payloadBytes: Int { max(0, bytes.count - byteOffset) }

    /// Samples per channel that the bytes hold; nil where they end within a sample.
    var sampleCount: Int? {
        switch format {
        case .sixteen:
            return payloadBytes.isMultiple(of: 2 * channelCount) ? payloadBytes / (2 * channelCount) : nil
        case .twoTwelve:
            guard payloadBytes % 3 != 1 else { return nil }
            let values = payloadBytes / 3 * 2 + payloadBytes % 3 / 2
            if values.isMultiple(of: channelCount) { return values / channelCount }
            return (values - 1).isMultiple(of: channelCount) ? (values - 1) / channelCount : nil
        }
    }

    /// Whether the bytes hold just `samples` per channel.
    func holds(_ samples: Int) -> Bool {
        let values = samples * channelCount
        switch format {
        case .sixteen: return bytes.count == byteOffset + 2 * values
        case .twoTwelve:
            let odd = values % 2
            let least = byteOffset + values / 2 * 3 + 2 * odd
            return bytes.count == least || bytes.count == least + odd
        }
    }

    /// Bytes that `samples` per channel take.
    func byteCount(for samples: Int) -> Int {
        let values = samples * channelCount
        return byteOffset + (format == .sixteen ? 2 * values : values / 2 * 3 + values % 2 * 2)
    }

    /// `[time]`, the stored values of one channel; the caller has checked `holds(samples)`.
    func values(ofChannel channel: Int, samples: Int) -> [Int32] {
        switch format {
        case .sixteen:
            return (0..<samples).map { sample in
                let at = byteOffset + 2 * (sample * channelCount + channel)
                return Int32(Int16(truncatingIfNeeded: Int(bytes[at]) | Int(bytes[at + 1]) << 8))
            }
        case .twoTwelve:
            return (0..<samples).map { sample in
                let index = sample * channelCount + channel
                let at = byteOffset + index / 2 * 3
                let twelve =
                    index.isMultiple(of: 2)
                    ? Int32(bytes[at]) | Int32(bytes[at + 1] & 0x0F) << 8
                    : Int32(bytes[at + 2]) | Int32(bytes[at + 1] & 0xF0) << 4
                return twelve >= 2_048 ? twelve - 4_096 : twelve
            }
        }
    }
}
