private import Foundation
public import LinearAlgebra

/// The sigmoid loss of every ECG against every sentence: each pair is a question of its own.
///
///     similarity, truth, weight [ecgs, sentences]
///     logit = scale * similarity + bias
///     loss = sum of weight * (softplus(logit) - target * logit) / sum of weight
///     target = truth * (1 - smoothing) + smoothing / 2
///
/// A masked pair has weight 0. Zhai et al. 2023 for the learned scale and bias; we average over the pairs that count
/// instead of dividing by the batch, so that masks do not change the step.
public enum SigmoidLoss {
    /// The loss, its gradient by similarity, and by scale and bias.
    public struct Result<Number: Real> {
        /// The mean over weighted pairs.
        public let loss: Double
        /// `[ecgs, sentences]`.
        public let similarity: [Number]
        /// The derivative by the scale.
        public let scale: Double
        /// The derivative by the bias.
        public let bias: Double
    }

    /// Of at least one pair that counts.
    public static func of<Number: Real>(
        _ similarity: [Number],
        truth: [Float],
        weight: [Float],
        scale: Double,
        bias: Double,
        smoothing: Double
    ) -> Result<Number> {
        precondition(similarity.count == truth.count && truth.count == weight.count)
        let total = max(weight.reduce(0.0) { $0 + Double($1) }, 1e-12)
        var (loss, byScale, byBias) = (0.0, 0.0, 0.0)
        var gradient = [Number](repeating: 0, count: similarity.count)
        for index in similarity.indices where weight[index] > 0 {
            let value = Double(similarity[index])
            let logit = scale * value + bias
            let target = Double(truth[index]) * (1 - smoothing) + smoothing / 2
            let share = Double(weight[index]) / total
            loss += share * (max(logit, 0) + log1p(exp(-abs(logit))) - target * logit)
            let slope = share * (1 / (1 + exp(-logit)) - target)
            gradient[index] = Number(slope * scale)
            byScale += slope * value
            byBias += slope
        }
        return Result(loss: loss, similarity: gradient, scale: byScale, bias: byBias)
    }
}

/// The symmetric contrastive loss of the paper: each ECG against the sentences drawn for the batch, and back.
///
///     similarity, isAllowed [n, n]; pair (i, i) belongs together
///     loss = mean over i of (-log softmax over j of row i at i  -  log softmax over j of column i at i) / 2
///
/// In both directions a pair that is not allowed leaves the denominator: sentence j is true, masked or not expressible
/// for ECG i. Radford et al. 2021 without that rule.
public enum ContrastiveLoss {
    /// The loss and its gradient by similarity, `[n, n]`.
    public static func of<Number: Real>(
        _ similarity: [Number],
        isAllowed: [Bool],
        count n: Int,
        temperature: Double
    ) -> (loss: Double, gradient: [Number]) {
        precondition(similarity.count == n * n && isAllowed.count == n * n && n > 0)
        var loss = 0.0
        var slopes = [Double](repeating: 0, count: n * n)
        for isColumn in [false, true] {
            for i in 0..<n {
                func place(_ j: Int) -> Int { isColumn ? j * n + i : i * n + j }
                let counted = (0..<n).filter { $0 == i || isAllowed[place($0)] }
                let logits = counted.map { Double(similarity[place($0)]) / temperature }
                let greatest = logits.max() ?? 0
                let sum = logits.reduce(0) { $0 + exp($1 - greatest) }
                loss += (greatest + log(sum) - Double(similarity[place(i)]) / temperature) / Double(2 * n)
                for (j, logit) in zip(counted, logits) {
                    let probability = exp(logit - greatest) / sum
                    slopes[place(j)] += (probability - (j == i ? 1 : 0)) / (temperature * Double(2 * n))
                }
            }
        }
        return (loss, slopes.map { Number($0) })
    }
}
