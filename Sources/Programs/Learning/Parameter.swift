public import LinearAlgebra

/// The gradient of one part of a batch; an object of its own, so that two threads never touch the same array.
final class PartGradient<Number: Real> {
    var values: [Number]

    init(count: Int) { values = Array(repeating: 0, count: count) }
}

/// Numbers that are learned: values, their gradients by part of the batch, and the optimiser's two means.
///
/// Each part of a batch adds to its own gradient; the parts are summed in their order, so that no thread's speed can
/// change a bit.
public final class Parameter<Number: Real> {
    /// As PyTorch's state dictionary names it.
    public let name: String
    /// In the layer's own order, which is not PyTorch's for convolutions.
    public internal(set) var values: [Number]
    /// Whether weight decay applies: to weights, not to biases, norms and scales.
    public let isDecayed: Bool
    /// By part, each as `values`.
    let gradients: [PartGradient<Number>]
    /// AdamW's mean of the gradients and of their squares.
    var first: [Number]
    var second: [Number]
    /// The moving average of the values.
    var average: [Number]

    /// A parameter for a batch in so many parts.
    public init(_ name: String, _ values: [Number], parts: Int, isDecayed: Bool) {
        self.name = name
        self.values = values
        self.isDecayed = isDecayed
        let zeros = [Number](repeating: 0, count: values.count)
        gradients = (0..<parts).map { _ in PartGradient(count: values.count) }
        first = zeros
        second = zeros
        average = values
    }

    /// Sets the values, and their average to the same.
    public func set(_ values: [Number]) {
        precondition(values.count == self.values.count, "\(name): other size")
        self.values = values
        average = values
    }

    /// The sum of all parts' gradients.
    public var gradient: [Number] {
        var sum = gradients[0].values
        let all = RowRange(0, rows: sum.count, channels: 1)
        for part in gradients.dropFirst() { Number.add(part.values, all, to: &sum) }
        return sum
    }

    /// Forgets all gradients.
    func clearGradients() {
        for part in gradients { Number.clear(&part.values) }
    }

    /// One step of AdamW, then the average follows by `share` of the way.
    func update(_ step: AdamStep, averageShare share: Double) {
        var own = step
        if !isDecayed { own.decay = 0 }
        Number.adam(own, gradient: gradient, first: &first, second: &second, values: &values)
        Number.follow(values, share: share, by: &average)
    }
}
