/// Own exp, log and sin, so that the same bits come out on every machine: basic operations and fused multiply-adds only.
public enum ElementaryFunctions {
    /// e^x in Double, within 2 units in the last place for |x| <= 700; x is clamped to that range, and NaN stays NaN.
    ///
    /// Cody-Waite reduction by ln 2 in two parts, Taylor polynomial of degree 13 on |r| <= ln 2 / 2.
    public static func exp(_ x: Double) -> Double {
        guard !x.isNaN else { return x }
        let clamped = min(max(x, -700), 700)
        let n = (clamped * 1.442_695_040_888_963_4).rounded(.toNearestOrEven)
        // ln 2 is split in two, so that n times the high part is exact.
        let high = 6.931_471_803_691_238_16e-01
        let low = 1.908_214_929_270_587_70e-10
        let r = clamped.addingProduct(-n, high).addingProduct(-n, low)
        var sum = reciprocalFactorials[13]
        for k in stride(from: 12, through: 0, by: -1) { sum = reciprocalFactorials[k].addingProduct(sum, r) }
        return Double(sign: .plus, exponent: Int(n), significand: 1) * sum
    }

    /// sin(pi x) in Double, exact zeros at the integers; within 2 units in the last place for |x| < 2^30.
    public static func sinPi(_ x: Double) -> Double {
        let n = x.rounded(.toNearestOrEven)
        let r = (x - n) * Double.pi  // |r| <= pi / 2; x - n is exact
        let square = r * r
        var sum = 0.0
        var k = 21
        while k >= 1 {
            let sign: Double = (k / 2).isMultiple(of: 2) ? 1 : -1
            sum = (sign * reciprocalFactorials[k]).addingProduct(sum, square)
            k -= 2
        }
        let value = sum * r
        return n.truncatingRemainder(dividingBy: 2) == 0 ? value : -value
    }

    /// ln x in Double for finite x > 0, within 4 units in the last place of the greater of the result and 1.
    ///
    /// x = 2^n m with m between the root of 1/2 and that of 2; ln m = 2 artanh((m - 1) / (m + 1)) as a power series.
    /// Zero gives minus infinity; what is below zero, or no number, gives NaN.
    public static func log(_ x: Double) -> Double {
        guard x > 0, x.isFinite else { return x == 0 ? -.infinity : (x > 0 ? x : .nan) }
        var exponent = Double(x.exponent)
        var m = x.significand
        if m > 1.414_213_562_373_095_1 {
            m /= 2
            exponent += 1
        }
        let s = (m - 1) / (m + 1)
        let square = s * s
        var sum = 0.0
        for k in stride(from: 21, through: 1, by: -2) { sum = (1 / Double(k)).addingProduct(sum, square) }
        let low = 1.908_214_929_270_587_70e-10
        let high = 6.931_471_803_691_238_16e-01
        return (exponent * high).addingProduct(2 * s, sum) + exponent * low
    }

    /// 1 / (1 + e^-x).
    public static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

    /// 1 / k! for k = 0 to 21.
    private static let reciprocalFactorials: [Double] = {
        var factorial = 1.0
        return (0...21).map { k in
            if k > 0 { factorial *= Double(k) }
            return 1 / factorial
        }
    }()
}
