/// The base time of a header as UTC: WFDB states no zone, so the numbers are taken as they stand.
internal import ECGSignal
private import Mathematics

/// `HH:MM:SS[.fraction]` on the day `DD/MM/YYYY`; no usable date: on 1970-01-01, no usable time: nil.
func wfdbBaseTime(_ time: Substring, date: Substring?) -> UTCNanoseconds? {
    let parts = time.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hour = smallNumber(parts[0], in: 0...23),
        let minute = smallNumber(parts[1], in: 0...59)
    else { return nil }
    let seconds = parts[2].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let second = smallNumber(seconds[0], in: 0...59) else { return nil }
    var fraction: Int64 = 0
    if seconds.count > 1 {
        let digits = seconds[1].prefix(9)
        guard let value = smallNumber(digits, in: 0...999_999_999) else { return nil }
        fraction = (digits.count..<9).reduce(value) { scaled, _ in scaled * 10 }
    }
    let day = date.flatMap(daysSince1970(_:)) ?? 0
    return ((day * 24 + hour) * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction
}

/// Days from 1970-01-01 to `DD/MM/YYYY` in the Gregorian calendar, 1700 to 2200; nil where it is no such day.
private func daysSince1970(_ date: Substring) -> Int64? {
    let parts = date.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let day = smallNumber(parts[0], in: 1...31),
        let month = smallNumber(parts[1], in: 1...12),
        let year = smallNumber(parts[2], in: 1_700...2_200)
    else { return nil }
    return GregorianCalendar.daysSince1970(year: year, month: month, day: day)
}

/// ASCII digits only, at most nine, within `limits`.
private func smallNumber(_ text: Substring, in limits: ClosedRange<Int64>) -> Int64? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = Int64(text), limits.contains(value)
    else { return nil }
    return value
}
