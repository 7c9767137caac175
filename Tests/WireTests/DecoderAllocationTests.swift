import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Wire

/// What a message asks of the allocator on its way to a chunk.
@Suite struct DecoderAllocationTests {
    private static func messages(_ encoding: SampleEncoding, count: Int) throws -> [RawMessage] {
        var generator = SeededGenerator(seed: 1)
        let rate = try #require(SampleRate(500))
        return try (1...count).map { number in
            let leads = Lead.standard.map { lead in
                let values = (0..<100).map { _ in Int32.random(in: -900...900, using: &generator) }
                return OutgoingLead(
                    lead: lead,
                    samples: encoding == .float32 ? .reals(values.map { Float($0) }) : .integers(values)
                )
            }
            let chunk = OutgoingChunk(
                stream: StreamIdentity(patient: "p0001", device: "strap-7", epoch: 1),
                sequence: UInt64(number),
                firstSample: SampleIndex(number * 100),
                rate: rate,
                nanovoltsPerUnit: 1_000,
                encoding: encoding,
                leads: leads
            )
            return .parts(try ChunkEncoder.frames(chunk))
        }
    }

    @Test(arguments: SampleEncoding.allCases)
    func `a message takes what its chunk holds and what the parser of its protobuf holds`(
        encoding: SampleEncoding
    ) throws {
        let messages = try Self.messages(encoding, count: 20)
        var decoder = ChunkDecoder()
        var chunks: [JudgedMessage] = []
        chunks.reserveCapacity(messages.count)
        chunks.append(decoder.judge(messages[0]))
        let taken = Allocations.of {
            for message in messages.dropFirst() { chunks.append(decoder.judge(message)) }
        }
        // The chunk: its list of leads and the samples of each of the twelve. The parser: the message, its list of
        // leads and the bytes of each.
        #expect(taken.count <= 43 * 19, "\(taken.count) requests for 19 messages of twelve leads")
        #expect(taken.bytes <= 14_442 * 19, "\(taken.bytes) bytes for 19 messages of twelve leads")
    }
}
