import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Pipeline

/// How a change of the ST segment reaches the alarm policy.
@Suite struct STAlarmLaws {
    private static let seconds = 340
    private static let rise = 320

    /// What was told of ST in a made heart whose ST rises in V2 and V3 by 0.2 mV after 320 s.
    private func told(_ acquisition: Acquisition?, spikes: [Int] = []) throws -> [Observation] {
        var ecg = MadeECG(seconds: Double(Self.seconds), seed: 5)
        for time in ecg.addRhythm(from: 0, to: Double(Self.seconds), rate: 70) where time > Double(Self.rise)
        {
            ecg.addBell(at: time + 0.115, height: 0.2, deviation: 0.045)
        }
        var device = DeviceFacts()
        device.acquisition = acquisition
        var timeline = StreamTimeline()
        var stream: RhythmStream?
        var told: [Observation] = []
        for second in 0..<Self.seconds {
            let values = Array(ecg.values[second * 500..<second * 500 + 500])
            let chunk = LeadChunk(
                stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                sequence: UInt64(second + 1),
                firstSample: SampleIndex(500 * second),
                sampleCount: 500,
                rate: .grid,
                leads: [Lead.v2, .v3].map {
                    LeadSamples(lead: $0, millivolts: values, facts: LeadFacts(pacerSpikes: spikes))
                },
                device: device
            )
            if stream == nil { stream = RhythmStream(first: chunk, at: Arrival(utc: 0, monotonic: 0)) }
            stream?.take(timeline.place(chunk), table: try Tables.of(.grid))
            told += (stream?.observations ?? []).filter { observation in
                guard case .finding(let finding) = observation.content else { return false }
                return finding.statement.hasPrefix("st_")
            }
        }
        return told
    }

    private func acquisition(highPass: Float, lowPass: Float) -> Acquisition {
        var acquisition = Acquisition()
        (acquisition.highPassHertz, acquisition.lowPassHertz) = (highPass, lowPass)
        return acquisition
    }

    @Test func `a rise after five minutes is told of its wall within ten seconds`() throws {
        let told = try told(acquisition(highPass: 0.05, lowPass: 150))
        let statements = told.map { observation -> String in
            guard case .finding(let finding) = observation.content, finding.holds else { return "over" }
            return finding.statement
        }
        #expect(Set(statements) == ["st_elevation", "st_elevation_anterior"], "\(told)")
        let first = Double(try #require(told.first).at.sample) / 500
        #expect((Double(Self.rise)...Double(Self.rise) + 10).contains(first))
    }

    @Test func `where the device's band forbids ST, or the heart is paced, nothing is told of it`() throws {
        #expect(try told(nil).isEmpty)
        #expect(try told(acquisition(highPass: 0.5, lowPass: 150)).isEmpty)
        #expect(try told(acquisition(highPass: 0.05, lowPass: 150), spikes: [100]).isEmpty)
    }
}
