internal import ECGSignal
internal import Wire

/// The name of a segment's file, `20260102T030405Z-0123456789abcdef-000001.framelog`: when its log began, the run, its
/// number.
///
/// Names in order of their text are segments in order of their age, the logs of several runs among each other too.
struct SegmentName: Sendable, Equatable {
    static let suffix = ".framelog"
    /// Moment and run, which all segments of a log have in common.
    let log: String
    /// The segment's number, from 1.
    let number: Int

    /// The segment of that number of the log that `header` begins.
    init(_ header: FrameLogHeader, number: Int) {
        let moment = timestamp(header.arrival.utc).prefix(19).filter { $0 != "-" && $0 != ":" }
        self.init(log: "\(moment)Z-\(header.run)", number: number)
    }

    private init(log: String, number: Int) {
        self.log = log
        self.number = number
    }

    /// Reads a file's name; nil where it is not that of a segment.
    init?(_ text: String) {
        guard text.hasSuffix(SegmentName.suffix) else { return nil }
        let parts = text.dropLast(SegmentName.suffix.count)
            .split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, SegmentName.isMoment(parts[0]), parts[1].utf8.count == 16,
            parts[1].utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }),
            (6...12).contains(parts[2].utf8.count), let number = Int(parts[2]), number > 0
        else { return nil }
        self.init(log: "\(parts[0])-\(parts[1])", number: number)
        guard self.text == text else { return nil }
    }

    private static func isMoment(_ text: Substring) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.count == 16 && bytes[8] == UInt8(ascii: "T") && bytes[15] == UInt8(ascii: "Z")
            && bytes.indices.allSatisfy { $0 == 8 || $0 == 15 || (48...57).contains(bytes[$0]) }
    }

    /// The file's name.
    var text: String {
        let digits = "\(number)"
        return log + "-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
            + SegmentName.suffix
    }

    /// The next segment of the same log.
    var next: SegmentName { SegmentName(log: log, number: number + 1) }
}
