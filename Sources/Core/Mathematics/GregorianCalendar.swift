/// The Gregorian calendar, extended over all years: days since 1970-01-01 and dates, both ways.
public enum GregorianCalendar {
    /// A day of the calendar.
    public struct Date: Sendable, Hashable {
        /// The year of the common era.
        public let year: Int64
        /// 1 to 12.
        public let month: Int64
        /// 1 to 31.
        public let day: Int64
    }

    /// The date that lies `days` days after 1970-01-01.
    ///
    /// Years are counted from 0000-03-01, so that the leap day is a year's last: 400 years have 146,097 days, and the
    /// months from March on begin at day (153 m + 2) / 5 of such a year.
    public static func date(daysSince1970 days: Int64) -> Date {
        let (era, dayOfEra) = dividedDown(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return Date(
            year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        )
    }

    /// The days from 1970-01-01 to a date; nil where the calendar has no such day.
    public static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard (1...12).contains(month), (1...31).contains(day), (-100_000...100_000).contains(year) else {
            return nil
        }
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = dividedDown(yearFromMarch, by: 400)
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        // A day beyond its month's end would be a day of the next month.
        return date(daysSince1970: days) == Date(year: year, month: month, day: day) ? days : nil
    }

    /// Quotient and remainder of a division that rounds down; the remainder is never negative.
    public static func dividedDown(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
