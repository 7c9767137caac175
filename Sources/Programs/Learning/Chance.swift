private import Foundation

/// A repeatable generator for everything that training draws (SplitMix64; Steele, Lea, Flood 2014).
///
/// A run never keeps a generator over time: each sample of each epoch has one of its own, made from the seed and its
/// place. So a run that is resumed needs its place alone, and threads cannot change what is drawn.
public struct Chance: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The generator of a seed and of a place, as (epoch, position).
    public init(seed: UInt64, _ place: Int...) {
        state = seed
        for number in place {
            state = next() ^ (UInt64(bitPattern: Int64(number)) &* 0xD6E8_FEB8_6659_FD93)
        }
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// True with that probability.
    public mutating func happens(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &self) < probability
    }

    /// A value of the standard normal distribution (Box and Muller 1958).
    public mutating func normal() -> Double {
        let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &self))).squareRoot()
        return radius * cos(2 * Double.pi * Double.random(in: 0..<1, using: &self))
    }
}
