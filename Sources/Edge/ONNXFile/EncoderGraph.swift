/// A model as one ONNX file: windows in, embeddings and similarities out, for any program that runs ONNX.
public import ECGEncoder

/// The sentences that a graph compares ECGs with.
public struct ONNXSentences: Sendable {
    /// The key of each sentence.
    public let ids: [String]
    /// `[ids, 256]`, English and Japanese.
    public let english: [Float]
    /// The same in Japanese.
    public let japanese: [Float]

    /// Makes them of their parts.
    public init(ids: [String], english: [Float], japanese: [Float]) {
        self.ids = ids
        self.english = english
        self.japanese = japanese
    }
}

/// The ResNet1d18 with interior pooling as an ONNX graph.
///
///     window        [batch, 12, 5000] mV in the encoder's band
///     embedding     [batch, 256], unit length
///     similarity_en, similarity_ja   [batch, statements], in the order of the property `ids`
public struct EncoderGraph {
    private var graph = ONNXGraph()
    private let tensor: TensorSource
    private let architecture = Architecture.standard

    // 1e-5 is PyTorch's default, with which the networks are trained.
    private static let normEpsilon = 1e-5

    private init(_ tensor: @escaping TensorSource) { self.tensor = tensor }

    /// The whole graph with its weights.
    /// - Parameters:
    ///   - sentences: What ECGs are compared with.
    ///   - properties: Texts that the file carries beside the row order.
    ///   - tensor: The encoder's weights by PyTorch's names.
    /// - Returns: The file's bytes.
    /// - Throws: An `EncoderWeightsError` where a tensor is missing or of another shape.
    public static func file(
        _ sentences: ONNXSentences,
        properties: [(key: String, value: String)],
        tensor: @escaping TensorSource
    ) throws(EncoderWeightsError) -> [UInt8] {
        var encoder = EncoderGraph(tensor)
        let pooled = try encoder.pooled(encoder.features("window"))
        let embedding = try encoder.embedding(pooled)
        let count = sentences.ids.count
        for (name, rows) in [("similarity_en", sentences.english), ("similarity_ja", sentences.japanese)] {
            let bank = encoder.graph.constant("bank.\(name)", [count, encoder.architecture.embedding], rows)
            _ = encoder.graph.node("Gemm", [embedding, bank], [.integer("transB", 1)], output: name)
        }
        return encoder.graph.file(
            input: ("window", [Architecture.leads, 5_000]),
            outputs: [
                ("embedding", [encoder.architecture.embedding]), ("similarity_en", [count]),
                ("similarity_ja", [count]),
            ],
            properties: properties + [("ids", sentences.ids.joined(separator: "\n"))]
        )
    }

    /// `[batch, 12, 5000]` -> `[batch, 512, 143]`, the positions that see no padding.
    private mutating func features(_ window: String) throws(EncoderWeightsError) -> String {
        let channels = architecture.channels
        let stem = try convolution(
            window,
            "conv1",
            "bn1",
            Architecture.leads,
            channels[0],
            width: 7,
            stride: 2
        )
        var rows = graph.node(
            "MaxPool",
            [graph.node("Relu", [stem])],
            [.integers("kernel_shape", [3]), .integers("strides", [2]), .integers("pads", [1, 1])]
        )
        for stage in 0..<4 {
            for block in 0..<2 {
                let inputs = block == 0 ? channels[max(0, stage - 1)] : channels[stage]
                rows = try self.block(
                    rows,
                    "layer\(stage + 1).\(block)",
                    inputs,
                    channels[stage],
                    stride: stage > 0 && block == 0 ? 2 : 1
                )
            }
        }
        let first = Architecture.firstPosition
        let ends = [
            graph.constant("first", [first]), graph.constant("end", [first + Architecture.positions]),
            graph.constant("axis", [2]),
        ]
        return graph.node("Slice", [rows] + ends)
    }

