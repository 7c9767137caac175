public import ECGSignal
internal import Mathematics

/// The coefficients that take one sampling rate to 500 Hz: a windowed sinc, one row for each phase.
///
/// Grid sample k stands at native position k r / 500 = whole + phase / phaseCount. Row `phase` holds the taps
/// for native samples whole - (halfTaps - 1) to whole + halfTaps. The sinc ends at half the lower of the two
/// rates (its -6 dB point) and is cut to 13 samples of the lower rate on either side by a Kaiser window of beta
/// 8.1; Oppenheim and Schafer, 3rd edition, section 7.5. Its transition then reaches from 0.4 to 0.6 of the
/// lower rate with more than 80 dB beyond. Where we differ: each row is divided by its sum, so that a constant
/// passes as it is. Only basic operations and our own sin are used: the same bits on every machine.
public final class PolyphaseTable: Sendable {
    /// Of the Kaiser window: 82 dB.
    private static let beta = 8.1

    /// The refusal of a rate that needs too many phases.
    public struct TooManyPhases: Error, Equatable, CustomStringConvertible {
        /// The rate asked for.
        public let rate: SampleRate
        /// 500 / rate in lowest terms has this numerator.
        public let phaseCount: Int64

        /// What, where, which value, what to do.
        public var description: String {
            "rate \(rate.numerator)/\(rate.denominator) Hz: \(phaseCount) phases to 500 Hz, at most "
                + "\(PolyphaseTable.phaseCountMax); send the nearest rate with a smaller denominator"
        }
    }

    /// The most phases a table may have; with them a table has at most 13.6 MB.
    public static let phaseCountMax: Int64 = 16_384

    /// The rate it takes to 500 Hz.
    public let rate: SampleRate

    /// Rows: 500 / rate in lowest terms is `phaseCount / step`.
    let phaseCount: Int
    /// Phases from one grid sample to the next: rate / 500 = `step / phaseCount`.
    let step: Int
    /// Native samples looked ahead; a row has twice as many taps.
    let halfTaps: Int
    /// `[phaseCount, 2 halfTaps]`.
    let coefficients: [Double]

    /// The table of `rate`; throws where it would need more than `phaseCountMax` phases.
    public init(rate: SampleRate) throws(TooManyPhases) {
        let phaseCount = PolyphaseTable.phaseCount(of: rate)
        guard phaseCount <= PolyphaseTable.phaseCountMax else {
            throw TooManyPhases(rate: rate, phaseCount: phaseCount)
        }
        let step = rate.numerator * phaseCount / (Grid.rate * rate.denominator)
        let halfTaps = PolyphaseTable.halfTaps(of: rate)
        var coefficients: [Double] = []
        coefficients.reserveCapacity(Int(phaseCount) * 2 * halfTaps)
        for phase in 0..<phaseCount {
            PolyphaseTable.appendRow(
                phase: phase,
                of: phaseCount,
                lowerPeriod: max(phaseCount, step),
                halfTaps: halfTaps,
                to: &coefficients
            )
        }
        self.rate = rate
        self.phaseCount = Int(phaseCount)
        self.step = Int(step)
        self.halfTaps = halfTaps
        self.coefficients = coefficients
    }

    /// Memory of the coefficients, bytes.
    public var byteCount: Int { PolyphaseTable.byteCount(of: rate) }

    /// The phases that `rate` needs, whether allowed or not.
    public static func phaseCount(of rate: SampleRate) -> Int64 {
        let grid = Grid.rate * rate.denominator
        return grid / SampleRate.greatestCommonDivisor(grid, rate.numerator)
    }

    /// Memory of the coefficients that `rate` needs, bytes; known before the table is built.
    public static func byteCount(of rate: SampleRate) -> Int {
        Int(phaseCount(of: rate)) * 2 * halfTaps(of: rate) * MemoryLayout<Double>.size
    }

    /// Samples of the lower rate on either side of a grid sample.
    private static let halfLength: Int64 = 13

    /// The native samples that 13 samples of the lower rate cover, rounded up.
    private static func halfTaps(of rate: SampleRate) -> Int {
        let grid = Grid.rate * rate.denominator
        return Int((halfLength * max(rate.numerator, grid) + grid - 1) / grid)
    }

    /// One row; a native sample is `phaseCount` units long, a sample of the lower rate `lowerPeriod` units.
    private static func appendRow(
        phase: Int64,
        of phaseCount: Int64,
        lowerPeriod: Int64,
        halfTaps: Int,
        to coefficients: inout [Double]
    ) {
        let start = coefficients.count
        var sum = 0.0
        for tap in (1 - halfTaps)...halfTaps {
            // In samples of the lower rate; the integers are exact, the quotient rounds once.
            let distance = Double(Int64(tap) * phaseCount - phase) / Double(lowerPeriod)
            let value =
                WindowedSinc.sinc(distance)
                * WindowedSinc.kaiser(distance / Double(halfLength), beta: PolyphaseTable.beta)
            coefficients.append(value)
            sum += value
        }
        for index in start..<coefficients.count { coefficients[index] /= sum }
    }
}
