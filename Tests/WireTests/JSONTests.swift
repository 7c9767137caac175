import TestSupport
import Testing

@testable import Wire

@Suite struct JSONTests {
    // RFC 8785, appendix B; the right column also by ECMAScript's own rules.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"), (0xC340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
            (0x44B5_2D02_C7E1_4AF6, "1e+23"), (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
            (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"),
            (0x444B_1AE4_D6E2_EF50, "1e+21"), (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
            (0x3EB0_C6F7_A0B5_ED8D, "0.000001"), (0x41B3_DE43_5555_5553, "333333333.3333332"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"),
            (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"), (0x3FF0_0000_0000_0000, "1"),
            (0x4024_0000_0000_0000, "10"),
            (0x3FB9_9999_9999_999A, "0.1"), (0x4340_0000_0000_0001, "9007199254740994"),
        ] as [(UInt64, String)]
    ) func `numbers are written as ECMAScript does`(bits: UInt64, text: String) {
        #expect(ecmaScriptText(of: Double(bitPattern: bits)) == text)
    }

    @Test func `the text of any number gives its bits back`() throws {
        for seed in seeds(20_000) {
            var generator = SeededGenerator(seed: seed)
            let number = Double(bitPattern: generator.next())
            guard number.isFinite else { continue }
            let text = ecmaScriptText(of: number)
            let parsed = try JSONValue(parsing: Array(text.utf8))
            #expect(parsed.real == number, "seed \(seed), \(text)")
        }
    }

    // 0.00005 and the like are no ties in binary; eighths and sixteenths are.
    @Test(arguments: [
        (0.28125, 4, "0.2812"), (0.03125, 4, "0.0312"), (0.09375, 4, "0.0938"), (0.00005, 4, "0.0001"),
        (0.00015, 4, "0.0001"), (-0.28125, 4, "-0.2812"), (-0.00001, 4, "0"), (-0.0, 4, "0"), (1.0, 4, "1"),
        (0.99995, 4, "1"), (0.99994, 4, "0.9999"), (0.99996, 4, "1"), (0x1p-1000, 4, "0"),
        (1.0 / 3, 4, "0.3333"), (2.5, 0, "2"),
        (3.5, 0, "4"), (-2.5, 0, "-2"), (0.5, 0, "0"), (1.5, 0, "2"), (0.0625, 3, "0.062"),
        (0.1875, 3, "0.188"),
        (130.061, 3, "130.061"), (1e300, 4, "1e+300"), (9_007_199_254_740_992, 0, "9007199254740992"),
        (123_456_789_012.123_45, 4, "123456789012.1234"), (1e-30, 4, "0"), (1e-200, 0, "0"),
    ]) func `decimals are rounded half to even of the exact value`(value: Double, places: Int, text: String) {
        #expect(JSONValue.decimal(value, places: places).canonicalText == text)
    }

    @Test func `the rounded decimal is the nearest one`() {
        for seed in seeds(20_000) {
            var generator = SeededGenerator(seed: seed)
            let value = Double.random(in: -1_000...1_000, using: &generator)
            let places = Int.random(in: 0...4, using: &generator)
            let scale = [1.0, 10, 100, 1_000, 10_000][places]
            guard let rounded = JSONValue.decimal(value, places: places).real else {
                Issue.record("seed \(seed): no number")
                continue
            }
            #expect(abs(rounded - value) <= 0.5 / scale * (1 + 1e-9), "seed \(seed)")
            #expect(rounded == (rounded * scale).rounded() / scale, "seed \(seed)")
        }
    }

    @Test func `no number is null`() {
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(JSONValue.decimal(value, places: 4).canonicalText == "null")
        }
    }

    @Test func `names are sorted by their UTF-16 code units`() {
        // RFC 8785, 3.2.3.
        let object: JSONObject = [
            "\u{20AC}": .string("Euro Sign"), "\r": .string("Carriage Return"),
            "\u{FB33}": .string("Hebrew Letter Dalet With Dagesh"), "1": .string("One"),
            "\u{1F600}": .string("Emoji: Grinning Face"), "\u{80}": .string("Control"),
            "\u{F6}": .string("Latin Small Letter O With Diaeresis"),
        ]
        let order = object.members.compactMap(\.value.text)
        #expect(
            order == [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
                "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
            ]
        )
    }

    @Test func `names that only look alike are two`() {
        let object: JSONObject = [
            "\u{E9}": .integer(1), "e\u{301}": .integer(2), "a": .integer(3), "\u{E9}": .integer(4),
        ]
        #expect(object.members.compactMap(\.value.whole) == [3, 2, 4])
        #expect(object["e\u{301}"] == .integer(2))
    }

    @Test func `strings have the shortest escapes, Japanese stands as it is`() {
        let text = "\u{20AC}$\u{0F}\u{0A}A'\u{42}\u{22}\u{5C}\\\"/\u{8}\u{C}\t\r\u{1}\u{7F}心電図\u{1F600}"
        #expect(
            JSONValue.string(text).canonicalText
                == #""€$\u000f\nA'B\"\\\\\"/\b\f\t\r\u0001"# + "\u{7F}" + #"心電図😀""#
        )
    }

