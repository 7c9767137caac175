/// The bytes of a WFDB annotation file in MIT format, as annot(5) has it.
///
/// The file is a sequence of 16-bit words, low byte first. A word's upper six bits are a code A, its lower ten a number I.
///
///     A 1 to 49   a mark of kind A, I ticks after the one before
///     A 0, I 0    the end of the file
///     A 0         no mark; only its I ticks count
///     A 59        SKIP: the next four bytes are ticks, high word first, each word low byte first; the next mark is so
///                 many ticks later still
///     A 60        NUM: the number of the mark before and of those after it
///     A 61        SUB: the subtype of the mark before alone
///     A 62        CHN: the signal of the mark before and of those after it
///     A 63        AUX: I bytes of text for the mark before, and one more where I is odd
///
/// A first mark that is a note with the text `## time resolution: X` says that a tick is 1 / X s; it is no mark itself.
/// A SKIP may go back, and programs that write marks as they come leave the sorting to a later one, so marks are put in
/// the order of their samples here. A file is whole with its end word; one that stops before it is refused.
public struct AnnotationFile: Sendable, Equatable {
    /// The marks, by sample; those of one sample in the order of the file.
    public var annotations: [Annotation]
    /// Ticks in a second where the file says it; nil where a tick is a frame of the record.
    public var ticksPerSecond: Double?

    /// A file of those marks, whose ticks are frames of the record.
    public init(_ annotations: [Annotation]) { self.annotations = annotations }

    /// The file beside a record, `RECORD.atr` with the ending `atr`.
    public static func load(_ record: String, ending: String) throws(RecordingError) -> AnnotationFile {
        let path = (record.hasSuffix(".hea") ? String(record.dropLast(4)) : record) + "." + ending
        let (folder, name) = RecordPath.split(path)
        let bytes = try RecordingFiles(folder: folder).whole(name, atMost: RecordingLimits.annotationBytesMax)
        return try AnnotationFile(bytes: bytes, path: path)
    }

    private static let resolution = "## time resolution: "
    /// Ticks in a second that a file may state: beyond them a sample of the record would be no number any more.
    private static let resolutions = 0.001...1e6

    // MARK: reading

    /// Reads a file; `path` is for messages only.
    public init(bytes: [UInt8], path: String) throws(RecordingError) {
        var reader = WordReader(bytes: bytes, path: path)
        var marks: [Annotation] = []
        var time: Int64 = 0
        var channel: UInt8 = 0
        var number: Int8 = 0
        while true {
            let word = try reader.word()
            let value = Int(word & 0x3FF)
            switch word >> 10 {
            case 0 where value == 0:
                ticksPerSecond = try AnnotationFile.takeResolution(from: &marks, path: path)
                annotations = AnnotationFile.bySample(marks)
                return
            case 1...49:
                time += Int64(value)
                guard time >= 0, let code = AnnotationCode(rawValue: UInt8(word >> 10)) else {
                    throw reader.malformed("a mark before the first sample")
                }
                marks.append(Annotation(sample: time, code: code, channel: channel, number: number))
            case 0: time += Int64(value)
            case 59: time += Int64(try reader.skip())
            case 60:
                number = Int8(truncatingIfNeeded: value)
                try reader.change(&marks) { $0.number = number }
            case 61: try reader.change(&marks) { $0.subtype = Int8(truncatingIfNeeded: value) }
            case 62:
                channel = UInt8(truncatingIfNeeded: value)
                try reader.change(&marks) { $0.channel = channel }
            case 63:
                let text = try reader.text(count: value)
                try reader.change(&marks) { $0.text = text }
            default: throw reader.malformed("code \(word >> 10) is none of the format's")
            }
        }
    }

    private static func takeResolution(
        from marks: inout [Annotation],
        path: String
    ) throws(RecordingError) -> Double? {
        guard let first = marks.first, first.code == .note, first.sample == 0,
            first.text.hasPrefix(resolution)
        else { return nil }
        guard let ticks = Double(first.text.dropFirst(resolution.count)), resolutions.contains(ticks)
        else {
            throw RecordingError(
                .malformed,
                path,
                "the time resolution \"\(first.text)\" is no rate from 0.001 to 1000000 ticks a second"
            )
        }
        marks.removeFirst()
        return ticks
    }

