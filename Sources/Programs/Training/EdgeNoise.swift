private import Foundation
internal import Learning

/// Noise of 38 to 75 Hz, at and beyond the upper edge of the encoder's band, which each electrode picks up differently.
///
/// A recording at 100 Hz tells next to nothing of what lies there, one at 500 Hz does: muscle, and mains that the low-pass
/// leaves. A network that learned from recordings at 100 Hz alone has no reason to disregard it.
struct EdgeNoise: Sendable, Equatable {
    /// Where the white noise behind it begins.
    let seed: UInt64
    /// The frequency in the middle, and the distance between those of half its power, Hz.
    let hertz: Double
    let width: Double
    /// Root mean square of one source, millivolts.
    let millivolts: Float
    /// How much of each of two sources the electrodes I, II and V1 to V6 pick up.
    let mix: [Float]

    init(_ chance: inout Chance) {
        seed = chance.next()
        hertz = Double.random(in: 38...75, using: &chance)
        width = exp(Double.random(in: log(1)...log(20), using: &chance))
        millivolts = Float(exp(Double.random(in: log(0.001)...log(0.03), using: &chance)))
        mix = (0..<16).map { _ in Float(chance.normal()) }
    }

    /// The two sources for that many grid samples, millivolts: white noise through a resonator of two poles.
    func sources(_ count: Int) -> (first: [Float], second: [Float]) {
        var chance = Chance(seed: seed)
        return (source(count, &chance), source(count, &chance))
    }

    private func source(_ count: Int, _ chance: inout Chance) -> [Float] {
        let rate = 500.0
        let radius = exp(-Double.pi * width / rate)
        let (a1, a2) = (2 * radius * cos(2 * Double.pi * hertz / rate), -radius * radius)
        // The resonator begins at rest; after `runUp` samples its slowest form is within e^-3 of its steady state.
        let runUp = Int(rate)
        var (last, beforeLast) = (0.0, 0.0)
        var samples: [Float] = []
        samples.reserveCapacity(count)
        var power = 0.0
        for time in 0..<count + runUp {
            let value = chance.normal() + a1 * last + a2 * beforeLast
            (beforeLast, last) = (last, value)
            guard time >= runUp else { continue }
            samples.append(Float(value))
            power += value * value
        }
        let factor = millivolts / Float((power / Double(count)).squareRoot())
        return samples.map { $0 * factor }
    }
}
