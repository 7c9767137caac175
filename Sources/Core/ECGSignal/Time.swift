/// Where samples stand: native indices, the 500 Hz grid, and exact stream time between them.

/// The index of a sample of one lead at its own rate, from the epoch's origin; at most 2^48.
public typealias SampleIndex = Int64

/// The index of a sample of the 500 Hz grid, from the epoch's origin.
public typealias GridIndex = Int64

/// Nanoseconds of UTC since 1970-01-01T00:00:00Z.
public typealias UTCNanoseconds = Int64

/// Nanoseconds of a monotonic clock of any origin.
public typealias MonotonicNanoseconds = Int64

/// The 500 Hz line that every lead is put on.
public enum Grid {
    /// Samples per second of the grid.
    public static let rate: Int64 = 500

    /// Samples of a window: 10 s.
    public static let windowSamples = 5_000

    /// Samples of one step of the encoder's last stage; every hop is a multiple of it.
    public static let stride = 32
}

/// A nominal sampling rate as an exact fraction in lowest terms, 100 to 2,000 Hz.
public struct SampleRate: Hashable, Sendable, Codable {
    /// How many samples come in `denominator` seconds.
    public let numerator: Int64
    /// The seconds in which `numerator` samples come; at least 1.
    public let denominator: Int64

    /// The rate `numerator / denominator` Hz; nil unless it is 100 to 2,000 Hz and the denominator 1 to 1,000.
    public init?(_ numerator: Int64, over denominator: Int64 = 1) {
        guard denominator >= 1, denominator <= 1_000, numerator >= 100 * denominator,
            numerator <= 2_000 * denominator
        else { return nil }
        let divisor = SampleRate.greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// 500 Hz, the grid's own.
    public static let grid = SampleRate(hertz: 500)

    private init(hertz: Int64) {
        numerator = hertz
        denominator = 1
    }

    /// The rate in hertz, rounded to Double.
    public var hertz: Double { Double(numerator) / Double(denominator) }

    /// Where sample `index` stands in stream time.
    public func time(of index: SampleIndex) -> StreamTime {
        StreamTime(units: index * denominator, unitsPerSecond: numerator)
    }

    /// The first sample that stands at or after `time`.
    public func firstIndex(notBefore time: StreamTime) -> SampleIndex {
        // Times of the rate itself, which most are, need no division.
        if time.unitsPerSecond == numerator, time.units.isMultiple(of: denominator) {
            return time.units / denominator
        }
        return divideUp(
            Int128(time.units) * Int128(numerator),
            Int128(time.unitsPerSecond) * Int128(denominator)
        )
    }

    /// The first grid index at or after native sample `index`: ceil(500 index / rate).
    public func gridIndex(notBefore index: SampleIndex) -> GridIndex {
        if self == .grid { return index }
        if SampleRate.isSmall(index) {
            let product = index * (Grid.rate * denominator)
            return product / numerator + (product % numerator == 0 ? 0 : 1)
        }
        return divideUp(Int128(index) * Int128(Grid.rate * denominator), Int128(numerator))
    }

    /// The native sample that covers grid sample `index`: floor(index rate / 500).
    public func sampleIndex(covering index: GridIndex) -> SampleIndex {
        if self == .grid { return index }
        if SampleRate.isSmall(index) { return index * numerator / (Grid.rate * denominator) }
        return Int64(divideDown(Int128(index) * Int128(numerator), Int128(Grid.rate * denominator)))
    }

    /// Whether products of the index with a rate's terms, at most 2 x 10^6, fit 64 bits: nearly always.
    private static func isSmall(_ index: Int64) -> Bool { 0 <= index && index < 1 << 42 }

    /// The number of samples in `milliseconds`, rounded down.
    public func samples(inMilliseconds milliseconds: Int64) -> Int64 {
        numerator * milliseconds / (1_000 * denominator)
    }

    /// The greatest common divisor of two positive numbers.
    public static func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}

/// An exact instant of a stream's own time: `units / unitsPerSecond` seconds from the epoch's origin.
///
/// Products of two such fractions need up to 80 bits, hence `Int128` in comparisons.
public struct StreamTime: Comparable, Hashable, Sendable, Codable {
    /// How many units lie between the origin and the instant; negative before the origin.
    public var units: Int64
    /// How many units a second has; at least 1.
    public var unitsPerSecond: Int64

    /// The instant `units / unitsPerSecond` seconds.
    public init(units: Int64, unitsPerSecond: Int64) {
        self.units = units
        self.unitsPerSecond = unitsPerSecond
    }

    /// The origin of the epoch.
    public static let zero = StreamTime(units: 0, unitsPerSecond: 1)

    /// The instant `seconds` earlier.
    public func earlier(bySeconds seconds: Int64) -> StreamTime {
        StreamTime(units: units - seconds * unitsPerSecond, unitsPerSecond: unitsPerSecond)
    }

    /// Nanoseconds from the origin, rounded down; 2^48 samples at 100 Hz are more than 64 bits hold.
    public var nanoseconds: Int128 { divideDown(Int128(units) * 1_000_000_000, Int128(unitsPerSecond)) }

    /// Earlier instants come first.
    public static func < (left: StreamTime, right: StreamTime) -> Bool {
        Int128(left.units) * Int128(right.unitsPerSecond) < Int128(right.units) * Int128(left.unitsPerSecond)
    }

    /// The same instant, whatever the units.
    public static func == (left: StreamTime, right: StreamTime) -> Bool {
        Int128(left.units) * Int128(right.unitsPerSecond) == Int128(right.units) * Int128(left.unitsPerSecond)
    }

    /// Mixes in the whole seconds only: the fraction is not reduced, and equal instants must hash alike.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(divideDown(Int128(units), Int128(unitsPerSecond)))
    }
}

/// `a / b` rounded down, b > 0.
func divideDown(_ a: Int128, _ b: Int128) -> Int128 { a >= 0 ? a / b : -((-a + b - 1) / b) }

/// `a / b` rounded up, b > 0.
func divideUp(_ a: Int128, _ b: Int128) -> Int64 { Int64(-divideDown(-a, b)) }
