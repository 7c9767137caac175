private import Foundation
internal import Learning

/// A heart that has turned and electrodes that have moved a little, as one matrix over the eight leads that are measured.
///
/// The leads are I, II, V1 ... V6; the four other limb leads follow from I and II. Each change is linear:
/// - the heart's dipole turns in space: what the dipole explains of the leads turns, the rest stays;
/// - a chest electrode moves toward its neighbour and sees some of what that one sees;
/// - a limb electrode moves toward another limb's, which changes I, II and the terminal that V1 ... V6 are measured against.
struct ElectrodeMoves: Sendable, Equatable {
    /// Channels of the eight leads in a row of twelve.
    static let channels = [0, 1, 6, 7, 8, 9, 10, 11]

    /// Leads of a dipole with the components left, down and back (Dower, Machado, Osborne 1980).
    private static let dower: [[Double]] = [
        [0.632, -0.235, 0.059], [0.235, 1.066, -0.132], [-0.515, 0.157, -0.917], [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277], [1.213, 0.127, -0.601], [1.125, 0.127, -0.086], [0.831, 0.076, 0.230],
    ]
    /// The dipole of eight leads (Edenbrandt and Pahlm 1988).
    private static let inverseDower: [[Double]] = [
        [0.156, -0.010, -0.172, -0.074, 0.122, 0.231, 0.239, 0.194],
        [-0.227, 0.887, 0.057, -0.019, -0.106, -0.022, 0.041, 0.048],
        [0.022, 0.102, -0.229, -0.310, -0.246, -0.063, 0.055, 0.108],
    ]

    /// By lead that is read: what it gives to each of the eight.
    private var columns: [SIMD8<Float>]

    /// Nothing has moved.
    init() {
        columns = (0..<8).map { lead in
            var column = SIMD8<Float>(repeating: 0)
            column[lead] = 1
            return column
        }
    }

    /// Draws what has moved; three samples in ten have each of the first two, two in ten the last.
    init(_ chance: inout Chance) {
        self.init()
        if chance.happens(0.3) {
            // 6 degrees: what lying down or turning does to the frontal axis of most hearts.
            turn(by: (0..<3).map { _ in chance.normal() * 6 / 180 * Double.pi })
        }
        if chance.happens(0.3) {
            // Up to a third of the way to the next one: one to two centimetres.
            moveChest((0..<6).map { _ in Double.random(in: -0.33...0.33, using: &chance) })
        }
        if chance.happens(0.2) {
            // A tenth of what lies between two limbs: from the wrist to the upper arm, or a hand's breadth on the trunk.
            moveLimbs((0..<6).map { _ in Double.random(in: -0.1...0.1, using: &chance) })
        }
    }

    /// Turns the dipole about the axes that point left, down and back, one after the other; radians.
    mutating func turn(by angles: [Double]) {
        var turned = ElectrodeMoves.inverseDower
        for (axis, angle) in angles.enumerated() {
            let (a, b) = ((axis + 1) % 3, (axis + 2) % 3)
            for lead in 0..<8 {
                let (first, second) = (turned[a][lead], turned[b][lead])
                turned[a][lead] = cos(angle) * first - sin(angle) * second
                turned[b][lead] = sin(angle) * first + cos(angle) * second
            }
        }
        follow { lead, other in
            var sum = lead == other ? 1.0 : 0
            for axis in 0..<3 {
                sum +=
                    ElectrodeMoves.dower[lead][axis]
                    * (turned[axis][other] - ElectrodeMoves.inverseDower[axis][other])
            }
            return sum
        }
    }

    /// Moves the chest electrodes by shares of the way to the next one (below 0: to the one before).
    mutating func moveChest(_ shares: [Double]) {
        follow { lead, other in
            guard lead >= 2 else { return lead == other ? 1 : 0 }
            let share = shares[lead - 2]
            let neighbour = min(7, max(2, share < 0 ? lead - 1 : lead + 1))
            return (lead == other ? 1 - abs(share) : 0) + (neighbour == other ? abs(share) : 0)
        }
    }

    /// Moves the limb electrodes: right arm to left arm and to the leg, left arm to the leg and to the right arm, leg to the
    /// right arm and to the left arm; shares of what lies between them.
    mutating func moveLimbs(_ shares: [Double]) {
        // Potentials against the central terminal by I and II.
        let limbs: [[Double]] = [[-1 / 3, -1 / 3], [2 / 3, -1 / 3], [-1 / 3, 2 / 3]]
        let moved = (0..<3).map { limb in
            (0..<2).map { lead in
                let own = limbs[limb][lead]
                return own + shares[2 * limb] * (limbs[(limb + 1) % 3][lead] - own)
                    + shares[2 * limb + 1] * (limbs[(limb + 2) % 3][lead] - own)
            }
        }
        follow { lead, other in
            guard other < 2 else { return lead == other ? 1 : 0 }
            switch lead {
            case 0: return moved[1][other] - moved[0][other]
            case 1: return moved[2][other] - moved[0][other]
            default: return -(moved[0][other] + moved[1][other] + moved[2][other]) / 3
            }
        }
    }

    /// Does another change after those there are; `matrix` is by lead that is written and lead that is read.
    private mutating func follow(_ matrix: (_ lead: Int, _ other: Int) -> Double) {
        let next = (0..<8).map { other in
            var column = SIMD8<Float>(repeating: 0)
            for lead in 0..<8 { column[lead] = Float(matrix(lead, other)) }
            return column
        }
        columns = columns.map { column in
            var sum = SIMD8<Float>(repeating: 0)
            for lead in 0..<8 { sum += column[lead] * next[lead] }
            return sum
        }
    }

    /// Changes rows of twelve leads; the limb leads that follow from I and II are not touched.
    func apply(to rows: inout [Float]) {
        for row in stride(from: 0, to: rows.count, by: 12) {
            var sum = SIMD8<Float>(repeating: 0)
            for (lead, channel) in ElectrodeMoves.channels.enumerated() {
                sum += rows[row + channel] * columns[lead]
            }
            for (lead, channel) in ElectrodeMoves.channels.enumerated() { rows[row + channel] = sum[lead] }
        }
    }
}
