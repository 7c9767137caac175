/// The base time of a header as UTC: WFDB states no zone, so the numbers are taken as they stand.
///
/// header(5) has `HH:MM:SS[.fraction]`, also `MM:SS` and `SS`, and a date `DD/MM/YYYY` after it. Met as well: ISO 8601,
/// as `YYYY-MM-DD HH:MM:SS`, `HH:MM:SS YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ`.
internal import ECGSignal
private import Mathematics

struct WFDBBaseTime {
    /// Nil where no usable time or date was given; on 1970-01-01 where only the time of day is usable.
    private(set) var instant: UTCNanoseconds?
    private(set) var remarks: [RecordingRemark] = []

    /// Reads the fields of a record line after the number of samples; those after the second are ignored.
    init(fields: ArraySlice<Substring>) {
        var words: [Substring] = Array(fields.prefix(2))
        if let first = words.first, let mark = first.firstIndex(where: { $0 == "T" || $0 == "t" }) {
            words = [first[..<mark], first[first.index(after: mark)...]]
        }
        guard let first = words.first else { return }
        if isDateLike(first), words.count < 2 || !isDateLike(words[1]) { words.reverse() }
        let isDateAlone = words.count == 1 && isDateLike(words[0])
        let time = isDateAlone ? nil : words[0]
        let date = isDateAlone ? words[0] : words.count == 2 ? words[1] : nil
        let day = date.flatMap(daysSince1970(_:))
        if let date, day == nil { remarks.append(.dateUnusable(String(date))) }
        guard let time else {
            instant = day.map { $0 * 86_400_000_000_000 }
            return
        }
        guard let nanoseconds = timeOfDay(time) else {
            remarks.append(.timeUnusable(String(time)))
            return
        }
        if date == nil { remarks.append(.dateMissing) }
        instant = (day ?? 0) * 86_400_000_000_000 + nanoseconds
    }
}

/// Whether a word has the separators of a date and not those of a time.
private func isDateLike(_ word: Substring) -> Bool {
    !word.contains(":") && (word.contains("/") || word.contains("-") && word.first != "-")
}

/// `HH:MM:SS[.fraction]`, `MM:SS` or `SS` in nanoseconds since midnight; a `Z` after it is ignored.
private func timeOfDay(_ word: Substring) -> Int64? {
    let text = word.last == "Z" || word.last == "z" ? word.dropLast() : word
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else { return nil }
    let seconds = parts[parts.count - 1].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let second = smallNumber(seconds[0], in: 0...59),
        let minute = parts.count > 1 ? smallNumber(parts[parts.count - 2], in: 0...59) : 0,
        let hour = parts.count > 2 ? smallNumber(parts[0], in: 0...23) : 0
    else { return nil }
    var fraction: Int64 = 0
    if seconds.count > 1 {
        let digits = seconds[1].prefix(9)
        guard let value = smallNumber(digits, in: 0...999_999_999) else { return nil }
        fraction = (digits.utf8.count..<9).reduce(value) { scaled, _ in scaled * 10 }
    }
    return (hour * 60 + minute) * 60_000_000_000 + second * 1_000_000_000 + fraction
}

/// Days from 1970-01-01 to `DD/MM/YYYY` or `YYYY-MM-DD` in the Gregorian calendar, 1700 to 2200; nil for no such day.
private func daysSince1970(_ date: Substring) -> Int64? {
    var parts = date.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 1 {
        parts = date.split(separator: "-", omittingEmptySubsequences: false).reversed()
        guard parts.last?.utf8.count == 4 else { return nil }
    }
    guard parts.count == 3, let day = smallNumber(parts[0], in: 1...31),
        let month = smallNumber(parts[1], in: 1...12),
        let year = smallNumber(parts[2], in: 1_700...2_200)
    else { return nil }
    return GregorianCalendar.daysSince1970(year: year, month: month, day: day)
}

/// The value of ASCII digits alone, at most nine, within `limits`.
private func smallNumber(_ text: Substring, in limits: ClosedRange<Int64>) -> Int64? {
    guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let value = Int64(text), limits.contains(value)
    else { return nil }
    return value
}
