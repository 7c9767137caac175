private import FoundationEssentials

/// A safetensors file of our own, read without suspicion.
///
/// For fixtures and benchmarks; models are read by ModelFolder, which trusts nothing.
///
/// 8 bytes: length n of the header, little-endian; n bytes: JSON, name -> dtype, shape, data_offsets; then
/// the data.
public struct TensorFile: Sendable {
    /// A tensor's shape and values, row-major.
    public struct Tensor: Sendable {
        /// Outermost dimension first.
        public let shape: [Int]
        /// The lengths of its dimensions; values stand row by row.
        public let values: [Float]
    }
    /// What the file lacks.
    public struct Unreadable: Error {
        /// The tensor or file.
        public let name: String
    }
    private struct Entry: Decodable {
        let dtype: String?
        let shape: [Int]?
        let offsets: [Int]?

        private enum CodingKeys: String, CodingKey {
            case dtype
            case shape
            case offsets = "data_offsets"
        }
    }
    private let entries: [String: Entry]
    private let data: [UInt8]

    /// The file at `path`.
    public init(path: String) throws {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        guard bytes.count >= 8 else { throw Unreadable(name: path) }
        let length = bytes[0..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= bytes.count - 8 else { throw Unreadable(name: path) }
        entries = try JSONDecoder().decode([String: Entry].self, from: Data(bytes[8..<8 + length]))
        data = Array(bytes[(8 + length)...])
    }

    /// The tensor of that name; Float32 only.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name], entry.dtype == "F32", let shape = entry.shape,
            let range = entry.offsets, range.count == 2, range[1] <= data.count
        else { throw Unreadable(name: name) }
        let values = stride(from: range[0], to: range[1], by: 4).map { offset in
            let bits =
                UInt32(data[offset]) | UInt32(data[offset + 1]) << 8 | UInt32(data[offset + 2]) << 16
                | UInt32(data[offset + 3]) << 24
            return Float(bitPattern: bits)
        }
        return Tensor(shape: shape, values: values)
    }
}
