import ECGSignal
import Findings
import Testing

@testable import Delineation

/// When a QT interval is long beyond doubt, second by second.
@Suite struct LongQTTests {
    private func signs(_ second: Int64, qt: Double?, qrs: Double = 90, interval: Double = 1_000) -> VitalSigns
    {
        let reading = qt.map { VitalSigns.Reading.value($0) } ?? .unknown(.unclear)
        return VitalSigns(
            second: second,
            heartRate: .value(60_000 / interval),
            interval: .value(interval),
            ectopicPerMinute: .value(0),
            beats: 10,
            waves: WaveIntervals(pr: .unknown(.unclear), qrs: .value(qrs), qt: reading, beats: 8)
        )
    }

    @Test func `QTc is QT over the root of the interval in seconds`() throws {
        let fast = signs(1, qt: 300, interval: 512)
        #expect(abs(try #require(fast.fridericia.value) - 375) < 1e-9)
        #expect(abs(try #require(fast.bazett.value) - 300 / 0.512.squareRoot()) < 1e-9)
        #expect(signs(1, qt: nil).bazett == .unknown(.unclear))
    }

    @Test func `it begins above 500 ms, ends at 490 ms, and says where and with which figure`() {
        var watch = LongQT()
        #expect(watch.take(signs(1, qt: 500)) == nil)
        let begun = Observation.Finding(
            "prolonged_qt",
            holds: true,
            since: 999,
            figure: Figure(501, .milliseconds)
        )
        #expect(watch.take(signs(2, qt: 501)) == begun)
        #expect(watch.take(signs(3, qt: 495)) == nil && watch.holds)
        let over = Observation.Finding(
            "prolonged_qt",
            holds: false,
            since: 1_999,
            figure: Figure(490, .milliseconds)
        )
        #expect(watch.take(signs(4, qt: 490)) == over)
    }

    @Test func `a wide QRS makes QT long by itself and is no finding`() {
        var watch = LongQT()
        #expect(watch.take(signs(1, qt: 560, qrs: 120)) == nil)
        #expect(watch.take(signs(2, qt: 560, qrs: 119)) != nil)
        #expect(watch.take(signs(3, qt: 560, qrs: 124))?.holds == false)
    }

    @Test func `seconds without a QT change nothing until there are ten of them`() {
        var watch = LongQT()
        _ = watch.take(signs(1, qt: 540))
        for second in 2...10 { #expect(watch.take(signs(Int64(second), qt: nil)) == nil) }
        #expect(watch.take(signs(11, qt: nil))?.holds == false)
        #expect(watch.take(signs(12, qt: nil)) == nil)
    }
}
