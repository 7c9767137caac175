import LinearAlgebra
import TestSupport

@testable import Learning

/// Numbers in [-1, 1): golden/make.py's formula, the same in both languages.
func formula(_ count: Int, salt: UInt64) -> [Double] {
    (0..<UInt64(count)).map { index in
        var z = (index &+ 1) &* 0x9E37_79B9_7F4A_7C15 &+ salt &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 30)) &* 0x94D0_49BB_1331_11EB
        return Double(z >> 32) / 2_147_483_648 - 1
    }
}

/// `count` numbers between -1 and 1.
func random(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
    (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
}

/// Rows whose samples are random and whose padding is 0.
func randomRows(_ layout: RowLayout, _ channels: Int, _ generator: inout SeededGenerator) -> Rows<Double> {
    let rows = Rows<Double>(layout, channels: channels)
    for sample in 0..<layout.samples {
        let range = rows.range(sample)
        for index in range.offset..<range.offset + range.rows * channels {
            rows.values[index] = Double.random(in: -1...1, using: &generator)
        }
    }
    return rows
}

/// The same rows with the same values.
func copy(_ rows: Rows<Double>) -> Rows<Double> {
    let copy = Rows<Double>(rows.layout, channels: rows.channels)
    copy.values = rows.values
    return copy
}

/// The numbers of all samples, without padding.
func samples(_ rows: Rows<Double>) -> [Double] {
    (0..<rows.layout.samples).flatMap { sample in
        let range = rows.range(sample)
        return rows.values[range.offset..<range.offset + range.rows * range.channels]
    }
}

/// The places of all samples' numbers.
func places(_ rows: Rows<Double>) -> [Int] {
    (0..<rows.layout.samples).flatMap { sample in
        let range = rows.range(sample)
        return Array(range.offset..<range.offset + range.rows * range.channels)
    }
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// The greatest difference over the greatest magnitude.
func distance(_ a: [Double], _ b: [Double]) -> Double {
    let largest = max(a.map(abs).max() ?? 0, b.map(abs).max() ?? 0, 1e-300)
    return (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / largest
}

/// Central differences of `loss` by each number of an array that `read` and `write` reach.
func differences(
    _ places: [Int],
    read: (Int) -> Double,
    write: (Int, Double) -> Void,
    loss: () -> Double
) -> [Double] {
    let step = 1e-5
    return places.map { place in
        let before = read(place)
        write(place, before + step)
        let above = loss()
        write(place, before - step)
        let below = loss()
        write(place, before)
        return (above - below) / (2 * step)
    }
}

/// Central differences of `loss` by some numbers of rows.
func differences(_ places: [Int], of rows: Rows<Double>, loss: () -> Double) -> [Double] {
    differences(places, read: { rows.values[$0] }, write: { rows.values[$0] = $1 }, loss: loss)
}
