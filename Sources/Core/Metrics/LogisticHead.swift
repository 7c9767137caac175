/// A linear head with a logistic output: the plainest classifier that can be trained on fixed features.
private import Mathematics

/// Weights of one statement over features, fitted to the mean logistic loss with a ridge.
///
/// It serves as a floor: what a plain classifier makes of the same recordings without sentences. Nesterov's accelerated
/// gradient (1983) over the whole set with a step that is safe for the loss's curvature, and a fixed number of steps, so that a
/// figure repeats exactly.
public struct LogisticHead: Sendable {
    /// The weight of each feature.
    public let weights: [Double]
    /// Added to the product.
    public let bias: Double

    /// Fits a head; recordings whose truth is nil are left out, and where all truths are alike there is none.
    /// - Parameters:
    ///   - features: `[recordings][features]`.
    ///   - truths: `[recordings]`.
    ///   - ridge: Penalty on half the squared weights, relative to the mean loss; above 0.
    ///   - steps: Gradient steps.
    public init?(features: [[Float]], truths: [Bool?], ridge: Double = 1e-3, steps: Int = 100) {
        let judged = truths.indices.filter { truths[$0] != nil }
        let positives = judged.reduce(0) { $0 + (truths[$1] == true ? 1 : 0) }
        guard positives > 0, positives < judged.count, let width = features.first?.count else { return nil }
        var weights = [Double](repeating: 0, count: width)
        var speed = weights
        var (bias, biasSpeed) = (0.0, 0.0)
        // The largest curvature of the mean loss is at most (mean squared length + 1) / 4 + ridge; a step of its inverse is safe.
        let square = judged.reduce(0.0) { sum, row in
            sum + features[row].reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        let step = 1 / ((square / Double(judged.count) + 1) / 4 + ridge)
        for iteration in 0..<steps {
            var gradient = [Double](repeating: 0, count: width)
            var biasGradient = 0.0
            // Nesterov's momentum (1983): the gradient is taken ahead of the weights.
            let momentum = Double(iteration) / Double(iteration + 3)
            let ahead = weights.indices.map { weights[$0] + momentum * speed[$0] }
            let biasAhead = bias + momentum * biasSpeed
            for row in judged {
                let score = LogisticHead.product(features[row], ahead) + biasAhead
                let error = ElementaryFunctions.sigmoid(score) - (truths[row] == true ? 1 : 0)
                for (index, value) in features[row].enumerated() { gradient[index] += error * Double(value) }
                biasGradient += error
            }
            let scale = 1 / Double(judged.count)
            for index in weights.indices {
                let next = ahead[index] - step * (gradient[index] * scale + ridge * ahead[index])
                speed[index] = next - weights[index]
                weights[index] = next
            }
            let nextBias = biasAhead - step * biasGradient * scale
            biasSpeed = nextBias - bias
            bias = nextBias
        }
        self.weights = weights
        self.bias = bias
    }

    /// The log odds that the head gives a recording.
    public func logOdds(_ features: [Float]) -> Double { LogisticHead.product(features, weights) + bias }

    private static func product(_ features: [Float], _ weights: [Double]) -> Double {
        var sum = 0.0
        for (index, value) in features.enumerated() { sum += Double(value) * weights[index] }
        return sum
    }
}
