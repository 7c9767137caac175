/// How samples stand in a signal file: the formats of signal(5) that are read, as one table.
///
/// A file is a row of *groups*, the smallest whole number of bytes that holds whole samples. Where a group begins
/// decoding can begin, so any stretch of a file is read without what lies before it; format 8 alone needs the sum of
/// all differences before, which the reader keeps.
enum SignalFormat: Int, Sendable, CaseIterable {
    case differences8 = 8
    case little16 = 16
    case little24 = 24
    case little32 = 32
    case big16 = 61
    case offset8 = 80
    case offset16 = 160
    case packed212 = 212
    case packed310 = 310
    case packed311 = 311

    /// Samples of a group.
    var samplesPerGroup: Int {
        switch self {
        case .packed212: 2
        case .packed310, .packed311: 3
        default: 1
        }
    }

    /// Bytes of a group.
    var bytesPerGroup: Int {
        switch self {
        case .differences8, .offset8: 1
        case .little16, .big16, .offset16: 2
        case .little24, .packed212: 3
        case .little32, .packed310, .packed311: 4
        }
    }

    /// The value that says "no sample"; format 8 has none.
    var invalid: Int32? {
        switch self {
        case .differences8: nil
        case .offset8: -128
        case .packed310, .packed311: -512
        case .packed212: -2_048
        case .little16, .big16, .offset16: -32_768
        case .little24: -8_388_608
        case .little32: .min
        }
    }

    /// The least bytes in which `samples` samples can stand; the last group need not be whole.
    func byteCount(for samples: Int) -> Int {
        let rest = samples % samplesPerGroup
        let tail =
            switch (self, rest) {
            case (_, 0): 0
            case (.packed311, 2): 3
            case (.packed310, 2): 4
            default: 2
            }
        return samples / samplesPerGroup * bytesPerGroup + tail
    }

    /// The bytes of the groups that hold `samples` samples, the last one whole.
    func wholeGroupBytes(for samples: Int) -> Int {
        (samples + samplesPerGroup - 1) / samplesPerGroup * bytesPerGroup
    }

    /// How many samples stand in so many bytes.
    func sampleCount(in bytes: Int) -> Int {
        let whole = bytes / bytesPerGroup * samplesPerGroup
        let rest = bytes % bytesPerGroup
        return whole
            + (samplesPerGroup > 1 ? (1..<samplesPerGroup).last { byteCount(for: $0) <= rest } ?? 0 : 0)
    }

    /// Appends `count` stored values to `values`: every `step`-th sample of the groups in `bytes`, from `first` on.
    ///
    /// Of format 8 these are the differences. The caller has made sure that `bytes` holds whole groups up to the last
    /// sample asked for.
    func decode(
        _ bytes: [UInt8],
        from first: Int,
        step: Int,
        count: Int,
        into values: inout [Int32]
    ) {
        switch self {
        case .differences8, .little16, .little24, .little32, .big16, .offset8, .offset16:
            decodeWholeBytes(bytes, from: first, step: step, count: count, into: &values)
        case .packed212, .packed310, .packed311:
            decodePacked(bytes, from: first, step: step, count: count, into: &values)
        }
    }
}
