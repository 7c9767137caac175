import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Rhythm

/// Vital signs, once a second, of made hearts whose beats are known.
@Suite struct VitalSignsTests {
    private func vitals(_ values: [Float], cut: Int = 128) -> [VitalSigns] {
        var lane = RhythmLane()
        var output = RhythmLane.Output()
        for from in stride(from: 0, to: values.count, by: cut) {
            lane.take(rows([.ii: values], from..<min(from + cut, values.count)), into: &output)
        }
        return output.vitals
    }

    @Test(arguments: [40.0, 72, 110, 180])
    func `a steady heart has its rate, every second, from the tenth on`(
        rate: Double
    ) throws {
        var ecg = MadeECG(seconds: 30, noiseMillivolts: 0.01, seed: 3)
        ecg.addRhythm(from: 0, to: 30, rate: rate)
        let told = vitals(ecg.values)
        #expect(told.map(\.second) == (1...30).map(Int64.init))
        for signs in told where signs.second >= 12 {
            let found = try #require(signs.heartRate.value, "\(signs)")
            #expect(abs(found - rate) <= max(2, 0.02 * rate), "\(signs)")
            let interval = try #require(signs.interval.value)
            #expect(abs(60_000 / interval - found) < 1e-6)
            #expect(abs(Double(signs.beats) - rate / 6) <= 1.5, "\(signs)")
            #expect(signs.ectopicPerMinute == .unknown(.starting))
        }
    }

    @Test func `the rate rests on the last ten seconds alone, and none is told of a heart that stands still`()
    {
        var ecg = MadeECG(seconds: 40, seed: 4)
        ecg.addRhythm(from: 0, to: 15, rate: 60)
        ecg.addRhythm(from: 15, to: 30, rate: 120)
        let told = vitals(ecg.values)
        for signs in told where (27...29).contains(signs.second) {
            #expect(signs.heartRate.value.map { abs($0 - 120) < 3 } == true, "\(signs)")
        }
        for signs in told where signs.second >= 35 {
            #expect(signs.heartRate == .unknown(.noBeats) && signs.interval == .unknown(.noBeats), "\(signs)")
        }
    }

    @Test func `a gap is told as no signal, then nothing until samples come again`() {
        var ecg = MadeECG(seconds: 40, seed: 5)
        ecg.addRhythm(from: 0, to: 40, rate: 72)
        var values = ecg.values
        for index in 5_000..<12_500 { values[index] = .nan }
        let told = vitals(values)
        // Up to two seconds of missing samples are bridged by what is known.
        #expect(told.filter { $0.heartRate == .unknown(.noSignal) }.map(\.second) == [13, 14])
        #expect(!told.contains { (16...24).contains($0.second) })
        #expect(told.first { $0.second == 26 }?.heartRate == .unknown(.starting))
        #expect(told.last?.heartRate.value.map { abs($0 - 72) < 2 } == true)
    }

    @Test func `ectopic beats of the last minute are counted once that long was seen`() {
        var counter = BeatCounter()
        var told: [VitalSigns] = []
        for second in 0..<200 {
            for half in 0..<2 {
                let place = 500 * second + 250 * half
                counter.take(beatAt: place)
                // One beat in ten is ventricular until second 100: twelve a minute.
                let isEctopic = second < 100 && (2 * second + half).isMultiple(of: 10)
                counter.take(isEctopic ? .ventricular : .normal, at: place)
            }
            told.append(
                counter.tell(
                    after: 500 * second + 499,
                    isInterrupted: false,
                    isFibrillating: false,
                    isNoisy: false
                )
            )
        }
        #expect(told[30].ectopicPerMinute == .unknown(.starting))
        #expect(told[61...99].allSatisfy { $0.ectopicPerMinute == .value(12) })
        #expect(told[130].ectopicPerMinute == .value(5))
        #expect(told[160...].allSatisfy { $0.ectopicPerMinute == .value(0) })
        #expect(told[50].heartRate == .value(120) && told[50].beats == 20)
    }

    @Test func `fibrillation has no rate, and counting begins anew after it`() {
        var counter = BeatCounter()
        for place in stride(from: 0, to: 5_000, by: 400) { counter.take(beatAt: place) }
        #expect(
            counter.tell(after: 4_999, isInterrupted: false, isFibrillating: false, isNoisy: false).heartRate
                == .value(75)
        )
        counter.restart()
        let during = counter.tell(after: 5_499, isInterrupted: false, isFibrillating: true, isNoisy: false)
        #expect(during.heartRate == .unknown(.fibrillation) && during.beats == 0)
        let after = counter.tell(after: 5_999, isInterrupted: false, isFibrillating: false, isNoisy: false)
        #expect(after.heartRate == .unknown(.starting))
    }
}
