/// One signal line of a header: where the samples are, and what a unit of them means.

extension WFDBHeader.Signal {
    /// Reads a line's fields; `number` counts signals from 1.
    init(fields: [Substring], number: Int, at place: HeaderPlace) throws(RecordingError) {
        self.init()
        line = place.line
        // A record that only lays out its segments' signals names no file.
        file = try fields[0] == "~" ? "~" : place.neighbour(fields[0], "signal file")
        guard fields.count >= 2 else { throw place.malformed("signal \(number) has no format") }
        try readFormat(fields[1], at: place)
        let zero =
            fields.count > 4
            ? try place.integer(
                fields[4],
                "ADC zero",
                in: -RecordingLimits.baselineMax...RecordingLimits.baselineMax
            ) : 0
        if fields.count > 3 { _ = try place.integer(fields[3], "ADC resolution", in: 0...32) }
        calibration.baseline = Int32(zero)
        if fields.count > 2 { try readGain(fields[2], at: place) }
        if fields.count > 5 {
            firstValue = Int32(try place.integer(fields[5], "first value", in: -1 << 31...1 << 31 - 1))
        }
        if fields.count > 6 {
            // Written signed or unsigned; only its 16 bits count.
            checksum = UInt16(
                truncatingIfNeeded: try place.integer(fields[6], "checksum", in: -32_768...65_535)
            )
        }
        if fields.count > 7 { blockSize = try place.integer(fields[7], "block size", in: 0...1 << 31) }
        name = fields.count > 8 ? fields[8...].joined(separator: " ") : "signal \(number)"
    }

    /// Reads the format field, `FORMAT[xFRAME][:SKEW][+OFFSET]`.
    private mutating func readFormat(_ field: Substring, at place: HeaderPlace) throws(RecordingError) {
        var rest = field
        func number(_ what: String, in limits: ClosedRange<Int>) throws(RecordingError) -> Int {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return try place.integer(digits, what, in: limits)
        }
        let code = try number("format", in: 0...1 << 31)
        guard let known = WFDBHeader.Signal.format(code, file: file) else {
            let hint =
                [508, 516, 524].contains(code)
                ? "it is compressed by FLAC; write the record anew in format 16, 24 or 212, for example with xform or "
                    + "wfdb's wrsamp"
                : "the formats are \(SignalFormat.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")); convert the "
                    + "record to format 16"
            throw place.unsupported("signal format \(code) is not read: \(hint)")
        }
        format = known
        if rest.first == "x" {
            rest = rest.dropFirst()
            samplesPerFrame = try number("samples per frame", in: 1...RecordingLimits.samplesPerFrameMax)
        }
        if rest.first == ":" {
            rest = rest.dropFirst()
            skewFrames = try number("skew", in: 0...RecordingLimits.skewFramesMax)
        }
        if rest.first == "+" {
            rest = rest.dropFirst()
            byteOffset = try number("byte offset", in: 0...1 << 31)
        }
        guard rest.isEmpty else {
            throw place.malformed("format \(quoted(field)) has the unknown ending \(quoted(rest))")
        }
    }

    /// The format of that number; a signal without a file, which a layout has, may state any and often states 0.
    private static func format(_ code: Int, file: String) -> SignalFormat? {
        SignalFormat(rawValue: code) ?? (file == "~" ? .little16 : nil)
    }

    /// `GAIN[(BASELINE)][/UNITS]`; gain 0 means not calibrated, for which WFDB takes 200 per mV.
    private mutating func readGain(_ field: Substring, at place: HeaderPlace) throws(RecordingError) {
        let number = field.prefix { $0 != "(" && $0 != "/" }
        var rest = field.dropFirst(number.count)
        if rest.first == "(" {
            let inside = rest.dropFirst().prefix { $0 != ")" }
            rest = rest.dropFirst(1 + inside.count)
            guard rest.first == ")" else {
                throw place.malformed("gain \(quoted(field)): a closing bracket is missing")
            }
            rest = rest.dropFirst()
            let limits = -RecordingLimits.baselineMax...RecordingLimits.baselineMax
            calibration.baseline = Int32(try place.integer(inside, "baseline", in: limits))
        }
        if rest.first == "/" {
            calibration.unit = PhysicalUnit(String(rest.dropFirst()))
            rest = ""
        }
        guard rest.isEmpty, let value = Double(number), value.isFinite else {
            throw place.malformed(
                "gain \(quoted(field)) is not a number with an optional (baseline) and /unit"
            )
        }
        isCalibrated = value != 0
        calibration.gain = isCalibrated ? value : 200
    }
}
