/// Times as events write them: RFC 3339, UTC, milliseconds.

public import ECGSignal

/// `2026-01-02T03:04:05.678Z`: the millisecond in which `time` lies, for any time from 1677 to 2262.
public func timestamp(_ time: UTCNanoseconds) -> String {
    let (seconds, nanoseconds) = dividedDown(time, by: 1_000_000_000)
    let (day, second) = dividedDown(seconds, by: 86_400)
    let date = civilDate(daysSince1970: day)
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
        + padded(second / 3_600, 2) + ":" + padded(second / 60 % 60, 2) + ":" + padded(second % 60, 2) + "."
        + padded(nanoseconds / 1_000_000, 3) + "Z"
}

/// Year, month and day of the Gregorian calendar.
///
/// Counted from 0000-03-01, so that the leap day is a year's last: 400 years have 146,097 days, and the months
/// from March on begin at day (153 m + 2) / 5 of such a year.
private func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = dividedDown(daysSince1970 + 719_468, by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
        era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
}

private func dividedDown(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

/// `value` >= 0 with leading zeros.
func padded(_ value: some BinaryInteger, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