    private mutating func block(
        _ input: String,
        _ name: String,
        _ inputs: Int,
        _ outputs: Int,
        stride: Int
    ) throws(EncoderWeightsError) -> String {
        let first = try convolution(
            input,
            "\(name).conv1",
            "\(name).bn1",
            inputs,
            outputs,
            width: 3,
            stride: stride
        )
        let middle = graph.node("Relu", [first])
        let second = try convolution(
            middle,
            "\(name).conv2",
            "\(name).bn2",
            outputs,
            outputs,
            width: 3,
            stride: 1
        )
        var shortcut = input
        if stride != 1 || inputs != outputs {
            let names = ("\(name).downsample.0", "\(name).downsample.1")
            shortcut = try convolution(input, names.0, names.1, inputs, outputs, width: 1, stride: stride)
        }
        return graph.node("Relu", [graph.node("Add", [second, shortcut])])
    }

    /// A convolution with its batch norm folded in, in Double.
    private mutating func convolution(
        _ input: String,
        _ name: String,
        _ norm: String,
        _ inputs: Int,
        _ outputs: Int,
        width: Int,
        stride: Int
    ) throws(EncoderWeightsError) -> String {
        var weights = try tensor("\(name).weight", [outputs, inputs, width])
        let gamma = try tensor("\(norm).weight", [outputs])
        let beta = try tensor("\(norm).bias", [outputs])
        let mean = try tensor("\(norm).running_mean", [outputs])
        let variance = try tensor("\(norm).running_var", [outputs])
        var shift = [Float](repeating: 0, count: outputs)
        for output in 0..<outputs {
            let scale =
                Double(gamma[output]) / (Double(variance[output]) + EncoderGraph.normEpsilon).squareRoot()
            for place in output * inputs * width..<(output + 1) * inputs * width {
                weights[place] = Float(Double(weights[place]) * scale)
            }
            shift[output] = Float(Double(beta[output]) - Double(mean[output]) * scale)
        }
        return graph.node(
            "Conv",
            [
                input, graph.constant("\(name).weight", [outputs, inputs, width], weights),
                graph.constant("\(name).bias", [outputs], shift),
            ],
            [
                .integers("kernel_shape", [width]), .integers("strides", [stride]),
                .integers("pads", [width / 2, width / 2]),
            ]
        )
    }

    /// `[batch, 512, 143]` -> `[batch, 1024]`: the mean, then the mean weighted by attention.
    private mutating func pooled(_ features: String) throws(EncoderWeightsError) -> String {
        let channels = architecture.channels[3]
        let mean = graph.node("ReduceMean", [features, "axis"], [.integer("keepdims", 0)])
        let attention = graph.constant(
            "attention.weight",
            [1, channels],
            try tensor("attention.weight", [1, channels])
        )
        let score = graph.node("MatMul", [attention, features])
        let weight = graph.node(
            "Transpose",
            [graph.node("Softmax", [score], [.integer("axis", 2)])],
            [.integers("perm", [0, 2, 1])]
        )
        let attended = graph.node("Squeeze", [graph.node("MatMul", [features, weight]), "axis"])
        return graph.node("Concat", [mean, attended], [.integer("axis", 1)])
    }

    private mutating func embedding(_ pooled: String) throws(EncoderWeightsError) -> String {
        let (width, outputs) = (2 * architecture.channels[3], architecture.embedding)
        let projected = graph.node(
            "Gemm",
            [
                pooled,
                graph.constant(
                    "projection.weight",
                    [outputs, width],
                    try tensor("projection.weight", [outputs, width])
                ),
                graph.constant("projection.bias", [outputs], try tensor("projection.bias", [outputs])),
            ],
            [.integer("transB", 1)]
        )
        return graph.node(
            "LpNormalization",
            [projected],
            [.integer("axis", 1), .integer("p", 2)],
            output: "embedding"
        )
    }
}
