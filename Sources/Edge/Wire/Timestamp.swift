/// Times as events write them: RFC 3339, UTC, milliseconds.

public import ECGSignal
private import Mathematics

/// `2026-01-02T03:04:05.678Z`: the millisecond in which `time` lies, for any time from 1677 to 2262.
public func timestamp(_ time: UTCNanoseconds) -> String {
    var writer = CanonicalWriter()
    writer.timestamp(time)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// The time that `2026-01-02T03:04:05.678Z` names; nil where a text has not that form.
///
/// Fractions of a second and the small letters of RFC 3339 may be there.
public func utcNanoseconds(ofTimestamp text: String) -> UTCNanoseconds? {
    let sides = text.uppercased().split(separator: "T", omittingEmptySubsequences: false)
    guard sides.count == 2, sides[1].hasSuffix("Z") else { return nil }
    let day = sides[0].split(separator: "-", omittingEmptySubsequences: false)
    let clock = sides[1].dropLast().split(separator: ":", omittingEmptySubsequences: false)
    guard day.count == 3, clock.count == 3, let year = Int64(day[0]), (1700...2200).contains(year),
        let month = Int64(day[1]), let date = Int64(day[2]), let hour = Int64(clock[0]),
        let minute = Int64(clock[1]), let second = Double(clock[2]), (0..<24).contains(hour),
        (0..<60).contains(minute), second >= 0, second < 60,
        let days = GregorianCalendar.daysSince1970(year: year, month: month, day: date)
    else { return nil }
    let whole = ((days * 24 + hour) * 60 + minute) * 60
    return whole * 1_000_000_000 + UTCNanoseconds((second * 1e9).rounded())
}

/// `value` >= 0 with leading zeros.
func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
