import ECGSignal
import Foundation
import Mathematics
import TestSupport
import Testing

@Suite struct ElementaryFunctionsTests {
    @Test(arguments: seeds(10)) func `exp is within 2 units in the last place`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for range in [-700.0...700.0, -1...1, -1e-9...1e-9] {
            for _ in 0..<2_000 {
                let x = Double.random(in: range, using: &generator)
                #expect(abs(ElementaryFunctions.exp(x) - exp(x)) <= 2 * exp(x).ulp, "\(x)")
            }
        }
    }

    @Test func `exp grows up to 700, stands still beyond it on both sides, and lets NaN through`() {
        #expect(ElementaryFunctions.exp(0) == 1)
        for edge in [700.0, -700] {
            let value = ElementaryFunctions.exp(edge)
            #expect(abs(value - exp(edge)) <= 2 * exp(edge).ulp, "the edge itself is not clamped")
            #expect(ElementaryFunctions.exp(edge * 0.999_999) != value, "nor what lies before it")
            for beyond in [edge * 1.000_001, edge * 1.1, edge * 1e6, edge * .infinity] {
                #expect(ElementaryFunctions.exp(beyond) == value)
            }
        }
        #expect(ElementaryFunctions.exp(.nan).isNaN)
    }

    @Test(arguments: seeds(10)) func `log is within 4 units in the last place of the greater of it and 1`(
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let x =
                Double(sign: .plus, exponent: .random(in: -1_000...1_000, using: &generator), significand: 1)
                * Double.random(in: 1..<2, using: &generator)
            let expected = log(x)
            #expect(abs(ElementaryFunctions.log(x) - expected) <= 4 * max(abs(expected), 1).ulp, "\(x)")
        }
        #expect(ElementaryFunctions.log(1) == 0)
        #expect(ElementaryFunctions.log(0) == -.infinity)
        #expect(ElementaryFunctions.log(-1).isNaN)
        #expect(ElementaryFunctions.log(.nan).isNaN)
    }

    @Test(arguments: seeds(10)) func `sinPi is within 2 units in the last place`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            let x = Double.random(in: -0.5...0.5, using: &generator)
            let expected = sin(Double.pi * x)
            // The rounding of pi x itself moves sin by up to half a unit of pi x.
            let rounding = abs((Double.pi * x).ulp * cos(Double.pi * x)) / 2
            let error = abs(ElementaryFunctions.sinPi(x) - expected)
            #expect(error <= 2 * expected.ulp + rounding, "\(x)")
        }
    }

    @Test(arguments: seeds(10)) func `sinPi has period 2 and turns its sign after 1, exactly`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1_000 {
            // A multiple of 2^-22, so that the sum below is exact.
            let x = Double(Int64.random(in: -2_097_152...2_097_152, using: &generator)) * 0x1p-22
            let n = Int64.random(in: -(1 << 30)...(1 << 30), using: &generator)
            let value = ElementaryFunctions.sinPi(x)
            #expect(ElementaryFunctions.sinPi(x + Double(n)) == (n.isMultiple(of: 2) ? value : -value))
            #expect(ElementaryFunctions.sinPi(Double(n)) == 0)
        }
    }

    @Test func `the sigmoid is 1 half at 0 and its mirror on the other side`() {
        #expect(ElementaryFunctions.sigmoid(0) == 0.5)
        for x in [0.1, 1, 5, 30] {
            #expect(abs(ElementaryFunctions.sigmoid(x) + ElementaryFunctions.sigmoid(-x) - 1) < 1e-15)
        }
    }
}
