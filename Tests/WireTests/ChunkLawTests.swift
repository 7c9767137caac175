import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Wire

/// Random chunks that fit their encoding, and what must come out of them.
struct ChunkCase {
    var chunk: OutgoingChunk
    var expected: [LeadSamples]

    /// Up to three stretches of `count` samples, ascending and apart.
    private static func stretches(of count: Int, _ generator: inout SeededGenerator) -> [Range<Int>] {
        var stretches: [Range<Int>] = []
        var start = Int.random(in: 0...count, using: &generator)
        while start < count, stretches.count < 3 {
            let end = Int.random(in: start + 1...count, using: &generator)
            stretches.append(start..<end)
            start = end + Int.random(in: 1...count, using: &generator)
        }
        return Bool.random(using: &generator) ? [] : stretches
    }

    private static func deviceFacts(_ generator: inout SeededGenerator) -> DeviceFacts {
        var acquisition = Acquisition()
        acquisition.highPassHertz = [nil, 0.05, 0.5].randomElement(using: &generator) ?? nil
        acquisition.lowPassHertz = [nil, 40, 150].randomElement(using: &generator) ?? nil
        acquisition.notchHertz = [nil, 50, 60].randomElement(using: &generator) ?? nil
        acquisition.rails = [nil, -32_768...32_767, 0...4_095].randomElement(using: &generator) ?? nil
        acquisition.manufacturer = [nil, "M"].randomElement(using: &generator) ?? nil
        acquisition.model = [nil, "strap"].randomElement(using: &generator) ?? nil
        acquisition.firmware = [nil, "1.2"].randomElement(using: &generator) ?? nil
        return DeviceFacts(
            acquisition: Bool.random(using: &generator) ? acquisition : nil,
            batteryPercent: Bool.random(using: &generator) ? .random(in: 0...100, using: &generator) : nil
        )
    }

    private static func outgoing(
        _ lead: Lead,
        _ count: Int,
        _ encoding: SampleEncoding,
        _ generator: inout SeededGenerator
    ) -> OutgoingLead {
        let samples: OutgoingLead.Numbers =
            switch encoding {
            case .int16:
                .integers((0..<count).map { _ in .random(in: -32_768...32_767, using: &generator) })
            // 2,000,000 of 4,883 nV each are below 10 V; half the largest difference that fits.
            case .int32, .delta:
                .integers((0..<count).map { _ in .random(in: -2_000_000...2_000_000, using: &generator) })
            case .float32: .reals((0..<count).map { _ in .random(in: -1e6...1e6, using: &generator) })
            }
        return OutgoingLead(
            lead: lead,
            isDerived: Bool.random(using: &generator),
            samples: samples,
            invalid: stretches(of: count, &generator),
            facts: LeadFacts(
                contact: Contact.allCases.randomElement(using: &generator) ?? .unknown,
                saturated: stretches(of: count, &generator),
                pacerSpikes: (0..<count).filter { _ in Int.random(in: 0..<100, using: &generator) == 0 }
            )
        )
    }

    private static func expectation(of sent: OutgoingLead, gain: Double) -> LeadSamples {
        var millivolts: [Float] =
            switch sent.samples {
            case .integers(let values): values.map { Float(Double($0) * gain / 1e6) }
            case .reals(let values): values.map { Float(Double($0) * gain / 1e6) }
            }
        let off = sent.facts.contact == .off ? [0..<millivolts.count] : sent.facts.saturated
        for index in (sent.invalid + off).joined() { millivolts[index] = .nan }
        return LeadSamples(
            lead: sent.lead,
            isDerived: sent.isDerived,
            millivolts: millivolts,
            facts: sent.facts
        )
    }

