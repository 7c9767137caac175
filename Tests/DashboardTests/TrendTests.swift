import TestSupport
import Testing
import Wire

@testable import Dashboard

/// Vital signs of the last hours, a line a minute.
@Suite struct TrendTests {
    private func vitals(rate: Double?, qtc: Double? = nil) -> JSONObject {
        [
            "heart_rate": rate.map(JSONValue.number) ?? .null, "ectopic_per_min": .integer(2),
            "pr": .null, "qrs": .integer(96), "qtc_fridericia": qtc.map(JSONValue.number) ?? .null,
        ]
    }

    @Test func `a minute has the least, the mean and the greatest of its heart rates`() throws {
        var trend = Trend()
        for (second, rate) in [60.0, 61.5, nil, 90.0].enumerated() {
            trend.take(vitals(rate: rate, qtc: 400), at: Int64(second) * 1_000)
        }
        trend.take(vitals(rate: nil), at: 60_000)
        let object = trend.object(at: 61_000, utc: 1_000_061_000)
        #expect(object["since"] == .integer(1_000_000_000))
        let minutes = try #require(object["minutes"]?.array)
        #expect(
            minutes == [
                .array([
                    .integer(1_000_000_000), .number(60), .number(70.5), .number(90), .number(2), .null,
                    .number(96), .number(400),
                ]),
                .array([
                    .integer(1_000_060_000), .null, .null, .null, .number(2), .null, .number(96), .null,
                ]),
            ]
        )
    }

    @Test func `a minute in which nothing came has no line, and a day is kept`() {
        var trend = Trend()
        trend.take(vitals(rate: 70), at: 0)
        trend.take(vitals(rate: 71), at: 180_000)
        #expect(trend.minutes.map(\.number) == [0, 3])
        for minute in 4..<2_000 { trend.take(vitals(rate: 72), at: Int64(minute) * 60_000) }
        #expect(trend.minutes.count == Trend.minutesMax)
        #expect(trend.minutes.last?.number == 1_999 && trend.since == 0)
    }

    @Test
    func `minutes of the journal stand before and between those that were watched, and change none of them`()
    {
        var trend = Trend()
        trend.take(vitals(rate: 70), at: 130_000)
        trend.take(vitals(rate: 72), at: 310_000)
        for (rate, time) in [
            (50.0, -1), (51, -60_000), (52, -60_001), (99, 150_000), (53, 200_000), (98, -2),
        ] {
            trend.take(past: vitals(rate: rate), at: Int64(time))
        }
        trend.reach(back: -90_000)
        #expect(trend.minutes.map(\.number) == [-2, -1, 2, 3, 5])
        #expect(trend.minutes.map(\.rate.value) == [52, 50, 70, 53, 72])
        #expect(trend.since == -90_000)
        // What is older than a day finds no place.
        for minute in 6..<1_500 { trend.take(vitals(rate: 72), at: Int64(minute) * 60_000) }
        let before = trend.minutes.map(\.number)
        trend.take(past: vitals(rate: 40), at: -600_000)
        #expect(trend.minutes.map(\.number) == before && trend.minutes.count == Trend.minutesMax)
    }
}
