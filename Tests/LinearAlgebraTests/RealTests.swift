import LinearAlgebra
import TestSupport
import Testing

/// Products and loops against their definitions, at lengths around the width of a register.
@Suite struct RealTests {
    @Test(arguments: seeds(4))
    func `a product is that of its matrices wherever they stand`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let (m, n, k) = (
            Int.random(in: 1...9, using: &generator), Int.random(in: 1...9, using: &generator),
            Int.random(in: 1...9, using: &generator)
        )
        for (isTurnedA, isTurnedB) in [(false, false), (true, false), (false, true), (true, true)] {
            let (widthA, widthB) = (isTurnedA ? m : k, isTurnedB ? k : n)
            let a = MatrixPlace(3, step: widthA + 2, isTransposed: isTurnedA)
            let b = MatrixPlace(1, step: widthB + 1, isTransposed: isTurnedB)
            let c = MatrixPlace(2, step: n + 3)
            let left = noise(3 + (isTurnedA ? k : m) * a.step, &generator)
            let right = noise(1 + (isTurnedB ? n : k) * b.step, &generator)
            let before = noise(2 + m * c.step, &generator)
            for accumulates in [false, true] {
                var result = before
                let product = MatrixProduct(
                    rows: m,
                    columns: n,
                    inner: k,
                    a: a,
                    b: b,
                    c: c,
                    accumulates: accumulates
                )
                Double.multiply(product, left, right, into: &result)
                var expected = before
                for row in 0..<m {
                    for column in 0..<n {
                        let place = c.offset + row * c.step + column
                        var sum = accumulates ? before[place] : 0
                        for inner in 0..<k {
                            let x = left[a.offset + (isTurnedA ? inner * a.step + row : row * a.step + inner)]
                            let y = right[
                                b.offset + (isTurnedB ? column * b.step + inner : inner * b.step + column)
                            ]
                            sum += x * y
                        }
                        expected[place] = sum
                    }
                }
                #expect(zip(result, expected).allSatisfy { abs($0 - $1) < 1e-12 })
            }
        }
    }

    @Test(arguments: [1, 7, 31, 32, 33, 64, 65])
    func `sums and norms go over every channel of every row`(channels: Int) {
        var generator = SeededGenerator(seed: UInt64(channels))
        let rows = 131
        let range = RowRange(channels, rows: rows, channels: channels)
        let x = noise((rows + 2) * channels, &generator)
        let origin = noise(channels, &generator)
        var (sums, squares) = (
            [Double](repeating: 1, count: channels), [Double](repeating: 2, count: channels)
        )
        Double.addSums(of: x, range, from: origin, to: &sums, squares: &squares)
        let (scale, shift) = (noise(channels, &generator), noise(channels, &generator))
        var y = [Double](repeating: 9, count: x.count)
        Double.normalise(x, range, scale: scale, shift: shift, residual: x, isRectified: true, into: &y)
        for channel in 0..<channels {
            let values = (0..<rows).map { x[channels + $0 * channels + channel] }
            #expect(abs(sums[channel] - 1 - values.reduce(0) { $0 + $1 - origin[channel] }) < 1e-9)
            let square = values.reduce(0) { $0 + ($1 - origin[channel]) * ($1 - origin[channel]) }
            #expect(abs(squares[channel] - 2 - square) < 1e-9)
            for row in 0..<rows {
                let place = channels + row * channels + channel
                #expect(y[place] == max(0, x[place] * scale[channel] + shift[channel] + x[place]))
            }
        }
        // Nothing beside the range is written.
        #expect(y.prefix(channels).allSatisfy { $0 == 9 } && y.suffix(channels).allSatisfy { $0 == 9 })
    }

    @Test func `AdamW's first step goes by the rate against the gradient's sign`() {
        var (first, second, values): ([Double], [Double], [Double]) = ([0, 0, 0], [0, 0, 0], [1, 1, 1])
        Double.adam(
            AdamStep(step: 1, rate: 0.1, decay: 0.5),
            gradient: [2, -3, 0],
            first: &first,
            second: &second,
            values: &values
        )
        // Decay first: 1 * (1 - 0.1 * 0.5) = 0.95, then 0.1 down, up, or nowhere.
        #expect(zip(values, [0.85, 1.05, 0.95]).allSatisfy { abs($0 - $1) < 1e-8 })
    }

    @Test func `a matrix outside its array ends the program before OpenBLAS sees it`() async {
        await #expect(processExitsWith: .failure) {
            var c = [Double](repeating: 0, count: 4)
            Double.multiply(
                MatrixProduct(
                    rows: 2,
                    columns: 2,
                    inner: 2,
                    a: MatrixPlace(1, step: 2),
                    b: MatrixPlace(step: 2),
                    c: MatrixPlace(step: 2)
                ),
                [1, 2, 3, 4],
                [1, 2, 3, 4],
                into: &c
            )
        }
    }

    private func noise(_ count: Int, _ generator: inout SeededGenerator) -> [Double] {
        (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
    }
}
