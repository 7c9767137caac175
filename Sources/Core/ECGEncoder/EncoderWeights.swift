/// Why tensors were refused as the weights of an encoder.
public struct EncoderWeightsError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The tensor's name, as PyTorch writes it.
    public let tensor: String
    /// What is wrong with it, and which value.
    public let reason: String

    /// Names a tensor and what is wrong with it.
    public init(tensor: String, reason: String) {
        self.tensor = tensor
        self.reason = reason
    }

    /// The message, `tensor: reason`.
    public var description: String { "\(tensor): \(reason)" }
}

/// Gives the tensor of a name, row by row; throws where there is none of that shape.
public typealias TensorSource = (_ name: String, _ shape: [Int]) throws(EncoderWeightsError) -> [Float]

/// All layers as the kernels read them, batch norm folded; packed once and shared by every stream.
struct EncoderWeights: Sendable {
    /// The convolutions in the network's order.
    let convolutions: [PackedLayer]
    /// The layer that scores a position, which is output 0 of a whole lane.
    let attention: PackedLayer
    /// The layer that makes the embedding of `[mean, attention-weighted mean]`.
    let projection: PackedLayer

    // 1e-5 is PyTorch's default, with which the networks are trained.
    private static let normEpsilon = 1e-5

    init(_ network: Network, form: KernelForm, tensor: TensorSource) throws(EncoderWeightsError) {
        var layers: [PackedLayer] = []
        for (index, convolution) in network.convolutions.enumerated() {
            let operation = network.operations.first { $0.convolutionIndex == index }
            let rowLength = operation.map { network.tensors[$0.input].rowLength } ?? convolution.inputs
            layers.append(
                try EncoderWeights.fold(convolution, inputRowLength: rowLength, form: form, tensor: tensor)
            )
        }
        convolutions = layers

        let channels = network.architecture.channels[3]
        let rowLength = Network.rowLength(channels)
        let score = try EncoderWeights.finite("attention.weight", [1, channels], tensor)
        attention = PackedLayer(
            inputs: rowLength,
            realOutputs: 1,
            form: form,
            bias: { _ in 0 },
            weight: { _, k in k < channels ? score[k] : 0 }
        )
        let embedding = network.architecture.embedding
        let weights = try EncoderWeights.finite("projection.weight", [embedding, 2 * channels], tensor)
        let bias = try EncoderWeights.finite("projection.bias", [embedding], tensor)
        projection = PackedLayer(
            inputs: 2 * rowLength,
            realOutputs: embedding,
            form: form,
            bias: { bias[$0] },
            weight: { output, k in
                let (half, channel) = k.quotientAndRemainder(dividingBy: rowLength)
                return channel < channels ? weights[(output * 2 + half) * channels + channel] : 0
            }
        )
    }

    /// w' = w * scale, b' = beta - mean * scale, scale = gamma / sqrt(variance + epsilon), each channel, in
    /// Double.
    private static func fold(
        _ convolution: Convolution,
        inputRowLength: Int,
        form: KernelForm,
        tensor: TensorSource
    ) throws(EncoderWeightsError) -> PackedLayer {
        let (inputs, outputs, width) = (convolution.inputs, convolution.outputs, convolution.width)
        let norm = convolution.norm
        let name = "\(convolution.name).weight"
        let weights = try finite(name, [outputs, inputs, width], tensor)
        let gamma = try finite("\(norm).weight", [outputs], tensor)
        let beta = try finite("\(norm).bias", [outputs], tensor)
        let mean = try finite("\(norm).running_mean", [outputs], tensor)
        let variance = try finite("\(norm).running_var", [outputs], tensor)
        if let channel = variance.firstIndex(where: { $0 < 0 }) {
            throw EncoderWeightsError(
                tensor: "\(norm).running_var",
                reason: "channel \(channel) is \(variance[channel]), below 0"
            )
        }
        let scale = (0..<outputs).map {
            Double(gamma[$0]) / (Double(variance[$0]) + normEpsilon).squareRoot()
        }
        let layer = PackedLayer(
            inputs: width * inputRowLength,
            realOutputs: outputs,
            form: form,
            bias: { Float(Double(beta[$0]) - Double(mean[$0]) * scale[$0]) },
            weight: { output, k in
                let (tap, channel) = k.quotientAndRemainder(dividingBy: inputRowLength)
                guard channel < inputs else { return 0 }
                return Float(Double(weights[(output * inputs + channel) * width + tap]) * scale[output])
            }
        )
        guard layer.isFinite else {
            throw EncoderWeightsError(tensor: name, reason: "too large for Float once \(norm) is folded in")
        }
        return layer
    }

    private static func finite(
        _ name: String,
        _ shape: [Int],
        _ tensor: TensorSource
    ) throws(EncoderWeightsError) -> [Float] {
        let values = try tensor(name, shape)
        let count = shape.reduce(1, *)
        guard values.count == count else {
            throw EncoderWeightsError(
                tensor: name,
                reason: "\(values.count) values, shape \(shape) needs \(count)"
            )
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw EncoderWeightsError(
                tensor: name,
                reason: "value \(index) is \(values[index]), not a finite number"
            )
        }
        return values
    }
}

extension Operation {
    fileprivate var convolutionIndex: Int? {
        if case .convolution(let index, _) = kind { index } else { nil }
    }
}
