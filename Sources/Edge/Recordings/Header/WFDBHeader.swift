/// The text header of a WFDB record, as header(5) has it.
///
/// ```
/// RECORD[/SEGMENTS] SIGNALS [RATE[/COUNTER[(BASE)]] [SAMPLES [TIME [DATE]]]]
/// FILE FORMAT[xFRAME][:SKEW][+OFFSET] [GAIN[(BASELINE)][/UNITS] [BITS [ZERO [FIRST [SUM [BLOCK [NAME]]]]]]]
/// SEGMENT SAMPLES
/// # comment
/// ```
///
/// A record has either signal lines, each saying what one signal's numbers mean, or segment lines, each naming a record
/// with signal lines or, as `~`, a gap. Lines are UTF-8 or, where they are no such text, Latin-1.
internal import ECGSignal

/// A header whose every field is within bounds; what its files hold is not looked at.
struct WFDBHeader: Sendable, Equatable {
    /// One signal line.
    struct Signal: Sendable, Equatable {
        var line = 0
        var file = ""
        var format = SignalFormat.little16
        var samplesPerFrame = 1
        /// Frames of the file that lie before the signal's sample 0.
        var skewFrames = 0
        var byteOffset = 0
        var calibration = Calibration()
        /// Whether the header states a gain other than 0.
        var isCalibrated = false
        var firstValue: Int32?
        /// Sum of all samples, modulo 65,536.
        var checksum: UInt16?
        var blockSize = 0
        var name = ""
    }

    /// One segment line.
    struct Segment: Sendable, Equatable {
        let line: Int
        /// The record of the segment; nil for a gap.
        let record: String?
        let frames: Int
    }

    /// As the record line has it, without a number of segments.
    let recordName: String
    let rate: FrameRate
    /// Nil where the header leaves it to the signal files.
    let frames: Int?
    let baseTime: UTCNanoseconds?
    /// Empty where the record has segments.
    let signals: [Signal]
    /// Empty where the record has signals.
    let segments: [Segment]
    /// Without the leading `#`.
    let comments: [String]
    let remarks: [RecordingRemark]

    /// Reads a header; `path` is for messages only.
    init(bytes: [UInt8], path: String) throws(RecordingError) {
        guard bytes.count <= RecordingLimits.headerBytesMax else {
            throw RecordingError(
                .malformed,
                path,
                "the header has \(bytes.count) bytes, more than \(RecordingLimits.headerBytesMax); is it a header?"
            )
        }
        var record: WFDBRecordLine?
        var signals: [Signal] = []
        var segments: [Segment] = []
        var comments: [String] = []
        var lineNumber = 0
        for raw in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            lineNumber += 1
            let place = HeaderPlace(path: path, line: lineNumber)
            let text = try WFDBHeader.text(of: raw, at: place)
            let fields = text.split { $0 == " " || $0 == "\t" }
            if text.hasPrefix("#") {
                comments.append(String(text.dropFirst()))
            } else if fields.isEmpty {
                continue
            } else if let record {
                if record.segmentCount == nil {
                    guard signals.count < record.signalCount else {
                        throw place.malformed(
                            "more signal lines than the \(record.signalCount) of the record line"
                        )
                    }
                    signals.append(try Signal(fields: fields, number: signals.count + 1, at: place))
                } else {
                    segments.append(try Segment(fields: fields, of: record, at: place))
                    try record.checkRoom(for: segments.count, at: place)
                }
            } else {
                record = try WFDBRecordLine(fields: fields, at: place)
            }
        }
        guard let record else {
            throw RecordingError(.malformed, path, "no record line; the header is empty")
        }
        try record.checkComplete(signals: signals.count, segments: segments.count, path: path)
        recordName = record.name
        rate = record.rate
        frames = record.frames
        baseTime = record.baseTime
        self.signals = signals
        self.segments = segments
        self.comments = comments
        remarks = record.remarks + WFDBHeader.remarks(on: signals)
    }

    /// A line without its end, as UTF-8 or else as Latin-1.
    private static func text(
        of raw: ArraySlice<UInt8>,
        at place: HeaderPlace
    ) throws(RecordingError) -> String {
        guard raw.count <= RecordingLimits.lineBytesMax else {
            throw place.malformed(
                "\(raw.count) bytes, more than \(RecordingLimits.lineBytesMax); is it a header?"
            )
        }
        let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
        if let text = String(validating: line, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(line.map { Unicode.Scalar($0) }))
    }

    /// What a person should know of the signal lines.
    private static func remarks(on signals: [Signal]) -> [RecordingRemark] {
        var remarks: [RecordingRemark] = []
        let voltages = signals.filter { $0.calibration.nanovoltsPerUnit != nil }
        let assumed = voltages.filter { !$0.isCalibrated }.map(\.name)
        if !assumed.isEmpty { remarks.append(.gainAssumed(assumed)) }
        let negative = voltages.filter { $0.calibration.gain < 0 }.map(\.name)
        if !negative.isEmpty { remarks.append(.gainNegative(negative)) }
        let skewed = signals.filter { $0.skewFrames > 0 }.map(\.name)
        if !skewed.isEmpty { remarks.append(.skewed(skewed)) }
        if let block = signals.first(where: { $0.blockSize != 0 }) {
            remarks.append(.blockSizeIgnored(block.blockSize))
        }
        return remarks
    }
}

/// What a header says, in quotes; what is longer than a name or a number of a real header is cut, since any file may be taken for
/// one.
func quoted(_ text: some StringProtocol) -> String {
    let most = 48
    let scalars = text.unicodeScalars
    guard scalars.count > most else { return "\"\(text)\"" }
    return "\"\(String(String.UnicodeScalarView(scalars.prefix(most)))) ...\""
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
                "\(what) \(quoted(text)) is not a whole number of \(limits.lowerBound) ... \(limits.upperBound)"
            )
        }
        return value
    }

    /// The name of a file or record that lies beside the header.
    func neighbour(_ name: Substring, _ what: String) throws(RecordingError) -> String {
        guard name != "-", name != "~", name != ".", !name.contains("/"), !name.hasPrefix(".."),
            !name.unicodeScalars.contains("\0")
        else {
            throw unsupported(
                "\(what) \(quoted(name)) does not lie beside the header; name a file without a path"
            )
        }
        return String(name)
    }
}
