private import Foundation
public import LinearAlgebra

/// A tensor as files have it: PyTorch's name and order.
public struct NamedTensor<Number: Real>: Sendable {
    /// As PyTorch's state dictionary names it.
    public let name: String
    /// The lengths of its dimensions.
    public let shape: [Int]
    /// Its values, row by row.
    public let values: [Number]

    /// The tensor of that name.
    public init(_ name: String, _ shape: [Int], _ values: [Number]) {
        self.name = name
        self.shape = shape
        self.values = values
    }
}

extension ContrastiveModel {
    /// Which numbers of the parameters.
    public enum Kind: String, Sendable, CaseIterable {
        /// The weights that the next step starts from.
        case values
        /// AdamW's mean of the gradients.
        case first
        /// AdamW's mean of their squares.
        case second
        /// The moving average, which is what is used afterwards.
        case average
    }

    /// All parameters in PyTorch's order; with `values` and `average` the running means and variances too.
    public func tensors(_ kind: Kind) -> [NamedTensor<Number>] {
        var found: [NamedTensor<Number>] = []
        for place in places {
            let parameter = place.parameter
            let numbers =
                switch kind {
                case .values: parameter.values
                case .first: parameter.first
                case .second: parameter.second
                case .average: parameter.average
                }
            found.append(NamedTensor(parameter.name, place.shape, place.toFile(numbers)))
        }
        guard kind == .values || kind == .average else { return found }
        for norm in network.norms {
            let shape = [norm.channels]
            let isAverage = kind == .average
            found.append(
                NamedTensor(
                    "\(norm.name).running_mean",
                    shape,
                    isAverage ? norm.averageMean : norm.runningMean
                )
            )
            found.append(
                NamedTensor(
                    "\(norm.name).running_var",
                    shape,
                    isAverage ? norm.averageVariance : norm.runningVariance
                )
            )
        }
        return found
    }

    /// Takes the numbers that `tensor` gives for a name and shape in PyTorch's order.
    ///
    /// With `values` the average becomes the same, as at the start of a run.
    public func set<Failure: Error>(
        _ kind: Kind,
        tensor: (_ name: String, _ shape: [Int]) throws(Failure) -> [Number]
    ) throws(Failure) {
        for place in places {
            let parameter = place.parameter
            let numbers = place.fromFile(try tensor(parameter.name, place.shape))
            precondition(numbers.count == parameter.values.count, "\(parameter.name): other size")
            switch kind {
            case .values: parameter.set(numbers)
            case .first: parameter.first = numbers
            case .second: parameter.second = numbers
            case .average: parameter.average = numbers
            }
        }
        guard kind == .values || kind == .average else { return }
        for norm in network.norms {
            let mean = try tensor("\(norm.name).running_mean", [norm.channels])
            let variance = try tensor("\(norm.name).running_var", [norm.channels])
            if kind == .values {
                norm.setRunning(mean: mean, variance: variance)
            } else {
                (norm.averageMean, norm.averageVariance) = (mean, variance)
            }
        }
    }

    /// The optimiser goes on after so many steps.
    public func resume(afterSteps steps: Int) { self.steps = steps }

    /// Draws the weights to begin with.
    ///
    /// Convolutions: normal with variance 2 / (outputs * width), He et al. 2015. Projections: uniform within
    /// 1 / sqrt(inputs), PyTorch's default.
    public func initialise(seed: UInt64) {
        var chance = Chance(seed: seed, 0)
        for convolution in network.convolutions {
            let deviation = (2 / Double(convolution.outputs * convolution.width)).squareRoot()
            convolution.weight.set(convolution.weight.values.map { _ in Number(chance.normal() * deviation) })
        }
        for layer in [projection, textProjection] {
            let reach = 1 / Double(layer.inputs).squareRoot()
            for parameter in [layer.weight, layer.bias] {
                guard let parameter else { continue }
                parameter.set(
                    parameter.values.map { _ in Number(Double.random(in: -reach...reach, using: &chance)) }
                )
            }
        }
    }

    /// A parameter with the shape that files give it.
    private struct Place {
        let parameter: Parameter<Number>
        let shape: [Int]

        /// Ours is [width, inputs, outputs], PyTorch's is [outputs, inputs, width].
        func toFile(_ values: [Number]) -> [Number] {
            guard shape.count == 3 else { return values }
            let (outputs, inputs, width) = (shape[0], shape[1], shape[2])
            var result = values
            for output in 0..<outputs {
                for input in 0..<inputs {
                    for tap in 0..<width {
                        result[(output * inputs + input) * width + tap] =
                            values[(tap * inputs + input) * outputs + output]
                    }
                }
            }
            return result
        }

        func fromFile(_ values: [Number]) -> [Number] {
            guard shape.count == 3 else { return values }
            let (outputs, inputs, width) = (shape[0], shape[1], shape[2])
            var result = values
            for output in 0..<outputs {
                for input in 0..<inputs {
                    for tap in 0..<width {
                        result[(tap * inputs + input) * outputs + output] =
                            values[(output * inputs + input) * width + tap]
                    }
                }
            }
            return result
        }
    }

    private var places: [Place] {
        let convolutions = network.convolutions
        return parameters.map { parameter in
            if let layer = convolutions.first(where: { $0.weight === parameter }) {
                return Place(parameter: parameter, shape: [layer.outputs, layer.inputs, layer.width])
            }
            if parameter === network.pooling.attention {
                return Place(parameter: parameter, shape: [1, parameter.values.count])
            }
            for layer in [projection, textProjection] where layer.weight === parameter {
                return Place(parameter: parameter, shape: [layer.outputs, layer.inputs])
            }
            return Place(parameter: parameter, shape: [parameter.values.count])
        }
    }
}