    @Test func `a value is read as it was written`() throws {
        let value: JSONValue = .object([
            "op": .string("REPLAY"), "from": .integer(12),
            "deep": .array([.null, .bool(true), .bool(false), .array([])]),
            "number": .number(-0.25), "empty": .object([:]), "心": .string("\u{1F600}\n\"\\"),
            "edge": .integer(9_007_199_254_740_991),
        ])
        #expect(try JSONValue(parsing: value.canonical) == value)
        let spaced = " {\"a\" :\t[ 1 , 2e0,\r\n-0 ] , \"b\":\"\\u5fc3\\ud83d\\ude00\\/\" } "
        #expect(
            try JSONValue(parsing: Array(spaced.utf8))
                == .object(["a": .array([.integer(1), .number(2), .integer(0)]), "b": .string("心😀/")])
        )
    }

    @Test(arguments: [
        "", " ", "{", "}", "[1,]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":1,\"a\":2}", "01",
        "-", "+1", "1.",
        ".5", "1e", "1e999", "nul", "truee", "True", "NaN", "Infinity", "\"", "\"\\x\"", "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\n\"", "1 2", "{} {}", "'a'", "[1", "\u{FEFF}1", "\"\\",
    ]) func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONFailure.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func `size and depth are bounded, text must be UTF-8`() throws {
        let deep = { (count: Int) in
            Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
        }
        _ = try JSONValue(parsing: deep(32))
        #expect(throws: JSONFailure.tooDeep(limit: 32)) { try JSONValue(parsing: deep(33)) }
        #expect(throws: JSONFailure.tooDeep(limit: 32)) {
            try JSONValue(parsing: Array(String(repeating: "{\"a\":", count: 9_000).utf8))
        }
        #expect(throws: JSONFailure.tooLarge(byteCount: 65_537, limit: 65_536)) {
            try JSONValue(parsing: [UInt8](repeating: 32, count: 65_537))
        }
        #expect(throws: JSONFailure.self) { try JSONValue(parsing: [34, 0xFF, 34]) }
    }

    @Test func `P01 no changed bytes of a request make the parser trap`() {
        let request = Array(
            #"{"op":"REPLAY","request":"a\u5fc3\ud83d\ude00","from":-1.5e3,"x":[true,false,null,{}]}"#.utf8
        )
        var taken = 0
        for seed in seeds(20_000) {
            var generator = SeededGenerator(seed: seed)
            var bytes = request
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
                    in: 0...255,
                    using: &generator
                )
            }
            if Bool.random(using: &generator) {
                bytes.removeLast(Int.random(in: 0...bytes.count, using: &generator))
            }
            do throws(JSONFailure) {
                let value = try JSONValue(parsing: bytes)
                let again = try? JSONValue(parsing: value.canonical)
                #expect(again?.canonical == value.canonical, "seed \(seed)")
                taken += 1
            } catch { #expect(!error.description.isEmpty) }
        }
        #expect(taken > 100)
    }
}
