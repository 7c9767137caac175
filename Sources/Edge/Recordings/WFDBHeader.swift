internal import ECGSignal

/// A WFDB header (`RECORD.hea`), as far as single-segment records of formats 16 and 212 need it.
///
///     NAME SIGNALS [RATE[/COUNTER[(BASE)]] [SAMPLES [TIME [DATE]]]]
///     FILE FORMAT[xFRAME][:SKEW][+OFFSET] [GAIN[(BASELINE)][/UNITS]
///         [BITS [ZERO [FIRST [SUM [BLOCK [NAME]]]]]]]
///     # comment
///
/// One line a signal; fields stand between blanks. Absent: rate 250, gain 200 per mV, zero 0,
/// baseline = zero. Signals that share a file stand together and are interleaved in it, sample by sample.
struct WFDBHeader: Sendable, Equatable {
    /// How samples stand in a signal file.
    enum Format: Int, Sendable {
        /// Two's complement, 16 bits, low byte first.
        case sixteen = 16
        /// Two's complement, 12 bits, two samples in three bytes.
        case twoTwelve = 212

        /// The value that says "no sample".
        var invalid: Int32 { self == .sixteen ? -32_768 : -2_048 }
    }

    /// One signal line.
    struct Signal: Sendable, Equatable {
        var line = 0
        var file = ""
        var format = Format.sixteen
        var byteOffset = 0
        var nanovoltsPerUnit = 5_000.0
        var baseline: Int32 = 0
        var firstValue: Int32?
        /// Sum of all samples, modulo 65,536.
        var checksum: UInt16?
        var name = ""
    }

    let rate: SampleRate
    /// Nil where the header leaves it to the signal files.
    let sampleCount: Int?
    let baseTime: UTCNanoseconds?
    let signals: [Signal]
    /// Without the leading `#`.
    let comments: [String]

    /// Reads a header; `path` is for messages only.
    init(bytes: [UInt8], path: String) throws(RecordingError) {
        guard bytes.count <= RecordingLimits.headerBytesMax else {
            throw RecordingError(
                .malformed,
                path,
                "the header has \(bytes.count) bytes, more than \(RecordingLimits.headerBytesMax); is it a header?"
            )
        }
        var record: RecordLine?
        var signals: [Signal] = []
        var comments: [String] = []
        for (index, raw) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            guard raw.count <= RecordingLimits.lineBytesMax else {
                throw RecordingError(
                    .malformed,
                    path,
                    line: index + 1,
                    "\(raw.count) bytes, more than \(RecordingLimits.lineBytesMax); is it a header?"
                )
            }
            let text = String(decoding: raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw, as: UTF8.self)
            let fields = text.split { $0 == " " || $0 == "\t" }
            if text.hasPrefix("#") {
                comments.append(String(text.dropFirst()))
            } else if !fields.isEmpty {
                let place = HeaderPlace(path: path, line: index + 1)
                if let record {
                    guard signals.count < record.signalCount else {
                        throw place.malformed(
                            "more signal lines than the \(record.signalCount) of the record line"
                        )
                    }
                    signals.append(try Signal(fields: fields, number: signals.count + 1, at: place))
                } else {
                    record = try RecordLine(fields: fields, at: place)
                }
            }
        }
        guard let record else {
            throw RecordingError(.malformed, path, "no record line; the header is empty")
        }
        guard signals.count == record.signalCount else {
            throw RecordingError(
                .malformed,
                path,
                "\(signals.count) signal lines where the record line says \(record.signalCount)"
            )
        }
        rate = record.rate
        sampleCount = record.sampleCount
        baseTime = record.baseTime
        self.signals = signals
        self.comments = comments
    }
}

/// A line of a header, for messages.
struct HeaderPlace {
    let path: String
    let line: Int

    func malformed(_ reason: String) -> RecordingError {
        RecordingError(.malformed, path, line: line, reason)
    }

    func unsupported(_ reason: String) -> RecordingError {
        RecordingError(.unsupported, path, line: line, reason)
    }

    /// The whole number in `text`, within `limits`.
    func integer(
        _ text: some StringProtocol,
        _ what: String,
        in limits: ClosedRange<Int>
    ) throws(RecordingError) -> Int {
        guard let value = Int(text), limits.contains(value) else {
            throw malformed(
                "\(what) \"\(text)\" is not a whole number of \(limits.lowerBound) ... \(limits.upperBound)"
            )
        }
        return value
    }
}

/// The first line of a header.
private struct RecordLine {
    var signalCount = 0
    var rate: SampleRate
    var sampleCount: Int?
    var baseTime: UTCNanoseconds?

    init(fields: [Substring], at place: HeaderPlace) throws(RecordingError) {
        guard !fields[0].contains("/") else {
            throw place.unsupported("\(fields[0]) is a multi-segment record; give one of its segments")
        }
        guard fields.count >= 2 else {
            throw place.malformed("the record line has no number of signals")
        }
        signalCount = try place.integer(fields[1], "number of signals", in: 0...RecordingLimits.channelsMax)
        guard signalCount > 0 else { throw place.unsupported("the record has no signals, only annotations") }
        rate = try RecordLine.rate(fields.count > 2 ? fields[2] : "250"[...], at: place)
        if fields.count > 3 {
            let count = try place.integer(fields[3], "number of samples", in: 0...RecordingLimits.samplesMax)
            sampleCount = count == 0 ? nil : count
        }
        baseTime = fields.count > 4 ? wfdbBaseTime(fields[4], date: fields.count > 5 ? fields[5] : nil) : nil
    }

    /// `RATE[/COUNTER[(BASE)]]`, a decimal number; the counter has no use here.
    private static func rate(_ field: Substring, at place: HeaderPlace) throws(RecordingError) -> SampleRate {
        let text = field.prefix { $0 != "/" }
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var fraction = parts.count > 1 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        let digits = parts[0] + fraction
        guard !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            throw place.malformed("sampling rate \"\(text)\" is not a decimal number")
        }
        guard fraction.count <= 3, let numerator = Int64(digits) else {
            throw place.unsupported(
                "sampling rate \(text) Hz has more than three decimals; write the nearest rate that has fewer"
            )
        }
        let denominator: Int64 = [1, 10, 100, 1_000][fraction.count]
        guard let rate = SampleRate(numerator, over: denominator) else {
            throw place.unsupported(
                "sampling rate \(text) Hz is not within 100 ... 2,000 Hz; resample the record"
            )
        }
        return rate
    }
}
