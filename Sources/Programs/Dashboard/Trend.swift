internal import Mathematics
internal import Wire

/// A patient's vital signs of the last day, a line for each minute in which one was known.
///
/// Minutes are those of the dashboard's own clock, so that a stream whose times jump changes nothing of what is kept.
struct Trend: Sendable {
    /// Minutes that are kept: a day, 200 kB a patient.
    static let minutesMax = 1_440

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
        /// Counts from the dashboard's begin; less than 0 for what was before.
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

        init(number: Int64) { self.number = number }

        /// Takes the data of vital signs.
        mutating func take(_ vitals: JSONObject) {
            let rate = vitals["heart_rate"]?.real
            self.rate.take(rate)
            if let rate {
                rateLow = min(rateLow ?? rate, rate)
                rateHigh = max(rateHigh ?? rate, rate)
            }
            ectopic.take(vitals["ectopic_per_min"]?.real)
            pr.take(vitals["pr"]?.real)
            qrs.take(vitals["qrs"]?.real)
            qtc.take(vitals["qtc_fridericia"]?.real)
        }
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
        minutes[minutes.count - 1].take(vitals)
    }

    /// Takes the data of vital signs that were at `time`, which the journal told: a minute that was watched stays as it is.
    mutating func take(past vitals: JSONObject, at time: Int64) {
        let number = GregorianCalendar.dividedDown(time, by: 60_000).quotient
        let place = minutes.firstIndex { $0.number >= number } ?? minutes.count
        guard place == minutes.count || minutes[place].number != number,
            minutes.count < Trend.minutesMax || place > 0
        else { return }
        var minute = Minute(number: number)
        minute.take(vitals)
        minutes.insert(minute, at: place)
        if minutes.count > Trend.minutesMax { minutes.removeFirst() }
    }

    /// What is kept reaches back to that time: where there is no minute, nothing was measured.
    mutating func reach(back time: Int64) { since = min(since ?? time, time) }

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
