import BinaryCoding
import TestSupport
import Testing

/// Values of every kind that checkpoints hold.
private struct Sample: Codable, Equatable {
    enum Kind: String, Codable, CaseIterable { case first, second }

    enum Choice: Codable, Equatable {
        case none
        case one(Int)
        case named(text: String, of: Double?)
    }

    struct Part: Codable, Equatable {
        var range: Range<Int64>
        var vectors: [SIMD4<Int32>]
    }

    var truth: Bool
    var text: String
    var double: Double
    var float: Float
    var small: Int8
    var byte: UInt8
    var whole: Int
    var large: UInt64
    var wide: Int128
    var maybe: Int?
    var kind: Kind
    var choice: Choice
    var parts: [Part]
    var floats: [Float]
    var mask: SIMDMask<SIMD4<Int32>>
    var eight: [SIMD8<Float>]
    var sixteen: SIMD16<Int16>
    var set: Set<Int>

    static func random(_ generator: inout SeededGenerator) -> Sample {
        func vector() -> SIMD4<Int32> { .random(in: .min ... .max, using: &generator) }
        let start = Int64.random(in: -1_000_000...1_000_000, using: &generator)
        let choices: [Choice] = [
            .none, .one(.random(in: .min ... .max, using: &generator)), .named(text: "心電", of: nil),
            .named(text: "", of: -0.0),
        ]
        return Sample(
            truth: .random(using: &generator),
            text: ["", "p1", "心電図"].randomElement(using: &generator) ?? "",
            double: .random(in: -1e300...1e300, using: &generator),
            float: .random(in: -1e30...1e30, using: &generator),
            small: .random(in: .min ... .max, using: &generator),
            byte: .random(in: .min ... .max, using: &generator),
            whole: .random(in: .min ... .max, using: &generator),
            large: generator.next(),
            wide: Int128(generator.next()) * -7,
            maybe: Bool.random(using: &generator) ? nil : 3,
            kind: Kind.allCases.randomElement(using: &generator) ?? .first,
            choice: choices.randomElement(using: &generator) ?? .none,
            parts: (0..<Int.random(in: 0...3, using: &generator)).map { number in
                Part(range: start..<start + Int64(number), vectors: (0..<number).map { _ in vector() })
            },
            floats: [0, -1.5, .infinity],
            mask: vector() .> 0,
            eight: [SIMD8(repeating: 0.25)],
            sixteen: SIMD16(repeating: -7),
            set: [start < 0 ? 1 : 2]
        )
    }
}

@Suite struct BinaryCodingTests {
    @Test func `values come back as they were, and no prefix is a value`() throws {
        for seed in seeds(200) {
            var generator = SeededGenerator(seed: seed)
            let sample = Sample.random(&generator)
            let bytes = try BinaryCoding.bytes(of: sample)
            let read = try BinaryCoding.value(Sample.self, from: bytes)
            #expect(read == sample, "seed \(seed)")
            for count in 0..<bytes.count {
                #expect(throws: (any Error).self) {
                    try BinaryCoding.value(Sample.self, from: Array(bytes[..<count]))
                }
            }
            #expect(throws: BinaryFault.surplus) { try BinaryCoding.value(Sample.self, from: bytes + [1]) }
        }
    }

    @Test func `bytes of any kind are refused or read, and never end the program`() throws {
        var read = 0
        for seed in seeds(300) {
            var generator = SeededGenerator(seed: seed)
            var bytes = try BinaryCoding.bytes(of: Sample.random(&generator))
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            if (try? BinaryCoding.value(Sample.self, from: bytes)) != nil { read += 1 }
            let noise = (0..<200).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = try? BinaryCoding.value(Sample.self, from: noise)
        }
        #expect(read > 0)
    }

    @Test func `what has no form is refused`() {
        #expect(throws: BinaryFault.unsupported) { try BinaryCoding.bytes(of: [1, nil]) }
    }

    @Test func `the check is CRC-32C`() {
        #expect(BinaryCoding.check(of: Array("123456789".utf8)) == 0xE306_9283)
    }
}
