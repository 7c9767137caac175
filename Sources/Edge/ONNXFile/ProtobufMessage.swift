/// The bytes of one protobuf message, field by field.
///
/// An ONNX file uses a dozen messages of some hundred. These few lines write them; generated code for all of ONNX would
/// be several thousand.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// A whole number, an enumeration or a truth.
    mutating func add(_ field: Int, _ value: Int) {
        tag(field, wireType: 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A text.
    mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

    /// Bytes as they are.
    mutating func add(_ field: Int, _ contents: [UInt8]) {
        tag(field, wireType: 2)
        varint(UInt64(contents.count))
        bytes += contents
    }

    /// A message inside this one.
    mutating func add(_ field: Int, _ build: (inout ProtobufMessage) -> Void) {
        var message = ProtobufMessage()
        build(&message)
        add(field, message.bytes)
    }

    private mutating func tag(_ field: Int, wireType: UInt64) { varint(UInt64(field) << 3 | wireType) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
