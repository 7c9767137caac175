/// Tensors from a file of which nothing is believed before it is checked.
///
///     8 bytes     N, the header's length, little-endian
///     N bytes     JSON: {"NAME": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...,
///                 "__metadata__": {"KEY": "TEXT"}}, perhaps padded with blanks
///     the rest    the tensors' bytes, little-endian, row-major
///
/// Valid: every extent is dtype x shape, extents neither overlap nor leave holes, and they end with the file.

private import FoundationEssentials

/// A checked safetensors file in memory.
public struct Safetensors: Sendable {
    /// One tensor's entry in the header.
    public struct Tensor: Sendable, Equatable {
        /// The tensor's key in the header.
        public let name: String
        /// The type of its values, for example `F32` or `I64`.
        public let dtype: String
        /// The lengths of its dimensions; the values stand row by row.
        public let shape: [Int]
        /// Where its bytes stand in the file.
        public let bytes: Range<Int>
    }

    /// The most bytes that a header may have; a thousand tensors need about 100 KB.
    static let headerBytesMax = 1_048_576
    private static let tensorsMax = 4_096
    private static let dimensionsMax = 8

    /// The tensors in the order in which they stand in the file.
    public let tensors: [Tensor]
    /// The free texts of the header.
    public let metadata: [String: String]
    private let file: String
    private let contents: [UInt8]
    private let places: [String: Int]

    /// Checks a file's bytes; `file` is for messages only.
    public init(_ contents: [UInt8], file: String) throws(ModelFolderError) {
        guard contents.count >= 8 else {
            throw ModelFolderError(
                file,
                "\(contents.count) bytes are too few for a safetensors file; copy it anew"
            )
        }
        let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(contents[$1]) << UInt64(8 * $1) }
        guard length >= 2, length <= UInt64(Safetensors.headerBytesMax), length <= UInt64(contents.count - 8)
        else {
            throw ModelFolderError(
                file,
                "a header of \(length) bytes in a file of \(contents.count), at most \(Safetensors.headerBytesMax); "
                    + "copy the file anew"
            )
        }
        let start = 8 + Int(length)
        let header: SafetensorsHeader
        do {
            header = try JSONDecoder().decode(SafetensorsHeader.self, from: Data(contents[8..<start]))
        } catch {
            throw ModelFolderError(file, "header", "not the JSON of a safetensors file (\(explain(error)))")
        }
        guard header.entries.count <= Safetensors.tensorsMax else {
            throw ModelFolderError(file, "\(header.entries.count) tensors, at most \(Safetensors.tensorsMax)")
        }
        var tensors: [Tensor] = []
        for (name, entry) in header.entries {
            tensors.append(
                try Safetensors.tensor(name, entry, dataStart: start, fileBytes: contents.count, file: file)
            )
        }
        tensors.sort {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        var end = start
        for tensor in tensors {
            guard tensor.bytes.lowerBound == end else {
                throw ModelFolderError(
                    file,
                    tensor.name,
                    "begins at byte \(tensor.bytes.lowerBound) where the tensor before it ends at \(end): an overlap "
                        + "or a hole"
                )
            }
            end = tensor.bytes.upperBound
        }
        guard end == contents.count else {
            throw ModelFolderError(
                file,
                "\(contents.count) bytes where the header accounts for \(end); copy the file anew"
            )
        }
        self.tensors = tensors
        metadata = header.metadata
        self.file = file
        self.contents = contents
        places = Dictionary(tensors.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// The values of an F32 tensor of that shape, row-major, all finite.
    public func floats(_ name: String, shape: [Int]) throws(ModelFolderError) -> [Float] {
        guard let place = places[name] else {
            throw ModelFolderError(file, name, "the tensor is missing; take the file of the same model")
        }
        let tensor = tensors[place]
        guard tensor.dtype == "F32" else {
            throw ModelFolderError(file, name, "dtype \(tensor.dtype) where F32 is needed; convert it")
        }
        guard tensor.shape == shape else {
            throw ModelFolderError(
                file,
                name,
                "shape \(tensor.shape) where \(shape) is needed; take the file of the same model"
            )
        }
        try checkFinite(tensor)
        return values(of: tensor)
    }

    /// Refuses a value that is no number in any F32 tensor.
    func checkFinite() throws(ModelFolderError) {
        for tensor in tensors where tensor.dtype == "F32" { try checkFinite(tensor) }
    }

    private func checkFinite(_ tensor: Tensor) throws(ModelFolderError) {
        guard largestExponent(in: tensor) == 0x7F80_0000 else { return }
        let values = values(of: tensor)
        guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw ModelFolderError(file, tensor.name, "value \(index) is \(values[index]); take an intact file")
    }

    /// The largest exponent of a tensor's values, where it stands in a value; all its bits are set for infinity and NaN.
    private func largestExponent(in tensor: Tensor) -> UInt32 {
        let exponent: UInt32 = 0x7F80_0000
        let width = SIMD16<UInt32>.scalarCount
        let count = tensor.bytes.count / 4
        // Safe: the buffer lives as long as the closure, and every load ends within the tensor's bytes of it.
        return unsafe contents.withUnsafeBytes { buffer in
            var largest = SIMD16<UInt32>.zero
            var rest: UInt32 = 0
            for index in 0..<count / width {
                let bits = unsafe buffer.loadUnaligned(
                    fromByteOffset: tensor.bytes.lowerBound + 4 * width * index,
                    as: SIMD16<UInt32>.self
                )
                largest = pointwiseMax(largest, bits & SIMD16(repeating: exponent))
            }
            for index in count / width * width..<count {
                let bits = unsafe buffer.loadUnaligned(
                    fromByteOffset: tensor.bytes.lowerBound + 4 * index,
                    as: UInt32.self
                )
                rest = max(rest, bits & exponent)
            }
            return max(largest.max(), rest)
        }
    }

    /// The values of a tensor, which stand in the file as a little-endian machine has them in memory.
    private func values(of tensor: Tensor) -> [Float] {
        let count = tensor.bytes.count / 4
        // Safe: the closures copy `4 * count` bytes, which both buffers have, and keep no pointer.
        return unsafe contents.withUnsafeBytes { bytes in
            unsafe [Float](unsafeUninitializedCapacity: count) { values, initialized in
                let start = tensor.bytes.lowerBound
                let source = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<start + 4 * count])
                unsafe UnsafeMutableRawBufferPointer(values).copyMemory(from: source)
                initialized = count
            }
        }
    }

