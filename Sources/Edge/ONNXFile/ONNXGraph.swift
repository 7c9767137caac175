/// Nodes and weights of an ONNX graph as they are added; every method gives the name of what it makes.
///
/// The numbers of fields are those of onnx.proto (ONNX 1.15, IR version 9, operator set 18).
struct ONNXGraph {
    /// An attribute of a node.
    enum Attribute {
        case integer(String, Int)
        case integers(String, [Int])
    }

    private static let floatType = 1
    private static let integerType = 7
    private static let irVersion = 9
    private static let operatorSet = 18

    private var nodes: [ProtobufMessage] = []
    private var constants: [ProtobufMessage] = []

    /// A constant of Floats, row by row.
    mutating func constant(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
        add(name, shape, ONNXGraph.floatType, values.flatMap { littleEndian($0.bitPattern, count: 4) })
    }

    /// A constant list of whole numbers.
    mutating func constant(_ name: String, _ values: [Int]) -> String {
        add(name, [values.count], ONNXGraph.integerType, values.flatMap { littleEndian($0, count: 8) })
    }

    private mutating func add(_ name: String, _ shape: [Int], _ type: Int, _ contents: [UInt8]) -> String {
        var tensor = ProtobufMessage()
        for length in shape { tensor.add(1, length) }
        tensor.add(2, type)
        tensor.add(8, name)
        tensor.add(9, contents)
        constants.append(tensor)
        return name
    }

    /// A node of that operator; its output is named `output`, or by the operator and a number.
    mutating func node(
        _ operation: String,
        _ inputs: [String],
        _ attributes: [Attribute] = [],
        output name: String? = nil
    ) -> String {
        let output = name ?? "\(operation.lowercased())\(nodes.count)"
        var node = ProtobufMessage()
        for input in inputs { node.add(1, input) }
        node.add(2, output)
        node.add(3, output)
        node.add(4, operation)
        for attribute in attributes {
            node.add(5) { message in
                switch attribute {
                case .integer(let name, let value):
                    message.add(1, name)
                    message.add(3, value)
                    message.add(20, 2)
                case .integers(let name, let values):
                    message.add(1, name)
                    for value in values { message.add(8, value) }
                    message.add(20, 7)
                }
            }
        }
        nodes.append(node)
        return output
    }

    /// The file: a graph from one input to some outputs, all of Floats, whose first length is a batch of any size.
    func file(
        input: (name: String, shape: [Int]),
        outputs: [(name: String, shape: [Int])],
        properties: [(key: String, value: String)]
    ) -> [UInt8] {
        var model = ProtobufMessage()
        model.add(1, ONNXGraph.irVersion)
        model.add(2, "shinden")
        model.add(6, "Research software, not a medical device.")
        model.add(7) { graph in
            for node in nodes { graph.add(1, node.bytes) }
            graph.add(2, "ResNet1d18")
            for constant in constants { graph.add(5, constant.bytes) }
            graph.add(11) { ONNXGraph.describe(input, in: &$0) }
            for output in outputs { graph.add(12) { ONNXGraph.describe(output, in: &$0) } }
        }
        model.add(8) { $0.add(2, ONNXGraph.operatorSet) }
        for (key, value) in properties {
            model.add(14) {
                $0.add(1, key)
                $0.add(2, value)
            }
        }
        return model.bytes
    }

    private static func describe(_ value: (name: String, shape: [Int]), in message: inout ProtobufMessage) {
        message.add(1, value.name)
        message.add(2) { type in
            type.add(1) { tensor in
                tensor.add(1, floatType)
                tensor.add(2) { shape in
                    shape.add(1) { $0.add(2, "batch") }
                    for length in value.shape { shape.add(1) { $0.add(1, length) } }
                }
            }
        }
    }

    private func littleEndian(_ value: some FixedWidthInteger, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
}
