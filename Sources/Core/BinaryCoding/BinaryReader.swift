/// Reads one value.
struct ValueDecoder: Decoder {
    let source: Source
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(MemberDecoder(source: source))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { try ListDecoder(source) }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleDecoder(source: source) }
}

/// Reads members one after the other.
private struct MemberDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let source: Source
    var codingPath: [any CodingKey] { [] }

    /// The one case whose name comes next.
    var allKeys: [Key] { source.peekedText().flatMap { Key(stringValue: $0) }.map { [$0] } ?? [] }

    func contains(_ key: Key) -> Bool { true }

    func decodeNil(forKey key: Key) throws -> Bool { throw BinaryFault.unsupported }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try source.readAtOnce(type) ?? Value(from: ValueDecoder(source: source))
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try source.read(Bool.self) ? try Value(from: ValueDecoder(source: source)) : nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        guard try source.read(String.self) == key.stringValue else { throw BinaryFault.outOfBounds }
        return KeyedDecodingContainer(MemberDecoder<Nested>(source: source))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try ListDecoder(source)
    }

    func superDecoder() -> any Decoder { ValueDecoder(source: source) }

    func superDecoder(forKey key: Key) -> any Decoder { ValueDecoder(source: source) }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try source.read(type) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String { try source.read(type) }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try source.read(type) }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try source.read(type) }

    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try source.read(type) }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try source.read(type) }

    func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try source.read(type) }

    func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try source.read(type) }

    func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try source.read(type) }

    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try source.read(type) }

    func decodeIfPresent(_ type: Int128.Type, forKey key: Key) throws -> Int128? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try source.read(type) }

    func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try source.read(type) }

    func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try source.read(type) }

    func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try source.read(type) }

    func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try source.read(type) }

    func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }

    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try source.read(type) }

    func decodeIfPresent(_ type: UInt128.Type, forKey key: Key) throws -> UInt128? {
        try source.read(Bool.self) ? try source.read(type) : nil
    }
}

/// Reads a list.
private struct ListDecoder: UnkeyedDecodingContainer {
    private let source: Source
    private let length: Int
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    var count: Int? { length }
    var isAtEnd: Bool { currentIndex == length }

    init(_ source: Source) throws {
        self.source = source
        length = try source.count()
    }

    private mutating func begin() throws {
        guard currentIndex < length else { throw BinaryFault.outOfBounds }
        currentIndex += 1
    }

    mutating func decodeNil() throws -> Bool { throw BinaryFault.unsupported }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try begin()
        return try source.readAtOnce(type) ?? Value(from: ValueDecoder(source: source))
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw BinaryFault.unsupported }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw BinaryFault.unsupported
    }

    mutating func superDecoder() -> any Decoder { ValueDecoder(source: source) }

    mutating func decode(_ type: Bool.Type) throws -> Bool {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: String.Type) throws -> String {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Float.Type) throws -> Float {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int.Type) throws -> Int {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int8.Type) throws -> Int8 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int16.Type) throws -> Int16 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int32.Type) throws -> Int32 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int64.Type) throws -> Int64 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: Int128.Type) throws -> Int128 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt.Type) throws -> UInt {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt16.Type) throws -> UInt16 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt32.Type) throws -> UInt32 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt64.Type) throws -> UInt64 {
        try begin()
        return try source.read(type)
    }

    mutating func decode(_ type: UInt128.Type) throws -> UInt128 {
        try begin()
        return try source.read(type)
    }
}

/// Reads a value that is one number, truth or text.
private struct SingleDecoder: SingleValueDecodingContainer {
    let source: Source
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: ValueDecoder(source: source))
    }

    func decode(_ type: Bool.Type) throws -> Bool { try source.read(type) }

    func decode(_ type: String.Type) throws -> String { try source.read(type) }

    func decode(_ type: Double.Type) throws -> Double { try source.read(type) }

    func decode(_ type: Float.Type) throws -> Float { try source.read(type) }

    func decode(_ type: Int.Type) throws -> Int { try source.read(type) }

    func decode(_ type: Int8.Type) throws -> Int8 { try source.read(type) }

    func decode(_ type: Int16.Type) throws -> Int16 { try source.read(type) }

    func decode(_ type: Int32.Type) throws -> Int32 { try source.read(type) }

    func decode(_ type: Int64.Type) throws -> Int64 { try source.read(type) }

    func decode(_ type: Int128.Type) throws -> Int128 { try source.read(type) }

    func decode(_ type: UInt.Type) throws -> UInt { try source.read(type) }

    func decode(_ type: UInt8.Type) throws -> UInt8 { try source.read(type) }

    func decode(_ type: UInt16.Type) throws -> UInt16 { try source.read(type) }

    func decode(_ type: UInt32.Type) throws -> UInt32 { try source.read(type) }

    func decode(_ type: UInt64.Type) throws -> UInt64 { try source.read(type) }

    func decode(_ type: UInt128.Type) throws -> UInt128 { try source.read(type) }
}
