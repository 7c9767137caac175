/// Canonical JSON written piece by piece into memory that is kept from text to text.
///
/// A tree of JSON values takes memory for each of its members; an event is written for every window, so it is written
/// here without one. Whoever writes an object gives its members in canonical order, which for plain names is the order
/// of their bytes; a test compares every form with the sorted tree.

internal import ECGSignal
private import Mathematics

/// Writes one canonical JSON text (RFC 8785) after another; once its memory has grown it asks for no more.
struct CanonicalWriter: Sendable {
    /// The text so far.
    private(set) var bytes: [UInt8] = []
    /// Whether a comma goes before the next value.
    private var needsComma = false

    /// Begins a new text.
    mutating func clear() {
        bytes.removeAll(keepingCapacity: true)
        needsComma = false
    }

    // MARK: what holds others

    /// Writes an object whose members `body` writes, in canonical order.
    mutating func object(_ body: (inout CanonicalWriter) -> Void) {
        enclosed(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array whose values `body` writes.
    mutating func array(_ body: (inout CanonicalWriter) -> Void) {
        enclosed(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    private mutating func enclosed(
        _ opening: UInt8,
        _ closing: UInt8,
        _ body: (inout CanonicalWriter) -> Void
    ) {
        separate()
        bytes.append(opening)
        needsComma = false
        body(&self)
        bytes.append(closing)
        needsComma = true
    }

    /// Writes the name of the member whose value comes next.
    mutating func name(_ name: String) {
        string(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: values

    /// Writes a text.
    mutating func string(_ text: String) { quoted { $0.escaped(text) } }

    /// Writes a text, or null where there is none.
    mutating func string(_ text: String?) { if let text { string(text) } else { null() } }

    /// Writes a text that `body` writes in pieces.
    mutating func quoted(_ body: (inout CanonicalWriter) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        body(&self)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a whole number.
    mutating func integer(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(value.magnitude)
    }

    /// Writes a whole number, or null where there is none.
    mutating func integer(_ value: Int64?) { if let value { integer(value) } else { null() } }

    /// Writes `value` rounded to so many decimals, as `JSONValue.decimal` rounds it; null where it is no finite number.
    mutating func decimal(_ value: Double, places: Int) {
        separate()
        guard value.isFinite else { return plain("null") }
        let rounding = DecimalRounding(value, places: places)
        // Beyond 15 digits a Double has shorter forms than that of the decimal it is nearest to.
        guard let whole = rounding.whole, whole < 1_000_000_000_000_000 else {
            return plain(ecmaScriptText(of: rounding.value))
        }
        guard whole > 0 else { return bytes.append(UInt8(ascii: "0")) }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        digits(whole / rounding.scale)
        var fraction = whole % rounding.scale
        var width = rounding.places
        guard fraction > 0 else { return }
        while fraction.isMultiple(of: 10) {
            fraction /= 10
            width -= 1
        }
        bytes.append(UInt8(ascii: "."))
        digits(fraction, atLeast: width)
    }

    /// Writes a decimal, or null where there is none.
    mutating func decimal(_ value: Double?, places: Int) {
        if let value { decimal(value, places: places) } else { null() }
    }

    /// Writes a number as ECMAScript does; null where it is not finite.
    mutating func number(_ value: Double) {
        separate()
        plain(ecmaScriptText(of: value))
    }

    /// Writes true or false.
    mutating func bool(_ isTrue: Bool) {
        separate()
        plain(isTrue ? "true" : "false")
    }

    /// Writes null.
    mutating func null() {
        separate()
        plain("null")
    }

    /// Writes the time as `timestamp` writes it, as a text.
    mutating func time(_ time: UTCNanoseconds) { quoted { $0.timestamp(time) } }

    // MARK: pieces of a text

    /// Appends text that needs no escape.
    mutating func plain(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends text as it stands between quotes (RFC 8785, 3.2.2.2): seven short escapes, \u00xx for the other
    /// controls, everything else as it is.
    mutating func escaped(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): plain("\\\"")
            case UInt8(ascii: "\\"): plain("\\\\")
            case 8: plain("\\b")
            case 9: plain("\\t")
            case 10: plain("\\n")
            case 12: plain("\\f")
            case 13: plain("\\r")
            case 0..<32:
                plain("\\u00")
                hexadecimal(byte)
            default: bytes.append(byte)
            }
        }
    }

    /// Appends a whole number with leading zeros up to so many digits, at most 19.
    mutating func digits(_ value: UInt64, atLeast width: Int = 1) {
        var divisor: UInt64 = 1
        var count = 1
        while count < width || value / divisor >= 10 {
            divisor *= 10
            count += 1
        }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// Appends a byte as two lower-case hex digits.
    mutating func hexadecimal(_ byte: UInt8) {
        hexadecimalDigit(byte >> 4)
        hexadecimalDigit(byte & 15)
    }

    private mutating func hexadecimalDigit(_ digit: UInt8) {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }

    /// Appends `2026-01-02T03:04:05.678Z`: the millisecond in which `time` lies, for any time from 1677 to 2262.
    mutating func timestamp(_ time: UTCNanoseconds) {
        let (seconds, nanoseconds) = GregorianCalendar.dividedDown(time, by: 1_000_000_000)
        let (day, second) = GregorianCalendar.dividedDown(seconds, by: 86_400)
        let date = GregorianCalendar.date(daysSince1970: day)
        number(date.year, 4, "-")
        number(date.month, 2, "-")
        number(date.day, 2, "T")
        number(second / 3_600, 2, ":")
        number(second / 60 % 60, 2, ":")
        number(second % 60, 2, ".")
        number(nanoseconds / 1_000_000, 3, "Z")
    }

    private mutating func number(_ value: some BinaryInteger, _ width: Int, _ end: Unicode.Scalar) {
        digits(UInt64(value), atLeast: width)
        bytes.append(UInt8(ascii: end))
    }
}
