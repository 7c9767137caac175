import ECGSignal
import Findings
import Rhythm
import TestSupport
import Testing

@testable import Pipeline

/// When the level of ST is told, and why it is not.
@Suite struct STLaws {
    private func diagnostic(highPass: Float? = 0.05, lowPass: Float? = 150) -> Acquisition {
        var acquisition = Acquisition()
        acquisition.highPassHertz = highPass
        acquisition.lowPassHertz = lowPass
        return acquisition
    }

    /// The vital signs of the last of 15 s of a made heart, whose first chunk says `acquisition`.
    private func last(
        _ acquisition: Acquisition?,
        lead: Lead = .ii,
        spikes: [Int] = []
    ) throws -> VitalSigns {
        var ecg = MadeECG(seconds: 15)
        ecg.addRhythm(from: 0, to: 15, rate: 70)
        func second(_ number: Int) -> LeadChunk {
            var device = DeviceFacts()
            if number == 0 { device.acquisition = acquisition }
            return LeadChunk(
                stream: StreamIdentity(patient: "p1", device: "d1", epoch: 1),
                sequence: UInt64(number + 1),
                firstSample: SampleIndex(500 * number),
                sampleCount: 500,
                rate: .grid,
                nanovoltsPerUnit: 1_000,
                leads: [
                    LeadSamples(
                        lead: lead,
                        millivolts: Array(ecg.values[number * 500..<number * 500 + 500]),
                        facts: LeadFacts(pacerSpikes: number == 3 ? spikes : [])
                    )
                ],
                device: device
            )
        }
        var run = ProcessorRun(second(0))
        for number in 0..<15 { try run.take(second(number)) }
        run.close()
        return try #require(run.rhythm.vitals.last)
    }

    @Test func `a device of diagnostic bandwidth has ST in the leads that it sends`() throws {
        let signs = try last(diagnostic())
        #expect(signs.waves.st.leads == LeadSet([.ii]) && signs.waves.st.reason == nil)
        #expect(abs(try #require(signs.waves.st[1])) < 0.1)
    }

    @Test func `filters that are not known, or change ST, give none, and the intervals all the same`() throws
    {
        let given: [Acquisition?] = [
            nil, Acquisition(), diagnostic(lowPass: nil), diagnostic(highPass: 0.5), diagnostic(lowPass: 25),
        ]
        for acquisition in given {
            let signs = try last(acquisition)
            #expect(signs.waves.st == STLevels(unknown: .bandwidth), "\(String(describing: acquisition))")
            #expect(signs.waves.qrs.value != nil)
        }
    }

    @Test func `a lead of no known place has none, nor has a heart that is paced`() throws {
        #expect(try last(diagnostic(), lead: .patch).waves.st == STLevels(unknown: .leadUnknown))
        #expect(try last(diagnostic(), spikes: [100]).waves.st == STLevels(unknown: .paced))
    }
}
