private import Foundation
public import LinearAlgebra

/// From the features of a window to one vector: the mean over its positions, and the mean weighted by attention.
///
///     features  [positions, channels], only the positions that see no padding
///     score     [positions] = features . attention;  weight = softmax(score)
///     pooled    [mean over positions, sum of weight * features], 2 * channels; or the mean alone
public final class InteriorPooling<Number: Real> {
    /// How the positions of a window become one vector.
    public enum Kind: String, Sendable, CaseIterable {
        /// The mean over positions.
        case mean
        /// The mean, then the mean weighted by attention.
        case meanAndAttention = "mean+attention"
    }

    /// The first position that sees none of the padding before the window.
    public static var firstPosition: Int { 7 }

    /// The positions that see no padding, for a window of so many samples.
    public static func positions(of samples: Int) -> Range<Int> {
        // Position j of the last stage sees the samples 32 j - 217 ... 32 j + 217.
        let end = (samples - 1 - 217) / 32 + 1
        precondition(
            end > firstPosition,
            "\(samples) samples are too few for a position that sees no padding"
        )
        return firstPosition..<end
    }

    /// `[channels]`; unused with the mean alone.
    public let attention: Parameter<Number>
    /// How the positions of a window become one vector.
    public let kind: Kind
    /// Channels of the features.
    public let channels: Int
    private var weights: [PartWeights<Number>]

    /// A pooling whose attention is 0, which weighs all positions alike.
    public init(channels: Int, kind: Kind = .meanAndAttention, parts: Int) {
        self.channels = channels
        self.kind = kind
        let zeros = [Number](repeating: 0, count: channels)
        attention = Parameter("attention.weight", zeros, parts: parts, isDecayed: true)
        weights = (0..<parts).map { _ in PartWeights() }
    }

    /// Numbers of a pooled vector.
    public var outputs: Int { kind == .mean ? channels : 2 * channels }

    /// `[samples, outputs]` of a part.
    public func forward(_ features: Rows<Number>, positions: Range<Int>, part: Int) -> [Number] {
        let (count, samples) = (positions.count, features.layout.samples)
        let own = weights[part]
        own.values = Array(repeating: 0, count: samples * count)
        var pooled = [Number](repeating: 0, count: samples * outputs)
        let even = [Number](repeating: 1 / Number(count), count: count)
        for sample in 0..<samples {
            let start = features.range(sample).offset + positions.lowerBound * channels
            pool(even, 0, features, start, count, into: &pooled, at: sample * outputs)
            guard kind == .meanAndAttention else { continue }
            Number.multiply(
                MatrixProduct(
                    rows: count,
                    columns: 1,
                    inner: channels,
                    a: MatrixPlace(start, step: channels),
                    b: MatrixPlace(step: 1),
                    c: MatrixPlace(sample * count, step: 1)
                ),
                features.values,
                attention.values,
                into: &own.values
            )
            softmax(&own.values, sample * count..<(sample + 1) * count)
            let place = sample * outputs + channels
            pool(own.values, sample * count, features, start, count, into: &pooled, at: place)
        }
        return pooled
    }

    /// Fills the gradient of the features (0 outside the positions) and adds to the part's gradient of the attention.
    ///
    /// With d the weighted half of the gradient and a the weights: ds = a * (f . d - sum of a * (f . d)), and
    /// df[p] = mean half / positions + a[p] * d + ds[p] * attention.
    public func backward(
        _ gradient: [Number],
        features: Rows<Number>,
        positions: Range<Int>,
        into result: Rows<Number>,
        part: Int
    ) {
        let (count, samples) = (positions.count, features.layout.samples)
        let own = weights[part]
        Number.clear(&result.values)
        var factors = [Number](repeating: 0, count: count * 3)
        var directions = [Number](repeating: 0, count: 3 * channels)
        for sample in 0..<samples {
            let start = features.range(sample).offset + positions.lowerBound * channels
            let at = sample * outputs
            directions.replaceSubrange(0..<channels, with: gradient[at..<at + channels])
            for position in 0..<count { factors[position * 3] = 1 / Number(count) }
            if kind == .meanAndAttention {
                directions.replaceSubrange(
                    channels..<2 * channels,
                    with: gradient[at + channels..<at + 2 * channels]
                )
                directions.replaceSubrange(2 * channels..<3 * channels, with: attention.values)
                let weights = Array(own.values[sample * count..<(sample + 1) * count])
                let scores = scoreGradients(features, start, weights, directions)
                for position in 0..<count {
                    factors[position * 3 + 1] = weights[position]
                    factors[position * 3 + 2] = scores[position]
                }
                let sums = attention.gradients[part]
                pool(scores, 0, features, start, count, into: &sums.values, at: 0, accumulates: true)
            }
            let terms = kind == .mean ? 1 : 3
            Number.multiply(
                MatrixProduct(
                    rows: count,
                    columns: channels,
                    inner: terms,
                    a: MatrixPlace(step: 3),
                    b: MatrixPlace(step: channels),
                    c: MatrixPlace(start, step: channels)
                ),
                factors,
                directions,
                into: &result.values
            )
        }
    }

    /// The gradient of the attention's scores, `[positions]`.
    ///
    /// With weights a, features f and direction d it is a (f d - sum of a (f d)); d stands in `directions` from
    /// `channels` on.
    private func scoreGradients(
        _ features: Rows<Number>,
        _ start: Int,
        _ weights: [Number],
        _ directions: [Number]
    ) -> [Number] {
        var products = [Number](repeating: 0, count: weights.count)
        Number.multiply(
            MatrixProduct(
                rows: weights.count,
                columns: 1,
                inner: channels,
                a: MatrixPlace(start, step: channels),
                b: MatrixPlace(channels, step: 1),
                c: MatrixPlace(step: 1)
            ),
            features.values,
            directions,
            into: &products
        )
        var mean: Number = 0
        for position in weights.indices { mean += weights[position] * products[position] }
        return weights.indices.map { weights[$0] * (products[$0] - mean) }
    }

    /// sums[at...] = sum over positions of weights[first + p] * features[p].
    private func pool(
        _ weights: [Number],
        _ first: Int,
        _ features: Rows<Number>,
        _ start: Int,
        _ count: Int,
        into sums: inout [Number],
        at place: Int,
        accumulates: Bool = false
    ) {
        Number.multiply(
            MatrixProduct(
                rows: 1,
                columns: channels,
                inner: count,
                a: MatrixPlace(first, step: count),
                b: MatrixPlace(start, step: channels),
                c: MatrixPlace(place, step: channels),
                accumulates: accumulates
            ),
            weights,
            features.values,
            into: &sums
        )
    }

    private func softmax(_ scores: inout [Number], _ range: Range<Int>) {
        let greatest = scores[range].max() ?? 0
        var sum = 0.0
        for index in range { sum += exp(Double(scores[index] - greatest)) }
        for index in range { scores[index] = Number(exp(Double(scores[index] - greatest)) / sum) }
    }
}

/// The weights of one part's positions, `[samples, positions]`, kept for the way back.
private final class PartWeights<Number: Real> {
    var values: [Number] = []
}
