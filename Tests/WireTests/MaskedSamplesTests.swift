import ECGSignal
import TestSupport
import Testing

@testable import Wire

/// What a gateway sends in a stretch that it marks `invalid` never reaches anybody.
@Suite struct MaskedSamplesTests {
    @Test(arguments: SampleEncoding.allCases)
    func `P03 noise, rails or NaN behind invalid change no bit of a chunk`(encoding: SampleEncoding) throws {
        var maskedSamples = 0
        for seed in seeds(200) {
            let chunk = try ChunkCase(seed: seed, encoding: encoding).chunk
            let plain = try bits(of: ChunkDecoder.decode(parts: ChunkEncoder.frames(chunk)))
            var generator = SeededGenerator(seed: seed ^ 0x6D61_736B)
            for filler in Filler.allCases {
                var changed = chunk
                for index in changed.leads.indices {
                    maskedSamples += filler.fill(&changed.leads[index], using: &generator)
                }
                let filled = try bits(of: ChunkDecoder.decode(parts: ChunkEncoder.frames(changed)))
                #expect(filled == plain, "seed \(seed), \(filler)")
            }
        }
        #expect(maskedSamples > 1_000)
    }

    private enum Filler: CaseIterable {
        case noise
        case rails
        case notANumber

        /// Replaces what stands behind `invalid`; how many samples.
        func fill(_ lead: inout OutgoingLead, using generator: inout SeededGenerator) -> Int {
            let masked = lead.invalid.flatMap { Array($0) }
            switch lead.samples {
            case .integers(var values):
                for index in masked {
                    values[index] = self == .rails ? 32_767 : .random(in: -32_768...32_767, using: &generator)
                }
                lead.samples = .integers(values)
            case .reals(var values):
                for index in masked {
                    values[index] =
                        switch self {
                        case .noise: .random(in: -1e6...1e6, using: &generator)
                        case .rails: .greatestFiniteMagnitude
                        case .notANumber: .nan
                        }
                }
                lead.samples = .reals(values)
            }
            return masked.count
        }
    }

    /// Bit patterns, since NaN equals nothing.
    private func bits(of chunk: LeadChunk) -> [[UInt32]] {
        chunk.leads.map { lead in [UInt32(lead.lead.rawValue)] + lead.millivolts.map(\.bitPattern) }
    }
}
