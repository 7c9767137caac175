private import Foundation
internal import Learning

/// The upper edge of a recorder's band, 36 to 60 Hz: what lies above it is gone, and steep waves ring at it.
///
/// The same beat sent at 100 Hz and at 500 Hz may differ by 15 microvolts of ringing at its steepest wave (V3 of PTB-XL
/// 219), which means nothing. Noise that is independent of the beat does not teach that.
struct UpperBandEdge: Sendable, Equatable {
    /// Grid samples on either side of which a sample is made; the passage from all to nothing is some 10 Hz wide.
    static let reach = 75

    /// Where half of the amplitude is left, Hz.
    let hertz: Double

    init(hertz: Double) { self.hertz = hertz }

    init(_ chance: inout Chance) { hertz = Double.random(in: 36...60, using: &chance) }

    /// The middle of a symmetric filter and one side of it: a sinc under a Hann window, whose sum over all is 1.
    private var taps: [Float] {
        let side = (0...UpperBandEdge.reach).map { place -> Double in
            let phase = Double.pi * Double(place) / Double(UpperBandEdge.reach + 1)
            let turn = 2 * Double.pi * hertz / 500 * Double(place)
            return (place == 0 ? 1 : sin(turn) / turn) * (1 + cos(phase)) / 2
        }
        let sum = side[0] + 2 * side.dropFirst().reduce(0, +)
        return side.map { Float($0 / sum) }
    }

    /// Filters the electrodes' leads of `[time][12]`, forward and backward alike, so that no wave moves.
    ///
    /// Before the first and after the last sample these are taken to go on. The four leads that follow from I and II are left
    /// to the caller.
    func apply(to rows: inout [Float]) {
        let taps = taps
        let (count, reach) = (rows.count / 12, UpperBandEdge.reach)
        guard count > 0 else { return }
        var padded = [Float](repeating: 0, count: count + 2 * reach)
        var filtered = [Float](repeating: 0, count: count)
        for channel in ElectrodeMoves.channels {
            for time in padded.indices {
                padded[time] = rows[min(max(time - reach, 0), count - 1) * 12 + channel]
            }
            for time in 0..<count { filtered[time] = taps[0] * padded[time + reach] }
            for place in 1...reach {
                let tap = taps[place]
                for time in 0..<count {
                    filtered[time] += tap * (padded[time + reach - place] + padded[time + reach + place])
                }
            }
            for time in 0..<count { rows[time * 12 + channel] = filtered[time] }
        }
    }
}
