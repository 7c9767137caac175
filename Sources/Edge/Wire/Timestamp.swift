/// Times as events write them: RFC 3339, UTC, milliseconds.

public import ECGSignal
private import Mathematics

/// `2026-01-02T03:04:05.678Z`: the millisecond in which `time` lies, for any time from 1677 to 2262.
public func timestamp(_ time: UTCNanoseconds) -> String {
    let (seconds, nanoseconds) = GregorianCalendar.dividedDown(time, by: 1_000_000_000)
    let (day, second) = GregorianCalendar.dividedDown(seconds, by: 86_400)
    let date = GregorianCalendar.date(daysSince1970: day)
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
        + padded(second / 3_600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2) + "."
        + padded(nanoseconds / 1_000_000, 3) + "Z"
}

/// `value` >= 0 with leading zeros.
func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
