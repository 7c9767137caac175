import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Wire

/// Waveforms as bytes, against messages that another implementation made.
@Suite struct WaveFormatTests {
    private func block(_ generator: inout SeededGenerator) -> TraceBlock {
        let band = TraceBlock.Band.allCases.randomElement(using: &generator) ?? .monitor
        let leads = LeadSet(rawValue: UInt16.random(in: 1..<1 << 12, using: &generator))
        let derived = LeadSet(rawValue: UInt16.random(in: 0..<1 << 12, using: &generator)).intersection(leads)
        let count = leads.leads.count * band.sampleCount
        return TraceBlock(
            stream: StreamIdentity(
                patient: "p1",
                device: "d",
                epoch: .random(in: 1 ... .max, using: &generator)
            ),
            band: band,
            start: 100 * .random(in: 0...(1 << 40), using: &generator),
            time: .random(in: 0...(1 << 60), using: &generator),
            leads: leads,
            derived: derived,
            isPatch: .random(using: &generator),
            values: (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
        )
    }

    @Test(arguments: seeds(200)) func `what is written is read again`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let block = block(&generator)
        let number = UInt32.random(in: 0 ... .max, using: &generator)
        let bytes = WaveFormat.bytes(of: block, number: number)
        let read = try #require(WaveMessage(bytes))
        #expect(read.band == block.band)
        #expect(read.start == block.start)
        #expect(read.milliseconds == block.time / 1_000_000)
        #expect(read.leads == block.leads)
        #expect(read.derived == block.derived)
        #expect(read.isPatch == block.isPatch)
        #expect(read.epoch == block.stream.epoch)
        #expect(read.number == number)
        #expect(read.values == block.values)
        #expect(bytes.count <= WaveFormat.bytesMax)
        // Another length is no message.
        #expect(WaveMessage(Array(bytes.dropLast())) == nil)
        #expect(WaveMessage(bytes + [0]) == nil)
    }

    @Test func `a message of the monitor's band has 136 bytes`() {
        let block = TraceBlock(
            stream: StreamIdentity(patient: "p", device: "d", epoch: 1),
            band: .monitor,
            start: 0,
            time: 0,
            leads: LeadSet([.ii]),
            derived: [],
            isPatch: false,
            values: Array(repeating: 0, count: 50)
        )
        #expect(WaveFormat.bytes(of: block, number: 1).count == 136)
    }

    @Test func `the example messages say what another implementation wrote`() throws {
        let frames = try Examples.frames("waves")
        let facts = try #require(try Examples.json("waves.json").array?.compactMap(\.object))
        #expect(frames.count == 2 * facts.count)
        for (index, fact) in facts.enumerated() {
            let read = try #require(WaveMessage(frames[2 * index + 1]))
            let band: TraceBlock.Band = fact["band"] == .string("m") ? .monitor : .diagnostic
            #expect(String(decoding: frames[2 * index], as: UTF8.self) == fact["topic"]?.text)
            #expect(Topic.wave(band: band, patient: "p0001") == fact["topic"]?.text)
            #expect(read.band == band)
            func channels(_ leads: LeadSet) -> JSONValue {
                .array(leads.leads.map { .integer(Int64($0.channel ?? -1)) })
            }
            #expect(channels(read.leads) == fact["leads"])
            #expect(channels(read.derived) == fact["derived"])
            #expect(JSONValue.bool(read.isPatch) == fact["patch"])
            #expect(Int64(read.number) == fact["number"]?.whole)
            #expect(read.start == fact["start"]?.whole)
            #expect(read.milliseconds == fact["utc_ms"]?.whole)
            #expect(String(read.epoch, radix: 16) == fact["epoch"]?.text?.drop { $0 == "0" }.description)
            let values = (fact["values"]?.array ?? []).flatMap { $0.array ?? [] }.compactMap(\.whole)
            #expect(read.values.map(Int64.init) == values)
        }
    }

    @Test func `every truncation and every changed byte of an example is read or refused, never a trap`()
        throws
    {
        let frames = try Examples.frames("waves")
        for bytes in [frames[1], frames[3]] {
            for count in 0..<bytes.count { #expect(WaveMessage(Array(bytes.prefix(count))) == nil) }
            for place in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[place] ^= 1 << UInt8(bit)
                    if let read = WaveMessage(changed) {
                        #expect(read.values.count == read.leads.leads.count * read.band.sampleCount)
                    }
                }
            }
        }
    }
}
