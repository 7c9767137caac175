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
    let convolutions: [ConvolutionLayer]
    /// For each tensor of bytes that is made of floats, what a row of floats is multiplied with; else nil.
    let quantisers: [[Float]?]
    /// The layer that scores a position, which is output 0 of a whole lane.
    let attention: PackedLayer
    /// The layer that makes the embedding of `[mean, attention-weighted mean]`.
    let projection: PackedLayer

    // 1e-5 is PyTorch's default, with which the networks are trained.
    private static let normEpsilon = 1e-5

    init(_ network: Network, form: KernelForm, tensor: TensorSource) throws(EncoderWeightsError) {
        let scales = try EncoderWeights.scales(network, tensor)
        var layers: [ConvolutionLayer] = []
        var quantisers = [[Float]?](repeating: nil, count: network.tensors.count)
        for (index, operation) in network.operations.enumerated() {
            let input = network.tensors[operation.input]
            let output = network.tensors[index + 1]
            guard case .convolution(let number, _) = operation.kind else {
                // The greatest of some values has the greatest of their bytes, so one scale serves both.
                quantisers[index + 1] = scales[index + 1].map { scale in
                    (0..<output.rowLength).map { $0 < scale.steps.count ? Float(scale.inverse($0)) : 0 }
                }
                continue
            }
            let convolution = network.convolutions[number]
            let folded = try EncoderWeights.fold(convolution, inputRowLength: input.rowLength, tensor)
            let layer: ConvolutionLayer =
                if let scale = scales[operation.input] {
                    .bytes(
                        QuantisedLayer(
                            folded,
                            form: form,
                            input: scale,
                            residual: operation.residual.flatMap { scales[$0] },
                            output: scales[index + 1]
                        )
                    )
                } else { .floats(PackedLayer(folded, form: form)) }
            guard layer.isFinite else {
                throw EncoderWeightsError(
                    tensor: input.isBytes ? convolution.rangeName : "\(convolution.name).weight",
                    reason: "too large for Float once \(convolution.norm) is folded in"
                )
            }
            layers.append(layer)
        }
        convolutions = layers
        self.quantisers = quantisers

        (attention, projection) = try EncoderWeights.head(network.architecture, form, tensor)
    }

    /// The two layers behind the convolutions, which are of floats in every precision.
    private static func head(
        _ architecture: Architecture,
        _ form: KernelForm,
        _ tensor: TensorSource
    ) throws(EncoderWeightsError) -> (attention: PackedLayer, projection: PackedLayer) {
        let channels = architecture.channels[3]
        let rowLength = Network.rowLength(channels)
        let score = try finite("attention.weight", [1, channels], tensor)
        let attention = PackedLayer(
            inputs: rowLength,
            realOutputs: 1,
            form: form,
            bias: { _ in 0 },
            weight: { _, k in k < channels ? score[k] : 0 }
        )
        let embedding = architecture.embedding
        let weights = try finite("projection.weight", [embedding, 2 * channels], tensor)
        let bias = try finite("projection.bias", [embedding], tensor)
        let projection = PackedLayer(
            inputs: 2 * rowLength,
            realOutputs: embedding,
            form: form,
            bias: { bias[$0] },
            weight: { output, k in
                let (half, channel) = k.quotientAndRemainder(dividingBy: rowLength)
                return channel < channels ? weights[(output * 2 + half) * channels + channel] : 0
            }
        )
        return (attention, projection)
    }

    /// For each tensor how its values are written as bytes; nil where they are floats.
    private static func scales(
        _ network: Network,
        _ tensor: TensorSource
    ) throws(EncoderWeightsError) -> [ByteScale?] {
        var ranges: [[Float]?] = [nil]
        var scales: [ByteScale?] = [nil]
        for (index, operation) in network.operations.enumerated() {
            var isRectified = true
            switch operation.kind {
            case .maximum: ranges.append(ranges[operation.input])
            case .convolution(let number, let rectified):
                isRectified = rectified
                let convolution = network.convolutions[number]
                let isWanted = network.precision == .int8 && index + 1 < network.operations.count
                ranges.append(isWanted ? try range(of: convolution, tensor) : nil)
            }
            let range = network.tensors[index + 1].isBytes ? ranges[index + 1] : nil
            scales.append(range.map { ByteScale(range: $0, isRectified: isRectified) })
        }
        return scales
    }

    /// The greatest magnitudes of a convolution's outputs.
    private static func range(
        of convolution: Convolution,
        _ tensor: TensorSource
    ) throws(EncoderWeightsError) -> [Float] {
        let range = try finite(convolution.rangeName, [convolution.outputs], tensor)
        if let channel = range.firstIndex(where: { $0 < 0 }) {
            throw EncoderWeightsError(
                tensor: convolution.rangeName,
                reason: "channel \(channel) is \(range[channel]), below 0"
            )
        }
        return range
    }

    /// w' = w * scale, b' = beta - mean * scale, scale = gamma / sqrt(variance + epsilon), each channel, in
    /// Double.
    private static func fold(
        _ convolution: Convolution,
        inputRowLength: Int,
        _ tensor: TensorSource
    ) throws(EncoderWeightsError) -> FoldedConvolution {
        let (inputs, outputs, width) = (convolution.inputs, convolution.outputs, convolution.width)
        let norm = convolution.norm
        let weights = try finite("\(convolution.name).weight", [outputs, inputs, width], tensor)
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
        return FoldedConvolution(
            inputs: width * inputRowLength,
            inputRowLength: inputRowLength,
            outputs: outputs,
            bias: { Float(Double(beta[$0]) - Double(mean[$0]) * scale[$0]) },
            weight: { output, k in
                let (tap, channel) = k.quotientAndRemainder(dividingBy: inputRowLength)
                guard channel < inputs else { return 0 }
                return Float(Double(weights[(output * inputs + channel) * width + tap]) * scale[output])
            }
        )
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

/// A convolution in the numbers in which it is computed.
enum ConvolutionLayer: Sendable {
    case floats(PackedLayer)
    case bytes(QuantisedLayer)

    /// Whether all that it is made of are numbers.
    var isFinite: Bool {
        switch self {
        case .floats(let layer): layer.isFinite
        case .bytes(let layer): layer.isFinite
        }
    }
}

extension PackedLayer {
    /// Packs a convolution's own weights.
    fileprivate init(_ layer: FoldedConvolution, form: KernelForm) {
        self.init(
            inputs: layer.inputs,
            realOutputs: layer.outputs,
            form: form,
            bias: layer.bias,
            weight: layer.weight
        )
    }
}
