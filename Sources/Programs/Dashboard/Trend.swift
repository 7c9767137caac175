internal import Wire

/// A patient's vital signs of the last eight hours, a line for each minute in which one was known.
///
/// Minutes are those of the dashboard's own clock, so that a stream whose times jump changes nothing of what is kept.
struct Trend: Sendable {
    /// Minutes that are kept: eight hours, 60 kB a patient.
    static let minutesMax = 480

    /// The mean of what came in a minute.
    struct Mean: Sendable {
        private var sum = 0.0
        private var count = 0.0

        /// The mean; nil where nothing came.
        var value: Double? { count > 0 ? sum / count : nil }

        /// Takes a value; none changes nothing.
        mutating func take(_ value: Double?) {
            guard let value else { return }
            sum += value
            count += 1
        }
    }

    /// One minute.
    struct Minute: Sendable {
        /// Counts from the dashboard's begin.
        let number: Int64
        /// The least, the mean and the greatest heart rate, beats a minute.
        var rateLow: Double?
        var rate = Mean()
        var rateHigh: Double?
        /// Ectopic beats a minute.
        var ectopic = Mean()
        /// The PR interval in milliseconds.
        var pr = Mean()
        /// The duration of the QRS in milliseconds.
        var qrs = Mean()
        /// The QT interval in milliseconds, corrected by Fridericia's formula.
        var qtc = Mean()
    }

    private(set) var minutes: [Minute] = []
    /// When the first of them began to be kept; nil before it did.
    private(set) var since: Int64?

    /// Takes the data of vital signs that came `now`, in milliseconds of the dashboard's clock.
    mutating func take(_ vitals: JSONObject, at now: Int64) {
        if since == nil { since = now }
        let number = now / 60_000
        if minutes.last?.number != number {
            if minutes.count == Trend.minutesMax { minutes.removeFirst() }
            minutes.append(Minute(number: number))
        }
        let last = minutes.count - 1
        let rate = vitals["heart_rate"]?.real
        minutes[last].rate.take(rate)
        if let rate {
            minutes[last].rateLow = min(minutes[last].rateLow ?? rate, rate)
            minutes[last].rateHigh = max(minutes[last].rateHigh ?? rate, rate)
        }
        minutes[last].ectopic.take(vitals["ectopic_per_min"]?.real)
        minutes[last].pr.take(vitals["pr"]?.real)
        minutes[last].qrs.take(vitals["qrs"]?.real)
        minutes[last].qtc.take(vitals["qtc_fridericia"]?.real)
    }

    /// What the page reads; `utc` is the wall clock at `now`, both in milliseconds.
    ///
    /// A minute is `[begin, rate least, mean, greatest, ectopic, PR, QRS, QTc]`, each null where it was not known.
    func object(at now: Int64, utc: Int64) -> JSONObject {
        func value(_ value: Double?) -> JSONValue { value.map { .decimal($0, places: 1) } ?? .null }
        return [
            "utc": .integer(utc), "since": .integerOrNull(since.map { utc - (now - $0) }),
            "minutes_max": .integer(Int64(Trend.minutesMax)),
            "minutes": .array(
                minutes.map { minute in
                    .array([
                        .integer(utc - (now - minute.number * 60_000)), value(minute.rateLow),
                        value(minute.rate.value), value(minute.rateHigh), value(minute.ectopic.value),
                        value(minute.pr.value), value(minute.qrs.value), value(minute.qtc.value),
                    ])
                }
            ),
        ]
    }
}
