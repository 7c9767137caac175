import ECGSignal
import Recordings
import Testing

@testable import Gateway

@Suite struct ReplayOptionsTests {
    @Test func `a gap is read to the millisecond`() throws {
        let all = try ReplayGap("3.5:2")
        #expect(all.start == StreamTime(units: 7, unitsPerSecond: 2))
        #expect(all.end == StreamTime(units: 11, unitsPerSecond: 2))
        #expect(all.leads == nil)
        let some = try ReplayGap("10:0.25:V1,avr")
        #expect(some.end == StreamTime(units: 10_250, unitsPerSecond: 1_000))
        #expect(some.leads == [.v1, .aVR])
    }

    @Test(arguments: [
        "", "3", "3:", ":2", "3:0", "-1:2", "3:2:", "3:2:V1,", "3:2:Q", "3:2:I:II", "3.0001:2", "1e3:1",
        "x:1",
        "3:1234567890", "3. :1", "+3:1", "nan:1",
    ]) func `what is no gap is refused with an example`(text: String) {
        #expect(throws: ReplayError.self) { try ReplayGap(text) }
    }

    @Test func `a rate is read as whole, decimal or fraction`() {
        #expect(SampleRate(text: "130") == SampleRate(130))
        #expect(SampleRate(text: "512.617") == SampleRate(512_617, over: 1_000))
        #expect(SampleRate(text: "65615/128") == SampleRate(65_615, over: 128))
        for text in [
            "", "99", "2001", "0/0", "500/0", "500/", "1/2/3", "abc", "-130", "130.1234", "500/1001",
        ] {
            #expect(SampleRate(text: text) == nil, "\(text)")
        }
    }

    @Test func `wrong options are refused and say what to give`() throws {
        let stream = RecordedStream.of(count: 1_000)
        func refusal(_ patients: [String], _ change: (inout ReplayOptions) throws -> Void) throws -> String? {
            var options = ReplayOptions()
            try change(&options)
            do throws(ReplayError) {
                _ = try ReplayPlan(
                    [stream],
                    patients: patients,
                    epochs: patients.map { _ in 1 },
                    options: options
                )
                return nil
            } catch {
                #expect(error.kind == .usage)
                return error.description
            }
        }
        #expect(try refusal(["a"]) { _ in } == nil)
        #expect(try refusal([]) { _ in }?.contains("at least one patient") == true)
        #expect(try refusal(["a", "a"]) { _ in }?.contains("twice") == true)
        #expect(try refusal(["a/b"]) { _ in }?.contains("a/b") == true)
        #expect(try refusal(["a"]) { $0.chunkMilliseconds = 0 }?.contains("1 to 1000") == true)
        #expect(try refusal(["a"]) { $0.chunkMilliseconds = 1_001 }?.contains("1001") == true)
        #expect(try refusal(["a"]) { $0.gaps = [try ReplayGap("0:2")] }?.contains("nothing") == true)
        #expect(try refusal(["a"]) { $0.gaps = [try ReplayGap("0:1:V6")] }?.contains("V6") == true)
    }
}
