public import LinearAlgebra

/// The sums of one part of a batch, by channel; an object of its own, so that two threads never touch the same array.
private final class PartSums {
    var sums: [Double]
    var squares: [Double]
    var count = 0

    init(channels: Int) {
        sums = Array(repeating: 0, count: channels)
        squares = sums
    }

    func clear() { for channel in sums.indices { (sums[channel], squares[channel]) = (0, 0) } }
}

/// Batch norm of each channel over all samples and times of a batch, then a residual and ReLU where asked for.
///
///     input, output, residual   [time, channels]
///     output = gamma * (input - mean) / sqrt(variance + epsilon) + beta [+ residual] [, negative values 0]
///
/// A batch comes in parts. Each part sums for itself, `combine` adds the sums in the order of the parts, then each part
/// normalises; backward alike. Ioffe and Szegedy 2015; the running variance is the unbiased one, as PyTorch's.
public final class BatchNorm<Number: Real> {
    /// PyTorch's default.
    public static var epsilon: Double { 1e-5 }
    /// How much of a batch's mean and variance enters the running ones; PyTorch's default.
    public static var momentum: Double { 0.1 }

    /// Scale by channel.
    public let gamma: Parameter<Number>
    /// Shift by channel.
    public let beta: Parameter<Number>
    /// How many channels it normalises.
    public let channels: Int
    /// What the network uses once it has learned.
    public internal(set) var runningMean: [Number]
    /// The unbiased variance that belongs to it.
    public internal(set) var runningVariance: [Number]
    /// As PyTorch names the layer.
    public let name: String

    /// What the moving average of the weights runs with.
    var averageMean: [Number]
    var averageVariance: [Number]
    private let parts: [PartSums]
    private var mean: [Number]
    private var inverse: [Double]
    private var scale: [Number]
    private var shift: [Number]
    private var coefficients: (a: [Number], b: [Number], k: [Number])

    /// Gamma 1, beta 0, running mean 0, running variance 1.
    public init(_ name: String, channels: Int, parts: Int) {
        let zeros = [Number](repeating: 0, count: channels)
        let ones = [Number](repeating: 1, count: channels)
        self.name = name
        self.channels = channels
        gamma = Parameter("\(name).weight", ones, parts: parts, isDecayed: false)
        beta = Parameter("\(name).bias", zeros, parts: parts, isDecayed: false)
        runningMean = zeros
        runningVariance = ones
        averageMean = zeros
        averageVariance = ones
        self.parts = (0..<parts).map { _ in PartSums(channels: channels) }
        mean = zeros
        inverse = Array(repeating: 1, count: channels)
        scale = ones
        shift = zeros
        coefficients = (zeros, zeros, zeros)
    }

    /// Sums a part's input; sums begin at the running mean, so that a large mean costs no digits.
    public func sum(_ input: Rows<Number>, part: Int) {
        let own = parts[part]
        own.clear()
        for sample in 0..<input.layout.samples {
            Number.addSums(
                of: input.values,
                input.range(sample),
                from: runningMean,
                to: &own.sums,
                squares: &own.squares
            )
        }
        own.count = input.layout.samples * input.layout.time
    }

    /// Mean and variance of the whole batch from the sums of all parts; the running ones follow.
    public func combine() {
        let count = Double(parts.reduce(0) { $0 + $1.count })
        for channel in 0..<channels {
            let sum = parts.reduce(0) { $0 + $1.sums[channel] } / count
            let square = parts.reduce(0) { $0 + $1.squares[channel] } / count
            let origin = Double(runningMean[channel])
            let variance = max(0, square - sum * sum)
            let unbiased = variance * count / max(1, count - 1)
            inverse[channel] = 1 / (variance + BatchNorm.epsilon).squareRoot()
            mean[channel] = Number(origin + sum)
            let factor = Double(gamma.values[channel]) * inverse[channel]
            scale[channel] = Number(factor)
            shift[channel] = Number(Double(beta.values[channel]) - (origin + sum) * factor)
            runningMean[channel] = Number(origin + BatchNorm.momentum * sum)
            let before = Double(runningVariance[channel])
            runningVariance[channel] = Number(before + BatchNorm.momentum * (unbiased - before))
        }
    }

    /// Sets what the network uses once it has learned.
    public func setRunning(mean: [Number], variance: [Number]) {
        precondition(mean.count == channels && variance.count == channels, "\(name): other size")
        (runningMean, runningVariance, averageMean, averageVariance) = (mean, variance, mean, variance)
    }

    /// Moves the averages of the running mean and variance by `share` of the way.
    func followRunning(share: Double) {
        Number.follow(runningMean, share: share, by: &averageMean)
        Number.follow(runningVariance, share: share, by: &averageVariance)
    }

    /// The output of a part.
    public func normalise(
        _ input: Rows<Number>,
        residual: Rows<Number>? = nil,
        isRectified: Bool,
        into output: Rows<Number>
    ) {
        for sample in 0..<input.layout.samples {
            Number.normalise(
                input.values,
                input.range(sample),
                scale: scale,
                shift: shift,
                residual: residual?.values,
                isRectified: isRectified,
                into: &output.values
            )
        }
    }

    /// Takes a part's gradient of the output and sums it.
    ///
    /// It is cleared where the output (nil: not rectified) is 0, and is then the gradient of the residual too.
    public func sumGradients(
        _ gradient: Rows<Number>,
        output: Rows<Number>?,
        input: Rows<Number>,
        part: Int
    ) {
        let own = parts[part]
        own.clear()
        for sample in 0..<input.layout.samples {
            Number.addGradientSums(
                &gradient.values,
                output: output?.values,
                of: input.values,
                input.range(sample),
                mean: mean,
                to: &own.sums,
                products: &own.squares
            )
        }
    }

    /// The gradients of gamma and beta, and what the input's gradient needs, from the sums of all parts.
    ///
    /// dx = gamma / s * (dy - mean(dy) - (x - mean) / s^2 * mean(dy * (x - mean))), s^2 = variance + epsilon.
    public func combineGradients() {
        let count = Double(parts.reduce(0) { $0 + $1.count })
        for channel in 0..<channels {
            let sum = parts.reduce(0) { $0 + $1.sums[channel] }
            let product = parts.reduce(0) { $0 + $1.squares[channel] }
            gamma.gradients[0].values[channel] += Number(product * inverse[channel])
            beta.gradients[0].values[channel] += Number(sum)
            let factor = Double(gamma.values[channel]) * inverse[channel]
            coefficients.a[channel] = Number(factor)
            coefficients.b[channel] = Number(-factor * inverse[channel] * inverse[channel] * product / count)
            coefficients.k[channel] = Number(-factor * sum / count)
        }
    }

    /// A part's gradient of the input, into rows whose padding stays 0.
    public func backward(_ gradient: Rows<Number>, input: Rows<Number>, into result: Rows<Number>) {
        for sample in 0..<input.layout.samples {
            Number.normGradient(
                gradient.values,
                of: input.values,
                input.range(sample),
                mean: mean,
                coefficients.a,
                coefficients.b,
                coefficients.k,
                into: &result.values
            )
        }
    }
}