    /// Checks one entry of the header by itself.
    private static func tensor(
        _ name: String,
        _ entry: SafetensorsHeader.Entry,
        dataStart: Int,
        fileBytes: Int,
        file: String
    ) throws(ModelFolderError) -> Tensor {
        guard let width = widths[entry.dtype] else {
            throw ModelFolderError(file, name, "dtype \"\(entry.dtype)\" is not known")
        }
        guard entry.shape.count <= dimensionsMax, entry.shape.allSatisfy({ $0 >= 0 }) else {
            throw ModelFolderError(
                file,
                name,
                "shape \(entry.shape) is not 0 to \(dimensionsMax) sizes from 0"
            )
        }
        var size = width
        for count in entry.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: count)
            guard !overflow else {
                throw ModelFolderError(file, name, "shape \(entry.shape) is beyond any file")
            }
            size = product
        }
        let offsets = entry.offsets
        guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1],
            offsets[1] <= fileBytes - dataStart
        else {
            throw ModelFolderError(
                file,
                name,
                "data_offsets \(offsets) in \(fileBytes - dataStart) bytes of data; copy the file anew"
            )
        }
        guard offsets[1] - offsets[0] == size else {
            throw ModelFolderError(
                file,
                name,
                "data_offsets \(offsets) hold \(offsets[1] - offsets[0]) bytes where shape \(entry.shape) of "
                    + "\(entry.dtype) takes \(size)"
            )
        }
        return Tensor(
            name: name,
            dtype: entry.dtype,
            shape: entry.shape,
            bytes: dataStart + offsets[0]..<dataStart + offsets[1]
        )
    }

    /// How many bytes a value of each type has.
    private static let widths = [
        "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
        "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
    ]
}

/// The JSON of a header, whose keys may stand in any order.
private struct SafetensorsHeader: Decodable {
    struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let offsets: [Int]

        enum CodingKeys: String, CodingKey {
            case dtype
            case shape
            case offsets = "data_offsets"
        }
    }

    /// A key of any name.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    let entries: [(name: String, entry: Entry)]
    let metadata: [String: String]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Name.self)
        let texts = Name(stringValue: "__metadata__")
        metadata = try container.decodeIfPresent([String: String].self, forKey: texts) ?? [:]
        entries = try container.allKeys.filter { $0.stringValue != "__metadata__" }.map { key in
            (key.stringValue, try container.decode(Entry.self, forKey: key))
        }
    }
}