    /// The marks by sample; those of one sample stay in the order of the file.
    private static func bySample(_ marks: [Annotation]) -> [Annotation] {
        guard !zip(marks, marks.dropFirst()).allSatisfy({ $0.sample <= $1.sample }) else { return marks }
        let order = marks.indices.sorted { (marks[$0].sample, $0) < (marks[$1].sample, $1) }
        return order.map { marks[$0] }
    }

    // MARK: writing

    /// The file's bytes.
    ///
    /// Marks are written in the order of their samples; a text longer than 255 bytes is cut where its last whole
    /// character ends.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func put(_ code: UInt16, _ value: Int) {
            let word = code << 10 | UInt16(value & 0x3FF)
            bytes += [UInt8(word & 0xFF), UInt8(word >> 8)]
        }
        func put(text: String) {
            let text = AnnotationFile.bytes(of: text)
            put(63, text.count)
            bytes += text
            if !text.count.isMultiple(of: 2) { bytes.append(0) }
        }
        var time: Int64 = 0
        var channel: UInt8 = 0
        var number: Int8 = 0
        if let ticksPerSecond {
            put(22, 0)
            put(text: AnnotationFile.resolution + AnnotationFile.text(of: ticksPerSecond))
        }
        for mark in annotations.sorted(by: { $0.sample < $1.sample }) {
            while mark.sample - time > 0x3FF {
                let ticks = Int32(clamping: mark.sample - time)
                put(59, 0)
                for shift in [16, 24, 0, 8] { bytes.append(UInt8(truncatingIfNeeded: ticks >> Int32(shift))) }
                time += Int64(ticks)
            }
            put(UInt16(mark.code.rawValue), Int(mark.sample - time))
            time = mark.sample
            if mark.number != number { put(60, Int(mark.number)) }
            if mark.subtype != 0 { put(61, Int(mark.subtype)) }
            if mark.channel != channel { put(62, Int(mark.channel)) }
            if !mark.text.isEmpty { put(text: mark.text) }
            number = mark.number
            channel = mark.channel
        }
        put(0, 0)
        return bytes
    }

    /// At most 255 bytes of a text; half a character would make a reader take all of it for Latin-1.
    private static func bytes(of text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard bytes.count + UTF8.width(scalar) <= 255 else { break }
            bytes.append(contentsOf: String(scalar).utf8)
        }
        return bytes
    }

    private static func text(of ticks: Double) -> String {
        ticks == ticks.rounded() && ticks < 1e9 ? "\(Int64(ticks))" : "\(ticks)"
    }
}

/// Reads words and texts of an annotation file one after another.
private struct WordReader {
    let bytes: [UInt8]
    let path: String
    private var place = 0

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    mutating func word() throws(RecordingError) -> UInt16 {
        guard place + 2 <= bytes.count else {
            throw malformed("the file stops without its end word; fetch it anew")
        }
        defer { place += 2 }
        return UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
    }

    mutating func skip() throws(RecordingError) -> Int32 {
        let high = try word()
        let low = try word()
        return Int32(bitPattern: UInt32(high) << 16 | UInt32(low))
    }

    mutating func text(count: Int) throws(RecordingError) -> String {
        let padded = count + count % 2
        guard place + padded <= bytes.count else {
            throw malformed("a text of \(count) bytes goes beyond the file; fetch it anew")
        }
        defer { place += padded }
        let raw = bytes[place..<place + count].prefix { $0 != 0 }
        return String(validating: raw, as: UTF8.self)
            ?? String(String.UnicodeScalarView(raw.map { Unicode.Scalar($0) }))
    }

    func change(
        _ marks: inout [Annotation],
        _ body: (inout Annotation) -> Void
    ) throws(RecordingError) {
        guard let last = marks.indices.last else {
            throw malformed("a detail stands before the first mark; is it an annotation file in MIT format?")
        }
        body(&marks[last])
    }

    func malformed(_ reason: String) -> RecordingError {
        RecordingError(.malformed, path, "byte \(max(0, place - 2)): \(reason)")
    }
}
