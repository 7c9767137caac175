import ECGSignal
import Testing

@testable import Conditioning

/// What a stream holds is what it needs, not what it once needed.
@Suite struct RoomTests {
    @Test func `room that the first seconds took at once is given back, and no value is lost`() throws {
        var values = BandValues()
        var filter = EncoderBand()
        var same = EncoderBand()
        let samples = (0..<21_000).map { Float($0 % 97) }
        values.begin(at: 0)
        values.append(Array(samples[..<1_000]), through: &filter)
        for start in stride(from: 1_000, to: samples.count, by: 100) {
            values.append(Array(samples[start..<start + 100]), through: &filter)
            values.forget(below: values.end - 20, isRunning: true)
        }
        let held = try #require(values.segments.first)
        #expect(held.values.capacity < 200)
        same.restart(at: samples[0])
        let expected = samples.map { same.filter($0) }
        #expect(values.end == 21_000 && held.values == Array(expected.suffix(20)))
    }

    @Test func `an array that has to grow grows by an eighth`() {
        var values = [Float](repeating: 0, count: 1_000)
        values.makeRoom(for: values.capacity - 999)
        #expect((1_125..<1_200).contains(values.capacity))
        let before = values.capacity
        values.makeRoom(for: 100)
        #expect(values.capacity == before)
    }
}
