public import ECGSignal

/// Frames per second of a record as an exact fraction; unlike a stream's rate it may be any above 0.
public struct FrameRate: Sendable, Equatable {
    /// Frames in `denominator` seconds, above 0.
    public let numerator: Int64
    /// Seconds, above 0.
    public let denominator: Int64

    /// WFDB's default where a header states none.
    static let standard = FrameRate(numerator: 250, denominator: 1)

    private init(numerator: Int64, denominator: Int64) {
        let divisor = SampleRate.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// Reads a decimal number such as 250, 62.4725 or 360.0000000001; digits after the ninth decimal are dropped.
    ///
    /// Nil unless it is a number above 0 and below 10^6, so that a product with the samples of a frame fits 64 bits.
    init?(_ text: Substring) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count > 1 ? parts[1] : ""
        let digits = parts[0] + fraction
        guard let first = parts.first, first.utf8.count <= 6, !digits.isEmpty,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let value = Int64(parts[0] + fraction.prefix(9)), value > 0
        else { return nil }
        let denominator = (0..<min(9, fraction.utf8.count)).reduce(Int64(1)) { scale, _ in scale * 10 }
        self.init(numerator: value, denominator: denominator)
    }

    /// Frames per second, rounded to Double.
    public var hertz: Double { Double(numerator) / Double(denominator) }

    /// The rate of a signal with so many samples in a frame; nil where it is not within 100 to 2,000 Hz.
    ///
    /// Where it is no fraction with a denominator of at most 1,000 it is the nearest of those, at most 0.0005 Hz away.
    public func sampleRate(samplesPerFrame: Int) -> SampleRate? {
        let product = numerator * Int64(samplesPerFrame)
        let divisor = SampleRate.greatestCommonDivisor(product, denominator)
        let nearest = nearestFraction(product / divisor, denominator / divisor, denominatorMax: 1_000)
        return SampleRate(nearest.numerator, over: nearest.denominator)
    }

    /// Whether `sampleRate` is exact.
    func isExact(samplesPerFrame: Int) -> Bool {
        let product = numerator * Int64(samplesPerFrame)
        return denominator / SampleRate.greatestCommonDivisor(product, denominator) <= 1_000
    }
}

/// The fraction nearest to `numerator / denominator` whose denominator is at most `denominatorMax`.
///
/// By continued fractions with the last convergent's semiconvergent (Khinchin, Continued Fractions, section 6).
private func nearestFraction(
    _ numerator: Int64,
    _ denominator: Int64,
    denominatorMax: Int64
) -> (numerator: Int64, denominator: Int64) {
    guard denominator > denominatorMax else { return (numerator, denominator) }
    var before = (numerator: Int64(0), denominator: Int64(1))
    var last = (numerator: Int64(1), denominator: Int64(0))
    var rest = (numerator, denominator)
    while rest.1 != 0 {
        let quotient = rest.0 / rest.1
        let next = quotient * last.denominator + before.denominator
        if next > denominatorMax {
            let steps = (denominatorMax - before.denominator) / last.denominator
            let between = (
                numerator: steps * last.numerator + before.numerator,
                denominator: steps * last.denominator + before.denominator
            )
            let exact = Double(numerator) / Double(denominator)
            func distance(_ fraction: (numerator: Int64, denominator: Int64)) -> Double {
                (Double(fraction.numerator) / Double(fraction.denominator) - exact).magnitude
            }
            return distance(between) < distance(last) ? between : last
        }
        (before, last) = (last, (quotient * last.numerator + before.numerator, next))
        rest = (rest.1, rest.0 % rest.1)
    }
    return last
}