    init(seed: UInt64, encoding: SampleEncoding) throws {
        var generator = SeededGenerator(seed: seed)
        let rates: [(Int64, Int64)] = [
            (100, 1), (130, 1), (250, 1), (65_615, 128), (500, 1), (2_000, 1), (1_001, 10),
        ]
        let (numerator, denominator) = try #require(rates.randomElement(using: &generator))
        let rate = try #require(SampleRate(numerator, over: denominator))
        let count = Int.random(in: 1...Int(rate.numerator / rate.denominator), using: &generator)
        let gain = try #require([1.0, 1_000, 4.882_812_5, 1e6 / 205, 0.1].randomElement(using: &generator))
        var leads: [OutgoingLead] = []
        var expected: [LeadSamples] = []
        for lead in Lead.allCases.shuffled(using: &generator).prefix(
            Int.random(in: 1...16, using: &generator)
        ) {
            let sent = Self.outgoing(lead, count, encoding, &generator)
            leads.append(sent)
            expected.append(Self.expectation(of: sent, gain: gain))
        }
        chunk = OutgoingChunk(
            stream: StreamIdentity(
                patient: "p\(seed)",
                device: "d-\(seed % 7)",
                epoch: generator.next() | 1
            ),
            sequence: .random(in: 1...UInt64.max, using: &generator),
            track: .random(in: 0...7, using: &generator),
            firstSample: .random(in: 0...(1 << 48) - Int64(count), using: &generator),
            rate: rate,
            nanovoltsPerUnit: gain,
            encoding: encoding,
            leads: leads,
            gatewayTime: Bool.random(using: &generator) ? .random(in: 1...Int64.max, using: &generator) : nil,
            device: Self.deviceFacts(&generator),
            isLast: Bool.random(using: &generator)
        )
        self.expected = expected
    }
}

/// Bits, so that NaN equals NaN.
func bits(_ leads: [LeadSamples]) -> [[UInt32]] {
    leads.map { lead in
        [UInt32(lead.lead.rawValue), lead.isDerived ? 1 : 0]
            + lead.millivolts.map { $0.isNaN ? UInt32.max : $0.bitPattern }
    }
}

