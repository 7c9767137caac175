/// One signal line of a header: where the samples are, and what a unit of them means.
internal import ECGSignal

extension WFDBHeader.Signal {
    /// Reads a line's fields; `number` counts signals from 1.
    init(fields: [Substring], number: Int, at place: HeaderPlace) throws(RecordingError) {
        self.init()
        line = place.line
        file = String(fields[0])
        guard file != "-", file != "~", !file.contains("/"), !file.hasPrefix("..") else {
            throw place.unsupported(
                "signal file \"\(file)\" does not lie beside the header; name a file without a path"
            )
        }
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
        baseline = Int32(zero)
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
        if fields.count > 7, try place.integer(fields[7], "block size", in: 0...1 << 31) != 0 {
            throw place.unsupported("block size \(fields[7]): only ordinary files, block size 0, are read")
        }
        name = fields.count > 8 ? fields[8...].joined(separator: " ") : "signal \(number)"
    }

    /// `FORMAT[xFRAME][:SKEW][+OFFSET]`.
    private mutating func readFormat(_ field: Substring, at place: HeaderPlace) throws(RecordingError) {
        var rest = field
        func number(_ what: String) throws(RecordingError) -> Int {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            return try place.integer(digits, what, in: 0...1 << 31)
        }
        let code = try number("format")
        guard let format = WFDBHeader.Format(rawValue: code) else {
            throw place.unsupported(
                "signal format \(code) is not read; convert the record to format 16 or 212"
            )
        }
        self.format = format
        if rest.first == "x" {
            rest = rest.dropFirst()
            let frame = try number("samples per frame")
            guard frame == 1 else {
                throw place.unsupported("\(frame) samples per frame; write the signals at one rate")
            }
        }
        if rest.first == ":" {
            rest = rest.dropFirst()
            let skew = try number("skew")
            guard skew == 0 else {
                throw place.unsupported(
                    "a skew of \(skew) samples between signals; write the record without skew"
                )
            }
        }
        if rest.first == "+" {
            rest = rest.dropFirst()
            byteOffset = try number("byte offset")
        }
        guard rest.isEmpty else {
            throw place.malformed("format \"\(field)\" has the unknown ending \"\(rest)\"")
        }
    }

    /// `GAIN[(BASELINE)][/UNITS]`; gain 0 means not calibrated, for which WFDB takes 200 per mV.
    private mutating func readGain(_ field: Substring, at place: HeaderPlace) throws(RecordingError) {
        let number = field.prefix { $0 != "(" && $0 != "/" }
        var rest = field.dropFirst(number.count)
        if rest.first == "(" {
            let inside = rest.dropFirst().prefix { $0 != ")" }
            rest = rest.dropFirst(1 + inside.count)
            guard rest.first == ")" else {
                throw place.malformed("gain \"\(field)\": a closing bracket is missing")
            }
            rest = rest.dropFirst()
            let limits = -RecordingLimits.baselineMax...RecordingLimits.baselineMax
            baseline = Int32(try place.integer(inside, "baseline", in: limits))
        }
        var nanovoltsPerPhysicalUnit = 1e6
        if rest.first == "/" {
            let units = rest.dropFirst()
            switch units.lowercased() {
            case "mv": nanovoltsPerPhysicalUnit = 1e6
            case "uv", "\u{B5}v", "\u{3BC}v": nanovoltsPerPhysicalUnit = 1e3
            case "v": nanovoltsPerPhysicalUnit = 1e9
            default: throw place.unsupported("unit \"\(units)\" is no voltage; only mV, uV and V are read")
            }
            rest = ""
        }
        guard rest.isEmpty, let value = Double(number), value.isFinite else {
            throw place.malformed("gain \"\(field)\" is not a number with an optional (baseline) and /unit")
        }
        nanovoltsPerUnit = nanovoltsPerPhysicalUnit / (value == 0 ? 200 : value)
        guard nanovoltsPerUnit > 0, nanovoltsPerUnit <= RecordingLimits.nanovoltsPerUnitMax else {
            throw place.unsupported(
                "gain \"\(field)\": a unit of \(nanovoltsPerUnit) nV is not within 0 ... 1e6 nV"
            )
        }
    }
}
