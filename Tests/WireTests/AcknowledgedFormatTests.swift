import ECGSignal
import Findings
import TestSupport
import Testing

@testable import Wire

/// What gateways and the daemon say to each other on the path with acknowledgements.
@Suite struct AcknowledgedFormatTests {
    private func number(_ generator: inout SeededGenerator) -> UInt64 {
        let shift = Int.random(in: 0...61, using: &generator)
        return UInt64.random(in: 1...ReceivedNumbers.numberMax >> shift, using: &generator)
    }

    private func hello(_ generator: inout SeededGenerator) -> StreamHello {
        let next = number(&generator)
        let stream = StreamIdentity(patient: "p-1", device: "d_2", epoch: generator.next() | 1)
        return StreamHello(
            gateway: "ward 3",
            stream: stream,
            oldestHeld: .random(in: 1...next, using: &generator),
            next: next,
            isClosed: .random(using: &generator)
        )
    }

    private func replies(_ generator: inout SeededGenerator) -> [GatewayReply] {
        let epoch = generator.next()
        return [
            .welcome(
                StreamWelcome(
                    epoch: epoch,
                    resendFrom: number(&generator),
                    windowChunks: .random(in: 0 ... .max, using: &generator),
                    windowBytes: .random(in: 0 ... .max, using: &generator),
                    level: AcknowledgementLevel.allCases.randomElement(using: &generator) ?? .power,
                    journal: generator.next()
                )
            ),
            .acknowledgement(
                ChunkAcknowledgement(
                    epoch: epoch,
                    receivedThrough: number(&generator),
                    durableThrough: number(&generator),
                    oldestHeld: number(&generator),
                    skipped: [3...5, 9...9],
                    echo: 1 + Int64(generator.next() >> 2),
                    hold: Int64(generator.next() >> 2)
                )
            ),
            .rejection(
                ChunkRejection(
                    epoch: epoch,
                    sequence: number(&generator),
                    code: "FULL",
                    detail: "no room",
                    retryMilliseconds: Bool.random(using: &generator) ? nil : 5_000
                )
            ),
        ]
    }

    @Test func `what is said is understood`() {
        for seed in seeds(300) {
            var generator = SeededGenerator(seed: seed)
            let hello = hello(&generator)
            #expect(AcknowledgedFormat.message(of: AcknowledgedFormat.frames(of: hello)) == .hello(hello))
            let held = HeldChunks(epoch: generator.next(), oldestHeld: hello.oldestHeld, next: hello.next)
            #expect(AcknowledgedFormat.message(of: AcknowledgedFormat.frames(of: held)) == .held(held))
            for reply in replies(&generator) {
                #expect(
                    AcknowledgedFormat.reply(of: AcknowledgedFormat.frames(of: reply)) == reply,
                    "seed \(seed)"
                )
            }
        }
    }

    @Test func `P01 no bytes of a gateway or a daemon trap`() {
        for seed in seeds(3_000) {
            var generator = SeededGenerator(seed: seed)
            var all = [AcknowledgedFormat.frames(of: hello(&generator))]
            all += replies(&generator).map { AcknowledgedFormat.frames(of: $0) }
            all.append(AcknowledgedChunk(epoch: 7, number: 8, topic: [1, 2], body: [3]).parts)
            for var parts in all {
                let place = Int.random(in: 0..<parts.count, using: &generator)
                if parts[place].isEmpty || Bool.random(using: &generator) {
                    parts[place] = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                } else {
                    parts[place][Int.random(in: 0..<parts[place].count, using: &generator)] ^=
                        1 << UInt8.random(in: 0...7, using: &generator)
                }
                if case .hello(let words) = AcknowledgedFormat.message(of: parts) {
                    #expect(words.oldestHeld >= 1 && words.oldestHeld <= words.next)
                    #expect(words.next <= ReceivedNumbers.numberMax && words.stream.epoch != 0)
                }
                _ = AcknowledgedFormat.reply(of: parts)
                _ = AcknowledgedFormat.message(of: Array(parts.dropLast()))
            }
        }
    }

    @Test func `a chunk is read with its key, and only where check and key fit`() throws {
        let plain = try Examples.frames("int16")
        let read = try ChunkDecoder.decode(parts: plain)
        func framed(epoch: UInt64? = nil, number: UInt64? = nil) -> AcknowledgedChunk {
            AcknowledgedChunk(
                epoch: epoch ?? read.stream.epoch,
                number: number ?? read.sequence,
                topic: plain[0],
                body: plain[1]
            )
        }
        #expect(try ChunkDecoder.decode(parts: framed().parts) == read)
        #expect(framed().stream == read.stream && framed().isIntact)
        for wrong in [framed(epoch: read.stream.epoch ^ 1), framed(number: read.sequence + 1)] {
            let refusal = #expect(throws: Refusal.self) { try ChunkDecoder.decode(parts: wrong.parts) }
            #expect(refusal?.code == .mismatch)
        }
        for place in 1..<5 {
            for index in framed().parts[place].indices {
                var parts = framed().parts
                parts[place][index] ^= 1
                #expect(AcknowledgedChunk(parts: parts)?.isIntact == false, "frame \(place), byte \(index)")
            }
        }
        let refusal = #expect(throws: Refusal.self) {
            try ChunkDecoder.decode(parts: Array(framed().parts.dropLast()) + [[0, 0, 0, 0]])
        }
        #expect(refusal?.code == .checksum)
    }
}
