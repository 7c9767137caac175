import Foundation
import Testing

@testable import Learning
@testable import Training

@Suite struct UpperBandEdgeTests {
    /// How much of a sine of that frequency is left in each electrode's lead, away from both ends.
    private func gain(_ hertz: Double, edge: Double) -> [Float] {
        let wave = (0..<2_000).map { Float(sin(2 * Double.pi * hertz * Double($0) / 500)) }
        var rows = [Float](repeating: 0, count: 12 * wave.count)
        for channel in ElectrodeMoves.channels {
            for (time, value) in wave.enumerated() { rows[time * 12 + channel] = value }
        }
        UpperBandEdge(hertz: edge).apply(to: &rows)
        return ElectrodeMoves.channels.map { channel in
            let product = (500..<1_500).reduce(Float(0)) { $0 + rows[$1 * 12 + channel] * wave[$1] }
            return product / 500
        }
    }

    @Test
    func `what lies below the edge stays where it is, what lies above it is gone, and half is left at it`() {
        for edge in [36.0, 45, 60] {
            for (hertz, wanted) in [(2.0, Float(1)), (edge - 8, 1), (edge, 0.5), (edge + 8, 0), (120, 0)] {
                #expect(gain(hertz, edge: edge).allSatisfy { abs($0 - wanted) < 0.02 }, "\(hertz) at \(edge)")
            }
        }
    }

    @Test func `a constant stays to its ends, and a step rings at the edge`() {
        var rows = [Float](repeating: 0.25, count: 12 * 300)
        UpperBandEdge(hertz: 40).apply(to: &rows)
        #expect(rows.allSatisfy { abs($0 - 0.25) < 1e-6 })
        for time in 150..<300 { for channel in 0..<12 { rows[time * 12 + channel] = 1.25 } }
        UpperBandEdge(hertz: 40).apply(to: &rows)
        let lead = (0..<300).map { rows[$0 * 12] }
        #expect((lead.max() ?? 0) > 1.3 && (lead.min() ?? 1) < 0.2)
        #expect(abs(lead[0] - 0.25) < 1e-6 && abs(lead[299] - 1.25) < 1e-6)
    }
}
