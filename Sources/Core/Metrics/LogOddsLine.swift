/// A line that turns log odds into better ones, fitted to what was true.
private import Mathematics

/// Corrected log odds = scale * log odds + offset (Platt, Advances in Large Margin Classifiers, 1999).
///
/// Truths are drawn a little towards the middle, as Platt proposed, so that few cases never make a probability of 0 or 1.
/// The scale is held near an expected one by a normal prior; few cases move it little.
public struct LogOddsLine: Sendable, Equatable {
    /// The factor of the log odds; above 0.
    public let scale: Double
    /// Added to the scaled log odds.
    public let offset: Double

    /// The line of those two numbers.
    public init(scale: Double, offset: Double) {
        self.scale = scale
        self.offset = offset
    }

    /// Fits a line; nil where all truths are alike.
    /// - Parameters:
    ///   - logOdds: One number a recording, finite.
    ///   - truths: Whether the statement is true of the recording.
    ///   - weights: How much each recording counts, above 0; 1 each where nil.
    ///   - expectedScale: The middle of the prior of the scale; above 0. The prior's deviation is half of it, and no scale
    ///     below a twentieth of it is given.
    public init?(logOdds: [Double], truths: [Bool], weights: [Double]? = nil, expectedScale: Double = 1) {
        let weights = weights ?? [Double](repeating: 1, count: truths.count)
        precondition(
            logOdds.count == truths.count && weights.count == truths.count && expectedScale > 0,
            "a truth and a weight for each number"
        )
        let total = weights.reduce(0, +)
        let positives = zip(weights, truths).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
        let negatives = zip(weights, truths).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
        guard positives > 0, negatives > 0 else { return nil }
        let target = (true: (positives + 1) / (positives + 2), false: 1 / (negatives + 2))
        let middle = zip(weights, logOdds).reduce(0) { $0 + $1.0 * $1.1 } / total
        let cases = truths.indices.map { place in
            Case(
                x: logOdds[place] - middle,
                target: truths[place] ? target.true : target.false,
                weight: weights[place]
            )
        }
        let ridge = 4 / (expectedScale * expectedScale)
        let floor = expectedScale / 20

        var line = (scale: expectedScale, offset: 0.0)
        var slope = Slope(cases, line, ridge: ridge, around: expectedScale)
        for _ in 0..<200 where slope.size > 1e-10 * total {
            var next = line
            (next.scale, next.offset) = (line.scale - slope.newton.scale, line.offset - slope.newton.offset)
            next.scale = max(next.scale, floor)
            var nextSlope = Slope(cases, next, ridge: ridge, around: expectedScale)
            if nextSlope.size >= slope.size {
                // Newton's step went too far. One by the largest curvature of the loss always leads down.
                (next.scale, next.offset) = (line.scale - slope.safe.scale, line.offset - slope.safe.offset)
                next.scale = max(next.scale, floor)
                nextSlope = Slope(cases, next, ridge: ridge, around: expectedScale)
            }
            (line, slope) = (next, nextSlope)
        }
        scale = line.scale
        offset = line.offset - line.scale * middle
    }

    /// The corrected probability.
    public func probability(ofLogOdds value: Double) -> Double {
        ElementaryFunctions.sigmoid(scale * value + offset)
    }

    /// A recording: its log odds less their mean, what the line should make of them, and how much it counts.
    private struct Case {
        let x: Double
        let target: Double
        let weight: Double
    }

    /// The gradient of the penalised loss at a line, and the steps that it suggests.
    private struct Slope {
        let size: Double
        let newton: (scale: Double, offset: Double)
        let safe: (scale: Double, offset: Double)

        init(
            _ cases: [Case],
            _ line: (scale: Double, offset: Double),
            ridge: Double,
            around expected: Double
        ) {
            var (byScale, byOffset) = (ridge * (line.scale - expected), 0.0)
            var (scaleScale, scaleOffset, offsetOffset) = (ridge, 0.0, 0.0)
            var (square, total) = (0.0, 0.0)
            for one in cases {
                let x = one.x
                let probability = ElementaryFunctions.sigmoid(line.scale * x + line.offset)
                let error = one.weight * (probability - one.target)
                let curvature = one.weight * probability * (1 - probability)
                byScale += error * x
                byOffset += error
                scaleScale += curvature * x * x
                scaleOffset += curvature * x
                offsetOffset += curvature
                square += one.weight * x * x
                total += one.weight
            }
            let determinant = scaleScale * offsetOffset - scaleOffset * scaleOffset
            size = (byScale * byScale + byOffset * byOffset).squareRoot()
            newton =
                determinant > 0
                ? (
                    (byScale * offsetOffset - byOffset * scaleOffset) / determinant,
                    (byOffset * scaleScale - byScale * scaleOffset) / determinant
                ) : (0, 0)
            // The x are centred, so the bound of the curvature, a quarter, has no mixed term.
            safe = (byScale / (square / 4 + ridge), byOffset / (total / 4))
        }
    }
}