@Suite struct ChunkLawTests {
    @Test(arguments: SampleEncoding.allCases)
    func `decode(encode(x)) is x`(encoding: SampleEncoding) throws {
        for seed in seeds(500) {
            let given = try ChunkCase(seed: seed, encoding: encoding)
            let frames = try ChunkEncoder.frames(given.chunk, withChecksum: seed.isMultiple(of: 2))
            #expect(frames.count == (seed.isMultiple(of: 2) ? 3 : 2))
            let read = try ChunkDecoder.decode(parts: frames)
            #expect(bits(read.leads) == bits(given.expected), "seed \(seed)")
            #expect(read.leads.map(\.facts) == given.expected.map(\.facts), "seed \(seed)")
            #expect(read.device == given.chunk.device, "seed \(seed)")
            #expect(read.stream == given.chunk.stream, "seed \(seed)")
            #expect(
                [read.sequence, UInt64(read.track), UInt64(read.firstSample)]
                    == [given.chunk.sequence, UInt64(given.chunk.track), UInt64(given.chunk.firstSample)],
                "seed \(seed)"
            )
            #expect(read.rate == given.chunk.rate && read.isLast == given.chunk.isLast, "seed \(seed)")
            #expect(read.gatewayTime == given.chunk.gatewayTime, "seed \(seed)")
            #expect(read.nanovoltsPerUnit == given.chunk.nanovoltsPerUnit, "seed \(seed)")
            #expect(read.unknownLeadCount == 0, "seed \(seed)")
        }
    }

    @Test(arguments: Examples.messages)
    func `every example frame decodes to the values beside it`(name: String) throws {
        let chunk = try ChunkDecoder.decode(parts: try Examples.frames(name))
        let expected = try #require(try Examples.json("\(name).json").object)
        let rate = try #require(expected["rate"]?.array).compactMap(\.whole)
        #expect(chunk.stream.name == "p0001.strap-7.0123456789abcdef")
        #expect(expected["epoch"]?.text == hexadecimal16(chunk.stream.epoch))
        #expect(expected["seq"]?.whole == Int64(chunk.sequence))
        #expect(expected["track"]?.whole == Int64(chunk.track))
        #expect(expected["first_sample"]?.whole == chunk.firstSample)
        #expect(expected["sample_count"]?.whole == Int64(chunk.sampleCount))
        #expect(chunk.rate == SampleRate(rate[0], over: rate[1]))
        #expect(expected["gateway_time_ns"]?.whole == chunk.gatewayTime)
        #expect(expected["last"] == .bool(chunk.isLast))
        #expect(expected["unknown_leads"]?.whole == Int64(chunk.unknownLeadCount))
        let derived = chunk.leads.filter(\.isDerived).map { JSONValue.string($0.lead.name) }
        #expect(expected["derived"]?.array == derived)
        let millivolts = try #require(expected["millivolts"]?.object)
        #expect(Set(chunk.leads.map(\.lead.name)) == Set(millivolts.members.map(\.name)))
        for lead in chunk.leads {
            let wanted = try #require(millivolts[lead.lead.name]?.array).map { $0.real.map { Float($0) } }
            #expect(lead.millivolts.map { $0.isNaN ? nil : $0 } == wanted, "lead \(lead.lead.name)")
        }
    }

    @Test(arguments: Examples.messages)
    func `P01 no truncation and no changed byte of an example makes the decoder trap`(name: String) throws {
        let parts = try Examples.frames(name)
        var outcomes: [String: Int] = [:]
        for frame in parts.indices {
            for length in 0..<parts[frame].count {
                var cut = parts
                cut[frame].removeLast(parts[frame].count - length)
                outcomes[outcome(of: cut), default: 0] += 1
            }
            for index in parts[frame].indices {
                for change in UInt8(1)...255 {
                    var changed = parts
                    changed[frame][index] ^= change
                    outcomes[outcome(of: changed), default: 0] += 1
                }
            }
        }
        let bytes = parts.reduce(0) { $0 + $1.count }
        #expect(outcomes.values.reduce(0, +) == bytes * 256)
        #expect(
            Set(outcomes.keys).isSuperset(
                of: parts.count == 3 ? ["TOPIC", "CRC"] : ["TOPIC", "DECODE", "RANGE"]
            )
        )
    }

    @Test func `P01 no two changed bytes of an example make the decoder trap`() throws {
        let examples = try Examples.messages.map(Examples.frames)
        var taken = 0
        for seed in seeds(100) {
            var generator = SeededGenerator(seed: seed)
            for _ in 0..<1_000 {
                var parts = try #require(examples.randomElement(using: &generator))
                for _ in 0..<2 {
                    // Mostly the body; the topic and the CRC catch all else.
                    let frame = Int.random(in: 0..<16, using: &generator) == 0 ? 0 : 1
                    let index = Int.random(in: parts[frame].indices, using: &generator)
                    parts[frame][index] = UInt8.random(in: 0...255, using: &generator)
                }
                if parts.count == 3 { parts[2] = checkFrame(topic: parts[0], body: parts[1]) }
                if outcome(of: parts) == "taken" { taken += 1 }
            }
        }
        #expect(taken > 1_000)
    }

    @Test func `P01 frames of random bytes are refused`() {
        for seed in seeds(2_000) {
            var generator = SeededGenerator(seed: seed)
            let parts = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
                (0..<Int.random(in: 0...300, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
            }
            #expect(outcome(of: parts) != "taken", "seed \(seed)")
        }
    }

    /// The code, or `taken`, where the chunk then keeps its promises.
    private func outcome(of parts: [[UInt8]]) -> String {
        do throws(Refusal) {
            let chunk = try ChunkDecoder.decode(parts: parts)
            let isWhole = chunk.leads.allSatisfy { $0.millivolts.count == chunk.sampleCount }
            let isBounded = chunk.leads.allSatisfy {
                $0.millivolts.allSatisfy { $0.isNaN || abs($0) <= 10_000 }
            }
            #expect(isWhole && isBounded && chunk.endSample <= 1 << 48 && chunk.sequence > 0)
            return "taken"
        } catch {
            #expect(error.leads.count <= 16 && (0...2_000).contains(error.sampleCount))
            return error.code.rawValue
        }
    }
}
