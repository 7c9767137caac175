/// The first line of a header: name, number of signals or segments, rate, length and base time.
internal import ECGSignal

struct WFDBRecordLine {
    let name: String
    let signalCount: Int
    /// Nil where the record has signal lines.
    let segmentCount: Int?
    let rate: FrameRate
    /// Nil where it is absent or 0.
    let frames: Int?
    let baseTime: UTCNanoseconds?
    private(set) var remarks: [RecordingRemark] = []

    init(fields: [Substring], at place: HeaderPlace) throws(RecordingError) {
        (name, segmentCount) = try WFDBRecordLine.name(fields[0], at: place)
        guard fields.count >= 2 else {
            throw place.malformed("the record line has no number of signals")
        }
        signalCount = try place.integer(fields[1], "number of signals", in: 0...RecordingLimits.channelsMax)
        guard signalCount > 0 else { throw place.unsupported("the record has no signals, only annotations") }
        let rateText = fields.count > 2 ? fields[2].prefix { $0 != "/" } : ""
        if rateText.allSatisfy({ $0 == "0" || $0 == "." }) {
            rate = .standard
            remarks.append(.rateAssumed)
        } else {
            guard let stated = FrameRate(rateText) else {
                throw place.malformed(
                    "sampling rate \(quoted(rateText)) is not a decimal number above 0 and below 1,000,000"
                )
            }
            rate = stated
        }
        if fields.count > 3 {
            let count = try place.integer(fields[3], "number of samples", in: 0...RecordingLimits.framesMax)
            frames = count == 0 ? nil : count
        } else {
            frames = nil
        }
        let base = WFDBBaseTime(fields: fields.dropFirst(4))
        baseTime = base.instant
        remarks += base.remarks
    }

    /// `NAME` or `NAME/SEGMENTS`.
    private static func name(
        _ field: Substring,
        at place: HeaderPlace
    ) throws(RecordingError) -> (String, segments: Int?) {
        guard let slash = field.lastIndex(of: "/") else { return (String(field), nil) }
        let name = field[..<slash]
        let number = field[field.index(after: slash)...]
        guard !name.contains("/"), !number.isEmpty, number.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            throw place.malformed(
                "the record's name \(quoted(field)) holds a folder; write the name alone, \(quoted(number)), and give the folder "
                    + "where you name the record"
            )
        }
        return (
            String(name), try place.integer(number, "number of segments", in: 1...RecordingLimits.segmentsMax)
        )
    }

    /// Refuses a segment line beyond the number that the record line states.
    func checkRoom(for segments: Int, at place: HeaderPlace) throws(RecordingError) {
        guard segments <= segmentCount ?? 0 else {
            throw place.malformed("more segment lines than the \(segmentCount ?? 0) of the record line")
        }
    }

    /// Refuses a header with too few lines.
    func checkComplete(signals: Int, segments: Int, path: String) throws(RecordingError) {
        if let segmentCount {
            guard segments == segmentCount else {
                throw RecordingError(
                    .malformed,
                    path,
                    "\(segments) segment lines where the record line says \(segmentCount)"
                )
            }
        } else if signals != signalCount {
            throw RecordingError(
                .malformed,
                path,
                "\(signals) signal lines where the record line says \(signalCount)"
            )
        }
    }
}

extension WFDBHeader.Segment {
    /// `NAME SAMPLES`, where the name `~` is a gap.
    init(fields: [Substring], of whole: WFDBRecordLine, at place: HeaderPlace) throws(RecordingError) {
        guard fields.count == 2 else {
            throw place.malformed(
                "\(fields.count) fields in a segment line, which has two; if \(whole.name) is a folder and no record, "
                    + "write the record's name without it"
            )
        }
        line = place.line
        record = try fields[0] == "~" ? nil : place.neighbour(fields[0], "segment")
        frames = try place.integer(fields[1], "samples of a segment", in: 0...RecordingLimits.framesMax)
    }
}
