import ECGSignal
import Findings
import Testing

@testable import Wire

@Suite struct EncoderTests {
    private func chunk(
        _ encoding: SampleEncoding,
        _ samples: OutgoingLead.Numbers,
        invalid: [Range<Int>] = []
    ) throws
        -> OutgoingChunk
    {
        OutgoingChunk(
            stream: StreamIdentity(patient: "p1", device: "d1", epoch: 9),
            sequence: 1,
            firstSample: 0,
            rate: try #require(SampleRate(250)),
            nanovoltsPerUnit: 1,
            encoding: encoding,
            leads: [OutgoingLead(lead: .i, samples: samples, invalid: invalid)]
        )
    }

    @Test(arguments: [
        (SampleEncoding.int16, OutgoingLead.Numbers.integers([0, 32_768])),
        (.int16, .integers([0, -32_769])),
        (.int16, .reals([0, 0.5])), (.int32, .reals([0, 3e9])), (.int32, .reals([0, .nan])),
        (.delta, .integers([.min, .max])), (.delta, .reals([0, .infinity])),
        (.float32, .integers([0, 16_777_217])),
    ]) func `a value that does not fit is refused with its place, as filler it is missing`(
        encoding: SampleEncoding,
        samples: OutgoingLead.Numbers
    ) throws {
        let refused = #expect(throws: Refusal.self) { try ChunkEncoder.frames(try chunk(encoding, samples)) }
        #expect(refused?.code == .range)
        #expect(refused?.detail.contains("sample 1") == true)
        let filler = try ChunkEncoder.frames(try chunk(encoding, samples, invalid: [1..<2]))
        #expect(try ChunkDecoder.decode(parts: filler).leads[0].millivolts[1].isNaN)
    }

    @Test func `what a daemon would refuse is not sent`() throws {
        var wrong = try chunk(.float32, .reals([.nan]))
        #expect(#expect(throws: Refusal.self) { try ChunkEncoder.frames(wrong) }?.code == .nonFinite)
        wrong = try chunk(.int16, .integers([1]))
        wrong.leads[0].invalid = [0..<2]
        #expect(#expect(throws: Refusal.self) { try ChunkEncoder.frames(wrong) }?.code == .length)
        wrong.leads[0].invalid = []
        wrong.firstSample = -1
        #expect(#expect(throws: Refusal.self) { try ChunkEncoder.frames(wrong) }?.code == .range)
        wrong.firstSample = 0
        wrong.leads = []
        #expect(#expect(throws: Refusal.self) { try ChunkEncoder.frames(wrong) }?.code == .range)
        wrong.stream = StreamIdentity(patient: "a/b", device: "d", epoch: 1)
        #expect(#expect(throws: Refusal.self) { try ChunkEncoder.frames(wrong) }?.code == .topic)
    }
}
