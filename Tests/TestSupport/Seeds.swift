private import FoundationEssentials

/// A repeatable generator (SplitMix64; Steele, Lea, Flood 2014), so that a printed seed gives the same case again.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The generator of that seed.
    public init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// The seeds of a law's random cases: `SHINDEN_SEED` alone where it is set, else 1 to `count`
/// (times `SHINDEN_CASES`, a factor for longer runs).
public func seeds(_ count: Int) -> [UInt64] {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["SHINDEN_SEED"].flatMap(UInt64.init) { return [seed] }
    let factor = environment["SHINDEN_CASES"].flatMap(Int.init) ?? 1
    return (1...UInt64(count * factor)).map { $0 }
}
