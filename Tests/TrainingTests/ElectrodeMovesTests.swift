import Foundation
import TestSupport
import Testing

@testable import Learning
@testable import Training

@Suite struct ElectrodeMovesTests {
    /// A row of twelve leads of which the eight measured ones are those.
    private func row(_ leads: [Float]) -> [Float] {
        var row = [Float](repeating: 0, count: 12)
        for (lead, channel) in ElectrodeMoves.channels.enumerated() { row[channel] = leads[lead] }
        return row
    }

    private func changed(_ leads: [Float], _ moves: ElectrodeMoves) -> [Float] {
        var rows = row(leads)
        moves.apply(to: &rows)
        return ElectrodeMoves.channels.map { rows[$0] }
    }

    private let leads: [Float] = [0.8, 1.1, -0.4, 0.3, 0.9, 1.4, 1.2, 0.7]

    @Test func `where nothing moves nothing changes`() {
        var moves = ElectrodeMoves()
        #expect(changed(leads, moves) == leads)
        moves.turn(by: [0, 0, 0])
        moves.moveChest([0, 0, 0, 0, 0, 0])
        moves.moveLimbs([0, 0, 0, 0, 0, 0])
        #expect(zip(changed(leads, moves), leads).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func `a turn about the axis that points back turns the frontal plane`() {
        var moves = ElectrodeMoves()
        moves.turn(by: [0, 0, Double.pi / 6])
        let turned = changed(leads, moves)
        func axis(_ leads: [Float]) -> Double {
            atan2(Double(2 * leads[1] - leads[0]) / 3.0.squareRoot(), Double(leads[0])) * 180 / Double.pi
        }
        // Of a dipole it would be 30 degrees; the leads are not a dipole's alone and their axes are those of a real body.
        #expect((20...40).contains(axis(turned) - axis(leads)), "\(axis(leads)) to \(axis(turned))")
        moves.turn(by: [0, 0, -Double.pi / 6])
        #expect(zip(changed(leads, moves), leads).allSatisfy { abs($0 - $1) < 0.05 })
    }

    @Test func `a chest electrode that goes all the way is the next one`() {
        var moves = ElectrodeMoves()
        moves.moveChest([1, 0.5, 0, 0, -1, 1])
        let moved = changed(leads, moves)
        #expect(abs(moved[2] - leads[3]) < 1e-6)
        #expect(abs(moved[3] - (leads[3] + leads[4]) / 2) < 1e-6)
        #expect(abs(moved[6] - leads[5]) < 1e-6)
        #expect(moved[7] == leads[7] && moved[0] == leads[0] && moved[1] == leads[1])
    }

    @Test func `a right-arm electrode at the left arm measures no lead I and moves the terminal`() {
        var moves = ElectrodeMoves()
        moves.moveLimbs([1, 0, 0, 0, 0, 0])
        let moved = changed(leads, moves)
        #expect(abs(moved[0]) < 1e-6)
        // II becomes III = II - I; the terminal rises by a third of what the right arm gains, which is I.
        #expect(abs(moved[1] - (leads[1] - leads[0])) < 1e-6)
        for lead in 2..<8 { #expect(abs(moved[lead] - (leads[lead] - leads[0] / 3)) < 1e-6) }
    }

    @Test(arguments: seeds(3))
    func `drawn moves are small`(seed: UInt64) {
        var chance = Chance(seed: seed, 7)
        for _ in 0..<200 {
            let moved = changed(leads, ElectrodeMoves(&chance))
            #expect(zip(moved, leads).allSatisfy { abs($0 - $1) < 1 })
        }
    }
}
